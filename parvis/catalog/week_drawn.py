"""A week of opening hours as bars: positions in percent of a day, for an SVG (the policy forbids styles in tags)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR

from parvis.kernel.business_hours import WEEKDAYS

DAY = 24 * 60
WIDTH = 288.0  # units across a day: five minutes each


@dataclass(frozen=True)
class Bar:
    """One open span within one day: where it begins and how long it is, in units of the drawing."""

    x: float
    width: float


@dataclass(frozen=True)
class DayBars:
    """A day of the week with its bars, those of the night before included."""

    name: str
    bars: tuple[Bar, ...]


def week_drawn(hours: Mapping[str, list[list[str]]]) -> list[DayBars]:
    """The bars of each day, Monday first; a span past midnight goes on in the next day."""
    bars: list[list[Bar]] = [[] for __ in WEEKDAYS]
    for index, day in enumerate(WEEKDAYS):
        for start, end in spans(hours.get(day, [])):
            bars[index].append(_bar(start, min(end, DAY)))
            if end > DAY:
                bars[(index + 1) % 7].append(_bar(0, end - DAY))
    return [DayBars(str(WEEKDAYS_ABBR[index]), tuple(found)) for index, found in enumerate(bars)]


def week_minutes(hours: Mapping[str, list[list[str]]]) -> int:
    """Minutes open in a week."""
    return sum(end - start for day in WEEKDAYS for start, end in spans(hours.get(day, [])))


def spans(pairs: list[list[str]]) -> list[tuple[int, int]]:
    """Checked spans as minutes after midnight; an end on the next day is beyond 1440."""
    found = []
    for start, end in ((_minutes(a), _minutes(b)) for a, b in pairs):
        found.append((start, end if end > start else end + DAY))
    return found


def _minutes(text: str) -> int:
    hour, minute = text.split(":")[:2]
    return int(hour) * 60 + int(minute)


def _bar(start: int, end: int) -> Bar:
    return Bar(round(start * WIDTH / DAY, 1), round((end - start) * WIDTH / DAY, 1))

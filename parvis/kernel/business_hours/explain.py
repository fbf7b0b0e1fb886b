"""Why a sum over opening hours came out as it did: every span between two instants, counted or not, and for
what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from ..intervals import Interval, clip, intersect, subtract
from .calendar import Calendar
from .days import HORIZON, ONE_DAY, Days, days_of, to_utc, too_far
from .sums import Pause, pauses_in_utc


class Reason(StrEnum):
    """Why a span counts or does not."""

    OPEN = "open"
    CLOSED = "closed"
    BETWEEN = "between"
    """Closed between two spans of one day: the midday closing."""
    BREAK = "break"
    HOLIDAY = "holiday"
    SPECIAL = "special"
    """Counted: open by special hours. Not counted: closed by them where it would usually be open."""
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class ExplainedSpan:
    """``[start, end)`` in UTC; ``name`` is that of the holiday, empty otherwise."""

    start: datetime
    end: datetime
    counted: bool
    reason: Reason
    name: str = ""

    @property
    def seconds(self) -> float:
        """Its length in real seconds."""
        return (self.end - self.start).total_seconds()


def explain(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> list[ExplainedSpan]:
    """Spans that cover ``[start, end)`` without gap or overlap; the counted ones sum to ``elapsed``.

    A pause shows as paused also where it was closed anyway. Neighbours with the same reason are one span,
    so a weekend is one. Empty when ``end`` is not after ``start``. Raises Invalid as ``elapsed`` does.
    """
    begin, stop = to_utc(start), to_utc(end)
    if stop <= begin:
        return []
    if stop - begin > HORIZON:
        raise too_far()
    days, paused = days_of(calendar), clip(pauses_in_utc(pauses), begin, stop)
    found = [ExplainedSpan(a, b, False, Reason.PAUSED) for a, b in paused]
    day, last = days.local_date(begin), days.local_date(stop)
    while day <= last:
        for span in _explain_day(days, day):
            for a, b in subtract(clip([(span.start, span.end)], begin, stop), paused):
                found.append(replace(span, start=a, end=b))
        day += ONE_DAY
    return _joined(sorted(found, key=lambda span: span.start))


def _explain_day(days: Days, day: date) -> list[ExplainedSpan]:
    special, holiday = days.special.get(day), day in days.holidays
    opened = list(days.open_on(day))
    ours = days.instants(day, special) if special else []
    layers: list[tuple[list[Interval], bool, Reason, str]] = [
        (intersect(opened, ours), True, Reason.SPECIAL, ""),
        (opened, True, Reason.OPEN, ""),
        (intersect(days.scheduled(day), days.pauses(day)), False, Reason.BREAK, ""),
        (_between(days, day), False, Reason.BETWEEN, ""),
    ]
    whole = [days.bounds(day)]
    if special is None and holiday:
        layers.append((whole, False, Reason.HOLIDAY, days.holidays[day]))
    elif special is not None:
        layers.append((days.instants(day, days.calendar.hours[day.weekday()]), False, Reason.SPECIAL, ""))
    layers.append((whole, False, Reason.CLOSED, ""))
    return _painted(whole, layers)


def _painted(canvas: list[Interval], layers: list[tuple[list[Interval], bool, Reason, str]]) -> list[ExplainedSpan]:
    # Each layer paints what the ones before it have left.
    spans: list[ExplainedSpan] = []
    for intervals, counted, reason, name in layers:
        spans += [ExplainedSpan(a, b, counted, reason, name) for a, b in intersect(canvas, intervals)]
        canvas = subtract(canvas, intervals)
    return spans


def _between(days: Days, day: date) -> list[Interval]:
    own = sorted(days.instants(day, days.spans(day)))
    return [(own[i][1], own[i + 1][0]) for i in range(len(own) - 1)]


def _joined(spans: list[ExplainedSpan]) -> list[ExplainedSpan]:
    joined: list[ExplainedSpan] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and (last.counted, last.reason, last.name) == (span.counted, span.reason, span.name):
            joined[-1] = replace(last, end=span.end)
        else:
            joined.append(span)
    return joined

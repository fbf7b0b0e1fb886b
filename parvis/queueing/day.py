"""The day of a site as its manager sees it: figures, by line and by counter, and who waited longest."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from parvis.kernel.clock import format_span, zone
from parvis.queueing.day_drawn import Drawn, day_drawn
from parvis.queueing.domain.day import Figures, Stay, figures, halves
from parvis.queueing.models import Turn
from parvis.queueing.selectors import turns_of_day
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language

LONGEST_SHOWN = 8


@dataclass(frozen=True)
class Part:
    """The figures of a line or of a counter."""

    name: str
    figures: Figures
    people: str = ""


@dataclass(frozen=True)
class Long:
    """Somebody who waited long."""

    turn: Turn
    who: str
    line: str
    waited: str


@dataclass(frozen=True)
class Day:
    """Everything the page of a day shows."""

    all: Figures
    persons: int
    lines: list[Part]
    counters: list[Part]
    longest: list[Long]
    drawn: Drawn | None


def day_of(viewer: Viewer, site: Any, day: dt.date, *, now: dt.datetime) -> Day:
    """A day at a site (a catalog row), in one statement."""
    rows = turns_of_day(viewer, site.pk, day).select_related("ticket__customer", "counter", "server")
    turns = list(rows)
    stays = {turn.pk: _stay(turn) for turn in turns}
    place = zone(site.timezone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=place).astimezone(dt.UTC)
    bars = halves(list(stays.values()), now=now, latest=end)
    persons = {turn.ticket_id: turn.ticket.party for turn in turns}
    return Day(
        all=figures(stays.values()),
        persons=sum(persons.values()),
        lines=_parts(turns, stays, lambda t: t.line),
        counters=_parts([t for t in turns if t.counter_id and t.called_at], stays, lambda t: t.counter),
        longest=_longest(turns, stays, now),
        drawn=day_drawn(bars, place) if bars else None,
    )


def _stay(turn: Turn) -> Stay:
    return Stay(turn.joined_at, turn.called_at, turn.ended_at, turn.state, turn.was_held, turn.started_at)


def _parts(turns: Iterable[Turn], stays: dict[int, Stay], part: Callable[[Turn], Any]) -> list[Part]:
    """The figures by line or counter, in the order in which they stand in the settings."""
    groups: dict[int, list[Turn]] = {}
    rows: dict[int, Any] = {}
    for turn in turns:
        row = part(turn)
        rows[row.pk] = row
        groups.setdefault(row.pk, []).append(turn)
    ordered = sorted(rows.values(), key=lambda row: (row.position, row.pk))
    return [
        Part(
            in_language(row.name),
            figures(stays[t.pk] for t in groups[row.pk]),
            ", ".join(dict.fromkeys(t.server.name for t in groups[row.pk] if t.server_id and t.server)),
        )
        for row in ordered
    ]


def _longest(turns: list[Turn], stays: dict[int, Stay], now: dt.datetime) -> list[Long]:
    """Who waited longest, or is waiting still."""

    def seconds(turn: Turn) -> float:
        stay = stays[turn.pk]
        if turn.state == "waiting":
            return (now - turn.joined_at).total_seconds()
        if turn.state == "left" and turn.ended_at:
            return (turn.ended_at - turn.joined_at).total_seconds()
        return stay.waited or 0.0

    ordered = sorted(turns, key=seconds, reverse=True)[:LONGEST_SHOWN]
    return [
        Long(
            t,
            str(t.ticket.customer or t.ticket.name),
            in_language(t.line.name),
            span(seconds(t)),
        )
        for t in ordered
        if seconds(t) >= 60
    ]


def span(seconds: float | None) -> str:
    """A length of time as the figures say it; a dash for none."""
    return "–" if seconds is None else format_span(seconds, get_language() or "en")

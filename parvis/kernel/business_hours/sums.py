"""Sums over opening hours. All instants aware, all answers in UTC, all lengths real seconds.

**At the edges.** A span is open at its first instant and closed at its last. A target that runs out exactly
at closing time is due at closing time, not at the next opening: that is the earliest instant at which the
time has passed, and the later one would tell a customer tomorrow for what today still allows. A target of
nothing that begins outside of opening hours is due at the next opening: nobody is there to keep it before.

**Pauses** are pairs of instants that do not count; they may overlap and come in any order. One whose end is
None is still running. One that ends before it begins is empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from ..errors import Invalid
from ..intervals import Interval, merge, subtract
from ..phrases import Phrase as _
from .calendar import Calendar
from .days import HORIZON, ONE_DAY, NeverOpen, days_of, to_utc, too_far

Pause = tuple[datetime, datetime | None]

_FOREVER = datetime.max.replace(tzinfo=UTC)


def due(calendar: Calendar, start: datetime, business_seconds: float, pauses: Iterable[Pause] = ()) -> datetime | None:
    """The earliest instant at which ``business_seconds`` of open, unpaused time have passed since ``start``.

    None while a pause without end keeps it from being known. Raises NeverOpen when the calendar does not
    open enough any more, Invalid for a naive ``start``, a negative or endless target, or an answer over a
    century away.
    """
    left, at = _length(business_seconds), to_utc(start)
    paused = pauses_in_utc(pauses)
    stopped = paused[-1][0] if paused and paused[-1][1] == _FOREVER else _FOREVER
    for span in days_of(calendar).open_from(at):
        for begin, end in subtract((span,), paused) if paused else (span,):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        if span[1] >= stopped:
            return None
    raise AssertionError("open_from never ends")


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> float:
    """Seconds of open, unpaused time in ``[start, end)``; 0 when ``end`` is not after ``start``.

    Raises Invalid for naive instants and for more than a century.
    """
    begin, stop = to_utc(start), to_utc(end)
    found: Iterable[Interval] = open_between(calendar, begin, stop)
    paused = pauses_in_utc(pauses)
    if paused:
        found = subtract(found, paused)
    return sum((b - a for a, b in found), timedelta()).total_seconds()


def next_open(calendar: Calendar, start: datetime) -> datetime:
    """``start`` itself (in UTC) when it is open then, otherwise the next opening. Raises NeverOpen when
    there is none.
    """
    return next(days_of(calendar).open_from(to_utc(start)))[0]


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether it is open at that instant: yes at the opening one, no at the closing one."""
    days, instant = days_of(calendar), to_utc(at)
    return any(start <= instant < end for start, end in days.open_on(days.local_date(instant)))


def closes_at(calendar: Calendar, at: datetime) -> datetime | None:
    """When what is open at ``at`` closes next, a midday closing included.

    None when it is closed at ``at``, or does not close within a fortnight (open day and night).
    """
    instant = to_utc(at)
    if not is_open(calendar, instant):
        return None
    closing, limit = instant, instant + 14 * ONE_DAY
    for start, end in open_between(calendar, instant, limit):
        if start > closing:
            return closing
        closing = end
    return closing if closing < limit else None


def open_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Open intervals within ``[start, end)`` (UTC), in order, touching ones not joined."""
    if end <= start:
        return
    if end - start > HORIZON:
        raise too_far()
    days = days_of(calendar)
    day, last = days.local_date(start), days.local_date(end)
    while day <= last:
        for begin, stop in days.open_on(day):
            if stop > start and begin < end:
                yield (begin if begin > start else start), (stop if stop < end else end)
        day += ONE_DAY


def pauses_in_utc(pauses: Iterable[Pause]) -> list[Interval]:
    """Merged pauses in UTC, one that still runs ending at the end of all times."""
    return merge((to_utc(start), _FOREVER if end is None else to_utc(end)) for start, end in pauses)


def _length(seconds: float) -> timedelta:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise Invalid(_("“%(value)s” is not a number of seconds.", value=seconds), code="bad_target")
    if seconds < 0:
        raise Invalid(_("A target cannot be negative (%(value)s s).", value=seconds), code="bad_target")
    if seconds > HORIZON.total_seconds():
        raise too_far()
    return timedelta(seconds=seconds)


__all__ = [
    "NeverOpen",
    "Pause",
    "closes_at",
    "due",
    "elapsed",
    "is_open",
    "next_open",
    "open_between",
    "pauses_in_utc",
]

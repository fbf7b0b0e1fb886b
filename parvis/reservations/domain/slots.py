"""Which starts an opening offers: a grid on the clocks of the house.

The grid is that of the wall clock where the step allows it: hourly starts fall on the hour even if the house opens at
half past; a step that divides no hour begins with the opening, rounded up to the largest of 60, 30, 20, 15, 10, 5 and 1
minutes that divides the step.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache

from parvis.kernel.business_hours import Calendar, open_between
from parvis.kernel.clock import zone
from parvis.kernel.intervals import Interval, merge
from parvis.reservations.domain.spans import epoch

_ROUND = (60, 30, 20, 15, 10, 5, 1)


def starts(openings: Iterable[Interval], *, duration: int, step: int, tz: str) -> list[dt.datetime]:
    """Starts on the grid of `step` minutes whose visit of `duration` minutes lies within an opening, in order.

    `openings`: pairs of aware instants in any order, overlapping or not. `tz`: the IANA zone whose clocks count.
    """
    return [start for opening in merge(openings) for start in _grid(opening, duration, step, tz)]


@lru_cache(maxsize=512)
def day_starts(calendar: Calendar, day: dt.date, duration: int, step: int) -> tuple[int, ...]:
    """The starts of a calendar's day, as epoch seconds; remembered, since pages ask for the same days again."""
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=zone(calendar.tz)).astimezone(dt.UTC)
    # An opening belongs to the day it begins on, and may end on the next.
    openings = [o for o in merge(open_between(calendar, midnight - _DAY, midnight + 2 * _DAY)) if o[1] > midnight]
    found = starts(openings, duration=duration, step=step, tz=calendar.tz)
    return tuple(epoch(s) for s in found if s.astimezone(zone(calendar.tz)).date() == day)


_DAY = dt.timedelta(days=1)


def _grid(opening: Interval, duration: int, step: int, tz: str) -> Iterator[dt.datetime]:
    """Elapsed time is walked, not wall time: on the day clocks change no start is given twice or left out.

    Where they change by less than an hour (Lord Howe), the grid finds back to the round times of the wall.
    """
    rounded = next(m for m in _ROUND if step % m == 0)
    length = dt.timedelta(minutes=duration)
    at = _rounded_up(opening[0], rounded, tz)
    while at + length <= opening[1]:
        yield at
        at = _rounded_up(at + dt.timedelta(minutes=step), rounded, tz)


def _rounded_up(instant: dt.datetime, minutes: int, tz: str) -> dt.datetime:
    local = instant.astimezone(zone(tz))
    past = dt.timedelta(minutes=local.minute % minutes, seconds=local.second, microseconds=local.microsecond)
    return instant + (dt.timedelta(minutes=minutes) - past if past else dt.timedelta())


def nights(arrival: dt.date, count: int, *, check_in: dt.time, check_out: dt.time, tz: str) -> Interval:
    """A stay of `count` nights on the clocks of the house: from check-in on the day of arrival to check-out."""
    place = zone(tz)
    begin = dt.datetime.combine(arrival, check_in, tzinfo=place)
    end = dt.datetime.combine(arrival + dt.timedelta(days=count), check_out, tzinfo=place)
    return begin.astimezone(dt.UTC), end.astimezone(dt.UTC)


def day_bounds(first: dt.date, last: dt.date, tz: str) -> Interval:
    """From midnight of `first` to midnight after `last` on the clocks of `tz`: 23 or 25 hours where they change."""
    place = zone(tz)
    begin = dt.datetime.combine(first, dt.time(), tzinfo=place)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), tzinfo=place)
    return begin.astimezone(dt.UTC), end.astimezone(dt.UTC)

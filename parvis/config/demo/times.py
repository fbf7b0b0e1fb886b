"""When things happen in the demo: moments in opening time, and when customers write. Pure."""

import datetime as dt
import random
from collections.abc import Iterator

from parvis.kernel.business_hours import Calendar, due, elapsed, next_open
from parvis.kernel.clock import to_zone

# How much comes in on each day of the week, Monday first, and in each hour of the day.
_DAYS = (0.8, 1.3, 1.1, 1.1, 1.15, 1.4, 0.7)
_HOURS = (1, 0, 0, 0, 0, 1, 2, 5, 8, 11, 12, 10, 8, 7, 9, 9, 9, 11, 11, 8, 6, 6, 4, 2)


def opening_after(calendar: Calendar, start: dt.datetime, minutes: float) -> dt.datetime:
    """The instant at which `minutes` of opening time have passed since `start`."""
    found = due(calendar, start, minutes * 60)
    return found if found is not None else start


def opening_before(calendar: Calendar, end: dt.datetime, minutes: float) -> dt.datetime:
    """The latest instant from which `minutes` of opening time pass until `end`, to the second; by bisection."""
    wanted = minutes * 60
    early, late = end - dt.timedelta(days=60), end
    while late - early > dt.timedelta(seconds=1):
        middle = early + (late - early) / 2
        if elapsed(calendar, middle, end) >= wanted:
            early = middle
        else:
            late = middle
    return early


def working_moment(calendar: Calendar, instant: dt.datetime) -> dt.datetime:
    """`instant` if the house is open then, else its next opening."""
    return next_open(calendar, instant)


def contact_times(
    draw: random.Random, count: int, start: dt.datetime, end: dt.datetime, zone: str
) -> Iterator[dt.datetime]:
    """`count` moments in [start, end), sorted, more of them when a bicycle shop is busy."""
    days = int((end - start).total_seconds() // 86_400) + 1
    moments: list[dt.datetime] = []
    while len(moments) < count:
        day = to_zone(start, zone).replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(
            days=draw.randrange(days + 1)
        )
        if draw.random() * max(_DAYS) > _DAYS[day.weekday()]:
            continue
        [hour] = draw.choices(range(24), _HOURS)
        moment = day.replace(hour=hour, minute=draw.randrange(60), second=draw.randrange(60)).astimezone(dt.UTC)
        if start <= moment < end:
            moments.append(moment)
    yield from sorted(moments)

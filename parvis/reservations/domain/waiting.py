"""Who is next: fair order, wishes kept, parties kept together, and why somebody was not asked."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a place did not go to somebody who waits."""

    STARTED = "started"
    DAY = "day"
    WEEKDAY = "weekday"
    TIME = "time"
    RESOURCE = "resource"
    OTHER_DATE = "other_date"
    PARTY = "party"
    BEHIND = "behind"


@dataclass(frozen=True)
class Wishes:
    """What somebody who waits would take. Days and times are those of the house's clocks; empty means any."""

    first_day: dt.date
    last_day: dt.date
    weekdays: frozenset[int] = frozenset()  # Monday is 0
    not_before: dt.time | None = None
    not_after: dt.time | None = None
    resources: frozenset[int] = frozenset()
    session: int | None = None


@dataclass(frozen=True)
class Place:
    """A place that has come free: its local start, how many single persons fit, and on which resources."""

    start: dt.datetime
    free: int
    resources: frozenset[int] = frozenset()
    session: int | None = None


@dataclass(frozen=True)
class Waiting:
    """Somebody in line. `takes`: how much of `Place.free` the party needs, all of it or none."""

    key: int
    wishes: Wishes
    takes: int = 1


def misfit(wishes: Wishes, place: Place) -> Reason | None:
    """Why a place is not what somebody wishes; None if it is."""
    if wishes.session is not None and place.session != wishes.session:
        return Reason.OTHER_DATE
    day, time = place.start.date(), place.start.time()
    if not wishes.first_day <= day <= wishes.last_day:
        return Reason.DAY
    if wishes.weekdays and day.weekday() not in wishes.weekdays:
        return Reason.WEEKDAY
    if (wishes.not_before and time < wishes.not_before) or (wishes.not_after and time > wishes.not_after):
        return Reason.TIME
    if wishes.resources and not wishes.resources & place.resources:
        return Reason.RESOURCE
    return None


def next_for(line: Iterable[Waiting], place: Place) -> tuple[Waiting | None, list[tuple[Waiting, Reason]]]:
    """Who is offered a place, and who before them was passed over and why.

    `line` is in the order of joining. The first whose wishes it meets and whose whole party fits.
    """
    passed: list[tuple[Waiting, Reason]] = []
    for one in line:
        reason = misfit(one.wishes, place) or (Reason.PARTY if one.takes > place.free else None)
        if reason is None:
            return one, passed
        passed.append((one, reason))
    return None, passed


def why_not(line: Sequence[Waiting], key: int, place: Place, *, now: dt.datetime) -> Reason | None:
    """Why the place did not, or would not, go to this one now. None: it would."""
    if place.start <= now:
        return Reason.STARTED
    me = next(w for w in line if w.key == key)
    own = misfit(me.wishes, place) or (Reason.PARTY if me.takes > place.free else None)
    if own is not None:
        return own
    first, __ = next_for(line, place)
    return None if first is not None and first.key == key else Reason.BEHIND

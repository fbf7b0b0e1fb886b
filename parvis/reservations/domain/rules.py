"""What an offering allows: how soon, how far ahead, how many, and what a late cancellation costs."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _
from parvis.reservations.domain.slots import day_bounds

PERIODS = ("day", "week", "month", "year")
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}


class Unit(StrEnum):
    """What is booked: a time slot, nights, or a seat in a session that is planned."""

    SLOT = "slot"
    NIGHT = "night"
    SESSION = "session"


@dataclass(frozen=True)
class Terms:
    """When and how much may be booked, and on what terms it is given back. Times are minutes, hours, days as named."""

    notice_minutes: int = 0
    horizon_days: int = 90
    min_party: int = 1
    max_party: int = 1
    limits: Mapping[str, int] = field(default_factory=dict)
    free_cancel_hours: int = 0
    late_fee_minor: int = 0


def window(terms: Terms, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The instants between which a visit may begin: after the notice, within the horizon. Both ends belong to it."""
    return now + dt.timedelta(minutes=terms.notice_minutes), now + dt.timedelta(days=terms.horizon_days)


def limits_check(limits: Mapping[str, int]) -> dict[str, int]:
    """Limits per period, checked: whole numbers ≥ 1, and a longer period never allows less than a shorter one.

    Raises Invalid.
    """
    for period, most in limits.items():
        if period not in PERIODS or isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise Invalid(
                _("“%(period)s: %(most)s” is no limit.", period=period, most=most),
                fields={"limits": _("Give whole numbers from 1 for day, week, month or year.")},
            )
    given = [(p, limits[p]) for p in PERIODS if p in limits]
    for (shorter, few), (longer, more) in pairwise(given):
        if more < few:
            raise Invalid(
                _("A %(longer)s cannot allow less than a %(shorter)s.", longer=longer, shorter=shorter),
                fields={"limits": _("Raise the limit of the longer period, or lower the other.")},
            )
    return dict(given)


def limits_busy(
    limits: Mapping[str, int], booked: Iterable[dt.datetime], days: Iterable[dt.date], tz: str
) -> dict[dt.date, str]:
    """Which of these days are full, and by the limit of which period.

    `booked`: starts of all bookings that count, at least those of every period that touches `days`.
    """
    place = zone(tz)
    local = [b.astimezone(place).date() for b in booked]
    counts = {p: Counter(_period(p, d) for d in local) for p in limits}
    full: dict[dt.date, str] = {}
    for day in days:
        for period in PERIODS:
            if period in limits and counts[period][_period(period, day)] >= limits[period]:
                full.setdefault(day, period)
    return full


def limits_reach(limits: Mapping[str, int], day: dt.date) -> tuple[dt.date, dt.date]:
    """The days whose bookings count for the limits on `day`: the longest period around it."""
    longest = max((_LONGEST[p] for p in limits), default=1)
    return day - dt.timedelta(days=longest), day + dt.timedelta(days=longest)


def busy_day(day: dt.date, tz: str) -> tuple[dt.datetime, dt.datetime]:
    """The whole local day that a limit closes, as a half-open interval."""
    return day_bounds(day, day, tz)


def _period(name: str, day: dt.date) -> tuple[int, ...]:
    if name == "day":
        return (day.toordinal(),)
    if name == "week":
        return day.isocalendar()[:2]
    return (day.year, day.month) if name == "month" else (day.year,)


def late_fee(terms: Terms, starts_at: dt.datetime, now: dt.datetime) -> int | None:
    """What cancelling now costs, in minor units: None when it is in time and free."""
    in_time = now <= starts_at - dt.timedelta(hours=terms.free_cancel_hours)
    return None if in_time else terms.late_fee_minor

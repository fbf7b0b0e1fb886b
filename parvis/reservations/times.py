"""The times a member of staff may offer over the phone: two weeks at a glance, one day in full."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parvis.kernel.clock import zone
from parvis.reservations.availability import Asked
from parvis.reservations.choosing import bookable_between
from parvis.reservations.explaining import Reason, why_not_free
from parvis.reservations.supply import Offer

AHEAD = 14
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class DayShort:
    """A day of the strip: how many starts are free."""

    day: dt.date
    free: int
    chosen: bool


@dataclass(frozen=True)
class Time:
    """A start that can be chosen. `value` goes back with the form: an instant, or s12 for a planned date.

    `left`: how many more such parties fit, where that is worth saying; else 0.
    """

    value: str
    start: dt.datetime
    left: int
    chosen: bool


@dataclass(frozen=True)
class Times:
    """What is free around a day. `reasons`: why the day has nothing, when it has nothing."""

    day: dt.date
    strip: Sequence[DayShort]
    mornings: Sequence[Time]
    afternoons: Sequence[Time]
    reasons: Sequence[Reason]
    elsewhere: dt.datetime | None = None

    @property
    def all(self) -> list[Time]:
        return [*self.mornings, *self.afternoons]


def times_around(
    offer: Offer,
    asked: Asked,
    *,
    day: dt.date | None,
    wished: dt.datetime | None,
    now: dt.datetime,
) -> Times:
    """Starts on a day, and how many the two weeks around it have; without a day, the first that has any.

    `wished`: the start to choose at first, if it is free; else the first free one.
    """
    place = zone(offer.tz)
    today = now.astimezone(place).date()
    first = max(min(day or today, today + ONE_DAY * offer.terms.horizon_days), today)
    begin = today if first - today < ONE_DAY * AHEAD else first - ONE_DAY * 3
    slots = bookable_between(offer, begin, begin + ONE_DAY * (AHEAD - 1), asked, now=now)
    counts = Counter(s.start.astimezone(place).date() for s in slots)
    if day is None:
        first = next((d for d in sorted(counts)), first)
    on = [s for s in slots if s.start.astimezone(place).date() == first]
    chosen = next((s for s in on if s.start == wished), on[0] if on else None)
    found = [
        Time(
            f"s{s.session_id}" if s.session_id else s.start.isoformat(),
            s.start.astimezone(place),
            s.places if offer.row.unit != "slot" or offer.row.seats > 1 else 0,
            s is chosen,
        )
        for s in on
    ]
    later = next((s.start.astimezone(place) for s in slots if s.start.astimezone(place).date() > first), None)
    return Times(
        first,
        [DayShort(d, counts[d], d == first) for d in (begin + ONE_DAY * n for n in range(AHEAD))],
        [t for t in found if t.start.hour < 12],
        [t for t in found if t.start.hour >= 12],
        [] if on else why_not_free(offer, first, asked, now, for_staff=True),
        None if on else later,
    )

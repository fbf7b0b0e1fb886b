"""What somebody outside may choose, day by day, and why a day offers nothing.

`availability` counts places; here the rules that a newcomer meets are laid over it: notice, horizon, limits, and who
waits already. The guard decides again when something is chosen.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from parvis.kernel.clock import zone
from parvis.reservations.availability import MOST_DAYS, Asked, Slot, slots_between
from parvis.reservations.domain.rules import Unit, window
from parvis.reservations.domain.waiting import Place, Waiting, misfit
from parvis.reservations.services.queue import as_waiting, by_person, line_of
from parvis.reservations.services.terms import limited_days
from parvis.reservations.supply import Offer


class Why(StrEnum):
    """Why a day offers nothing, the reason nearest to a yes first."""

    WAITING = "waiting"
    LIMIT = "limit"
    TAKEN = "taken"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    PAST = "past"
    CLOSED = "closed"


_ORDER = list(Why)


@dataclass(frozen=True)
class Day:
    """A day with what can be chosen on it; `why`: None where there is something, else the reason.

    `full`: dates of sessions that are sold out, told all the same.
    """

    day: dt.date
    slots: tuple[Slot, ...]
    why: Why | None
    full: tuple[Slot, ...] = ()


def days_offered(
    offer: Offer,
    first: dt.date,
    last: dt.date,
    asked: Asked,
    *,
    now: dt.datetime,
    tz: str | None = None,
    moving: bool = False,
) -> list[Day]:
    """Each day from `first` to `last` on the clocks of `tz` (default: the house's), with what can be chosen.

    `moving`: those who hold a place already. Days beyond two months are left out.
    """
    last = min(last, first + dt.timedelta(days=MOST_DAYS))
    clocks = zone(tz or offer.tz)
    slots = slots_between(offer, first, last, asked, now=now, tz=tz)
    reasons = _reasons(offer, slots, asked, now, moving)
    found: dict[dt.date, list[tuple[Slot, Why | None]]] = {}
    for slot, why in zip(slots, reasons, strict=True):
        found.setdefault(slot.start.astimezone(clocks).date(), []).append((slot, why))
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [_day(day, found.get(day, []), offer, now, clocks) for day in days]


def first_offered(days: Iterable[Day]) -> Day | None:
    """The first of these days on which something can be chosen."""
    return next((d for d in days if d.slots), None)


def _day(
    day: dt.date, found: Sequence[tuple[Slot, Why | None]], offer: Offer, now: dt.datetime, clocks: dt.tzinfo
) -> Day:
    free = tuple(s for s, why in found if why is None)
    full = tuple(s for s, why in found if why in (Why.TAKEN, Why.WAITING) and s.session_id is not None)
    if free:
        return Day(day, free, None, full)
    if not found and day > window(offer.terms, now)[1].astimezone(clocks).date():
        return Day(day, (), Why.TOO_FAR)
    return Day(day, (), min((w for __, w in found if w), key=_ORDER.index, default=Why.CLOSED), full)


def _reasons(offer: Offer, slots: Sequence[Slot], asked: Asked, now: dt.datetime, moving: bool) -> list[Why | None]:
    place = zone(offer.tz)
    earliest, latest = window(offer.terms, now)
    local = [s.start.astimezone(place).date() for s in slots]
    full = limited_days(offer, sorted(set(local)), now=now, but_booking=asked.but_booking)
    kept = [0] * len(slots) if moving else _kept(offer, slots)
    left = _left(offer, slots, asked, now) if any(kept) else {}
    needs = asked.party if by_person(offer) else 1
    found: list[Why | None] = []
    for slot, day, waits in zip(slots, local, kept, strict=True):
        if slot.start < earliest:
            found.append(Why.PAST if slot.start <= now else Why.TOO_SOON)
        elif slot.start > latest:
            found.append(Why.TOO_FAR)
        elif day in full:
            found.append(Why.LIMIT)
        elif slot.places < 1:
            found.append(Why.TAKEN)
        else:
            found.append(Why.WAITING if waits and left[_key(slot)] - waits < needs else None)
    return found


def _kept(offer: Offer, slots: Sequence[Slot]) -> list[int]:
    """For each start, how much those who wait for it would take; wishes for one resource leave the others free."""
    line = [as_waiting(offer, e) for e in line_of(offer)] if offer.row.waiting_first and slots else []
    line = [one for one in line if not one.wishes.resources]
    return [sum(one.takes for one in line if _wants(one, slot, offer)) for slot in slots]


def _wants(one: Waiting, slot: Slot, offer: Offer) -> bool:
    place = Place(slot.start.astimezone(zone(offer.tz)), 10**6, one.wishes.resources, slot.session_id)
    return misfit(one.wishes, place) is None


def _left(
    offer: Offer, slots: Sequence[Slot], asked: Asked, now: dt.datetime
) -> dict[tuple[dt.datetime, int | None], int]:
    """How many single persons (or parties, where a slot is for one party) fit at each start."""
    if by_person(offer) and asked.party > 1:
        place = zone(offer.tz)
        first, last = (s.start.astimezone(place).date() for s in (slots[0], slots[-1]))
        last = min(last, first + dt.timedelta(days=MOST_DAYS))
        slots = slots_between(offer, first, last, replace(asked, party=1), now=now)
    return {_key(s): s.places for s in slots}


def _key(slot: Slot) -> tuple[dt.datetime, int | None]:
    return slot.start, slot.session_id


def is_stay(offer: Offer) -> bool:
    """Whether nights are booked."""
    return bool(offer.row.unit == Unit.NIGHT)

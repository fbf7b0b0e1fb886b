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
from parvis.reservations.services.queue import by_person, waiting_before
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
Key = tuple[dt.datetime, int | None]


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


def bookable_between(offer: Offer, first: dt.date, last: dt.date, asked: Asked, *, now: dt.datetime) -> list[Slot]:
    """Free starts of these days (on the clocks of the house) that need no rule set aside. Raises Invalid.

    At most six statements, whatever the number of days; a moment later somebody else may have taken any of them.
    """
    if not offer.terms.min_party <= asked.party <= offer.terms.max_party:
        return []
    return [slot for day in days_offered(offer, first, last, asked, now=now) for slot in day.slots]


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
    kept = set() if moving else kept_for_waiting(offer, slots, asked, now=now)
    found: list[Why | None] = []
    for slot, day in zip(slots, local, strict=True):
        if slot.start < earliest:
            found.append(Why.PAST if slot.start <= now else Why.TOO_SOON)
        elif slot.start > latest:
            found.append(Why.TOO_FAR)
        elif day in full:
            found.append(Why.LIMIT)
        elif slot.places < 1:
            found.append(Why.TAKEN)
        else:
            found.append(Why.WAITING if key_of(slot) in kept else None)
    return found


def kept_for_waiting(offer: Offer, slots: Sequence[Slot], asked: Asked, *, now: dt.datetime) -> set[Key]:
    """Which of these starts would go to people who wait, by `key_of`. See `services.terms`."""
    if not slots or not offer.row.waiting_first:
        return set()
    waits = dict(zip(map(key_of, slots), waiting_before(offer, map(key_of, slots)), strict=True))
    if not any(waits.values()):
        return set()
    left = _left(offer, slots, asked, now)
    needs = asked.party if by_person(offer) else 1
    return {key for key, persons in waits.items() if persons and left.get(key, 0) - persons < needs}


def _left(offer: Offer, slots: Sequence[Slot], asked: Asked, now: dt.datetime) -> dict[Key, int]:
    """How many single persons (or parties, where a slot is for one party) fit at each start."""
    if by_person(offer) and asked.party > 1:
        days = [s.start.astimezone(zone(offer.tz)).date() for s in slots]
        last = min(max(days), min(days) + dt.timedelta(days=MOST_DAYS))
        slots = slots_between(offer, min(days), last, replace(asked, party=1), now=now)
    return {key_of(s): s.places for s in slots}


def key_of(slot: Slot) -> Key:
    """What tells a start of an offering from others: its instant, and the session it is of."""
    return slot.start, slot.session_id


def is_stay(offer: Offer) -> bool:
    """Whether nights are booked."""
    return bool(offer.row.unit == Unit.NIGHT)

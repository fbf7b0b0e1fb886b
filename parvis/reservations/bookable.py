"""Starts that may really be booked: free, within notice and horizon, under every limit, not kept for who waits."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from parvis.kernel.clock import zone
from parvis.reservations.availability import Asked, Slot, slots_between
from parvis.reservations.choosing import days_offered
from parvis.reservations.domain.waiting import Place, misfit
from parvis.reservations.services.queue import as_waiting, by_person, line_of
from parvis.reservations.supply import Offer


def bookable_between(offer: Offer, first: dt.date, last: dt.date, asked: Asked, *, now: dt.datetime) -> list[Slot]:
    """Free starts of these days (on the clocks of the house) that need no rule set aside. Raises Invalid.

    At most six statements, whatever the number of days; a moment later somebody else may have taken any of them.
    """
    if not offer.terms.min_party <= asked.party <= offer.terms.max_party:
        return []
    return [slot for day in days_offered(offer, first, last, asked, now=now) for slot in day.slots]


def kept_for_waiting(
    offer: Offer, slots: Sequence[Slot], asked: Asked, *, now: dt.datetime
) -> set[tuple[dt.datetime, int | None]]:
    """Which of these free starts would go to people who wait: (start, session). See `services.terms`."""
    line = [as_waiting(offer, e) for e in line_of(offer)] if slots and offer.row.waiting_first else []
    line = [one for one in line if not one.wishes.resources]
    if not line:
        return set()
    place, single = zone(offer.tz), by_person(offer)
    left = {(s.start, s.session_id): s.places for s in slots}
    if single and asked.party > 1:
        days = [s.start.astimezone(place).date() for s in slots]
        singly = slots_between(offer, min(days), max(days), replace(asked, party=1), now=now)
        left |= {(s.start, s.session_id): s.places for s in singly}
    kept = set()
    for slot in slots:
        at = Place(slot.start.astimezone(place), 10**6, session=slot.session_id)
        wanted = sum(one.takes for one in line if misfit(one.wishes, at) is None)
        if wanted and left[slot.start, slot.session_id] - wanted < (asked.party if single else 1):
            kept.add((slot.start, slot.session_id))
    return kept

"""The line of those who wait for an offering, as the domain sees it."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet

from parvis.kernel.clock import zone
from parvis.reservations.domain.rules import Unit
from parvis.reservations.domain.waiting import Place, Waiting, Wishes, misfit
from parvis.reservations.models import WaitingEntry, WaitingState
from parvis.reservations.supply import Offer
from parvis.toolkit.prepared import prepared


def by_person(offer: Offer) -> bool:
    """Whether places are counted in persons; else a slot is for one party, however large."""
    return offer.row.unit == Unit.SESSION or offer.row.seats > 1 or any(n.per_person for n in offer.needs)


def wishes_of(entry: WaitingEntry) -> Wishes:
    """The wishes of a row."""
    given = entry.wishes
    return Wishes(
        entry.first_day,
        entry.last_day,
        frozenset(given.get("weekdays", ())),
        _time(given.get("from")),
        _time(given.get("until")),
        frozenset(given.get("resources", ())),
        entry.session_id,
    )


def _time(text: str | None) -> dt.time | None:
    return dt.time.fromisoformat(text) if text else None


def line_of(offer: Offer) -> list[WaitingEntry]:
    """Who waits for an offering, in the order of joining."""
    return _line(state=WaitingState.WAITING.value, offering=offer.row.pk)


@prepared
def _line(*, state: str, offering: int) -> QuerySet[WaitingEntry]:
    return WaitingEntry.objects.filter(offering_id=offering, state=state).order_by("created_at", "pk")


def as_waiting(offer: Offer, entry: WaitingEntry) -> Waiting:
    """A row as the domain sees it."""
    return Waiting(entry.pk, wishes_of(entry), entry.party if by_person(offer) else 1)


def waiting_before(offer: Offer, starts: Iterable[tuple[dt.datetime, int | None]]) -> list[int]:
    """How much of each start (and session) those who wait for it would take.

    Counted in persons, or in parties where a slot is for one party. One statement, whatever the number of starts.
    Whoever wants Malik and nobody else leaves the others to newcomers: wishes for a resource are not looked at.
    """
    line = [one for entry in line_of(offer) if not (one := as_waiting(offer, entry)).wishes.resources]
    clocks = zone(offer.tz)
    places = [Place(start.astimezone(clocks), 10**6, session=session_id) for start, session_id in starts]
    return [sum(one.takes for one in line if misfit(one.wishes, place) is None) for place in places]

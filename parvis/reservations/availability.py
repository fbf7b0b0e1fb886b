"""When a party can come: the starts of an offering with what is free at each.

Everything is read in three statements (claims, absences, and for sessions their dates), whatever the number of days and
resources; the decisions are `domain/capacity.py`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.kernel.intervals import Interval
from parvis.reservations.counting import Candidates, Shares, absences_between, claims_between, is_there, lanes_of
from parvis.reservations.domain.capacity import Demand, Ints, Lane, places
from parvis.reservations.domain.rules import Unit
from parvis.reservations.domain.slots import day_bounds, day_starts, nights
from parvis.reservations.domain.spans import epoch, instant
from parvis.reservations.models import Session
from parvis.reservations.supply import Needed, Offer, calendar_of_resource, supply

MOST_DAYS = 62


class Slot(NamedTuple):
    """A possible visit. `places`: how many more parties of the size asked for fit.

    `seats_taken`: where seats are shared. `resource_ids`: which of the first requirement are free.
    """

    start: dt.datetime
    end: dt.datetime
    places: int
    seats_taken: int = 0
    resource_ids: tuple[int, ...] = ()
    session_id: int | None = None


@dataclass(frozen=True)
class Asked:
    """What somebody asks for.

    `nights`: for stays. `wished`: these resources or none; `preferred`: these first. `ignoring`: resources that staff
    sets aside. `any_hours`: opening hours do not count. `but_booking`: count as if this booking were not there (it is
    to be moved).
    """

    party: int = 1
    nights: int = 1
    wished: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()
    ignoring: frozenset[int] = frozenset()
    any_hours: bool = False
    but_booking: int | None = None


def slots_between(
    offer: Offer, first: dt.date, last: dt.date, asked: Asked, *, now: dt.datetime, tz: str | None = None
) -> list[Slot]:
    """All starts whose day, on the clocks of `tz` (the visitor's; default: the house's), is one of these; free or not.

    Notice, horizon and limits are not looked at (see `rules`): staff may set them aside. Raises Invalid for a span of
    more than two months.
    """
    if last < first or (last - first).days > MOST_DAYS:
        raise Invalid(_("Ask for at most two months at once."), fields={"until": _("Choose an earlier day.")})
    begin, end = day_bounds(first, last, tz or offer.tz)
    if offer.row.unit == Unit.SESSION:
        return sessions_between(offer, begin, end, asked, now=now)
    candidates = candidates_between(offer, begin, end, asked)
    return slots_at(offer, candidates, asked, now=now)


def candidates_between(offer: Offer, begin: dt.datetime, end: dt.datetime, asked: Asked) -> Candidates:
    """The starts of the grid within [begin, end)."""
    place = zone(offer.tz)
    low, high = epoch(begin), epoch(end)
    days = _days(begin.astimezone(place).date(), end.astimezone(place).date())
    if offer.row.unit == Unit.NIGHT:
        pairs = [_stay(offer, day, asked.nights) for day in days]
    else:
        length = offer.row.duration_minutes * 60
        pairs = [(s, s + length) for s in _grid(offer, days)]
    return Candidates.of([p for p in pairs if low <= p[0] < high])


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def _stay(offer: Offer, day: dt.date, count: int) -> tuple[int, int]:
    row = offer.row
    begin, end = nights(day, count, check_in=row.check_in, check_out=row.check_out, tz=offer.tz)
    return epoch(begin), epoch(end)


def _grid(offer: Offer, days: Sequence[dt.date]) -> list[int]:
    """The starts that the hours of at least one resource of the first requirement offer."""
    known = supply().resources
    ids = offer.needs[0].resource_ids if offer.needs else ()
    calendars = {calendar_of_resource(known[pk], days[0], days[-1]) for pk in ids}
    found: set[int] = set()
    for calendar in calendars - {None}:
        for day in days:
            found.update(day_starts(calendar, day, offer.row.duration_minutes, offer.row.step_minutes))
    return sorted(found)


def slots_at(offer: Offer, candidates: Candidates, asked: Asked, *, now: dt.datetime) -> list[Slot]:
    """These starts with what is free at each."""
    if not len(candidates.starts):
        return []
    demands = demands_at(offer, candidates, asked, now=now)
    seats = offer.row.seats
    if demands:
        free = places(demands, party=asked.party, seats=seats, overbooking=offer.row.overbooking)
    else:
        free = np.full(len(candidates.starts), UNLIMITED)
    columns = (
        candidates.starts.tolist(),
        candidates.ends.tolist(),
        free.tolist(),
        _taken(demands, seats, free),
        _usable(demands, len(free), asked.party),
    )
    return [Slot(instant(s), instant(e), n, t, ids) for s, e, n, t, ids in zip(*columns, strict=True)]


# What an offering has left when staff sets aside all it needs.
UNLIMITED = 1_000_000


def _usable(demands: Sequence[Demand], n: int, party: int) -> list[tuple[int, ...]]:
    """For each of n starts, the resources of the first requirement that are free: what a customer may choose among."""
    if not demands:
        return [()] * n
    lanes, units = demands[0].lanes, demands[0].units
    fits = np.stack([lane.free >= units if lane.joined is None else _may_join(lane, units, party) for lane in lanes])
    ids = np.array([lane.resource for lane in lanes])
    start, lane = np.nonzero(fits.T)
    found, ends = ids[lane].tolist(), np.searchsorted(start, np.arange(n), side="right").tolist()
    return [tuple(found[begin:end]) for begin, end in pairwise([0, *ends])]


def _may_join(lane: Lane, units: int, party: int) -> NDArray[np.bool_]:
    joined = lane.joined if lane.joined is not None else np.zeros_like(lane.free)
    return np.asarray((lane.free >= units) | (joined >= party))


def _taken(demands: Sequence[Demand], seats: int, free: Ints) -> list[int]:
    if seats == 1 or not demands:
        return [0] * len(free)
    left = np.stack([lane.joined for lane in demands[0].lanes if lane.joined is not None])
    return np.asarray(np.where(left >= 0, seats - left, 0).sum(axis=0)).tolist()


def demands_at(offer: Offer, candidates: Candidates, asked: Asked, *, now: dt.datetime) -> list[Demand]:
    """What each requirement finds at each start.

    Raises Invalid if one has no resource at all, and for a wish that the offering does not have.
    """
    reach = candidates.reach([n.buffers for n in offer.needs])
    wanted = [pk for need in offer.needs for pk in need.resource_ids if pk not in asked.ignoring]
    if asked.wished - set(wanted):
        told = _("Choose among those of this offering.")
        raise Invalid(_("This is not part of the offering."), fields={"resources": told})
    taken = claims_between(list(dict.fromkeys(wanted)), *reach, now=epoch(now), but_booking=asked.but_booking)
    away = absences_between(list(taken), instant(reach[0]), instant(reach[1]))
    shares = Shares(offer.row.pk, offer.row.seats) if offer.row.seats > 1 else None
    first, last = instant(reach[0]).date(), instant(reach[1]).date()
    always = asked.any_hours or offer.row.unit != Unit.SLOT
    there = _presence(list(taken), candidates, first, last, away, always=always)
    demands = []
    for need in offer.needs:
        ids = [pk for pk in need.resource_ids if pk not in asked.ignoring]
        if not ids:
            if set(need.resource_ids) & asked.ignoring:
                continue
            raise Invalid(_("Nobody and nothing is set up for this offering."), code="no_resources")
        fitting = {pk: _fitting(there[pk], pk, need, asked) for pk in ids}
        lanes = lanes_of(need, candidates, taken, fitting, shares)
        demands.append(Demand(lanes, need.count, need.units_for(asked.party)))
    return demands


def _presence(
    ids: Sequence[int],
    candidates: Candidates,
    first: dt.date,
    last: dt.date,
    away: dict[int, list[Interval]],
    *,
    always: bool,
) -> dict[int, Ints]:
    """When each of these resources is there (see `is_there`); those with the same hours are looked at once."""
    known, same = supply().resources, {}
    found: dict[int, Ints] = {}
    for pk in ids:
        if pk in away:
            found[pk] = is_there(known[pk], candidates, first, last, away[pk], always=always)
            continue
        key = id(calendar_of_resource(known[pk], first, last))
        if key not in same:
            same[key] = is_there(known[pk], candidates, first, last, (), always=always)
        found[pk] = same[key]
    return found


def _fitting(there: Ints, resource_id: int, need: Needed, asked: Asked) -> Ints:
    """Nowhere, if the party is too large or small for it, or another resource of the requirement is wished."""
    resource = supply().resources[resource_id]
    too_large = resource.max_party is not None and asked.party > resource.max_party
    wishes = asked.wished & set(need.resource_ids)
    if too_large or asked.party < resource.min_party or (wishes and resource_id not in wishes):
        return np.zeros_like(there)
    return there


def sessions_between(
    offer: Offer, begin: dt.datetime, end: dt.datetime, asked: Asked, *, now: dt.datetime
) -> list[Slot]:
    """The planned dates of an offering that begin in [begin, end), with the seats left for parties of this size."""
    found = Session.objects.filter(
        offering_id=offer.row.pk, starts_at__gte=begin, starts_at__lt=end, cancelled_at=None
    ).select_related("resource")
    return session_slots(list(found.order_by("starts_at", "pk")), offer, asked, now=now)


def session_slots(sessions: Sequence[Session], offer: Offer, asked: Asked, *, now: dt.datetime) -> list[Slot]:
    """Sessions with the seats left in each."""
    if not sessions:
        return []
    reach = min(epoch(s.starts_at) for s in sessions), max(epoch(s.ends_at) for s in sessions)
    ids = [s.resource_id for s in sessions if s.resource_id not in asked.ignoring]
    taken = claims_between(ids, *reach, now=epoch(now), but_booking=asked.but_booking)
    slots = []
    for session in sessions:
        sold = int(taken[session.resource_id].rows[:, 4].sum()) if session.resource_id in taken else 0
        left = session.resource.capacity + offer.row.overbooking - sold
        free = UNLIMITED if session.resource_id in asked.ignoring else max(left, 0) // asked.party
        slots.append(Slot(session.starts_at, session.ends_at, free, sold, (session.resource_id,), session.pk))
    return slots


def free_only(slots: Iterable[Slot]) -> list[Slot]:
    """Those with room for the party."""
    return [s for s in slots if s.places > 0]

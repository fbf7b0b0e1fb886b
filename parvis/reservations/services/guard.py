"""The guard: nothing scarce is sold but under it.

The resources that a booking could use are rows that exist before they are sold. They are locked in the order of their
ids, what is taken is counted again, and only then is it written; all of it in one short transaction. On SQLite the
transaction's write lock is the lock. On PostgreSQL an exclusion constraint stands behind it for single units.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from parvis.ledger.services import Actor
from parvis.reservations import events
from parvis.reservations.availability import Asked, demands_at, session_slots
from parvis.reservations.counting import Candidates, Shares
from parvis.reservations.domain.capacity import Demand
from parvis.reservations.domain.choice import Option, Want, choose
from parvis.reservations.domain.spans import Buffers, Span, epoch, span_of
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, BookingState, Claim, Offering, Session
from parvis.reservations.services.records import record
from parvis.reservations.supply import Offer, supply
from parvis.toolkit.db import is_postgres, lock_rows, rows, unit
from parvis.toolkit.inserts import rows_insert


@dataclass(frozen=True)
class Visit:
    """What is to be booked: an offering, a time, and what was asked."""

    offer: Offer
    start: dt.datetime
    end: dt.datetime
    asked: Asked
    session: Session | None = None

    @property
    def resource_ids(self) -> list[int]:
        """Every resource it could use: what the guard locks."""
        if self.session is not None:
            return [self.session.resource_id]
        found: set[int] = set()
        for need in self.offer.needs:
            among = set(need.resource_ids) - self.asked.ignoring
            found |= (among & self.asked.wished) or among
        return sorted(found)


@dataclass(frozen=True)
class Pick:
    """A resource that was chosen, and what the visit takes of it."""

    resource_id: int
    span: Span
    units: int
    exclusive: bool


@contextmanager
def guarded(resource_ids: Iterable[int], *, offering_id: int | None = None) -> Iterator[None]:
    """A transaction in which nobody else can sell these resources, nor reach the limits of this offering."""
    with unit():
        if offering_id is not None:
            lock_rows(Offering.objects.only("pk"), [offering_id])
        _lock(resource_ids)
        yield


def _lock(resource_ids: Iterable[int]) -> None:
    """Lock resources in the order of their ids. On SQLite the transaction has locked everything."""
    ids = sorted(resource_ids)
    if ids and is_postgres():
        marks = ", ".join(["%s"] * len(ids))
        rows(f"SELECT id FROM reservations_resource WHERE id IN ({marks}) ORDER BY id FOR UPDATE", ids)  # noqa: S608


def pick(visit: Visit, *, now: dt.datetime) -> list[Pick]:
    """Count again and choose. Raises Taken when it does not fit (any more). Call under the guard."""
    if visit.session is not None:
        return _seats(visit, visit.session, now)
    begin, end = epoch(visit.start), epoch(visit.end)
    demands = demands_at(visit.offer, Candidates.of([(begin, end)]), visit.asked, now=now)
    needs = [n for n in visit.offer.needs if set(n.resource_ids) - visit.asked.ignoring]
    row = visit.offer.row
    chosen = choose([_want(d, visit) for d in demands], overbooking=row.overbooking)
    if chosen is None:
        raise Taken()
    known = supply().resources
    return [
        Pick(
            resource_id,
            span_of(begin, end, need.buffers),
            need.units_for(visit.asked.party),
            exclusive=known[resource_id].capacity == 1 and not row.overbooking,
        )
        for need, ids in zip(needs, chosen, strict=True)
        for resource_id in ids
    ]


def _want(demand: Demand, visit: Visit) -> Want:
    options = [
        Option(
            lane.resource,
            free=int(lane.free[0]),
            over=int(lane.over[0]),
            joined=max(int(lane.joined[0]), 0) if lane.joined is not None else 0,
            rank=_rank(lane.resource, visit),
        )
        for lane in demand.lanes
        if _could(lane.resource, visit)
    ]
    return Want(options, demand.count, demand.units, visit.asked.party, visit.offer.row.seats)


def _rank(resource_id: int, visit: Visit) -> tuple[int, ...]:
    """Where it was before; then the smallest that is large enough: a table for four is not given to two too soon."""
    resource = supply().resources[resource_id]
    return (resource_id not in visit.asked.preferred, resource.max_party or 0, resource.position, resource_id)


def _could(resource_id: int, visit: Visit) -> bool:
    """Whether the party fits this resource at all: overbooking sells a place twice, it makes no table longer."""
    resource = supply().resources[resource_id]
    return resource.min_party <= visit.asked.party <= (resource.max_party or visit.asked.party)


def _seats(visit: Visit, session: Session, now: dt.datetime) -> list[Pick]:
    [slot] = session_slots([session], visit.offer, visit.asked, now=now)
    if session.cancelled_at is not None or slot.places < 1:
        raise Taken()
    if session.resource_id in visit.asked.ignoring:
        return []
    span = span_of(epoch(session.starts_at), epoch(session.ends_at), Buffers())
    return [Pick(session.resource_id, span, visit.asked.party, exclusive=False)]


def claims_write(booking: Booking, picks: Sequence[Pick], *, seats: int, expires: dt.datetime | None) -> None:
    """Take what was picked, and note on the booking (unsaved) what that is. Call under the guard, after `pick`."""
    booking.placed = [p.resource_id for p in picks]
    shared = seats > 1 and booking.session_id is None
    start = epoch(booking.starts_at)
    # Claims of different slots have different marks: on PostgreSQL those may not meet on a single unit.
    share = Shares(booking.offering_id, seats).key(start) if shared else f"b{booking.pk}"
    rows_insert(
        [
            Claim(
                booking_id=booking.pk,
                resource_id=p.resource_id,
                hard_from=p.span.hard_from,
                hard_until=p.span.hard_until,
                soft_from=p.span.soft_from,
                soft_until=p.span.soft_until,
                units=p.units,
                share=share,
                shared=shared,
                seats=booking.party,
                expires=epoch(expires) if expires else None,
                exclusive=p.exclusive,
            )
            for p in picks
        ]
    )


def expired_release(resource_ids: Sequence[int], *, now: dt.datetime) -> None:
    """Take back what holds that ran out still claim of these resources.

    Call under the guard and before `pick`: a hold that is being confirmed at this very moment is waited for here, and
    counted there.
    """
    if not resource_ids:
        return
    marks = ", ".join(["%s"] * len(resource_ids))
    found = rows(
        "SELECT DISTINCT booking_id FROM reservations_claim WHERE expires IS NOT NULL AND expires <= %s"  # noqa: S608
        f" AND resource_id IN ({marks}) AND booking_id IS NOT NULL",
        [epoch(now), *resource_ids],
    )
    if found:
        with unit():
            holds_end([pk for (pk,) in found], now=now)


def holds_end(booking_ids: Iterable[int], *, now: dt.datetime) -> int:
    """End these holds if they have run out; returns how many. What was confirmed meanwhile stays."""
    over = [
        b
        for b in lock_rows(Booking.objects.all(), booking_ids)
        if b.state == BookingState.HELD and b.held_until is not None and b.held_until <= now
    ]
    if not over:
        return 0
    ids = [b.pk for b in over]
    Claim.objects.filter(booking_id__in=ids).delete()
    Booking.objects.filter(pk__in=ids).update(state=BookingState.EXPIRED, ended_at=now)
    record(Actor.system(), events.EXPIRED, over, at=now)
    return len(over)

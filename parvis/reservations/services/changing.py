"""A booking that stands: moved, cancelled, kept, missed, and taken back."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotAllowed
from parvis.reservations import events
from parvis.reservations.domain.lifecycle import TAKING, Event, after
from parvis.reservations.domain.rules import late_fee
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, Claim
from parvis.reservations.services.guard import Pick, Visit, claims_write, expired_release, guarded, pick
from parvis.reservations.services.holding import Caller, Wanted, lock_booking, own_booking, visit_of, visit_of_booking
from parvis.reservations.services.records import record
from parvis.reservations.services.terms import alternatives_add, terms_check, terms_check_again
from parvis.reservations.supply import terms_of
from parvis.toolkit.db import unit


def booking_move(
    *, caller: Caller, booking_id: int, wanted: Wanted, reason: str = "", now: dt.datetime | None = None
) -> Booking:
    """Put a booking on another time, date or resource; it keeps its old place until the new one is taken.

    Raises Taken with alternatives when there is no room, Invalid for what the offering does not allow, Conflict when
    the booking was cancelled or the customer is here already.
    """
    now = now or utcnow()
    booking = own_booking(caller, booking_id)
    _public_in_time(caller, booking, now)
    visit = visit_of(caller, replace(wanted, offering_id=booking.offering_id), but_booking=booking.pk)
    before = Claim.objects.filter(booking_id=booking.pk).values_list("resource_id", flat=True)
    try:
        terms_check(visit, now=now, override=wanted.override, public=caller.viewer is None)
        with guarded({*visit.resource_ids, *before}, offering_id=booking.offering_id if _limited(visit) else None):
            booking = lock_booking(booking_id)
            after(booking.state, Event.MOVE)
            expired_release(visit.resource_ids, now=now)
            picks = pick(visit, now=now)
            terms_check_again(visit, now=now, override=wanted.override)
            _put(booking, visit, picks)
            booking.party, booking.override = wanted.party, wanted.override[:300]
            booking.wished = sorted(wanted.wished)
            was = booking.starts_at
            booking.starts_at, booking.ends_at = visit.start, visit.end
            booking.session_id = visit.session.pk if visit.session else None
            booking.moves, booking.moved_at = booking.moves + 1, now
            booking.reminded_at = booking.reassured_at = None
            booking.save()
            record(
                caller.actor,
                events.MOVED,
                [booking],
                at=now,
                was=was.isoformat(),
                reason=reason[:300] or None,
                by=_side(caller),
            )
            if wanted.override:
                record(caller.actor, events.OVERRIDDEN, [booking], at=now, reason=wanted.override)
    except Taken as taken:
        alternatives_add(taken, visit, now=now)
        raise
    return booking


def booking_cancel(
    *, caller: Caller, booking_id: int, reason: str = "", by_house: bool = False, now: dt.datetime | None = None
) -> Booking:
    """Give a booking (or a hold) back. A late cancellation by the customer costs what the offering says.

    `by_house`: the house cancels, whatever the reason; nothing is charged. Raises Conflict when there is nothing to
    cancel any more.
    """
    now = now or utcnow()
    own_booking(caller, booking_id)
    if by_house and caller.viewer is None:
        raise NotAllowed(_("Only staff cancels for the house."))
    with unit():
        booking = lock_booking(booking_id)
        was_held = booking.state == "held"
        if caller.viewer is None and not was_held and booking.starts_at <= now:
            raise Conflict(_("This time has passed."), code="past")
        booking.state = after(booking.state, Event.CANCEL)
        fee = None if by_house or was_held else late_fee(terms_of(booking.offering), booking.starts_at, now)
        booking.fee_minor = fee or 0
        booking.ended_at, booking.ended_by = now, "house" if by_house else "customer"
        booking.held_until, booking.reason = None, reason[:300]
        booking.save()
        Claim.objects.filter(booking_id=booking.pk).delete()
        record(
            caller.actor,
            events.CANCELLED,
            [booking],
            at=now,
            by=booking.ended_by,
            late=fee is not None or None,
            fee_minor=fee or None,
            reason=reason[:300] or None,
            held=was_held or None,
        )
    return booking


def booking_arrive(*, caller: Caller, booking_id: int, now: dt.datetime | None = None) -> Booking:
    """The customer is here; also when they were given up already and their place is still free. Raises as the guard."""
    booking = _staff(caller, booking_id)
    if booking.state == "no_show":
        return _retake(caller, booking, Event.ARRIVE, events.ARRIVED, now or utcnow(), arrived_at=now or utcnow())
    return _advance(caller, booking_id, Event.ARRIVE, events.ARRIVED, now, arrived_at=now or utcnow())


def booking_finish(*, caller: Caller, booking_id: int, now: dt.datetime | None = None) -> Booking:
    """The visit is over; what is left of its time is free again."""
    _staff(caller, booking_id)
    return _advance(caller, booking_id, Event.FINISH, events.DONE, now, ended_at=now or utcnow())


def booking_miss(*, caller: Caller, booking_id: int, now: dt.datetime | None = None) -> Booking:
    """The customer did not come. Raises Conflict before the start: until then it is a cancellation."""
    now = now or utcnow()
    if _staff(caller, booking_id).starts_at > now:
        hint = _("Cancel it if it will not take place.")
        raise Conflict(_("The visit has not begun yet."), code="not_begun", hint=hint)
    return _advance(caller, booking_id, Event.MISS, events.NO_SHOW, now, ended_at=now)


def booking_reassure(*, caller: Caller, booking_id: int, now: dt.datetime | None = None) -> Booking:
    """The customer says again that they will come. Raises Conflict when the booking does not stand."""
    now = now or utcnow()
    own_booking(caller, booking_id)
    with unit():
        booking = lock_booking(booking_id)
        if booking.state != "confirmed":
            after(booking.state, Event.MISS)
        if booking.reassured_at is None:
            booking.reassured_at = now
            booking.save(update_fields=["reassured_at"])
            record(caller.actor, events.REASSURED, [booking], at=now)
    return booking


def booking_restore(*, caller: Caller, booking_id: int, now: dt.datetime | None = None) -> Booking:
    """Take back what was just noted: a cancellation, an arrival, a no-show. Raises Taken if the place is gone."""
    now = now or utcnow()
    booking = _staff(caller, booking_id)
    if after(booking.state, Event.RESTORE) and booking.state in TAKING:
        return _advance(caller, booking_id, Event.RESTORE, events.RESTORED, now, arrived_at=None)
    return _retake(caller, booking, Event.RESTORE, events.RESTORED, now, ended_by="", fee_minor=0)


def _retake(caller: Caller, booking: Booking, event: Event, name: str, now: dt.datetime, **changes: Any) -> Booking:
    """Go back to a state that takes places: under the guard, like a new booking."""
    visit = visit_of_booking(booking)
    try:
        with guarded(visit.resource_ids):
            booking = lock_booking(booking.pk)
            was, booking.state = booking.state, after(booking.state, event)
            expired_release(visit.resource_ids, now=now)
            _put(booking, visit, pick(visit, now=now))
            booking.ended_at = None
            for field, value in changes.items():
                setattr(booking, field, value)
            booking.save()
            record(caller.actor, name, [booking], at=now, was=was)
    except Taken as taken:
        alternatives_add(taken, visit, now=now)
        raise
    return booking


def _put(booking: Booking, visit: Visit, picks: list[Pick]) -> None:
    """Let go of what the booking takes, and take this instead. Call under the guard, with the booking locked."""
    with unit():
        Claim.objects.filter(booking_id=booking.pk).delete()
        placed = Booking(
            pk=booking.pk,
            offering_id=booking.offering_id,
            party=visit.asked.party,
            starts_at=visit.start,
            session_id=visit.session.pk if visit.session else None,
        )
        claims_write(placed, picks, seats=visit.offer.row.seats, expires=booking.held_until)
        booking.placed = placed.placed


def _advance(
    caller: Caller, booking_id: int, event: Event, name: str, now: dt.datetime | None, **changes: Any
) -> Booking:
    with unit():
        booking = lock_booking(booking_id)
        was, booking.state = booking.state, after(booking.state, event)
        for field, value in changes.items():
            setattr(booking, field, value)
        booking.save(update_fields=["state", *changes])
        if booking.state not in TAKING:
            Claim.objects.filter(booking_id=booking.pk).delete()
        record(caller.actor, name, [booking], at=now, was=was)
    return booking


def _staff(caller: Caller, booking_id: int) -> Booking:
    if caller.viewer is None:
        raise NotAllowed(_("Only staff notes this."))
    return own_booking(caller, booking_id)


def _public_in_time(caller: Caller, booking: Booking, now: dt.datetime) -> None:
    if caller.viewer is None and late_fee(terms_of(booking.offering), booking.starts_at, now) is not None:
        raise Conflict(
            _("It is too late to move this booking here."),
            code="too_late",
            hint=_("Please call us: we may find a way."),
        )


def _limited(visit: Visit) -> bool:
    return bool(visit.offer.terms.limits)


def _side(caller: Caller) -> str:
    return "house" if caller.viewer is not None else "customer"

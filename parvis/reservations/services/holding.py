"""From "is it free?" to a booking that stands: hold, confirm, let go."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import site_get
from parvis.customers.selectors import customer_visible
from parvis.customers.services import customer_for_sender, known_at_make
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid, NotAllowed
from parvis.ledger.services import Actor
from parvis.reservations import events
from parvis.reservations.availability import Asked
from parvis.reservations.domain.lifecycle import Event, after
from parvis.reservations.domain.rules import Unit
from parvis.reservations.domain.slots import nights as stay
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, BookingState, Door, Session
from parvis.reservations.partners import may_sell
from parvis.reservations.selectors import booking_visible, no_booking
from parvis.reservations.services.guard import (
    Visit,
    claims_write,
    expired_release,
    guarded,
    holds_end,
    pick,
)
from parvis.reservations.services.records import record
from parvis.reservations.services.terms import alternatives_add, terms_check, terms_check_again
from parvis.reservations.supply import offer_get
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import changed, db_instant, is_postgres, unit
from parvis.toolkit.drafts import written
from parvis.toolkit.inserts import row_insert
from parvis.toolkit.prepared import prepared

MOST_HOLD_MINUTES = 120
EXPIRE_BATCH = 200


@dataclass(frozen=True)
class Caller:
    """Who asks, and through which door. Without a viewer it is the public, whose token the door has checked."""

    door: Door
    actor: Actor
    viewer: Viewer | None = None
    partner_id: int | None = None

    @classmethod
    def staff(cls, viewer: Viewer, door: Door = Door.AGENT) -> "Caller":
        """A member of staff, or a token that acts for one."""
        return cls(door, actor_of(viewer), viewer)

    @classmethod
    def public(cls, door: Door = Door.PORTAL, customer_id: int | None = None) -> "Caller":
        """A visitor of the portal or the widget."""
        return cls(door, Actor("customer", customer_id))

    @classmethod
    def partner(cls, partner_id: int) -> "Caller":
        """A partner, or somebody who came by its address: books what the partner may, changes what it booked."""
        return cls(Door.PARTNER, Actor("partner", partner_id), None, partner_id)

    @classmethod
    def house(cls, door: Door = Door.WAITING) -> "Caller":
        """The house itself: the waiting list."""
        return cls(door, Actor.system())


@dataclass(frozen=True)
class Guest:
    """Whom a booking is for: somebody known, or what is needed to recognise or remember them."""

    customer_id: int | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    note: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is to be held. `start` is an instant, for nights any instant on the day of arrival; or a `session_id`.

    `override`: why a member of staff sets notice, horizon, limits, opening hours or the waiting list aside.
    `ignoring`: resources that staff does not need this time (nothing of them is taken).
    """

    offering_id: int
    start: dt.datetime | None = None
    party: int = 1
    nights: int = 1
    session_id: int | None = None
    wished: frozenset[int] = frozenset()
    ignoring: frozenset[int] = frozenset()
    override: str = ""


def booking_hold(
    *,
    caller: Caller,
    wanted: Wanted,
    minutes: int | None = None,
    customer_id: int | None = None,
    now: dt.datetime | None = None,
) -> Booking:
    """Hold places while somebody decides (default: as long as the offering says).

    Raises Taken with three near alternatives when there is no room, Invalid for what the offering does not allow,
    NotAllowed for a rule set aside by who may not, and for a partner that may not book this.
    """
    row = offer_get(wanted.offering_id).row
    minutes = min(minutes or row.hold_minutes, row.offer_minutes if caller.door is Door.WAITING else MOST_HOLD_MINUTES)
    return _book(caller, wanted, now or utcnow(), dt.timedelta(minutes=minutes), customer_id=customer_id)


def booking_make(*, caller: Caller, wanted: Wanted, guest: Guest, now: dt.datetime | None = None) -> Booking:
    """Hold and confirm in one go: for a call that does both. Raises as `booking_hold` and `booking_confirm`."""
    return _book(caller, wanted, now or utcnow(), None, guest=guest)


def _book(
    caller: Caller,
    wanted: Wanted,
    now: dt.datetime,
    length: dt.timedelta | None,
    *,
    customer_id: int | None = None,
    guest: Guest | None = None,
) -> Booking:
    """Take the places, for a while (`length`) or, with a guest, for good."""
    if caller.partner_id is not None and not may_sell(caller.partner_id, wanted.offering_id):
        raise NotAllowed(_("This partner does not book that."), code="no_mandate")
    visit = visit_of(caller, wanted)
    newcomer = caller.door is not Door.WAITING
    # Whole seconds, as claims count them: a hold ends for its holder when it ends for everybody else.
    until = (now + length).replace(microsecond=0) if length else None
    try:
        terms_check(visit, now=now, override=wanted.override, public=caller.viewer is None and newcomer)
        with guarded(visit.resource_ids, offering_id=visit.offer.row.pk if visit.offer.terms.limits else None):
            expired_release(visit.resource_ids, now=now)
            picks = pick(visit, now=now)
            terms_check_again(visit, now=now, override=wanted.override, newcomer=newcomer)
            with unit():
                booking = _new(caller, visit, wanted, now)
                booking.customer_id, booking.held_until = customer_id, until
                booking.placed = [p.resource_id for p in picks]
                row_insert(booking)
                claims_write(booking, picks, seats=visit.offer.row.seats, expires=until)
                if until:
                    told = {"door": booking.door, "until": until.isoformat()}
                    record(caller.actor, events.HELD, [booking], at=now, **told)
                else:
                    _confirmed(caller, booking, guest, now)
                if wanted.override:
                    record(caller.actor, events.OVERRIDDEN, [booking], at=now, reason=wanted.override)
    except Taken as taken:
        alternatives_add(taken, visit, now=now)
        raise
    return booking


def booking_confirm(
    *, caller: Caller, booking_id: int, guest: Guest | None = None, now: dt.datetime | None = None
) -> Booking:
    """Make a hold a booking. A hold that ran out is taken again if the place is still free.

    Raises Taken when somebody else has it by now, Conflict when the booking was cancelled meanwhile, Invalid when it is
    for nobody. Confirming twice is confirming once.
    """
    now = now or utcnow()
    with unit():
        booking = lock_own(caller, booking_id)
        if booking.state == BookingState.CONFIRMED:
            return booking
        if booking.state != BookingState.EXPIRED and (booking.held_until or utcnow()) > now:
            return _confirmed(caller, booking, guest, now)
    return _confirm_late(caller, booking, guest, now)


def booking_hang(*, booking_id: int, encounter_id: int) -> None:
    """Hang a booking on its encounter: the desk does, once it has opened one."""
    Booking.objects.filter(pk=booking_id, encounter=None).update(encounter_id=encounter_id)


def booking_reminded(*, booking_id: int, now: dt.datetime) -> bool:
    """Claim the reminder of a booking: once, and only while it stands. Returns whether it is the caller's to send."""
    with unit():
        mine = Booking.objects.filter(pk=booking_id, reminded_at=None, state=BookingState.CONFIRMED)
        if not mine.update(reminded_at=now):
            return False
        record(Actor.system(), events.REMINDED, [Booking.objects.get(pk=booking_id)], at=now)
    return True


def holds_expire(*, now: dt.datetime | None = None) -> int:
    """End holds that have run out, a portion at a time; returns how many."""
    now = now or utcnow()
    over = Booking.objects.filter(state=BookingState.HELD, held_until__lte=now).order_by("held_until")
    ids = list(over.values_list("pk", flat=True)[:EXPIRE_BATCH])
    if not ids:
        return 0
    with unit():
        return holds_end(ids, now=now)


def visit_of(caller: Caller, wanted: Wanted, *, but_booking: int | None = None) -> Visit:
    """What is wanted, as the guard counts it. Raises NotFound, Invalid, NotAllowed."""
    offer = offer_get(wanted.offering_id)
    if caller.viewer is not None and not caller.viewer.sees_site(offer.row.site_id):
        raise NotAllowed(_("This is booked at another site than yours."))
    if caller.viewer is None and (wanted.override or wanted.ignoring):
        raise NotAllowed(_("Only staff sets rules aside."))
    if wanted.ignoring and not wanted.override.strip():
        raise Invalid(_("Say why a rule is set aside."), fields={"override": _("The reason is kept.")})
    asked = Asked(
        party=wanted.party,
        nights=wanted.nights,
        wished=wanted.wished,
        ignoring=wanted.ignoring,
        any_hours=bool(wanted.override),
        but_booking=but_booking,
    )
    if offer.row.unit == Unit.SESSION:
        planned = Session.objects.select_related("resource").filter(offering=offer.row)
        session = planned.filter(pk=wanted.session_id or 0).first()
        if session is None:
            raise Invalid(_("Choose a date."), fields={"session": _("There is no such date.")})
        return Visit(offer, session.starts_at, session.ends_at, asked, session)
    if wanted.start is None:
        raise Invalid(_("Choose a time."), fields={"start": _("Say when.")})
    if offer.row.unit == Unit.NIGHT:
        day = wanted.start.astimezone(zone(offer.tz)).date()
        row = offer.row
        begin, end = stay(day, wanted.nights, check_in=row.check_in, check_out=row.check_out, tz=offer.tz)
        return Visit(offer, begin, end, asked)
    start = wanted.start.replace(second=0, microsecond=0).astimezone(dt.UTC)
    return Visit(offer, start, start + dt.timedelta(minutes=offer.row.duration_minutes), asked)


def _new(caller: Caller, visit: Visit, wanted: Wanted, now: dt.datetime) -> Booking:
    row = visit.offer.row
    times = {"booking": 1, "person": wanted.party, "night": wanted.nights}[row.price_per]
    return Booking(
        offering_id=row.pk,
        session_id=visit.session.pk if visit.session else None,
        site_id=row.site_id,
        door=caller.door.value,
        partner_id=caller.partner_id,
        made_by_id=caller.viewer.member_id if caller.viewer else None,
        party=wanted.party,
        starts_at=visit.start,
        ends_at=visit.end,
        price_minor=row.price_minor * times,
        deposit_minor=row.deposit_minor,
        currency=row.currency,
        override=wanted.override[:300],
        wished=sorted(wanted.wished),
        created_at=now,
    )


def own_booking(caller: Caller, booking_id: int) -> Booking:
    """A booking the caller may change. Raises NotFound."""
    if caller.viewer is not None:
        return booking_visible(caller.viewer, booking_id)
    booking = Booking.objects.get(pk=booking_id)  # the door has checked the token that names it
    _partner_own(caller, booking)
    return booking


def _partner_own(caller: Caller, booking: Booking) -> None:
    """A partner has its own bookings and no others, whatever its door has checked."""
    if caller.partner_id is not None and booking.partner_id != caller.partner_id:
        raise no_booking()


def lock_booking(booking_id: int) -> Booking:
    """A booking, locked until the transaction ends; every change of its state starts here. Raises NotFound."""
    found = _locked(is_postgres(), pk=booking_id)
    if not found:
        raise no_booking()
    return found[0]


def lock_own(caller: Caller, booking_id: int) -> Booking:
    """The same of a booking the caller may change. Raises NotFound."""
    booking = lock_booking(booking_id)
    if caller.viewer is not None and not caller.viewer.sees_site(booking.site_id):
        raise no_booking()
    _partner_own(caller, booking)
    return booking


@prepared
def _locked(for_update: bool, *, pk: int) -> QuerySet[Booking]:
    found = Booking.objects.filter(pk=pk)
    return found.select_for_update() if for_update else found


def _confirmed(caller: Caller, booking: Booking, guest: Guest | None, now: dt.datetime) -> Booking:
    """Write that a held booking stands. Call with the booking locked."""
    booking.state = after(booking.state, Event.CONFIRM)
    booking.customer_id = _customer(caller, booking, guest, now)
    if guest is not None and guest.note:
        booking.note = guest.note[:500]
    booking.held_until, booking.confirmed_at = None, now
    changed(
        "UPDATE reservations_booking SET state = %s, customer_id = %s, note = %s, held_until = NULL, confirmed_at = %s,"
        " ended_at = NULL WHERE id = %s",
        [booking.state, booking.customer_id, booking.note, db_instant(now), booking.pk],
    )
    changed("UPDATE reservations_claim SET expires = NULL WHERE booking_id = %s", [booking.pk])
    record(caller.actor, events.CONFIRMED, [booking], at=now, door=booking.door)
    return booking


def _confirm_late(caller: Caller, booking: Booking, guest: Guest | None, now: dt.datetime) -> Booking:
    """The hold ran out (a payment came late, say): take the place again, if it is still there."""
    visit = visit_of_booking(booking)
    try:
        with guarded(visit.resource_ids):
            expired_release(visit.resource_ids, now=now)
            booking = lock_booking(booking.pk)
            if booking.state == BookingState.CONFIRMED:
                return booking
            if booking.state == BookingState.HELD:
                holds_end([booking.pk], now=now)
                booking.refresh_from_db()
            if booking.state != BookingState.EXPIRED:
                after(booking.state, Event.CONFIRM)  # says why not
            picks = pick(visit, now=now)
            terms_check_again(visit, now=now)
            with unit():
                claims_write(booking, picks, seats=visit.offer.row.seats, expires=None)
                booking.save(update_fields=["placed"])
                booking.state, booking.ended_at = BookingState.HELD, None
                return _confirmed(caller, booking, guest, now)
    except Taken as taken:
        alternatives_add(taken, visit, now=now)
        raise


def visit_of_booking(booking: Booking) -> Visit:
    """A booking as it stands, as a visit to be taken again: with whom was wished, the same as before if free."""
    offer, placed = offer_get(booking.offering_id), frozenset(booking.placed)
    set_aside = {pk for n in offer.needs if not placed & set(n.resource_ids) for pk in n.resource_ids}
    asked = Asked(
        party=booking.party,
        wished=frozenset(booking.wished),
        preferred=placed,
        ignoring=frozenset(set_aside) if booking.override else frozenset(),
        any_hours=True,
    )
    return Visit(offer, booking.starts_at, booking.ends_at, asked, booking.session)


def _customer(caller: Caller, booking: Booking, guest: Guest | None, now: dt.datetime) -> int:
    known = guest.customer_id if guest is not None and guest.customer_id is not None else booking.customer_id
    if known is not None:
        if caller.viewer is not None:
            known = customer_visible(caller.viewer, known).pk
        written(lambda: known_at_make(customer_id=int(known), site_id=booking.site_id))
        return int(known)
    if guest is None or not (guest.name.strip() or guest.email or guest.phone):
        raise Invalid(_("Say whom the booking is for."), fields={"name": _("Give a name.")})
    site = site_get(booking.site_id)
    customer, __ = customer_for_sender(
        actor=caller.actor,
        site_id=booking.site_id,
        email=guest.email,
        phone=guest.phone,
        name=guest.name,
        language=guest.language,
        country=site.country if site else "FR",
        at=now,
    )
    return int(customer.pk)

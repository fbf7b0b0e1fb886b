"""Bookings in the cycle: each hangs on an encounter, is promised, told to the customer, reminded of, and followed up.

The engine (`reservations`) only books, in a transaction as short as can be. What follows from it happens here, in
reaction to its ledger entries, and is tried again should it fail.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from parvis.customers.services import customer_counted
from parvis.desk.services.booking_letters import customer_remind, customer_tell, when_of
from parvis.desk.services.contacts import Contact, contact_receive, reopened
from parvis.desk.services.follow_up import follow_up_schedule
from parvis.desk.services.letters import language_of
from parvis.encounters.domain.stages import Event
from parvis.encounters.services import encounter_advance, encounter_lock
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor
from parvis.promises.domain.promise import Kind
from parvis.promises.services import Term, promises_drop, promises_make, promises_renegotiate, promises_settle
from parvis.reservations.selectors import (
    booking_with_offering,
    bookings_to_remind,
    encounter_waited_on,
    waiting_entry,
)
from parvis.reservations.services import booking_hang, booking_reminded, waiting_hang
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.db import unit

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

_CHANNELS = {"portal": "form", "widget": "form", "partner": "form", "waiting": "form", "agent": "phone"}
REMIND_BATCH = 50


def booking_welcome(*, booking_id: int, actor: Actor, at: dt.datetime) -> None:
    """A booking stands: hang it on an encounter, promise the appointment, confirm it. Once, however often called."""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or booking.state != "confirmed" or booking.customer_id is None:
            return  # cancelled again before anybody could say so
        if booking.encounter_id is None:
            encounter = _opened(booking, actor, at)
            booking_hang(booking_id=booking.pk, encounter_id=encounter.pk)
        else:
            encounter = encounter_lock(booking.encounter_id)
            if encounter.promises.filter(kind=Kind.APPOINTMENT, state="open").exists():
                return
            if encounter.status == "closed":
                encounter_advance(actor=actor, encounter=encounter, event=Event.REOPENED, at=at, last_activity_at=at)
                reopened(encounter, at)
        _promise(encounter, booking, at)
        customer_tell("booking_confirmed", encounter, booking, at, calendar=True)


def _opened(booking: "Booking", actor: Actor, at: dt.datetime) -> Any:
    """The encounter of a booking: the one the customer waited on, else a new one."""
    if waited_on := encounter_waited_on(booking.pk):
        return encounter_lock(waited_on)
    language = language_of(booking.customer)
    what = in_language(booking.offering.name, language)
    contact = Contact(
        channel=_CHANNELS.get(booking.door, "api"),
        text=booking.note or f"{what}, {when_of(booking, language)}",
        subject=what,
        customer_id=booking.customer_id,
        site_id=booking.site_id,
        need_id=booking.offering.need_id,
        promise=False,
        greet=False,
    )
    encounter, __ = contact_receive(actor=actor, contact=contact, at=at)
    encounter = encounter_lock(encounter.pk)
    # The confirmation is the answer; only a word of the customer's own waits to be read.
    return encounter_advance(
        actor=Actor.system(), encounter=encounter, event=Event.UNDERSTOOD, at=at, unanswered=bool(booking.note)
    )


def _promise(encounter: Any, booking: "Booking", at: dt.datetime) -> None:
    due = _due(booking)
    if due > at:
        term = Term(
            Kind.APPOINTMENT, due_at=due, note=in_language(booking.offering.name, language_of(encounter.customer))
        )
        promises_make(actor=Actor.system(), encounter=encounter, terms=[term], at=at)


def _due(booking: "Booking") -> dt.datetime:
    """Until when somebody must be there for the customer: the start and the grace that the offering allows."""
    return booking.starts_at + dt.timedelta(minutes=booking.offering.grace_minutes)


def booking_moved(*, booking_id: int, actor: Actor, at: dt.datetime, reason: str = "") -> None:
    """A booking has another time: the promise moves with it, and the customer is told."""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or booking.encounter_id is None or booking.state != "confirmed":
            return
        encounter = encounter_lock(booking.encounter_id)
        kind, due = Kind.APPOINTMENT, _due(booking)
        if due > at and not promises_renegotiate(
            actor=actor, encounter_id=encounter.pk, kind=kind, due_at=due, reason=reason, at=at
        ):
            _promise(encounter, booking, at)
        customer_tell("booking_moved", encounter, booking, at, calendar=True, reason=reason)


def booking_cancelled(*, booking_id: int, actor: Actor, at: dt.datetime, by_house: bool, reason: str = "") -> None:
    """A booking is called off. By the customer: the promise is void and the encounter ends. By the house: it is broken,
    and the encounter stays open, since something is owed.
    """
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or booking.encounter_id is None:
            return
        encounter = encounter_lock(booking.encounter_id)
        promises_drop(
            actor=actor, encounter_id=encounter.pk, kind=Kind.APPOINTMENT, reason=reason, broken=by_house, at=at
        )
        customer_tell("booking_cancelled", encounter, booking, at, calendar=True, reason=reason)
        if by_house:
            encounter.unanswered = True
            encounter.save(update_fields=["unanswered"])
        else:
            _close(encounter, at, ask=False)


def booking_kept(*, booking_id: int, at: dt.datetime) -> None:
    """The customer is here, and so are we. That they came late is not the house's doing."""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or booking.encounter_id is None:
            return
        in_time = min(at, booking.starts_at)
        promises_settle(
            actor=Actor.system(), encounter_id=booking.encounter_id, kinds=[Kind.APPOINTMENT], at=at, judged_at=in_time
        )
        encounter = encounter_lock(booking.encounter_id)
        if encounter.status != "closed":
            encounter_advance(actor=Actor.system(), encounter=encounter, event=Event.ANSWERED, at=at, unanswered=False)


def booking_over(*, booking_id: int, at: dt.datetime) -> None:
    """The visit is over: was anything forgotten?"""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is not None and booking.encounter_id is not None:
            _close(encounter_lock(booking.encounter_id), at, ask=True)


def booking_missed(*, booking_id: int, at: dt.datetime) -> None:
    """The customer did not come: nothing was broken, and the door stays open."""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or booking.encounter_id is None or booking.state != "no_show":
            return
        encounter = encounter_lock(booking.encounter_id)
        promises_drop(actor=Actor.system(), encounter_id=encounter.pk, kind=Kind.APPOINTMENT, at=at)
        customer_tell("booking_missed", encounter, booking, at)
        _close(encounter, at, ask=False)


def waiting_welcome(*, entry_id: int, actor: Actor, at: dt.datetime) -> None:
    """Somebody waits: their wish hangs on an encounter."""
    with unit():
        entry = waiting_entry(entry_id)
        if entry is None or entry.encounter_id is not None:
            return
        language = language_of(entry.customer)
        what = in_language(entry.offering.name, language)
        with translation.override(language):
            text = _("Waiting list: %(what)s") % {"what": what}
        contact = Contact(
            channel="form", text=text, subject=text, customer_id=entry.customer_id, site_id=entry.offering.site_id,
            need_id=entry.offering.need_id, promise=False, greet=False,
        )  # fmt: skip
        encounter, __ = contact_receive(actor=actor, contact=contact, at=at)
        encounter = encounter_lock(encounter.pk)
        encounter_advance(actor=Actor.system(), encounter=encounter, event=Event.UNDERSTOOD, at=at, unanswered=False)
        waiting_hang(entry_id=entry.pk, encounter_id=encounter.pk)


def waiting_told(*, entry_id: int, booking_id: int | None, at: dt.datetime) -> None:
    """A place is kept for somebody who waited (`booking_id`), or they let it pass (None): write to them."""
    with unit():
        entry = waiting_entry(entry_id)
        if entry is None:
            return
        if entry.encounter_id is None:
            waiting_welcome(entry_id=entry_id, actor=Actor.system(), at=at)
            entry = waiting_entry(entry_id)
        booking = booking_with_offering(booking_id) if booking_id is not None else None
        if entry is None or entry.encounter_id is None or (booking_id is not None and booking is None):
            return
        encounter = encounter_lock(entry.encounter_id)
        customer_tell("waiting_offered" if booking else "waiting_lapsed", encounter, booking or entry, at)


def bookings_remind(*, now: dt.datetime | None = None) -> int:
    """Remind whoever comes soon; returns how many were written to. Each visit once, and not right after booking."""
    now = now or utcnow()
    return sum(_remind(pk, now) for pk in bookings_to_remind(now, limit=REMIND_BATCH))


def _remind(booking_id: int, now: dt.datetime) -> bool:
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None or not booking_reminded(booking_id=booking_id, now=now) or booking.encounter_id is None:
            return False
        return customer_remind(encounter_lock(booking.encounter_id), booking, now)


def _close(encounter: Any, at: dt.datetime, *, ask: bool) -> None:
    if encounter.status == "closed":
        return
    encounter_advance(
        actor=Actor.system(), encounter=encounter, event=Event.CLOSED, at=at, last_activity_at=at, unanswered=False
    )
    customer_counted(customer_id=encounter.customer_id, open_change=-1)
    if ask:
        follow_up_schedule(encounter=encounter, at=at)

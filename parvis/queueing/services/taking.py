"""Into the line: a ticket is taken at the kiosk, by phone, at the counter, or because an appointment has come."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.contact.emails import is_email, normalise_email
from parvis.kernel.contact.phones import parse_phone
from parvis.kernel.errors import Conflict, Invalid, NotAllowed
from parvis.queueing import events
from parvis.queueing.domain.placing import Place, place
from parvis.queueing.domain.turns import Event
from parvis.queueing.models import Line, LineDay, Precedence, Source, Ticket, Turn
from parvis.queueing.selectors import line_for_need, line_visible, site_is_open, terms_of, today_at
from parvis.queueing.services.records import Caller, record, turn_lock, turn_step
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.db import lock_rows, unit

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

MOST_PERSONS = 99


@dataclass(frozen=True)
class Taking:
    """What is known of somebody who joins a line."""

    line_id: int
    source: Source
    need_id: int | None = None
    party: int = 1
    precedence: Precedence = Precedence.USUAL
    language: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    customer_id: int | None = None
    encounter_id: int | None = None
    booking_id: int | None = None
    booked_at: dt.datetime | None = None


def ticket_take(*, caller: Caller, taking: Taking, now: dt.datetime | None = None) -> Turn:
    """Give out the next number of the line and place its holder. Returns the turn, with `ticket` and `line`.

    Raises NotFound for a line out of sight, Conflict (code "closed") when the site or the door is closed to the public,
    Invalid with `fields` for a party, phone number or address that cannot be.
    """
    now = now or utcnow()
    line = line_visible(caller.viewer or Viewer.house(), taking.line_id)
    _check(caller, line, taking, now)
    placed = place(terms_of(line), joined_at=now, precedence=taking.precedence, booked_at=taking.booked_at)
    with unit():
        day = today_at(line.site_id, now)
        ticket = Ticket.objects.create(
            site_id=line.site_id,
            day=day,
            code=f"{line.code}{_next_number(line, day):03d}",
            source=taking.source,
            party=taking.party,
            precedence=taking.precedence,
            language=taking.language or get_language() or "en",
            name=taking.name.strip()[:80],
            phone=_phone(line, taking.phone),
            email=_email(taking.email),
            note=taking.note.strip()[:200],
            customer_id=taking.customer_id,
            encounter_id=taking.encounter_id,
            booking_id=taking.booking_id,
            need_id=taking.need_id,
            taken_at=now,
        )
        turn = turn_begin(ticket, line, placed, now)
        record(caller, events.TAKEN, turn, at=now, source=taking.source.value, rule=turn.rule, need=taking.need_id)
    return turn


def turn_begin(ticket: Ticket, line: Line, placed: Place, now: dt.datetime) -> Turn:
    """A new turn of a ticket in a line."""
    turn = Turn(ticket=ticket, line=line, joined_at=now, rank_at=placed.rank_at, rule=placed.rule.value)
    turn.save(force_insert=True)
    return turn


def booking_ticket(*, caller: Caller, booking: "Booking", now: dt.datetime | None = None) -> Turn | None:
    """The ticket of an appointment that has come: placed by its booked time. None where its need has no line.

    Once for a booking: noted again, it is the turn there is.
    """
    if (found := _turn_of_booking(booking.pk)) is not None:
        return found
    line = line_for_need(booking.site_id, booking.offering.need_id)
    if line is None:
        return None
    customer = booking.customer
    taking = Taking(
        line_id=line.pk,
        source=Source.BOOKING,
        need_id=booking.offering.need_id,
        party=min(booking.party, MOST_PERSONS),
        language=getattr(customer, "language", "") or "",
        name=getattr(customer, "name", "")[:80],
        customer_id=booking.customer_id,
        encounter_id=booking.encounter_id,
        booking_id=booking.pk,
        booked_at=booking.starts_at,
    )
    try:
        with transaction.atomic():
            return ticket_take(caller=caller, taking=taking, now=now)
    except IntegrityError:
        # Noted at the same moment by somebody else: at the kiosk and at the counter.
        return _turn_of_booking(booking.pk)


def _turn_of_booking(booking_id: int) -> Turn | None:
    turns = Turn.objects.filter(ticket__booking_id=booking_id)
    return turns.select_related("ticket", "line").order_by("-pk").first()


def ticket_void(*, caller: Caller, turn_id: int, reason: str = "", now: dt.datetime | None = None) -> Turn:
    """A ticket that never reached a hand (its print failed) or was taken by mistake: it does not count as a person."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(caller, turn_id)
        return turn_step(
            caller,
            turn,
            Event.VOID,
            events.VOIDED,
            now=now,
            data={"reason": reason[:120] or None},
            ended_at=now,
            ended_by=caller.side,
        )


def _check(caller: Caller, line: Line, taking: Taking, now: dt.datetime) -> None:
    party_checked(taking.party)
    if not line.is_active:
        raise _closed()
    if caller.viewer is not None:
        if not caller.viewer.may(Right.SERVE):
            raise NotAllowed(_("You may look at this line, not change it."))
        return
    door = {Source.KIOSK: line.takes_walk_ins, Source.REMOTE: line.takes_remote}.get(taking.source, True)
    if not door:
        raise _closed()
    if taking.source in (Source.KIOSK, Source.REMOTE) and not site_is_open(line.site_id, now):
        raise Conflict(_("We are closed now."), code="closed", hint=_("Please come back when we are open."))
    if taking.precedence == Precedence.URGENT:
        raise NotAllowed(_("Only staff says what is urgent."))


def party_checked(party: int) -> int:
    """How many people a ticket stands for. Raises Invalid."""
    if not 1 <= party <= MOST_PERSONS:
        told = _("From 1 to %(most)s persons.") % {"most": MOST_PERSONS}
        raise Invalid(told, fields={"party": told})
    return party


def _closed() -> Conflict:
    return Conflict(_("This line takes no tickets here."), code="closed", hint=_("Please ask at the counter."))


def _phone(line: Line, text: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_phone(text, line.site.country).e164
    except Invalid as error:
        raise Invalid(str(error), hint=error.hint, fields={"phone": str(error)}) from error


def _email(text: str) -> str:
    address = normalise_email(text)
    if address and not is_email(address):
        told = _("This is not an e-mail address.")
        raise Invalid(told, fields={"email": told})
    return address


def _next_number(line: Line, day: dt.date) -> int:
    """The next number of the line for this day."""
    LineDay.objects.get_or_create(line=line, day=day)
    row = lock_rows(LineDay.objects.filter(line=line, day=day))[0]
    row.last_number += 1
    row.save(update_fields=["last_number"])
    return row.last_number

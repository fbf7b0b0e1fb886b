"""Tickets in the cycle: a known person's visit hangs on an encounter, is served, closed and followed up.

The queue itself knows no encounters. What follows from a ticket happens here, in reaction to its ledger entries, once
each however often they are read. Who is not known has no encounter; their status page asks the question afterwards.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils import translation
from django.utils.translation import gettext as _

from parvis.customers.services import customer_counted
from parvis.desk.models import FollowUp
from parvis.desk.services.contacts import Contact, contact_receive
from parvis.desk.services.follow_up import follow_up_answer, follow_up_schedule
from parvis.desk.services.letters import FOLLOW_UP_SALT, language_of
from parvis.encounters.domain.stages import Event
from parvis.encounters.services import encounter_advance, encounter_lock
from parvis.ledger.services import Actor
from parvis.queueing.selectors import ticket_get, ticket_of_booking, turn_of_ticket
from parvis.queueing.services import HOUSE, booking_in_line, ticket_hang, turn_leave
from parvis.reservations.selectors import booking_with_offering
from parvis.reservations.services import Caller, Door, booking_arrive, booking_finish
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.db import unit

if TYPE_CHECKING:
    from parvis.queueing.models import Ticket


def ticket_welcome(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """Hang a ticket on an encounter as soon as its holder is known. Once, however often called."""
    with unit():
        ticket = ticket_get(ticket_id)
        if ticket is None:
            return
        if ticket.booking is not None and ticket.booking.state == "confirmed":
            booking_arrive(caller=_for_house(actor), booking_id=ticket.booking.pk, now=at)
        if ticket.encounter_id is None and ticket.customer_id is not None and ticket.booking_id is None:
            _open(ticket, actor, at)


def _open(ticket: "Ticket", actor: Actor, at: dt.datetime) -> None:
    turn = turn_of_ticket(ticket.pk)
    if turn.state == "void":
        return
    language = language_of(ticket.customer)
    what = in_language(ticket.need.name if ticket.need else turn.line.name, language)
    with translation.override(language):
        said = _("Ticket %(code)s: %(what)s") % {"code": ticket.code, "what": what}
    contact = Contact(
        channel="counter",
        text=f"{said}\n{ticket.note}".strip(),
        subject=what,
        customer_id=ticket.customer_id,
        site_id=ticket.site_id,
        need_id=ticket.need_id,
        promise=False,
        greet=False,
    )
    encounter, __ = contact_receive(actor=actor, contact=contact, at=at)
    ticket_hang(ticket_id=ticket.pk, encounter_id=encounter.pk)
    encounter = encounter_lock(encounter.pk)
    # They stand before us: nobody need answer them in the inbox.
    encounter_advance(actor=Actor.system(), encounter=encounter, event=Event.UNDERSTOOD, at=at, unanswered=False)
    if turn.state in ("called", "serving", "done"):
        encounter_advance(actor=actor, encounter=encounter, event=Event.ANSWERED, at=at)
    if turn.state == "done":
        _close(encounter, at, ask=True)  # named only after they had gone


def ticket_served(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """They are at the counter: the encounter is being served."""
    with unit():
        encounter = _encounter(ticket_id)
        if encounter is not None and encounter.status != "closed":
            encounter_advance(actor=actor, encounter=encounter, event=Event.ANSWERED, at=at, unanswered=False)


def ticket_over(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """Served: their appointment is done, or their encounter closed; later we ask whether anything was forgotten."""
    with unit():
        ticket = ticket_get(ticket_id)
        if ticket is None:
            return
        if ticket.booking is not None:
            if ticket.booking.state == "arrived":
                booking_finish(caller=_for_house(actor), booking_id=ticket.booking.pk, now=at)
            return  # that the visit is done closes its encounter
        encounter = _encounter(ticket_id)
        if encounter is not None:
            _close(encounter, at, ask=True)


def ticket_ended(*, ticket_id: int, at: dt.datetime) -> None:
    """They went without being served: nothing is owed. The appointment of who had one is for staff to judge."""
    with unit():
        ticket = ticket_get(ticket_id)
        if ticket is None or ticket.booking_id is not None or turn_of_ticket(ticket.pk).ended_at is None:
            return
        encounter = _encounter(ticket_id)
        if encounter is not None:
            _close(encounter, at, ask=False)


def ticket_again(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """They came back, or were not finished with: their encounter goes on."""
    with unit():
        encounter = _encounter(ticket_id)
        if encounter is not None and encounter.status == "closed":
            encounter_advance(
                actor=actor, encounter=encounter, event=Event.REOPENED, at=at, last_activity_at=at, unanswered=False
            )
            customer_counted(customer_id=encounter.customer_id, open_change=1, at=at)


def ticket_answered(*, ticket_id: int, all_done: bool, at: dt.datetime) -> None:
    """They said on their status page whether anything was forgotten: no letter asks them again."""
    with unit():
        encounter = _encounter(ticket_id)
        if encounter is None:
            return
        _close(encounter, at, ask=True)
        asked = FollowUp.objects.filter(encounter_id=encounter.pk, round=encounter.reopened_count).first()
        if asked is None or (asked.answered_at is not None and asked.all_done is all_done):
            return
        asked.asked_at = asked.asked_at or at
        asked.save(update_fields=["asked_at"])
        follow_up_answer(token=signing.dumps(asked.pk, salt=FOLLOW_UP_SALT), all_done=all_done)


def booking_joins(*, booking_id: int, at: dt.datetime) -> None:
    """Somebody with an appointment is here: their ticket, where its need has a line."""
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is not None and booking.state == "arrived":
            booking_in_line(caller=HOUSE, booking=booking, now=at)


def booking_steps_back(*, booking_id: int, at: dt.datetime) -> None:
    """An arrival was noted by mistake: out of the line again."""
    with unit():
        ticket = ticket_of_booking(booking_id)
        if ticket is not None and (turn := turn_of_ticket(ticket.pk)).state == "waiting":
            turn_leave(caller=HOUSE, turn_id=turn.pk, now=at)


def _encounter(ticket_id: int) -> Any:
    ticket = ticket_get(ticket_id)
    return None if ticket is None or ticket.encounter_id is None else encounter_lock(ticket.encounter_id)


def _close(encounter: Any, at: dt.datetime, *, ask: bool) -> None:
    if encounter.status == "closed":
        return
    encounter_advance(
        actor=Actor.system(), encounter=encounter, event=Event.CLOSED, at=at, last_activity_at=at, unanswered=False
    )
    customer_counted(customer_id=encounter.customer_id, open_change=-1)
    if ask:
        follow_up_schedule(encounter=encounter, at=at)


def _for_house(actor: Actor) -> Caller:
    return Caller(Door.AGENT, actor, Viewer.house())

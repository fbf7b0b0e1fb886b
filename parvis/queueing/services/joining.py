"""What people do for themselves: join once however often they press, arrive for an appointment, say they are here."""

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotFound
from parvis.ledger.services import Actor
from parvis.queueing.models import Source, Ticket, Turn
from parvis.queueing.selectors import today_at
from parvis.queueing.services.more_time import turn_more_time
from parvis.queueing.services.records import Caller, turn_lock
from parvis.queueing.services.serving import turn_come_back, turn_leave, turn_resume
from parvis.queueing.services.taking import Taking, booking_ticket, ticket_take, ticket_void
from parvis.reservations.selectors import booking_with_offering
from parvis.reservations.services import Caller as Booker
from parvis.reservations.services import Door, booking_arrive
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import unit
from parvis.toolkit.models import IdempotencyKey

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

OWNER = "queue"
MISPRINT = dt.timedelta(minutes=5)


def ticket_take_once(*, copy: str, taking: Taking, now: dt.datetime | None = None) -> Turn:
    """A ticket for one copy of a form: sent again, it is the ticket there is. Raises as `ticket_take`."""
    key = hashlib.sha256(f"{taking.source}:{copy}".encode()).hexdigest()
    with unit():
        # Taking the key first makes a second press wait for the end of the first, on either database.
        row, created = IdempotencyKey.objects.get_or_create(owner=OWNER, key=key, defaults={"fingerprint": key})
        if not created and row.body:
            return Turn.objects.select_related("ticket", "line").get(pk=row.body["turn"])
        turn = ticket_take(caller=Caller.public(), taking=taking, now=now)
        row.status, row.body = 201, {"turn": turn.pk}
        row.save(update_fields=["status", "body"])
    return turn


def booking_arrived(*, booking_id: int, now: dt.datetime | None = None) -> Turn | None:
    """Somebody with an appointment is here and says so themselves: noted, and given a ticket where its need has a line.

    Once, however often they say it. Raises NotFound, Conflict for a booking that is over or was cancelled, Taken when
    they had been given up and their place is gone.
    """
    with unit():
        booking = booking_with_offering(booking_id)
        if booking is None:
            raise NotFound(_("There is no such booking."), code="no_booking")
        if booking.state != "arrived":
            caller = Booker(Door.PORTAL, Actor("customer", booking.customer_id), Viewer.house())
            booking_arrive(caller=caller, booking_id=booking_id, now=now)
        return booking_in_line(caller=Caller.public(booking.customer_id), booking=booking, now=now)


def booking_in_line(*, caller: Caller, booking: "Booking", now: dt.datetime | None = None) -> Turn | None:
    """The ticket of an appointment that is here; who had left the line, or missed their call, is in it again."""
    turn = booking_ticket(caller=caller, booking=booking, now=now)
    if turn is not None and turn.state in ("left", "no_show"):
        return turn_come_back(caller=caller, turn_id=turn.pk, now=now)
    return turn


def ticket_misprinted(*, token: str, site_id: int, now: dt.datetime | None = None) -> Turn:
    """The kiosk's ticket never reached a hand: it does not count as a person. Raises Conflict when it is too late."""
    now = now or utcnow()
    ticket = Ticket.objects.filter(token=token, site_id=site_id, source=Source.KIOSK).first()
    if ticket is None or now - ticket.taken_at > MISPRINT:
        raise Conflict(_("This ticket can no longer be given back here."), code="too_late", hint=_("Please ask us."))
    turn = Turn.objects.filter(ticket_id=ticket.pk).latest("pk")
    if turn.state == "void":
        return turn
    return ticket_void(caller=Caller.public(), turn_id=turn.pk, reason="misprint", now=now)


def customer_does(*, turn: Turn, deed: str, now: dt.datetime | None = None) -> Turn:
    """What the holder of a ticket does on its status page: "leave", "back", "ready", "more" or "here".

    Raises Conflict for what makes no sense as things stand, or for a ticket of another day.
    """
    now = now or utcnow()
    ticket = turn.ticket
    if ticket.day != today_at(ticket.site_id, now):
        raise Conflict(_("This ticket was for another day."), code="other_day", hint=_("Take a new one."))
    caller = Caller.public(ticket.customer_id)
    match deed:
        case "leave":
            return turn_leave(caller=caller, turn_id=turn.pk, now=now)
        case "back":
            return turn_come_back(caller=caller, turn_id=turn.pk, now=now)
        case "ready":
            return turn_resume(caller=caller, turn_id=turn.pk, now=now)
        case "more":
            return turn_more_time(caller=caller, turn_id=turn.pk, now=now)
        case "here":
            return turn_here(turn_id=turn.pk, now=now)
    raise Conflict(_("This cannot be done here."), code="no_deed")


def turn_here(*, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """The answer to “still here?”: yes. Nothing else changes, so it is no entry."""
    with unit():
        turn = turn_lock(Caller.public(), turn_id)
        turn.asked_at = None
        turn.save(update_fields=["asked_at"])
        Ticket.objects.filter(pk=turn.ticket_id).update(seen_at=now or utcnow())
    return turn


def ticket_hang(*, ticket_id: int, encounter_id: int) -> bool:
    """Hang a ticket on the encounter it belongs to; False when it hangs on one already."""
    return bool(Ticket.objects.filter(pk=ticket_id, encounter=None).update(encounter_id=encounter_id))

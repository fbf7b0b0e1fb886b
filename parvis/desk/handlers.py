"""What the desk does when something happened below it."""

from typing import TYPE_CHECKING

from parvis.channels import events as mail_events
from parvis.desk.services import bookings, queue, queue_promises
from parvis.desk.services.queue_letters import holder_tell
from parvis.desk.services.returned import mail_given_up
from parvis.ledger.services import Actor, subscribe
from parvis.queueing import events as queued
from parvis.reservations import events as booked

if TYPE_CHECKING:
    from parvis.ledger.models import Entry


@subscribe("desk.mail_given_up", [mail_events.MAIL_GIVEN_UP, mail_events.SMS_GIVEN_UP])
def _mail_given_up(entry: "Entry") -> None:
    mail_given_up(out_mail_id=entry.data["out_mail"], at=entry.at)


@subscribe(
    "desk.bookings",
    [booked.CONFIRMED, booked.MOVED, booked.CANCELLED, booked.ARRIVED, booked.DONE, booked.NO_SHOW, booked.RESTORED],
)
def _booking(entry: "Entry") -> None:
    booking_follow(entry)


@subscribe("desk.waiting", [booked.WAITING_JOINED, booked.WAITING_OFFERED, booked.WAITING_LAPSED])
def _waiting(entry: "Entry") -> None:
    waiting_follow(entry)


@subscribe("desk.arrivals", [booked.ARRIVED, booked.RESTORED])
def _arrival(entry: "Entry") -> None:
    if entry.name == booked.ARRIVED:
        queue.booking_joins(booking_id=entry.data["booking"], at=entry.at)
    elif entry.data.get("was") == "arrived":
        queue.booking_steps_back(booking_id=entry.data["booking"], at=entry.at)


@subscribe(
    "desk.queue",
    [
        *(queued.TAKEN, queued.CHANGED, queued.CALLED, queued.STARTED, queued.FINISHED, queued.REOPENED),
        queued.TAKEN_BACK,
        *(queued.LET_GO, queued.HELD, queued.MORE_TIME, queued.SENT_ON),
        *(queued.LEFT, queued.MISSED, queued.VOIDED, queued.RETURNED, queued.FOLLOWED_UP, queued.NEAR, queued.ASKED),
    ],
)
def _ticket(entry: "Entry") -> None:
    ticket_follow(entry)


def ticket_follow(entry: "Entry") -> None:
    """What follows from an entry about a ticket."""
    ticket_id, at, actor = entry.data["ticket"], entry.at, Actor(entry.actor_kind, entry.actor_id)
    match entry.name:
        case queued.TAKEN | queued.CHANGED:
            queue.ticket_welcome(ticket_id=ticket_id, actor=actor, at=at)
        case queued.LET_GO:
            queue_promises.wait_again(turn_id=entry.data["turn"], actor=actor)
        case queued.HELD | queued.MORE_TIME | queued.SENT_ON:
            queue_promises.wait_given_up(ticket_id=ticket_id, actor=actor, at=at)
        case queued.CALLED | queued.STARTED:
            queue_promises.wait_over(turn_id=entry.data["turn"], actor=actor, at=at)
            if entry.data.get("was") == "no_show":
                queue.ticket_again(ticket_id=ticket_id, actor=actor, at=at)
            queue.ticket_served(ticket_id=ticket_id, actor=actor, at=at)
        case queued.FINISHED:
            queue.ticket_over(ticket_id=ticket_id, actor=actor, at=at)
        case queued.LEFT | queued.MISSED | queued.VOIDED:
            queue_promises.wait_given_up(ticket_id=ticket_id, actor=actor, at=at)
            queue.ticket_ended(ticket_id=ticket_id, at=at)
        case queued.RETURNED:
            queue.ticket_again(ticket_id=ticket_id, actor=actor, at=at)
        case queued.REOPENED | queued.TAKEN_BACK:
            queue.ticket_again(ticket_id=ticket_id, actor=actor, at=at)
            queue.ticket_served(ticket_id=ticket_id, actor=actor, at=at)
        case queued.FOLLOWED_UP:
            queue.ticket_answered(ticket_id=ticket_id, all_done=bool(entry.data.get("all_done")), at=at)
        case queued.NEAR:
            holder_tell("ticket_near", ticket_id=ticket_id, entry_id=entry.pk, ahead=entry.data.get("ahead", 0))
        case queued.ASKED:
            holder_tell("ticket_asked", ticket_id=ticket_id, entry_id=entry.pk)


def booking_follow(entry: "Entry") -> None:
    """What follows from an entry about a booking."""
    booking_id, at, actor = entry.data["booking"], entry.at, Actor(entry.actor_kind, entry.actor_id)
    reason = entry.data.get("reason", "")
    match entry.name:
        case booked.RESTORED if entry.data.get("was") not in ("cancelled", "no_show"):
            pass  # a slip was taken back: the customer never knew
        case booked.CONFIRMED | booked.RESTORED:
            bookings.booking_welcome(booking_id=booking_id, actor=actor, at=at)
        case booked.MOVED:
            bookings.booking_moved(booking_id=booking_id, actor=actor, at=at, reason=reason)
        case booked.CANCELLED:
            by_house = entry.data.get("by") == "house"
            bookings.booking_cancelled(booking_id=booking_id, actor=actor, at=at, by_house=by_house, reason=reason)
        case booked.ARRIVED:
            bookings.booking_kept(booking_id=booking_id, at=at)
        case booked.DONE:
            bookings.booking_over(booking_id=booking_id, at=at)
        case booked.NO_SHOW:
            bookings.booking_missed(booking_id=booking_id, at=at)


def waiting_follow(entry: "Entry") -> None:
    """What follows from an entry about the waiting list."""
    entry_id, at = entry.data["entry"], entry.at
    if entry.name == booked.WAITING_JOINED:
        bookings.waiting_welcome(entry_id=entry_id, actor=Actor(entry.actor_kind, entry.actor_id), at=at)
    else:
        bookings.waiting_told(entry_id=entry_id, booking_id=entry.data.get("booking"), at=at)

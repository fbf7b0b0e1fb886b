"""The events that endpoints can be told of, and the ledger entries they come from. docs/webhooks.md lists them."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parvis.customers import events as customers
from parvis.desk import events as desk
from parvis.encounters import events as encounters
from parvis.promises import events as promises
from parvis.queueing import events as queued
from parvis.reservations import events as booked


class Subject(StrEnum):
    """What an event is about: which object its data shows."""

    BOOKING = "booking"
    WAITING = "waiting"
    TICKET = "ticket"
    ENCOUNTER = "encounter"
    PROMISE = "promise"
    CUSTOMER = "customer"
    NOTHING = "nothing"


SUBJECT_WORDS = {
    Subject.BOOKING: _("Bookings"),
    Subject.WAITING: _("Waiting list"),
    Subject.TICKET: _("Queue"),
    Subject.ENCOUNTER: _("Encounters"),
    Subject.PROMISE: _("Promises"),
    Subject.CUSTOMER: _("Customers"),
}


@dataclass(frozen=True)
class EventType:
    """One kind of event: its name outside, what it means, what it shows, and the ledger entry it comes from."""

    name: str
    text: Promise
    subject: Subject
    entry: str


PING = "ping"
_OF_ALL = [
    EventType("booking.held", _("A place is held for a while"), Subject.BOOKING, booked.HELD),
    EventType("booking.confirmed", _("A booking stands"), Subject.BOOKING, booked.CONFIRMED),
    EventType("booking.moved", _("A booking has another time or resource"), Subject.BOOKING, booked.MOVED),
    EventType("booking.cancelled", _("A booking was called off"), Subject.BOOKING, booked.CANCELLED),
    EventType("booking.expired", _("A hold ran out"), Subject.BOOKING, booked.EXPIRED),
    EventType("booking.arrived", _("The party is here"), Subject.BOOKING, booked.ARRIVED),
    EventType("booking.finished", _("The visit is over"), Subject.BOOKING, booked.DONE),
    EventType("booking.missed", _("The party did not come"), Subject.BOOKING, booked.NO_SHOW),
    EventType("booking.restored", _("A change was taken back"), Subject.BOOKING, booked.RESTORED),
    EventType("waiting.joined", _("A party waits for a place"), Subject.WAITING, booked.WAITING_JOINED),
    EventType("waiting.offered", _("A place is kept for a party that waited"), Subject.WAITING, booked.WAITING_OFFERED),
    EventType("waiting.lapsed", _("An offer ran out"), Subject.WAITING, booked.WAITING_LAPSED),
    EventType("waiting.left", _("A party waits no longer"), Subject.WAITING, booked.WAITING_LEFT),
    EventType("ticket.taken", _("Somebody joined a line"), Subject.TICKET, queued.TAKEN),
    EventType("ticket.called", _("A ticket was called"), Subject.TICKET, queued.CALLED),
    EventType("ticket.recalled", _("A ticket was called again"), Subject.TICKET, queued.RECALLED),
    EventType("ticket.served", _("Somebody was served"), Subject.TICKET, queued.FINISHED),
    EventType("ticket.missed", _("Somebody did not come when called"), Subject.TICKET, queued.MISSED),
    EventType("ticket.returned", _("Somebody came back to the line"), Subject.TICKET, queued.RETURNED),
    EventType("ticket.held", _("A ticket was set aside"), Subject.TICKET, queued.HELD),
    EventType("ticket.resumed", _("A ticket is in the line again"), Subject.TICKET, queued.RESUMED),
    EventType("ticket.more_time", _("Somebody asked for more time"), Subject.TICKET, queued.MORE_TIME),
    EventType("ticket.sent_on", _("A ticket was sent on to another line"), Subject.TICKET, queued.SENT_ON),
    EventType("ticket.left", _("Somebody left the line"), Subject.TICKET, queued.LEFT),
    EventType("ticket.voided", _("A ticket does not count"), Subject.TICKET, queued.VOIDED),
    EventType("encounter.opened", _("A customer got in touch"), Subject.ENCOUNTER, encounters.OPENED),
    EventType("encounter.assigned", _("An encounter is in other hands"), Subject.ENCOUNTER, encounters.ASSIGNED),
    EventType("encounter.closed", _("An encounter is done"), Subject.ENCOUNTER, encounters.CLOSED),
    EventType("encounter.reopened", _("An encounter was taken up again"), Subject.ENCOUNTER, encounters.REOPENED),
    EventType("message.received", _("A customer wrote or spoke"), Subject.ENCOUNTER, desk.RECEIVED),
    EventType("message.sent", _("The house answered"), Subject.ENCOUNTER, desk.SENT),
    EventType("promise.made", _("A promise was made"), Subject.PROMISE, promises.MADE),
    EventType("promise.at_risk", _("A promise is at risk"), Subject.PROMISE, promises.WARNED),
    EventType("promise.kept", _("A promise was kept"), Subject.PROMISE, promises.KEPT),
    EventType("promise.broken", _("A promise was broken"), Subject.PROMISE, promises.BROKEN),
    EventType("promise.kept_late", _("A broken promise was kept after all"), Subject.PROMISE, promises.SETTLED_LATE),
    EventType("promise.moved", _("A promise was replaced by another"), Subject.PROMISE, promises.RENEGOTIATED),
    EventType("promise.voided", _("A promise no longer applies"), Subject.PROMISE, promises.VOIDED),
    EventType("customer.created", _("A customer is new"), Subject.CUSTOMER, customers.CREATED),
    EventType("customer.merged", _("Two records were one person"), Subject.CUSTOMER, customers.MERGED),
    EventType("customer.erased", _("A customer was forgotten"), Subject.CUSTOMER, customers.ERASED),
]
CATALOGUE = {event.name: event for event in _OF_ALL}
BY_ENTRY = {event.entry: event for event in _OF_ALL}

"""What a message says: what happened, when, and the object it happened to as it is at sending.

The object has the shape that the API gives it, without what people wrote and without names and addresses: whoever
needs those asks the API with a token of its own, whose rights and traces are its own. Nothing that a message says is
stored for it, so that nothing of it outlives a customer who is forgotten.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ninja import Schema

from parvis.desk.api import EncounterOut
from parvis.desk.api import shown as encounter_shown
from parvis.encounters.selectors import encounter_visible
from parvis.kernel.errors import NotFound
from parvis.kernel.references import reference_of
from parvis.promises.api import PromiseOut
from parvis.promises.api import shown as promise_shown
from parvis.promises.selectors import promise_visible
from parvis.queueing.api import TicketOut
from parvis.queueing.api import shown as ticket_shown
from parvis.queueing.selectors import ticket_turn
from parvis.reservations.api import BookingOut
from parvis.reservations.api import shown as booking_shown
from parvis.reservations.selectors import booking_with_offering, waiting_entry
from parvis.reservations.waiting_api import WaitingOut
from parvis.reservations.waiting_api import shown as waiting_shown
from parvis.staff.domain.viewer import Viewer
from parvis.webhooks.catalogue import CATALOGUE, Subject

if TYPE_CHECKING:
    from parvis.ledger.models import Entry

Data = dict[str, Any]
# Named one by one: what the API learns to show does not leave the house by itself.
BOOKING = {
    *("reference", "offering", "state", "door", "party", "starts_at", "ends_at", "session", "held_until"),
    *("customer", "encounter", "price_minor", "deposit_minor", "fee_minor", "currency", "created_at"),
}
WAITING = {"reference", "offering", "customer", "party", "first_day", "last_day", "state", "booking", "created_at"}
# Neither the head start (special needs are nobody else's business) nor the status page's address, which is a key.
TICKET = {
    *("reference", "code", "site", "line", "state", "source", "party", "language", "need", "customer", "encounter"),
    *("booking", "taken_at", "joined_at", "counter", "calls", "called_at", "started_at", "ended_at", "ended_by"),
}
ENCOUNTER = {
    *("reference", "status", "stage", "channel", "initiative", "nature", "priority", "site", "need", "unanswered"),
    *("opened_at", "last_activity_at", "closed_at", "due_at", "due_kind"),
}
PROMISE = {
    *("reference", "encounter", "customer", "kind", "state", "urgency", "made_at", "due_at", "business_seconds"),
    *("amount_minor", "currency", "settled_at"),
}


def body_of(event: str, at: dt.datetime, entry: "Entry | None") -> bytes:
    """The body of a message: {"type", "timestamp", "data"} as UTF-8. `entry` is None for a test."""
    data = data_of(entry, CATALOGUE[event].subject) if entry is not None else {"message": "It works."}
    told = {"type": event, "timestamp": _instant(at), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def data_of(entry: "Entry", subject: Subject) -> Data:
    """The object of an entry; its reference alone where it is gone."""
    return _SHOWN[subject](entry)


def _booking(entry: "Entry") -> Data:
    row = booking_with_offering(entry.data["booking"])
    if row is None:
        return {"reference": reference_of("B", entry.data["booking"])}
    return _public(BookingOut, booking_shown(row), BOOKING)


def _waiting(entry: "Entry") -> Data:
    row = waiting_entry(entry.data["entry"])
    if row is None:
        return {"reference": reference_of("W", entry.data["entry"])}
    return _public(WaitingOut, waiting_shown(row), WAITING)


def _ticket(entry: "Entry") -> Data:
    try:
        row = ticket_turn(Viewer.house(), entry.data["ticket"])
    except NotFound:
        return {"reference": reference_of("T", entry.data["ticket"])}
    return _public(TicketOut, ticket_shown(row), TICKET)


def _encounter(entry: "Entry") -> Data:
    number = entry.encounter_id or 0
    try:
        row = encounter_visible(Viewer.house(), number)
    except NotFound:
        return {"reference": reference_of("E", number)}
    return _public(EncounterOut, encounter_shown(row), ENCOUNTER) | {
        "customer": row.customer.reference,
        "organisation": row.organisation.reference if row.organisation else None,
    }


def _promise(entry: "Entry") -> Data:
    try:
        row = promise_visible(Viewer.house(), entry.data["promise"])
    except NotFound:
        return {"reference": reference_of("P", entry.data["promise"])}
    return _public(PromiseOut, promise_shown(row), PROMISE)


def _customer(entry: "Entry") -> Data:
    told = {"reference": reference_of("C", entry.customer_id)} if entry.customer_id else {}
    if "absorbed" in entry.data:
        told["absorbed"] = reference_of("C", entry.data["absorbed"])
    return told


_SHOWN: Mapping[Subject, Callable[["Entry"], Data]] = {
    Subject.BOOKING: _booking,
    Subject.WAITING: _waiting,
    Subject.TICKET: _ticket,
    Subject.ENCOUNTER: _encounter,
    Subject.PROMISE: _promise,
    Subject.CUSTOMER: _customer,
}


def _public(schema: type[Schema], shown: Mapping[str, Any], fields: set[str]) -> Data:
    return schema(**shown).model_dump(mode="json", include=fields)


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

"""A customer asks to be forgotten, or to see what is known of them (GDPR, articles 17 and 15)."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.channels.forgetting import blobs_forget, mails_forget
from parvis.customers.finding import record_ids
from parvis.customers.merging import customer_forget, customers_lock
from parvis.customers.selectors import affiliations_of, contact_points_of, customer_visible
from parvis.desk.models import SEARCH, Attachment, Draft, FollowUp, Message
from parvis.encounters.selectors import encounters_visible
from parvis.encounters.services import encounters_forget
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotAllowed
from parvis.promises.selectors import promises_visible
from parvis.promises.services import promises_forget
from parvis.reservations.services.people import bookings_forget
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.services import actor_of

if TYPE_CHECKING:
    from parvis.customers.models import Customer


def _authorise(viewer: Viewer) -> None:
    if not viewer.may(Right.PERSONAL_DATA):
        raise NotAllowed(_("Only an administrator hands out or erases personal data."))


def customer_erase(*, viewer: Viewer, customer_id: int) -> None:
    """Remove name, addresses and everything said; what remains is how many encounters and promises there were.

    Raises NotAllowed for all but administrators, NotFound, and Conflict while something is open: the house finishes
    (or closes) what it owes before it forgets to whom.
    """
    _authorise(viewer)
    with transaction.atomic():
        [customer] = customers_lock(customer_visible(viewer, customer_id).pk)
        ids = list(encounters_visible(Viewer.house()).filter(customer_id=customer.pk).values_list("pk", flat=True))
        if encounters_visible(Viewer.house()).filter(pk__in=ids).exclude(status="closed").exists():
            raise Conflict(
                _("This customer has open encounters."), code="still_open", hint=_("Close them first, then erase.")
            )
        addresses = [p.key for p in contact_points_of(customer.pk)]
        _messages_forget(ids, addresses)
        encounters_forget(encounter_ids=ids)
        promises_forget(encounter_ids=ids)
        bookings_forget(customer_id=customer.pk)
        customer_forget(actor=actor_of(viewer), customer=customer, at=utcnow())


def _messages_forget(encounter_ids: list[int], addresses: list[str]) -> None:
    messages = Message.objects.filter(encounter_id__in=encounter_ids)
    files = Attachment.objects.filter(message__in=messages)
    blobs = set(files.values_list("blob_id", flat=True))
    files.delete()
    blobs -= set(Attachment.objects.filter(blob_id__in=blobs).values_list("blob_id", flat=True))
    mails_forget(
        mail_ids=messages.exclude(mail=None).values_list("mail_id", flat=True),
        out_mail_ids=messages.exclude(out_mail=None).values_list("out_mail_id", flat=True),
        addresses=addresses,
    )
    blobs_forget(blob_ids=blobs)
    SEARCH.drop(list(messages.values_list("pk", flat=True)))
    messages.update(
        subject="", text="", quoted="", html="", sender_name="", sender_address="", recipients={}, undo=None
    )
    Draft.objects.filter(encounter_id__in=encounter_ids).delete()
    FollowUp.objects.filter(encounter_id__in=encounter_ids).update(comment="")
    FollowUp.objects.filter(encounter_id__in=encounter_ids, asked_at=None).delete()


def customer_export(*, viewer: Viewer, customer_id: int) -> dict[str, Any]:
    """All that is known of a customer as JSON-ready values, instants in ISO 8601. Raises NotAllowed and NotFound."""
    _authorise(viewer)
    customer = customer_visible(viewer, customer_id)
    encounters = encounters_visible(viewer).filter(customer_id=customer.pk).select_related("site").order_by("id")
    return {**_record(customer), "encounters": [_encounter(viewer, e) for e in encounters]}


def _record(customer: "Customer") -> dict[str, Any]:
    return {
        "reference": customer.reference,
        "name": customer.name,
        "language": customer.language,
        "what_matters": customer.matters,
        "first_seen_at": _iso(customer.first_seen_at),
        "last_seen_at": _iso(customer.last_seen_at),
        "merged_records": len(record_ids(customer)) - 1,
        "contact_points": [
            {"kind": p.kind, "value": p.value, "bounced_at": _iso(p.bounced_at)} for p in contact_points_of(customer.pk)
        ],
        "organisations": [{"name": a.organisation.name, "role": a.role} for a in affiliations_of(customer.pk)],
    }


def _encounter(viewer: Viewer, encounter: Any) -> dict[str, Any]:
    promises = promises_visible(viewer).filter(encounter_id=encounter.pk).order_by("id")
    # Notes belong to the record as well: whoever asks is entitled to what was written about them.
    messages = Message.objects.filter(encounter_id=encounter.pk).prefetch_related("attachments").order_by("id")
    return {
        "reference": encounter.reference,
        "site": encounter.site.name,
        "subject": encounter.subject,
        "opened_at": _iso(encounter.opened_at),
        "closed_at": _iso(encounter.closed_at),
        "promises": [
            {"kind": p.kind, "made_at": _iso(p.made_at), "due_at": _iso(p.due_at), "state": p.state, "note": p.note}
            for p in promises
        ],
        "messages": [
            {
                "at": _iso(m.at),
                "direction": m.direction,
                "channel": m.channel,
                "subject": m.subject,
                "text": m.text,
                "attachments": [a.name for a in m.attachments.all()],
            }
            for m in messages
        ],
    }


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None

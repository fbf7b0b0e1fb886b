"""What the composer shows: by what means a reply can go, the drafts, and how a reply will read."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet

from parvis.customers.selectors import email_of
from parvis.desk.models import Draft
from parvis.desk.selectors import reply_address
from parvis.desk.services.letters import house_text, language_of
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.selectors import signed_as
from parvis.toolkit.prepared import prepared

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter


def composer_of(viewer: Viewer, encounter: "Encounter", *, seen: int) -> dict[str, Any]:
    """The composer of an encounter. `seen`: the last message on screen, for the send guard. Two or three queries."""
    texts = dict(_drafts(encounter=encounter.pk, member=viewer.person))
    address = address_of(encounter)
    last_resort = "counter" if encounter.channel == "counter" else "phone"
    return {
        "id": encounter.pk,
        "reference": encounter.reference,
        "name": str(encounter.customer),
        "reply": texts.get("reply", ""),
        "note": texts.get("note", ""),
        # What was begun last is what one goes on with; a reply, if in doubt.
        "kind": "note" if "note" in texts and "reply" not in texts else "reply",
        "address": address,
        "channel": "email" if address and encounter.channel not in ("phone", "counter") else last_resort,
        "seen": seen,
        "upload_max": settings.PARVIS_UPLOAD_MAX_BYTES,
        "upload_count": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "may_configure": viewer.may(Right.CONFIGURE),
    }


@prepared
def _drafts(encounter: int, member: int) -> QuerySet:
    return Draft.objects.filter(encounter_id=encounter, member_id=member).values_list("kind", "text")


def address_of(encounter: "Encounter") -> str:
    """Where a reply by mail would go; "" if the customer has no address."""
    return reply_address(encounter.pk) or email_of(encounter.customer_id)


def reply_preview(viewer: Viewer, encounter: "Encounter", text: str) -> dict[str, str]:
    """The mail as the customer will read it: `to`, `subject`, `body`."""
    customer = encounter.customer
    subject, body = house_text(
        "reply", encounter, customer, language_of(customer), text=text.strip(), member=signed_as(viewer)
    )
    return {"to": address_of(encounter), "subject": subject, "body": body}


def macro_values(viewer: Viewer, encounter: "Encounter") -> dict[str, object]:
    """What a macro's placeholders stand for in an encounter."""
    return {
        "name": encounter.customer.name,
        "subject": encounter.subject,
        "reference": encounter.reference,
        "site": encounter.site.name,
        "member": viewer.name,
    }

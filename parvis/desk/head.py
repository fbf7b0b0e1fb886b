"""The header of a conversation: its subject, whose it is, how it stands, what can be done with it."""

from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from parvis.encounters.domain.stages import stepper
from parvis.encounters.services import progress_of
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.drawn import drawn

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter


def head_of(found: "Encounter", promises: list[dict[str, Any]], *, view: str, view_query: str) -> SafeString:
    """The header, drawn; `promises` as `promise_cards` gives them, `view` the saved view that one came from."""
    encounter = {
        "pk": found.pk,
        "reference": found.reference,
        "subject": found.subject,
        "customer": _bookable_customer(found),
        "owner": {"pk": found.owner.pk, "name": found.owner.name} if found.owner else None,
        "status": found.status,
        "get_status_display": found.get_status_display(),
        "nature": found.nature,
        "get_nature_display": found.get_nature_display(),
        "priority": found.priority,
        "initiative": found.initiative,
        "need": in_language(found.need.name) if found.need else "",
    }
    stages = stepper(progress_of(found))
    chip = head_chip(found, promises)
    context = {"encounter": encounter, "stages": stages, "chip": chip, "view": view, "view_query": view_query}
    return drawn("desk/head.html", context)


def _bookable_customer(found: "Encounter") -> str:
    """The reference of who would come; empty for a record that is no more."""
    customer = found.customer
    return customer.reference if customer.merged_into_id is None and customer.erased_at is None else ""


def head_chip(found: "Encounter", promises: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The nearest promise of an encounter as a chip; None when nothing is open."""
    nearest = next((p for p in promises if p["open"] and p["due"] == found.due_at), None)
    if nearest is None:
        return None
    return {"state": nearest["state"], "due": nearest["due"], "about": nearest["what"]}

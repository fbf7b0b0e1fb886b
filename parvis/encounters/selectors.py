"""Reads of encounters, each starting from what the viewer may see."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.encounters.domain.stages import Status
from parvis.encounters.models import Encounter, Link
from parvis.kernel.errors import NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared

# What a row of a list shows, so that a list is one query.
ROW = ("customer", "organisation", "owner", "need")


def encounters_visible(viewer: Viewer) -> QuerySet[Encounter]:
    """All encounters of the viewer's sites."""
    found = Encounter.objects.all()
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def encounter_visible(viewer: Viewer, encounter_id: int) -> Encounter:
    """One encounter. Raises NotFound alike for one that does not exist and for one the viewer may not see."""
    found = _one(viewer, pk=encounter_id)
    if not found:
        raise NotFound(_("There is no such encounter, or it is not yours to see."), code="no_encounter")
    return found[0]


@prepared
def _one(viewer: Viewer, pk: int) -> QuerySet[Encounter]:
    return encounters_visible(viewer).filter(pk=pk).select_related(*ROW, "site", "team")


def encounter_by_reference(viewer: Viewer, reference: str) -> Encounter:
    """One encounter by its reference. Raises NotFound."""
    return encounter_visible(viewer, Encounter.pk_of(reference))


VIEWS = {
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "at_risk": _("Promises at risk"),
    "waiting": _("Waiting"),
    "all": _("All"),
}


def encounters_in_view(viewer: Viewer, view: str) -> tuple[QuerySet[Encounter], list[str]]:
    """The encounters of a saved view and the order of its list. An unknown view is "all".

    "at_risk" lists every encounter with an open promise, the most urgent first.
    """
    found = encounters_visible(viewer).select_related(*ROW)
    active = [Status.OPEN.value, Status.WAITING.value]
    match view:
        case "mine":
            found = found.filter(owner_id=viewer.member_id, status__in=active)
        case "unassigned":
            found = found.filter(owner=None, status=Status.OPEN.value)
        case "at_risk":
            found = found.filter(due_at__isnull=False)
        case "waiting":
            found = found.filter(status=Status.WAITING.value)
    return found, view_order(view)


def view_order(view: str) -> list[str]:
    """The order of a saved view's list."""
    return ["due_at", "id"] if view == "at_risk" else ["-last_activity_at", "-id"]


def encounters_of_customer(viewer: Viewer, customer_id: int) -> QuerySet[Encounter]:
    """A customer's encounters that the viewer may see, newest first."""
    found = encounters_visible(viewer).filter(customer_id=customer_id).select_related("need", "owner")
    return found.order_by("-last_activity_at", "-id")


def encounters_of_organisation(viewer: Viewer, organisation_id: int) -> QuerySet[Encounter]:
    """An organisation's encounters that the viewer may see, whoever called, newest first.

    With those of its contacts that no organisation was noted on: they called before the account was opened.
    """
    theirs = Q(organisation_id=organisation_id)
    earlier = Q(organisation=None, customer__affiliations__organisation_id=organisation_id)
    found = encounters_visible(viewer).filter(theirs | earlier).distinct().select_related("customer", "owner")
    return found.order_by("-last_activity_at", "-id")


def links_of(viewer: Viewer, encounter_id: int) -> list[tuple[Link, Encounter]]:
    """The encounters tied to this one, that the viewer may see, with their link."""
    links = _links(pk=encounter_id)
    pairs = [(link, link.target if link.source_id == encounter_id else link.source) for link in links]
    return [(link, other) for link, other in pairs if viewer.sees_site(other.site_id)]


@prepared
def _links(pk: int) -> QuerySet[Link]:
    return Link.objects.filter(Q(source_id=pk) | Q(target_id=pk)).select_related("source", "target")

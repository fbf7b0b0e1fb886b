"""What the pages of customers and organisations show of their encounters and promises; merging and erasing."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.customers.finding import affiliations_visible, customer_by_reference, organisation_by_reference
from parvis.customers.selectors import contact_points_of, recognition_of
from parvis.desk.services import erase, merge
from parvis.encounters.selectors import encounters_of_customer, encounters_of_organisation
from parvis.kernel.errors import Conflict, NotAllowed
from parvis.promises.selectors import promises_at_risk, promises_visible
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.pagination import keyset_page

PAGE_SIZE = 15
OPEN_SHOWN = 30


@require_safe
def customer_encounters(request: HttpRequest, reference: str) -> HttpResponse:
    """A customer's encounters, the open ones marked, a page at a time."""
    viewer = require_viewer(request)
    customer = customer_by_reference(viewer, reference)
    found = encounters_of_customer(viewer, customer.pk).select_related("organisation", "need", "owner")
    return _encounters(request, found, reverse("customer_encounters", args=[customer.reference]))


@require_safe
def organisation_encounters(request: HttpRequest, reference: str) -> HttpResponse:
    """All encounters of an organisation, whoever of it called."""
    viewer = require_viewer(request)
    organisation = organisation_by_reference(viewer, reference)
    found = encounters_of_organisation(viewer, organisation.pk).select_related("customer", "need", "owner")
    return _encounters(request, found, reverse("organisation_encounters", args=[organisation.reference]), names=True)


def _encounters(request: HttpRequest, found: QuerySet, here: str, *, names: bool = False) -> HttpResponse:
    """The open ones first, all of them that one can take in; then what is closed, a page at a time."""
    after = request.GET.get("after")
    current = [] if after else list(found.exclude(status="closed")[:OPEN_SHOWN])
    closed = found.filter(status="closed")
    page = keyset_page(closed, ["-last_activity_at", "-id"], cursor=after, size=PAGE_SIZE)
    more = f"{here}?after={page.next_cursor}" if page.next_cursor else ""
    context = {"encounters": [*current, *page.rows], "more": more, "names": names}
    return render(request, "desk/customer_encounters.html#rows" if after else "desk/customer_encounters.html", context)


@require_safe
def customer_promises(request: HttpRequest, reference: str) -> HttpResponse:
    """How the house kept its word to this customer. Time basis: ever, by the viewer's sites."""
    viewer = require_viewer(request)
    customer = customer_by_reference(viewer, reference)
    counted = promises_visible(viewer).filter(customer_id=customer.pk).order_by().values_list("state")
    context = {
        "counts": dict(counted.annotate(n=Count("pk"))),
        "risky": promises_at_risk(viewer).filter(customer_id=customer.pk)[:5],
    }
    return render(request, "desk/customer_promises.html", context)


@require_http_methods(["GET", "POST"])
def customer_merge(request: HttpRequest, reference: str, other: str) -> HttpResponse:
    """Compare two records; POST `keep` (the reference of the one that stays) makes them one."""
    viewer = require_viewer(request)
    one, two = customer_by_reference(viewer, reference), customer_by_reference(viewer, other)
    if one.pk == two.pk:
        return redirect("customer", one.reference)
    if request.method == "POST":
        kept, absorbed = (two, one) if request.POST.get("keep") == two.reference else (one, two)
        merge.customer_merge(viewer=viewer, keep_id=kept.pk, absorb_id=absorbed.pk)
        messages.success(request, _("The two records are one. You can take them apart again here at any time."))
        return redirect("customer", kept.reference)
    # Who came more often is the better record to keep.
    sides = sorted([one, two], key=lambda c: (-c.encounter_count, c.first_seen_at))
    return render(request, "desk/customer_merge.html", {"sides": [_side(viewer, c) for c in sides]})


def _side(viewer: Viewer, customer: Any) -> dict[str, Any]:
    return {
        "customer": customer,
        "recognition": recognition_of(customer),
        "points": contact_points_of(customer.pk),
        "affiliations": affiliations_visible(viewer, customer.pk),
        "encounters": encounters_of_customer(viewer, customer.pk)[:4],
    }


@require_POST
def merge_undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Take two records apart again."""
    undone = merge.customer_unmerge(viewer=require_viewer(request), merge_id=merge_id)
    messages.success(request, _("The records are two again, each with what is theirs."))
    return redirect("customer", undone.kept.reference)


@require_safe
def customer_export(request: HttpRequest, reference: str) -> HttpResponse:
    """All that is known of a customer, as a file."""
    viewer = require_viewer(request)
    _personal(viewer)
    customer = customer_by_reference(viewer, reference)
    data = erase.customer_export(viewer=viewer, customer_id=customer.pk)
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{customer.reference}.json"'
    return response


@require_http_methods(["GET", "POST"])
def customer_erase(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask once more, then erase; what cannot be erased yet says why."""
    viewer = require_viewer(request)
    _personal(viewer)
    customer = customer_by_reference(viewer, reference)
    refusal = None
    if request.method == "POST" and request.POST.get("sure") == customer.reference:
        try:
            erase.customer_erase(viewer=viewer, customer_id=customer.pk)
        except Conflict as error:
            refusal = error
        else:
            messages.success(request, _("Erased. The figures of the house stay, without a name."))
            address = reverse("customers")
            if "HX-Request" in request.headers:
                return HttpResponse(status=204, headers={"HX-Redirect": address})
            return redirect(address)
    context = {"customer": customer, "refusal": refusal, "recognition": recognition_of(customer)}
    template = "desk/customer_erase.html#dialog" if "HX-Request" in request.headers else "desk/customer_erase.html"
    return render(request, template, context, status=422 if refusal else 200)


def _personal(viewer: Viewer) -> None:
    if not viewer.may(Right.PERSONAL_DATA):
        raise NotAllowed(_("Only an administrator hands out or erases personal data."))

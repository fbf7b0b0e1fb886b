"""Pages of customers. Their encounters, promises and merges are panels of higher contexts, composed by address."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.selectors import business
from parvis.customers import finding, services
from parvis.customers.forms import AffiliationForm, CustomerForm, PointForm
from parvis.customers.models import Customer
from parvis.customers.selectors import contact_points_of, customers_search, organisations_visible, recognition_of
from parvis.kernel.errors import Invalid
from parvis.kernel.text import storable
from parvis.ledger.selectors import timeline
from parvis.ledger.words import tell
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.pagination import keyset_page

PAGE_SIZE = 40
TIMELINE_SIZE = 15
LONGEST_QUERY = 200


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return "HX-Request" in request.headers


@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """The list: who was here last, or whoever the words typed find."""
    viewer, query = require_viewer(request), request.GET.get("q", "").strip()[:LONGEST_QUERY]
    after = request.GET.get("after", "")
    rows, cursor = _found(viewer, query, after) if query else _recent(viewer, after)
    context = {"customers": rows, "cursor": cursor, "query": query, "tab": "customers"}
    part = "#rows" if after else "#results"
    return render(request, f"customers/list.html{part}" if is_fragment(request) else "customers/list.html", context)


def _found(viewer: Viewer, query: str, after: str) -> tuple[list[Customer], str]:
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    rows, cursor = customers_search(viewer, query, limit=PAGE_SIZE, before=before)
    return rows, str(cursor or "")


def _recent(viewer: Viewer, after: str) -> tuple[list[Customer], str]:
    page = keyset_page(finding.customers_listed(viewer), ["-last_seen_at", "-id"], cursor=after, size=PAGE_SIZE)
    return page.rows, page.next_cursor or ""


@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs of records that may be one person."""
    context = {"pairs": finding.duplicates(require_viewer(request)), "tab": "duplicates"}
    return render(request, "customers/duplicates.html", context)


@require_safe
def customer(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about one person; the address of a merged record leads to the one it went into."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    if found.reference != reference:
        return redirect("customer", found.reference)
    context = {
        "customer": found,
        "recognition": recognition_of(found),
        "twins": finding.duplicates_of(viewer, found),
        "merges": finding.merges_into(found),
        "may_erase": viewer.may(Right.PERSONAL_DATA),
        **_points(found),
        **_affiliations(viewer, found),
    }
    return render(request, "customers/customer.html", context)


def _points(found: Customer, form: PointForm | None = None) -> dict[str, Any]:
    return {"customer": found, "points": contact_points_of(found.pk), "point_form": form or PointForm()}


def _affiliations(viewer: Viewer, found: Customer, form: AffiliationForm | None = None) -> dict[str, Any]:
    return {
        "customer": found,
        "affiliations": finding.affiliations_visible(viewer, found.pk),
        "affiliation_form": form,  # fetched when it is opened, unless it was refused: there may be many to choose from
        "organisations_exist": finding.organisations_exist(viewer),
    }


@require_safe
def customer_timeline(request: HttpRequest, reference: str) -> HttpResponse:
    """The ledger's story of a customer, newest first, a page at a time."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    entries = timeline(customer_ids=finding.record_ids(found), site_ids=viewer.site_ids)
    page = keyset_page(entries, ["-id"], cursor=request.GET.get("after"), size=TIMELINE_SIZE)
    context = {"customer": found, "told": tell(page.rows), "cursor": page.next_cursor}
    return render(request, "customers/timeline.html", context)


def customer_edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct the name, set the language."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    form = CustomerForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.customer_change(viewer=viewer, customer_id=found.pk, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _done(request, "customer", found.reference)
    template = "customers/edit.html#dialog" if is_fragment(request) else "customers/edit.html"
    return render(request, template, {"customer": found, "form": form}, status=422 if form.errors else 200)


def _done(request: HttpRequest, name: str, reference: str) -> HttpResponse:
    """After a form: a dialog's page is loaded again by htmx, a plain form redirects."""
    if not is_fragment(request):
        return redirect(name, reference)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = redirect(name, reference).url
    return response


def customer_matters(request: HttpRequest, reference: str) -> HttpResponse:
    """What matters to this person, edited where it stands: `?edit=1` for the field."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    if request.method == "POST":
        found = services.customer_change(
            viewer=viewer, customer_id=found.pk, matters=storable(request.POST.get("matters", ""))
        )
        if not is_fragment(request):
            return redirect("customer", found.reference)
    context = {"customer": found, "editing": request.method != "POST" and "edit" in request.GET}
    return render(request, "customers/matters.html", context)


@require_POST
def point_add(request: HttpRequest, reference: str) -> HttpResponse:
    """Add an address or a number."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    form, house = PointForm(request.POST), business()
    if form.is_valid():
        try:
            services.contact_point_add(
                viewer=viewer,
                customer_id=found.pk,
                kind=form.kind,
                value=form.cleaned_data["value"],
                country=house.country if house else "FR",
            )
            form = PointForm()
        except Invalid as error:
            form.add_error("value", str(error))
    return _panel(request, "customers/points.html", _points(found, form), found)


@require_POST
def point_remove(request: HttpRequest, reference: str, point_id: int) -> HttpResponse:
    """Remove an address or a number."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    if point_id in {p.pk for p in contact_points_of(found.pk)}:
        services.contact_point_remove(viewer=viewer, contact_point_id=point_id)
    return _panel(request, "customers/points.html", _points(found), found)


@require_http_methods(["GET", "POST"])
def affiliation_add(request: HttpRequest, reference: str) -> HttpResponse:
    """The form to choose an organisation; POST notes that a customer speaks for it."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    if request.method == "GET":
        known = [a.organisation_id for a in finding.affiliations_visible(viewer, found.pk)]
        others = organisations_visible(viewer).exclude(pk__in=known).order_by("name", "id")
        context = {"customer": found, "form": AffiliationForm(organisations=others)}
        return render(request, "customers/affiliation_form.html", context)
    form: AffiliationForm | None = AffiliationForm(request.POST, organisations=organisations_visible(viewer))
    if form and form.is_valid():
        organisation = form.cleaned_data["organisation"]
        services.affiliation_make(
            viewer=viewer, customer_id=found.pk, organisation_id=organisation.pk, role=form.cleaned_data["role"]
        )
        form = None
    return _panel(request, "customers/affiliations.html", _affiliations(viewer, found, form), found)


@require_POST
def affiliation_remove(request: HttpRequest, reference: str, organisation: str) -> HttpResponse:
    """Note that a customer no longer speaks for an organisation."""
    viewer = require_viewer(request)
    found = finding.customer_by_reference(viewer, reference)
    institution = finding.organisation_by_reference(viewer, organisation)
    services.affiliation_end(viewer=viewer, customer_id=found.pk, organisation_id=institution.pk)
    return _panel(request, "customers/affiliations.html", _affiliations(viewer, found), found)


def _panel(request: HttpRequest, template: str, context: dict[str, Any], found: Customer) -> HttpResponse:
    """A panel drawn again for htmx; without script, the whole page."""
    refused = any(getattr(context.get(name), "errors", None) for name in ("point_form", "affiliation_form"))
    if is_fragment(request):
        return render(request, template, context, status=422 if refused else 200)
    if refused:
        messages.error(request, _("That could not be saved: look at what was typed."))
    return redirect("customer", found.reference)

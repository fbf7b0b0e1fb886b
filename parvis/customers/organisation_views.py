"""Pages of organisations: one central account, whoever of them calls (F3)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parvis.customers import finding, services
from parvis.customers.forms import OrganisationForm
from parvis.customers.selectors import contacts_of
from parvis.customers.views import LONGEST_QUERY, PAGE_SIZE, _done, is_fragment
from parvis.kernel.errors import Invalid
from parvis.kernel.text import storable
from parvis.staff.middleware import require_viewer
from parvis.toolkit.pagination import keyset_page


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The list by name, narrowed by the words typed."""
    viewer, query = require_viewer(request), storable(request.GET.get("q", "")).strip()[:LONGEST_QUERY]
    found = finding.organisations_listed(viewer, query)
    page = keyset_page(found, ["name", "id"], cursor=request.GET.get("after"), size=PAGE_SIZE)
    context = {"organisations": page.rows, "cursor": page.next_cursor, "query": query, "tab": "organisations"}
    part = "#rows" if request.GET.get("after") else "#results"
    template = "customers/organisations.html"
    return render(request, f"{template}{part}" if is_fragment(request) else template, context)


@require_safe
def organisation(request: HttpRequest, reference: str) -> HttpResponse:
    """One account: its people and roles, who is in charge here, what matters to them."""
    viewer = require_viewer(request)
    found = finding.organisation_by_reference(viewer, reference)
    return render(
        request, "customers/organisation.html", {"organisation": found, "contacts": contacts_of(viewer, found.pk)}
    )


def organisation_new(request: HttpRequest) -> HttpResponse:
    """Open an account."""
    viewer = require_viewer(request)
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.organisation_create(
                viewer=viewer,
                name=given["name"],
                domain=given["domain"],
                notes=given["notes"],
                account_owner_id=given["account_owner_id"],
            )
            messages.success(request, _("The account is open."))
            return _done(request, "organisation", made.reference)
        except Invalid as error:
            form.add_error("name", str(error))
    return _form(request, form, None)


def organisation_edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change an account."""
    viewer = require_viewer(request)
    found = finding.organisation_by_reference(viewer, reference)
    form = OrganisationForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.organisation_change(viewer=viewer, organisation_id=found.pk, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _done(request, "organisation", found.reference)
    return _form(request, form, found)


def _form(request: HttpRequest, form: OrganisationForm, found: object) -> HttpResponse:
    template = "customers/organisation_edit.html"
    context = {"form": form, "organisation": found}
    return render(
        request, f"{template}#dialog" if is_fragment(request) else template, context, status=422 if form.errors else 200
    )

"""Settings of partners: who sells for the house, what, and by which addresses."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.views.common import back_to, managers, saved
from parvis.customers.selectors import organisations_visible
from parvis.reservations.models import Offering, Partner
from parvis.reservations.partners import addresses_of, partner_visible, partners_visible
from parvis.reservations.services.partners import partner_renew, partner_save
from parvis.reservations.setting_forms import PartnerForm
from parvis.reservations.views.settings import SECTION, site_options
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language

MOST_ORGANISATIONS = 500


@require_safe
@managers
def partners(request: HttpRequest) -> HttpResponse:
    """All partners, those in use first."""
    found = partners_visible(require_viewer(request)).prefetch_related("offerings")
    rows = [
        {"row": p, "may": ", ".join(in_language(o.name) for o in p.offerings.all())}
        for p in found.order_by("-is_active", "name", "pk")
    ]
    return render(request, "reservations/partners.html", {"section": SECTION, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def partner_new(request: HttpRequest) -> HttpResponse:
    """A further partner; its addresses stand on the page that follows."""
    viewer = require_viewer(request)
    form = PartnerForm(request.POST or None, **_options(viewer))
    made = saved(form, lambda: partner_save(viewer=viewer, **form.cleaned_data))
    if made:
        text = _("%(name)s has been added. Below are its addresses.") % {"name": made.name}
        return back_to(request, reverse("settings_partner", args=[made.pk]), text)
    context = {"section": SECTION, "form": form}
    return render(request, "reservations/partner.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner: its addresses, and what it may book."""
    viewer = require_viewer(request)
    found, options = partner_visible(viewer, pk), _options(viewer)
    form = PartnerForm(request.POST, **options) if request.method == "POST" else _filled(found, options)
    if saved(form, lambda: partner_save(viewer=viewer, partner_id=pk, **form.cleaned_data)):
        return back_to(request, reverse("settings_partner", args=[pk]))
    offerings = list(found.offerings.select_related("site"))
    context = {
        "section": SECTION,
        "partner": found,
        "form": form,
        "addresses": addresses_of(found, offerings) if found.is_active else None,
    }
    return render(request, "reservations/partner.html", context, status=422 if form.is_bound else 200)


@require_POST
@managers
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """New addresses; the old ones are dead at once."""
    partner_renew(viewer=require_viewer(request), partner_id=pk)
    messages.success(request, _("These are the new addresses. The old ones no longer work."))
    return redirect("settings_partner", pk=pk)


def _options(viewer: Viewer) -> dict[str, Any]:
    sites = dict(site_options(viewer))
    rows = Offering.objects.filter(site_id__in=sites, is_active=True).order_by("site_id", "position", "pk")
    named = organisations_visible(viewer).order_by("name", "pk").values_list("pk", "name")
    return {
        "offerings": [
            (o.pk, f"{in_language(o.name)} · {sites[o.site_id]}" if len(sites) > 1 else in_language(o.name))
            for o in rows
        ],
        "organisations": list(named[:MOST_ORGANISATIONS]),
    }


def _filled(found: Partner, options: dict[str, Any]) -> PartnerForm:
    chosen = list(found.offerings.values_list("pk", flat=True))
    now = {"name": found.name, "organisation_id": found.organisation_id, "is_active": found.is_active}
    return PartnerForm(initial={**now, "offering_ids": chosen}, **options)

"""Settings of what can be booked: the overview, and resources with their hours and absences."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parvis.catalog.selectors import site_get
from parvis.catalog.views.common import back_to, managers, saved
from parvis.catalog.views.sites import week_of
from parvis.kernel.business_hours import WEEKDAYS
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotFound
from parvis.reservations.calendar_cards import calendar_card
from parvis.reservations.models import Absence, Offering, Resource
from parvis.reservations.services.setting_up import resource_save
from parvis.reservations.setting_forms import ResourceForm
from parvis.reservations.views.common import sites_seen
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language

SECTION = "bookings"


def site_options(viewer: Viewer) -> list[tuple[int, str]]:
    """The sites at which something can be set up."""
    return [(s.pk, s.name) for s in sites_seen(viewer)]


@require_safe
@managers
def overview(request: HttpRequest) -> HttpResponse:
    """All offerings and resources of the viewer's sites, those in use first."""
    viewer = require_viewer(request)
    names = dict(site_options(viewer))
    resources = Resource.objects.filter(site_id__in=names).exclude(kind="session")
    offerings = Offering.objects.filter(site_id__in=names).prefetch_related("requirements__resources")
    context = {
        "section": SECTION,
        "several_sites": len(names) > 1,
        "resources": [
            {"row": r, "site": names[r.site_id]} for r in resources.order_by("-is_active", "site_id", "position", "id")
        ],
        "offerings": [
            {"row": o, "site": names[o.site_id], "name": in_language(o.name), "needs": _needs(o)}
            for o in offerings.order_by("-is_active", "site_id", "position", "id")
        ],
    }
    return render(request, "reservations/settings.html", context)


def _needs(offering: Offering) -> list[str]:
    """What it needs, a line each: "one of Malik, Jeanne", "2 of …"."""
    found = []
    for need in offering.requirements.all():
        names = [r.name for r in need.resources.all()]
        several = len(names) > need.count
        text = _("%(n)s of %(names)s") if several else "%(names)s"
        found.append(text % {"n": need.count, "names": ", ".join(names)})
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def resource_new(request: HttpRequest) -> HttpResponse:
    """A further person, room, table, machine or pool."""
    viewer = require_viewer(request)
    options = {"sites": site_options(viewer)}
    form = ResourceForm(request.POST, **options) if request.method == "POST" else ResourceForm(**options)
    made = saved(form, lambda: resource_save(viewer=viewer, **_changes(request, form)))
    if made:
        return back_to(request, reverse("settings_bookings"), _("%(name)s has been added.") % {"name": made.name})
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def resource(request: HttpRequest, pk: int) -> HttpResponse:
    """One resource, all of it."""
    viewer = require_viewer(request)
    found = resource_editable(viewer, pk)
    options = {"sites": site_options(viewer)}
    form = ResourceForm(request.POST, **options) if request.method == "POST" else ResourceForm.of(found, **options)
    if saved(form, lambda: resource_save(viewer=viewer, resource_id=pk, **_changes(request, form))):
        return back_to(request, reverse("settings_bookings"))
    return _page(request, found, form)


def resource_editable(viewer: Viewer, pk: int) -> Resource:
    """A resource to be changed. Raises NotFound alike for none and for one out of sight."""
    found = Resource.objects.exclude(kind="session").filter(pk=pk).first()
    if found is None or not viewer.sees_site(found.site_id):
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found


def _changes(request: HttpRequest, form: ResourceForm) -> dict[str, Any]:
    """The form with the hours: those of the site, or a week of its own. Raises Invalid for a week without hours."""
    hours = week_of(request.POST) if request.POST.get("own_hours") == "own" else None
    if hours == {}:
        raise Invalid(_("Say when it can be booked, or choose the hours of the site."))
    return {**form.cleaned_data, "hours": hours}


def _page(request: HttpRequest, found: Resource | None, form: ResourceForm) -> HttpResponse:
    posted = week_of(request.POST) if request.method == "POST" else None
    week = posted if posted is not None else (found.hours if found and found.hours else _site_week(request, found))
    own = request.POST.get("own_hours") == "own" if request.method == "POST" else bool(found and found.hours)
    context = {
        "section": SECTION,
        "resource": found,
        "form": form,
        "own_hours": own,
        "days": [
            {"code": day, "name": WEEKDAY_NAMES[n], "spans": week.get(day) or [], "error": ""}
            for n, day in enumerate(WEEKDAYS)
        ],
        "absences": _absences(found) if found else [],
        "card": calendar_card(require_viewer(request), found, now=utcnow()) if found else None,
    }
    return render(request, "reservations/resource.html", context, status=422 if form.is_bound else 200)


def _absences(found: Resource) -> QuerySet[Absence]:
    """Those still to come that were noted here; the times of other calendars stand with these."""
    return Absence.objects.filter(resource=found, ends_at__gt=utcnow(), source="").order_by("starts_at")


def _site_week(request: HttpRequest, found: Resource | None) -> dict[str, Any]:
    """The hours of the site, to begin from."""
    options = site_options(require_viewer(request))
    site = site_get(found.site_id if found else options[0][0]) if found or options else None
    return site.hours if site else {}

"""Settings of offerings: what customers book, what it needs, and the dates of courses."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parvis.catalog.selectors import site_get
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import NotFound, ParvisError
from parvis.reservations.models import Offering, Requirement, Resource, Session
from parvis.reservations.services.setting_up import Need, offering_save, session_change, session_plan
from parvis.reservations.setting_forms import OfferingForm, SessionForm
from parvis.reservations.views.settings import SECTION, site_options
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.db import unit
from parvis.toolkit.forms import put_errors
from parvis.toolkit.numbers import whole_number

MOST_NEEDS = 12
DATES_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def offering_new(request: HttpRequest) -> HttpResponse:
    """Something further that customers may book."""
    viewer = require_viewer(request)
    options = {"sites": site_options(viewer)}
    form = OfferingForm(request.POST, **options) if request.method == "POST" else OfferingForm(**options)
    made = saved(form, lambda: offering_save(viewer=viewer, needs=needs_given(request), **form.changes()))
    if made:
        url = reverse("settings_offering", args=[made.pk]) if made.unit == "session" else reverse("settings_bookings")
        return back_to(request, url, _("%(name)s can be booked now.") % {"name": in_language(made.name)})
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def offering(request: HttpRequest, pk: int) -> HttpResponse:
    """One offering, all of it."""
    viewer = require_viewer(request)
    found = offering_editable(viewer, pk)
    options = {"sites": site_options(viewer)}
    form = OfferingForm(request.POST, **options) if request.method == "POST" else OfferingForm.of(found, **options)

    def save() -> Offering:
        return offering_save(viewer=viewer, offering_id=pk, needs=needs_given(request), **form.changes())

    if saved(form, save):
        return back_to(request, reverse("settings_bookings"))
    return _page(request, found, form)


def offering_editable(viewer: Viewer, pk: int) -> Offering:
    """An offering to be changed. Raises NotFound alike for none and for one out of sight."""
    found = Offering.objects.filter(pk=pk).first()
    if found is None or not viewer.sees_site(found.site_id):
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found


def needs_given(request: HttpRequest) -> list[Need]:
    """What is needed, out of the fields `need0_resources`, `need0_count`…; those without resources left out."""
    found = []
    for n in range(MOST_NEEDS):
        ids = [pk for text in request.POST.getlist(f"need{n}_resources") if (pk := whole_number(text)) is not None]
        if ids:
            number = lambda name, least, n=n: max(whole_number(request.POST.get(f"need{n}_{name}", "")) or 0, least)  # noqa: E731
            found.append(
                Need(
                    ids,
                    count=number("count", 1),
                    units=number("units", 1),
                    per_person=f"need{n}_per_person" in request.POST,
                    setup_minutes=min(number("setup", 0), 1440),
                )
            )
    return found


def _page(
    request: HttpRequest, found: Offering | None, form: OfferingForm, dates: SessionForm | None = None
) -> HttpResponse:
    viewer = require_viewer(request)
    context: dict[str, Any] = {
        "section": SECTION,
        "offering": found,
        "name": in_language(found.name) if found else "",
        "form": form,
        "resources": _resources(viewer, found),
        "needs": [*_needs(request, found), {"number": -1}],
    }
    context["needs"] = [{**need, "number": n} for n, need in enumerate(context["needs"])]
    if found and found.unit == "session":
        planned = Session.objects.filter(offering=found, cancelled_at=None, ends_at__gt=utcnow())
        context["dates"] = planned.select_related("resource").order_by("starts_at")[:DATES_SHOWN]
        context["dates_form"] = dates or SessionForm(auto_id="date_%s")
    refused = form.is_bound or (dates is not None and dates.is_bound)
    return render(request, "reservations/offering.html", context, status=422 if refused else 200)


def _resources(viewer: Viewer, found: Offering | None) -> list[Resource]:
    sites = [found.site_id] if found else [pk for pk, __ in site_options(viewer)]
    rows = Resource.objects.filter(site_id__in=sites, is_active=True).exclude(kind="session")
    return list(rows.order_by("site_id", "position", "id"))


def _needs(request: HttpRequest, found: Offering | None) -> list[dict[str, Any]]:
    """What is needed as the form shows it: as posted, else as it stands."""
    if request.method == "POST" and "dates" not in request.POST:
        return [_need(n.resource_ids, n.count, n.units, n.per_person, n.setup_minutes) for n in needs_given(request)]
    rows = Requirement.objects.filter(offering=found).prefetch_related("resources") if found else []
    return [_need([r.pk for r in n.resources.all()], n.count, n.units, n.per_person, n.setup_minutes) for n in rows]


def _need(ids: Any, count: int, units: int, per_person: bool, setup: int) -> dict[str, Any]:
    return {"ids": list(ids), "count": count, "units": units, "per_person": per_person, "setup": setup}


@require_POST
@managers
def dates_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan dates: one, or one a week. All of them or none."""
    viewer = require_viewer(request)
    found = offering_editable(viewer, pk)
    form = SessionForm(request.POST, auto_id="date_%s")
    if form.is_valid():
        try:
            with unit():
                made = _plan(viewer, found, form.cleaned_data)
        except ParvisError as error:
            put_errors(form, error)
        else:
            text = ngettext("%(n)s date is planned.", "%(n)s dates are planned.", made) % {"n": made}
            return back_to(request, f"{reverse('settings_offering', args=[pk])}#dates", text)
    return _page(request, found, OfferingForm.of(found, sites=site_options(viewer)), form)


def _plan(viewer: Viewer, found: Offering, data: dict[str, Any]) -> int:
    site = site_get(found.site_id)
    place = zone(site.timezone if site else "UTC")
    for week in range(data["weeks"]):
        day = data["day"] + dt.timedelta(days=7 * week)
        until = day if data["ends"] > data["begins"] else day + dt.timedelta(days=1)
        session_plan(
            viewer=viewer,
            offering_id=found.pk,
            starts_at=dt.datetime.combine(day, data["begins"], tzinfo=place).astimezone(dt.UTC),
            ends_at=dt.datetime.combine(until, data["ends"], tzinfo=place).astimezone(dt.UTC),
            seats=data["seats"],
            note=data["note"],
        )
    return int(data["weeks"])


@require_POST
@managers
def date_seats(request: HttpRequest, pk: int) -> HttpResponse:
    """More or fewer seats for a date."""
    seats = whole_number(request.POST.get("seats", "")) or 1
    found = session_change(viewer=require_viewer(request), session_id=pk, seats=seats)
    return back_to(request, f"{reverse('settings_offering', args=[found.offering_id])}#dates")

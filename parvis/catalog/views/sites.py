"""Sites: where they are, when they are open, by what ways customers reach them, who works there."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog import services
from parvis.catalog.domain.spans import length_text
from parvis.catalog.domain.week import hours_checked
from parvis.catalog.editing import (
    holidays_known,
    region_examples,
    site_choices,
    site_editable,
    sites_editable,
    sites_of_member,
    touchpoint_editable,
    touchpoints_of,
)
from parvis.catalog.forms import DayForm, SiteForm, TouchpointForm
from parvis.catalog.models import Site
from parvis.catalog.opening import opening_now, special_days
from parvis.catalog.selectors import business
from parvis.catalog.views.common import back_to, managers, saved
from parvis.catalog.week_drawn import week_drawn, week_minutes
from parvis.kernel.business_hours import WEEKDAYS
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.staff.access import right_needed
from parvis.staff.domain.viewer import Right
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog
from parvis.toolkit.numbers import whole_number

A_YEAR = dt.timedelta(days=366)


@require_safe
@managers
def sites(request: HttpRequest) -> HttpResponse:
    """The sites this person sees, and how each stands now."""
    viewer, now = require_viewer(request), utcnow()
    rows = [{"site": site, "opening": opening_now(site, now)} for site in sites_editable(viewer)]
    context = {"section": "sites", "rows": rows, "may_add": viewer.site_ids is None}
    return render(request, "catalog/sites.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def site_new(request: HttpRequest) -> HttpResponse:
    """A further place."""
    house = business()
    initial = {
        "country": house.country if house else "FR",
        "timezone": house.timezone if house else "Europe/Paris",
        "observes_holidays": True,
    }
    form = SiteForm(request.POST) if request.method == "POST" else SiteForm(initial=initial)
    viewer = require_viewer(request)
    made = saved(form, lambda: services.site_save(viewer=viewer, **form.cleaned_data))
    if made:
        text = _("%(name)s has been added. Now say when it is open.") % {"name": made.name}
        return back_to(request, reverse("settings_site", args=[made.pk]), text)
    return render(
        request, "catalog/site_new.html", {"section": "sites", "form": form}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """One place, all of it."""
    viewer = require_viewer(request)
    found = site_editable(viewer, pk)
    form = SiteForm(request.POST) if request.method == "POST" else SiteForm.of(found)
    if saved(form, lambda: services.site_save(viewer=viewer, site_id=pk, **form.cleaned_data)):
        return back_to(request, reverse("settings_site", args=[pk]))
    return _page(request, found, form=form)


@require_POST
@managers
def site_hours(request: HttpRequest, pk: int) -> HttpResponse:
    """The week's hours."""
    viewer = require_viewer(request)
    found, week = site_editable(viewer, pk), week_of(request.POST)
    try:
        services.site_save(viewer=viewer, site_id=pk, hours=week)
    except Invalid as error:
        return _page(request, found, week=week, errors=_day_errors(error))
    return back_to(request, f"{reverse('settings_site', args=[pk])}#hours")


@require_POST
@managers
def hours_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The week as it stands in the form, drawn; what is wrong with it; what the door would say now."""
    found, week = site_editable(require_viewer(request), pk), week_of(request.POST)
    return render(request, "catalog/hours_preview.html", _preview(found, week))


@require_POST
@managers
def day_set(request: HttpRequest, pk: int) -> HttpResponse:
    """A day that differs from its week."""
    viewer = require_viewer(request)
    found, form = site_editable(viewer, pk), DayForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        spans = spans_of(request.POST, "day") if data["kind"] == "other" else []
        given = {"day": data["day"], "spans": spans, "note": data["note"]}
        if data["kind"] == "other" and not spans:
            form.add_error("kind", _("Say from when to when."))
        elif saved(form, lambda: services.exceptional_day_set(viewer=viewer, site_id=pk, **given)):
            return back_to(request, f"{reverse('settings_site', args=[pk])}#days")
    return _page(request, found, day_form=form)


@require_POST
@managers
def day_remove(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """The week's hours count again on this day."""
    try:
        date = dt.date.fromisoformat(day)
    except ValueError as error:
        raise Invalid(_("Choose a day.")) from error
    services.exceptional_day_remove(viewer=require_viewer(request), site_id=pk, day=date)
    return back_to(request, f"{reverse('settings_site', args=[pk])}#days")


@require_POST
@managers
def site_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a place for good, or open it again."""
    active = request.POST.get("active") == "1"
    try:
        found = services.site_save(viewer=require_viewer(request), site_id=pk, is_active=active)
    except Conflict as error:
        return _page(request, site_editable(require_viewer(request), pk), refusal=f"{error} {error.hint or ''}")
    words = _("%(name)s is in use again.") if active else _("%(name)s is no longer in use.")
    return back_to(request, reverse("settings_site", args=[pk]), words % {"name": found.name})


# Touchpoints ---------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@managers
def touchpoint_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A further way to reach a place."""
    viewer = require_viewer(request)
    found = site_editable(viewer, pk)
    form = TouchpointForm(request.POST or None)
    if saved(form, lambda: services.touchpoint_save(viewer=viewer, site_id=pk, **form.cleaned_data)):
        return back_to(request, f"{reverse('settings_site', args=[pk])}#ways")
    return _touchpoint_dialog(
        request, found, form, reverse("settings_touchpoint_new", args=[pk]), _("A new contact point")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def touchpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One way to reach a place."""
    viewer = require_viewer(request)
    found = touchpoint_editable(viewer, pk)
    form = TouchpointForm(request.POST) if request.method == "POST" else TouchpointForm.of(found)
    if saved(form, lambda: services.touchpoint_save(viewer=viewer, touchpoint_id=pk, **form.cleaned_data)):
        return back_to(request, f"{reverse('settings_site', args=[found.site_id])}#ways")
    action = reverse("settings_touchpoint", args=[pk])
    return _touchpoint_dialog(request, found.site, form, action, _("Change a contact point"))


def _touchpoint_dialog(request: HttpRequest, site: Site, form: TouchpointForm, action: str, title: str) -> HttpResponse:
    context = {"form": form, "action": action, "title": title, "site": site, "section": "sites"}
    return dialog(request, "catalog/touchpoint_form.html", context, title=title, status=422 if form.is_bound else 200)


# Who works where: a panel on the page of a person, which stands below the catalog ------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@right_needed(Right.MANAGE_PEOPLE)
def person_sites(request: HttpRequest, pk: int) -> HttpResponse:
    """The sites a person works at, as a panel."""
    done = request.method == "POST"
    if done:
        chosen = [number for text in request.POST.getlist("sites") if (number := whole_number(text)) is not None]
        services.member_sites_set(viewer=require_viewer(request), member_id=pk, site_ids=chosen)
    context = {"choices": site_choices(), "chosen": sites_of_member(pk), "person_id": pk, "done": done}
    return render(request, "catalog/person_sites.html", context)


# Hours out of a form -------------------------------------------------------------------------------------------------
def week_of(data: QueryDict) -> dict[str, list[list[str]]]:
    """The spans of the week out of the editor's pairs of fields; empty pairs are left out."""
    return {day: spans for day in WEEKDAYS if (spans := spans_of(data, day))}


def spans_of(data: QueryDict, day: str) -> list[list[str]]:
    """The spans of one day: `<day>_from` and `<day>_to`, several of each."""
    pairs = zip(data.getlist(f"{day}_from"), data.getlist(f"{day}_to"), strict=False)
    return [[start.strip(), end.strip()] for start, end in pairs if start.strip() or end.strip()]


def _day_errors(error: Invalid) -> dict[str, str]:
    return {name.removeprefix("hours_"): str(text) for name, text in error.fields.items()}


def _preview(found: Site, week: dict[str, list[list[str]]]) -> dict[str, Any]:
    try:
        found.hours = hours_checked(week)
    except Invalid as error:
        return {"errors": _day_errors(error), "bars": week_drawn({})}
    return {
        "opening": opening_now(found, utcnow()),
        "bars": week_drawn(found.hours),
        "total_text": length_text(week_minutes(found.hours)),
    }


def _page(request: HttpRequest, found: Site, **more: Any) -> HttpResponse:
    now, week = utcnow(), more.get("week", found.hours)
    errors = more.get("errors", {})
    form, day_form = more.get("form") or SiteForm.of(found), more.get("day_form") or DayForm()
    context = {
        "section": "sites",
        "site": found,
        "form": form,
        "day_form": day_form,
        "days": [
            {
                "code": day,
                "name": WEEKDAY_NAMES[index],
                "spans": week.get(day) or [],
                "error": errors.get(day, ""),
            }
            for index, day in enumerate(WEEKDAYS)
        ],
        "special": special_days(found, now, within=A_YEAR),
        "holidays_known": holidays_known(found.country, found.region),
        "regions": region_examples(found.country),
        "touchpoints": touchpoints_of(found.pk),
        "refusal": more.get("refusal", ""),
        **(_preview(found, week) if not errors else {"errors": errors}),
    }
    refused = form.is_bound or day_form.is_bound or errors or more.get("refusal")
    return render(request, "catalog/site.html", context, status=422 if refused else 200)

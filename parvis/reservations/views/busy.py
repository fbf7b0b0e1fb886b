"""Calendars of a resource: the address of its own, and those elsewhere whose busy times count."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.views.common import back_to, saved
from parvis.kernel.clock import utcnow
from parvis.reservations.busy import MOST_BYTES
from parvis.reservations.calendar_cards import calendar_card
from parvis.reservations.forms import BusyCalendarForm
from parvis.reservations.models import BusyCalendar, Resource
from parvis.reservations.services.busy import (
    calendar_add,
    calendar_change,
    calendar_of,
    calendar_refresh,
    calendar_remove,
    feed_renew,
    resource_of_calendars,
)
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, is_fragment

MINE = "mine"


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The calendars of whoever looks: one card for each resource that they are."""
    viewer, now = require_viewer(request), utcnow()
    found = Resource.objects.filter(member_id=viewer.person, is_active=True).order_by("position", "pk")
    cards = [calendar_card(viewer, r, now=now) for r in found if viewer.sees_site(r.site_id)]
    context = {"section": "calendars", "cards": cards, "several": len(cards) > 1, "back": MINE}
    return render(request, "reservations/my_calendars.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A further calendar whose busy times count."""
    viewer = require_viewer(request)
    found = resource_of_calendars(viewer, pk)
    form = BusyCalendarForm(request.POST or None, request.FILES or None, auto_id="calendar_%s")
    made = saved(form, lambda: _added(viewer, pk, form))
    if made:
        return _told(request, viewer, found, made, _("“%(name)s” counts from now on.") % {"name": made.name})
    title = _("Busy times of another calendar")
    return _dialog(request, form, {"resource": found, "title": title, "url": request.path})


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, another file, or an end to it."""
    viewer = require_viewer(request)
    found = calendar_of(viewer, pk)
    form = BusyCalendarForm(
        request.POST or None, request.FILES or None, initial={"name": found.name}, auto_id="calendar_%s"
    )
    form.for_change(by_file=not found.address)
    changed = saved(
        form,
        lambda: calendar_change(viewer=viewer, calendar_id=pk, name=form.cleaned_data["name"], file=_content(form)),
    )
    if changed:
        return _told(request, viewer, found.resource, changed, _("Saved."))
    return _dialog(request, form, {"calendar": found, "title": found.name, "url": request.path})


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a calendar now."""
    viewer = require_viewer(request)
    found = calendar_refresh(viewer=viewer, calendar_id=pk)
    return _told(request, viewer, found.resource, found, _("“%(name)s” is up to date.") % {"name": found.name})


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Its busy times count no longer."""
    viewer = require_viewer(request)
    found = calendar_of(viewer, pk)
    calendar_remove(viewer=viewer, calendar_id=pk)
    told = _("“%(name)s” counts no longer.") % {"name": found.name}
    return back_to(request, _home(request, viewer, found.resource), told)


@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address for the feed; the old one answers no more."""
    viewer = require_viewer(request)
    found = feed_renew(viewer=viewer, resource_id=pk)
    return back_to(request, _home(request, viewer, found), _("This calendar has a new address; the old one is void."))


def _added(viewer: Viewer, pk: int, form: BusyCalendarForm) -> BusyCalendar:
    data = form.cleaned_data
    return calendar_add(
        viewer=viewer, resource_id=pk, name=data["name"], address=data.get("address", ""), file=_content(form)
    )


def _content(form: BusyCalendarForm) -> bytes | None:
    """The uploaded file, a byte more than may be at most: enough to see that it is too long."""
    file = form.cleaned_data.get("file")
    return file.read(MOST_BYTES + 1) if file else None


def _told(request: HttpRequest, viewer: Viewer, found: Resource, row: BusyCalendar, text: str) -> HttpResponse:
    """Back to where the calendars stand; an error stands there too, and is said at once."""
    home = _home(request, viewer, found)
    if not row.error:
        return back_to(request, home, text)
    messages.warning(request, _("“%(name)s” could not be read: see below.") % {"name": row.name})
    if is_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = home
        return response
    return redirect(home)


def _home(request: HttpRequest, viewer: Viewer, found: Resource) -> str:
    if (request.POST.get("back") or request.GET.get("back")) == MINE or not viewer.may(Right.CONFIGURE):
        return reverse("my_calendars")
    return reverse("settings_resource", args=[found.pk])


def _dialog(request: HttpRequest, form: BusyCalendarForm, context: dict[str, Any]) -> HttpResponse:
    back = MINE if (request.POST.get("back") or request.GET.get("back")) == MINE else ""
    given = {"form": form, "back": back, **context}
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/busy_calendar.html", given, title=context["title"], status=status)

"""Settings of the devices in the room: kiosks and displays, each opened by its secret address."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parvis.catalog.selectors import sites
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound
from parvis.queueing import addresses, services
from parvis.queueing.models import Screen
from parvis.queueing.selectors import lines
from parvis.queueing.setting_forms import ScreenForm
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer

SECTION = "queue"
ALIVE = dt.timedelta(minutes=3)


def site_options(viewer: Viewer) -> list[tuple[int, str]]:
    """The sites at which something can be set up."""
    return [(s.pk, s.name) for s in sites(viewer).order_by("id")]


def state_of(screen: Screen, now: dt.datetime) -> str:
    """ "on", "silent" (was open once), or "new" (never was)."""
    if screen.seen_at is None:
        return "new"
    return "on" if now - screen.seen_at < ALIVE else "silent"


def screen_editable(viewer: Viewer, pk: int) -> Screen:
    """A device to be changed. Raises NotFound alike for none and for one out of sight."""
    found = Screen.objects.filter(pk=pk).first()
    if found is None or not viewer.sees_site(found.site_id):
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def screen_new(request: HttpRequest) -> HttpResponse:
    """A further kiosk or display; its page then shows where it is opened."""
    viewer = require_viewer(request)
    options: dict[str, Any] = {"sites": site_options(viewer), "lines": lines(viewer)}
    form = ScreenForm(request.POST, **options) if request.method == "POST" else ScreenForm(**options)
    made = saved(form, lambda: services.screen_save(viewer=viewer, **form.changes()))
    if made:
        text = _("%(name)s has been added: open its address on the device.") % {"name": made.name}
        return back_to(request, reverse("settings_screen", args=[made.pk]), text)
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    """One device: its address, and what it shows."""
    viewer = require_viewer(request)
    found = screen_editable(viewer, pk)
    options: dict[str, Any] = {"sites": site_options(viewer), "lines": lines(viewer, site_id=found.site_id)}
    form = ScreenForm(request.POST, **options) if request.method == "POST" else ScreenForm.of(found, **options)
    if saved(form, lambda: services.screen_save(viewer=viewer, screen_id=pk, **form.changes())):
        return back_to(request, reverse("settings_queue"))
    return _page(request, found, form)


@require_POST
@managers
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret address; the old one stops working at once."""
    services.screen_renew(viewer=require_viewer(request), screen_id=pk)
    return back_to(request, reverse("settings_screen", args=[pk]), _("The address is new: open it on the device."))


def _page(request: HttpRequest, found: Screen | None, form: ScreenForm) -> HttpResponse:
    context: dict[str, Any] = {"section": SECTION, "screen": found, "form": form}
    if found is not None:
        url = addresses.absolute(addresses.screen_path(found))
        context |= {"url": url, "qr": addresses.qr(url), "state": state_of(found, utcnow())}
    return render(request, "queueing/screen_settings.html", context, status=422 if form.is_bound else 200)

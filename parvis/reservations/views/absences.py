"""Absences: noted by whoever is away, or by who leads; the bookings they hit are named at once."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import ParvisError
from parvis.reservations.boards import resources_of
from parvis.reservations.forms import AbsenceForm
from parvis.reservations.models import Resource
from parvis.reservations.services.setting_up import absence_add, absence_remove
from parvis.reservations.views.common import day_given, number, site_chosen, sites_seen
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import dialog, dialog_done, go_to


def absentable(request: HttpRequest, viewer: Viewer) -> list[Resource]:
    """Whose absence somebody may note: everybody's for who assigns others, else their own."""
    site = site_chosen(request, sites_seen(viewer))
    found = resources_of(site.pk) if site is not None else []
    if viewer.may(Right.ASSIGN_OTHERS):
        return found
    return [r for r in found if r.member_id is not None and r.member_id == viewer.member_id]


@require_http_methods(["GET", "HEAD", "POST"])
def absence_new(request: HttpRequest) -> HttpResponse:
    """Note that somebody or something will not be there."""
    viewer = require_viewer(request)
    choices = [(r.pk, r.name) for r in absentable(request, viewer)]
    title = _("Note an absence")
    if not choices:
        return dialog(request, "reservations/absence_none.html", {}, title=title)
    form = AbsenceForm(request.POST or None, resources=choices, initial=_initial(request, viewer), auto_id="absence_%s")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            absence, hit = absence_add(
                viewer=viewer,
                resource_id=data["resource"],
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                reason=data["reason"],
            )
        except ParvisError as error:
            put_errors(form, error)
        else:
            text, level = _("Noted."), "success"
            if hit:
                level = "warning"
                told = ngettext(
                    "%(n)s booking stands in this time: %(which)s.",
                    "%(n)s bookings stand in this time: %(which)s.",
                    len(hit),
                )
                text = told % {"n": len(hit), "which": ", ".join(str(b.customer or b.reference) for b in hit[:4])}
            undo = reverse("absence_remove", args=[absence.pk])
            return dialog_done(
                request,
                reverse("calendar"),
                "resource",
                text=text,
                level=level,
                undo_url=undo,
                seconds=20 if hit else 10,
            )
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/absence_new.html", {"form": form, "title": title}, title=title, status=status)


def _initial(request: HttpRequest, viewer: Viewer) -> dict[str, object]:
    today = timezone.localtime(utcnow()).date()
    day = max(day_given(request, "day", today), today)
    begin = dt.datetime.combine(day, dt.time(9))
    mine = next((r.pk for r in absentable(request, viewer) if r.member_id and r.member_id == viewer.member_id), None)
    resource = number(request, "resource") or mine
    return {"resource": resource, "starts_at": begin, "ends_at": begin + dt.timedelta(hours=9)}


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """They are there after all."""
    absence_remove(viewer=require_viewer(request), absence_id=pk)
    back = request.POST.get("back", "")
    if back.isdigit():
        messages.success(request, _("Removed."))
        return go_to(request, f"{reverse('settings_resource', args=[int(back)])}#absences")
    return dialog_done(request, reverse("calendar"), "resource", text=_("Removed."))

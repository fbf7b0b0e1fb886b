"""The calendar: a day by resource, a week of one resource, a month in numbers."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from parvis.catalog.opening import reason_of
from parvis.kernel.clock import utcnow, zone
from parvis.reservations.boards import day_board, resources_of, week_board
from parvis.reservations.calendar_month import month_grid
from parvis.reservations.models import Resource
from parvis.reservations.supply import supply
from parvis.reservations.views.common import day_given, day_words, given, number, site_chosen, sites_seen
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import is_fragment

VIEWS = ("day", "week", "month")
ONE_DAY = dt.timedelta(days=1)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The page; for htmx its board."""
    viewer, now = require_viewer(request), utcnow()
    among = sites_seen(viewer)
    site = site_chosen(request, among)
    if site is None:
        return render(request, "reservations/calendar_empty.html", {"may_configure": False, "no_site": True})
    resources = resources_of(site.pk)
    if not resources:
        context = {"may_configure": viewer.may(Right.CONFIGURE), "sites": among, "site": site}
        return render(request, "reservations/calendar_empty.html", context)
    view = given(request, "view") if given(request, "view") in VIEWS else "day"
    today = now.astimezone(zone(site.timezone)).date()
    day = day_given(request, "day", today)
    resource = _resource(request, viewer, resources) if view == "week" else None
    context = {
        **_board(viewer, site, view, day, resource, now),
        **_around(site, view, day, resource, today),
        "sites": among,
        "site": site,
        "resources": resources,
        "resource": resource,
        "offers": [o for o in supply().offers.values() if o.row.site_id == site.pk],
        "may_configure": viewer.may(Right.CONFIGURE),
    }
    template = "reservations/calendar.html#board" if is_fragment(request) else "reservations/calendar.html"
    return render(request, template, context)


def _board(
    viewer: Viewer, site: Any, view: str, day: dt.date, resource: Resource | None, now: dt.datetime
) -> dict[str, Any]:
    if view == "month":
        return {"weeks": month_grid(viewer, site, day, now=now)}
    if view == "week":
        return {"board": week_board(viewer, site, day, resource, now=now)}
    return {"board": day_board(viewer, site, day, now=now)}


def _resource(request: HttpRequest, viewer: Viewer, resources: list[Resource]) -> Resource | None:
    """The one whose week is shown: the one asked for, else who looks, else all (also asked for by 0)."""
    asked = number(request, "resource")
    if asked is None:
        return next((r for r in resources if r.member_id and r.member_id == viewer.member_id), None)
    return next((r for r in resources if r.pk == asked), None)


def _around(site: Any, view: str, day: dt.date, resource: Resource | None, today: dt.date) -> dict[str, Any]:
    """Where the page stands, and the addresses around it."""

    def at(day: dt.date, view: str = view, **more: Any) -> str:
        asked = {"view": view, "day": day.isoformat(), "site": site.pk, **more}
        if view == "week" and "resource" not in more:
            asked["resource"] = resource.pk if resource else 0
        return f"{reverse('calendar')}?{urlencode(asked)}"

    before, after = _neighbours(view, day)
    names = {
        "day": pgettext("the calendar of a", "Day"),
        "week": pgettext("the calendar of a", "Week"),
        "month": pgettext("the calendar of a", "Month"),
    }
    keys = {"day": "d", "week": "w", "month": "m"}
    return {
        "view": view,
        "day": day,
        "today": today,
        "title": _title(view, day),
        "note": reason_of(site, day) if view == "day" else "",
        "here": at(day),
        "before": at(before),
        "after": at(after),
        "to_today": at(today),
        "views": [
            {"name": v, "label": names[v], "url": at(day, v), "active": v == view, "key": keys[v]} for v in VIEWS
        ],
    }


def _neighbours(view: str, day: dt.date) -> tuple[dt.date, dt.date]:
    if view == "month":
        first = day.replace(day=1)
        return (first - ONE_DAY).replace(day=1), (first + ONE_DAY * 31).replace(day=1)
    step = ONE_DAY * (7 if view == "week" else 1)
    return day - step, day + step


def _title(view: str, day: dt.date) -> str:
    if view == "month":
        return capfirst(date_format(day, pgettext("a month of the calendar", "F Y")))
    if view == "day":
        return capfirst(day_words(day))
    monday = day - ONE_DAY * day.weekday()
    form = pgettext("a day of the calendar, in a span", "j F")
    first, last = date_format(monday, form), date_format(monday + ONE_DAY * 6, form)
    return _("%(first)s to %(last)s") % {"first": first, "last": last}

"""The day of a site, for its manager and its leads; and somebody who forgot to sign off is signed off here."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import ParvisError
from parvis.queueing import services
from parvis.queueing.day import Part, day_of, span
from parvis.queueing.domain.day import Figures
from parvis.queueing.selectors import sittings_open, today_at
from parvis.queueing.views.common import given, leads, refused, site_chosen, sites_with_lines
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.htmx import is_fragment, nothing, toast, with_topics

ONE = dt.timedelta(days=1)


@require_safe
@leads
def queue_day(request: HttpRequest) -> HttpResponse:
    """Who came, how long they waited, who sits where."""
    viewer, now = require_viewer(request), utcnow()
    among = sites_with_lines(viewer)
    site = site_chosen(request, among)
    if site is None:
        return render(request, "queueing/day.html", {"site": None})
    today = today_at(site.pk, now)
    day = _day(given(request, "day", 10), today)
    found = day_of(viewer, site, day, now=now)
    here = f"{reverse('queue_day')}?site={site.pk}&day="
    context = {
        "site": site,
        "sites": [
            {"label": s.name, "url": f"{reverse('queue_day')}?site={s.pk}&day={day}", "active": s == site}
            for s in among
        ],
        "day": day,
        "is_today": day == today,
        "title": date_format(day, pgettext("a day of the queue", "l j F")),
        "before": f"{here}{day - ONE}",
        "after": f"{here}{day + ONE}" if day < today else "",
        "shown": found,
        "tiles": _tiles(found.all, found.persons),
        "lines": [_row(part) for part in found.lines],
        "counters": [_row(part) for part in found.counters],
        "sittings": [(s, in_language(s.counter.name)) for s in sittings_open(site.pk)] if day == today else [],
    }
    template = "queueing/day.html#figures" if is_fragment(request) else "queueing/day.html"
    return render(request, template, context)


def _day(text: str, today: dt.date) -> dt.date:
    """The day asked for; today for none, for what is none, and for days to come."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return found if found.year >= 1971 and found <= today else today


def _tiles(figures: Figures, persons: int) -> list[tuple[str, str, str]]:
    """The figures at the top: what, the number, and a word beneath."""
    beneath = _("%(n)s persons") % {"n": persons} if persons != figures.taken else ""
    there = _("%(n)s still here") % {"n": figures.there} if figures.there else ""
    return [
        (_("Tickets"), str(figures.taken), beneath),
        (pgettext("how many people", "Served"), str(figures.served), there),
        (pgettext("how many people", "Left"), str(figures.left), ""),
        (pgettext("how many people", "Did not come"), str(figures.missed), ""),
        (_("Wait, median"), span(figures.median), ""),
        (_("Nine in ten waited less than"), span(figures.high), ""),
    ]


def _row(part: Part) -> dict[str, object]:
    """A row of a table."""
    f = part.figures
    return {
        "name": part.name,
        "people": part.people,
        "counts": [f.taken, f.served, f.left, f.missed],
        "spans": [span(f.median), span(f.high), span(f.service)],
    }


@require_POST
@leads
def sitting_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody off who forgot to."""
    try:
        services.sitting_end(viewer=require_viewer(request), sitting_id=pk)
    except ParvisError as error:
        return refused(request, error)
    if not is_fragment(request):
        return redirect("queue_day")
    return toast(with_topics(nothing(), "counter"), _("Signed off."))

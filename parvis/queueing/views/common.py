"""What the pages of the queue share: whose line is looked at, and how an act at the counter is answered."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from parvis.catalog.selectors import sites
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound, ParvisError
from parvis.queueing.board import Board, board, may_watch, places
from parvis.queueing.selectors import lines
from parvis.staff.access import right_needed
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import is_fragment, nothing, toast, with_events, with_topics
from parvis.toolkit.numbers import whole_number

REMEMBERED_SITE = "queue_site"
leads = right_needed(Right.ASSIGN_OTHERS)
CONSOLE = "console"  # the id of the part of the page that acts draw anew


def given(request: HttpRequest, name: str, longest: int = 200) -> str:
    """A value that came with the form, or else with the address."""
    return (request.POST.get(name) or request.GET.get(name) or "").strip()[:longest]


def number(request: HttpRequest, name: str) -> int | None:
    """The same as a whole number; None for anything else."""
    return whole_number(given(request, name))


def sites_with_lines(viewer: Viewer) -> list[Any]:
    """The viewer's sites that have a line in use."""
    served = lines(viewer).values("site_id")
    return list(sites(viewer).filter(pk__in=served).order_by("id"))


def site_chosen(request: HttpRequest, among: list[Any]) -> Any:
    """The site asked for, the one looked at last, or the first; None without any. Raises NotFound out of sight."""
    asked = number(request, "site")
    if asked is not None:
        found = next((s for s in among if s.pk == asked), None)
        if found is None:
            raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
        request.session[REMEMBERED_SITE] = found.pk
        return found
    last = request.session.get(REMEMBERED_SITE)
    return next((s for s in among if s.pk == last), among[0] if among else None)


def console_page(request: HttpRequest, *, said: str = "") -> HttpResponse:
    """The console, or for htmx only what changes in it. `said`: read out to who cannot see it."""
    viewer, now = require_viewer(request), utcnow()
    found = board(viewer, site_id=None, now=now)
    context: dict[str, Any] = {"board": found, "now": now, "said": said, "fragment": is_fragment(request)}
    if found.sitting is None:
        among = sites_with_lines(viewer)
        site = site_chosen(request, among)
        context["board"] = _watched(viewer, site, now)
        context["places"] = places(viewer, site.pk) if site else []
        context["sites"] = [
            {"label": s.name, "url": f"{reverse('console')}?site={s.pk}", "active": s == site} for s in among
        ]
    context |= {"may_watch": may_watch(viewer), "may_configure": viewer.may(Right.CONFIGURE)}
    template = "queueing/console.html#board" if is_fragment(request) else "queueing/console.html"
    return render(request, template, context)


def _watched(viewer: Viewer, site: Any, now: Any) -> Board:
    return board(viewer, site_id=site.pk if site else None, now=now)


def acted(request: HttpRequest, text: str = "", *, said: str = "", **more: Any) -> HttpResponse:
    """The console after an act, with a word about it; without htmx back to the console."""
    if not is_fragment(request):
        if text:
            messages.success(request, text)
        return redirect("console")
    if getattr(request, "htmx").target != CONSOLE:  # noqa: B009 - put there by its middleware
        response = with_events(with_topics(nothing(), "ticket", "counter"), **{"dialog:close": {}})
    else:
        response = console_page(request, said=said)
    return toast(response, text, **more) if text else response


def refused(request: HttpRequest, error: ParvisError) -> HttpResponse:
    """What cannot be, in words beside the console, which is fetched again; without htmx on a page of its own."""
    if not is_fragment(request):
        raise error
    response = nothing()
    response.status_code = error.http_status
    hint = {"hint": str(error.hint)} if error.hint else {}
    return toast(with_topics(response, "ticket"), error, level="warning", **hint)

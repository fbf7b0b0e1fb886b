"""The inbox: the list beside whatever conversation is open."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from parvis.catalog.selectors import needs_flat, sites
from parvis.desk.inbox import PAGE_SIZE, REFRESH_AT_MOST, Filters, inbox_rows, view_or_default, views_with_counts
from parvis.encounters.selectors import VIEWS
from parvis.staff.middleware import require_viewer
from parvis.staff.selectors import teams
from parvis.toolkit.htmx import is_fragment
from parvis.toolkit.numbers import whole_number


@require_GET
def inbox_home(request: HttpRequest) -> HttpResponse:
    """The inbox without a view: one's own."""
    return redirect("inbox", "mine")


@require_GET
def inbox(request: HttpRequest, view: str) -> HttpResponse:
    """A saved view. For htmx at the thread's pane: nothing is open any more."""
    if view not in VIEWS:
        return redirect("inbox", "mine")
    if is_fragment(request) and request.htmx.target == "pane-thread":  # type: ignore[attr-defined]
        return render(request, "desk/nothing_open.html", {"view": view, "beside": True})
    context = list_context(request, view) | {"show": "list"}
    template = "desk/list.html" if is_fragment(request) else "desk/inbox.html"
    return render(request, template, context)


def list_context(request: HttpRequest, view: str, *, current: int = 0, cursor: str | None = None) -> dict[str, Any]:
    """What the list of a saved view needs, whatever stands beside it."""
    viewer, filters = require_viewer(request), Filters.of(request.GET)
    size = min(whole_number(request.GET.get("rows", "")) or PAGE_SIZE, REFRESH_AT_MOST)
    rows = inbox_rows(viewer, view, filters, cursor=cursor, size=max(size, PAGE_SIZE), current=current)
    return {
        "view": view,
        "view_label": VIEWS[view],
        "views": views_with_counts(viewer, view, filters) if cursor is None else [],
        "rows": rows.rows,
        "more_url": rows.more_url,
        "filters": filters,
        "query": filters.query(),
        "empty": _empty(view, bool(filters)),
    }


@require_GET
def inbox_list(request: HttpRequest, view: str) -> HttpResponse:
    """The list again, tabs and rows: `rows` of them, with the row `current` marked as open."""
    current = whole_number(request.GET.get("current", "")) or 0
    context = list_context(request, view_or_default(view), current=current)
    return render(request, "desk/rows.html", context | {"refreshed": True})


@require_GET
def inbox_more(request: HttpRequest, view: str) -> HttpResponse:
    """The next page of rows, in place of the line that asked for it."""
    context = list_context(request, view_or_default(view), cursor=request.GET.get("cursor"))
    return render(request, "desk/more_rows.html", context)


@require_GET
def inbox_filters(request: HttpRequest, view: str) -> HttpResponse:
    """What a view can be narrowed by, fetched when the menu is opened."""
    context = {
        "view": view_or_default(view),
        "filters": Filters.of(request.GET),
        "sites": list(sites(require_viewer(request))),
        "teams": list(teams()),
        "needs": needs_flat(),
    }
    return render(request, "desk/filters.html", context)


def _empty(view: str, narrowed: bool) -> dict[str, str]:
    """What an empty view says: why it is empty, and what to do next."""
    if narrowed:
        return {
            "icon": "filter",
            "title": _("Nothing matches these filters"),
            "text": _("Clear them to see the whole view."),
        }
    words = {
        "mine": (
            "circle-check",
            _("Nothing in your hands"),
            _("Take one from Unassigned, or press c to note a call or a visit."),
        ),
        "unassigned": (
            "user-check",
            _("Everybody is looked after"),
            _("New contacts that nobody has taken on appear here."),
        ),
        "at_risk": (
            "hourglass",
            _("Every promise is on time"),
            _("When one comes near its time, it moves up here, the most urgent first."),
        ),
        "waiting": (
            "player-pause",
            _("You wait for nobody"),
            _("Send a reply with “Send and wait”: it rests here until the customer answers."),
        ),
        "all": (
            "inbox",
            _("No conversations yet"),
            _("They begin by a mail, the web form, or a contact that you log with the key c."),
        ),
    }
    icon, title, text = words[view]
    return {"icon": icon, "title": title, "text": text}

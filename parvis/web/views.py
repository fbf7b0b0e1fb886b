"""Today, search and the palette: pages over all contexts."""

import datetime as dt

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parvis.kernel.clock import utcnow
from parvis.promises.selectors import promises_scored, score
from parvis.staff.middleware import require_viewer
from parvis.toolkit.pagination import keyset_page
from parvis.web import selectors
from parvis.web.finding import LONGEST_QUERY, find, talks

PALETTE = {"people": 5, "institutions": 3, "conversations": 4}
PAGE = {"people": 6, "institutions": 4, "conversations": 20}
SCORE_STATES = ("kept", "broken", "renegotiated")
LONGEST_SCORE_DAYS = 366


@login_not_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What needs this person now; a visitor is shown to the customers' entrance."""
    if request.viewer is None:  # type: ignore[attr-defined]
        return redirect("portal")
    context = {"today": selectors.today(require_viewer(request)), "days": selectors.SCORE_DAYS}
    return render(request, _part(request, "web/today.html", "panels"), context)


@require_safe
def promises_kept(request: HttpRequest) -> HttpResponse:
    """The rows behind the score: promises that fell due in the last `days`, by how they ended."""
    viewer, now = require_viewer(request), utcnow()
    days = _number(request.GET.get("days", ""), most=LONGEST_SCORE_DAYS) or selectors.SCORE_DAYS
    state = request.GET.get("state", "kept")
    state = state if state in SCORE_STATES else "kept"
    since, after = now - dt.timedelta(days=days), request.GET.get("after")
    page = keyset_page(promises_scored(viewer, state, since=since, until=now), ["-due_at", "-id"], cursor=after)
    here = f"{reverse('promises_kept')}?days={days}"
    context = {
        "rows": [{**selectors.promise_row(promise, now), "at": promise.due_at} for promise in page.rows],
        "more": f"{here}&state={state}&after={page.next_cursor}" if page.next_cursor else "",
        "days": days,
    }
    if after and "HX-Request" in request.headers:
        return render(request, "web/promises_kept.html#rows", context)
    figures = score(viewer, since=since, until=now)
    labels = {"kept": _("Kept"), "broken": _("Broken"), "renegotiated": _("Moved")}
    context["views"] = [
        {
            "label": label,
            "url": f"{here}&state={name}",
            "active": name == state,
            "count": getattr(figures, name),
        }
        for name, label in labels.items()
    ]
    return render(request, "web/promises_kept.html", {**context, "score": figures})


def _number(text: str, *, most: int) -> int:
    """A positive whole number of a query, at most `most`; 0 for anything else."""
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page; for htmx its results, and with `before` the next conversations only."""
    viewer, query = require_viewer(request), request.GET.get("q", "").strip()[:LONGEST_QUERY]
    if before := _number(request.GET.get("before", ""), most=2**62):
        said, cursor = talks(viewer, query, limit=PAGE["conversations"], before=before)
        return render(request, "web/search.html#talks", {"talks": said, "cursor": cursor, "query": query})
    context = {"query": query, "found": find(viewer, query, **PAGE) if query else None}
    return render(request, _part(request, "web/search.html", "results"), context)


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """What the palette (Ctrl-K) shows of the house for the words typed."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    found = find(require_viewer(request), query, **PALETTE) if query else None
    return render(request, "web/palette_results.html", {"found": found, "query": query})


def _part(request: HttpRequest, template: str, part: str) -> str:
    """The template, or only a part of it for a request of htmx."""
    return f"{template}#{part}" if "HX-Request" in request.headers and "HX-Boosted" not in request.headers else template

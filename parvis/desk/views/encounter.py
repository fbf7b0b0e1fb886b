"""One conversation: header, thread, panel, and the parts of it that are fetched again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from parvis.desk.composing import composer_of
from parvis.desk.head import head_of
from parvis.desk.inbox import Filters, view_or_default
from parvis.desk.panel import panel_of
from parvis.desk.selectors import latest_message_id, others_present
from parvis.desk.services import presence_note, reading_mark
from parvis.desk.thread import thread_of
from parvis.desk.views.inbox import list_context
from parvis.encounters.selectors import encounter_by_reference
from parvis.promises.shown import promise_cards
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import is_fragment
from parvis.toolkit.numbers import whole_number


@require_GET
def encounter(request: HttpRequest, reference: str) -> HttpResponse:
    """A conversation: as a page beside its list, or (htmx) thread and panel alone."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    view, fragment = view_or_default(request.GET.get("view", "all")), is_fragment(request)
    thread = thread_of(viewer, found)
    panel = panel_of(viewer, found)
    query = Filters.of(request.GET).query(view=view)
    context = {
        "encounter": found,
        "head": head_of(found, panel["promises"], view=view, view_query=query),
        "view": view,
        "view_query": query,
        "thread": thread,
        "composer": composer_of(viewer, found, seen=thread.last),
        "panel": panel,
    }
    if fragment:
        return render(request, "desk/open.html", context)
    context |= list_context(request, view, current=found.pk) | {"show": "thread"}
    return render(request, "desk/encounter.html", context)


@require_GET
def encounter_head(request: HttpRequest, reference: str) -> HttpResponse:
    """The header again."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    view = view_or_default(request.GET.get("view", "all"))
    query = Filters.of(request.GET).query(view=view)
    return HttpResponse(head_of(found, promise_cards(viewer, found.pk), view=view, view_query=query))


@require_GET
def encounter_thread(request: HttpRequest, reference: str) -> HttpResponse:
    """A stretch of the thread: what came `before` a message, or everything `since` one."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    before, since = (whole_number(request.GET.get(name, "")) for name in ("before", "since"))
    thread = thread_of(viewer, found, before=before, since=since)
    template = "desk/messages_page.html" if before is not None and not is_fragment(request) else "desk/messages.html"
    return render(request, template, {"encounter": found, "thread": thread, "earlier_only": before is not None})


@require_GET
def encounter_panel(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer's panel again."""
    viewer = require_viewer(request)
    return HttpResponse(panel_of(viewer, encounter_by_reference(viewer, reference))["drawn"])


@require_POST
def encounter_presence(request: HttpRequest, reference: str) -> HttpResponse:
    """The page is on somebody's screen: who else has it, and how far this one has read."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    presence_note(viewer=viewer, encounter_id=found.pk, typing=request.POST.get("typing") == "yes")
    seen = whole_number(request.POST.get("seen", ""))
    if seen is not None:
        reading_mark(viewer=viewer, encounter_id=found.pk, message_id=min(seen, latest_message_id(found.pk)))
    return render(request, "desk/presence.html", {"words": presence_words(viewer, found.pk)})


def presence_words(viewer: Viewer, encounter_id: int) -> list[dict[str, Any]]:
    """Colleagues who have the encounter on screen, in words."""
    return [
        {
            "id": p.member_id,
            "name": p.member.name,
            "typing": p.typing,
            "text": (_("%(name)s is writing…") if p.typing else _("%(name)s is here")) % {"name": p.member.name},
        }
        for p in others_present(viewer, encounter_id)
    ]

"""The composer: replies, notes, drafts, and what helps to write them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.desk.composing import composer_of, macro_values, reply_preview
from parvis.desk.forms import NoteForm, ReplyForm, files_of
from parvis.desk.inbox import Filters, conversation_after, view_or_default
from parvis.desk.selectors import latest_message_id, message_visible
from parvis.desk.services import draft_save, note_add, reply_send, reply_take_back
from parvis.desk.services.conversation import UNDO_SECONDS, Then
from parvis.desk.services.letters import language_of
from parvis.desk.services.macros import macro_text, macros_of
from parvis.desk.views.actions import address, go_on
from parvis.encounters.selectors import encounter_by_reference
from parvis.kernel.errors import Conflict, Invalid, ParvisError
from parvis.kernel.text import storable
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, go_to, is_fragment, toast, with_events, with_topics


@require_POST
def encounter_reply(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a reply. What is refused is said above the text, which stays as it is with its files."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    form = ReplyForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(_("This reply cannot be sent."), fields=_errors(form))
        message = reply_send(
            viewer=viewer,
            encounter_id=found.pk,
            text=form.cleaned_data["text"],
            then=(then := Then(form.cleaned_data["then"] or Then.STAY)),
            channel=form.cleaned_data["channel"] or "email",
            seen_message=form.cleaned_data["seen_message"],
            files=files_of(request.FILES.getlist("files")),
        )
    except ParvisError as error:
        return _refused(request, viewer, found, error)
    return _sent(request, viewer, found, message, then)


def _errors(form: Any) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def _sent(request: HttpRequest, viewer: Viewer, found: Any, message: Any, then: Then) -> HttpResponse:
    more: dict[str, Any] = {}
    if message.undo:
        more = {"undo_url": reverse("message_take_back", args=[message.pk]), "seconds": UNDO_SECONDS}
    text = _("Reply sent.") if message.out_mail_id else _("Reply noted.")
    if not is_fragment(request):
        return go_to(request, address(found))
    if then is Then.CLOSE:
        view, filters = view_or_default(request.GET.get("view", "all")), Filters.of(request.GET)
        response = go_on(request, conversation_after(viewer, view, filters, found), view, filters)
        return toast(response, _("Sent and closed."), **more)
    response = with_events(_composer_again(request, viewer, found), desk__sent={})
    return toast(with_topics(response, f"encounter:{found.pk}", "inbox"), text, **more)


def _composer_again(request: HttpRequest, viewer: Viewer, found: Any) -> HttpResponse:
    composer = composer_of(viewer, found, seen=latest_message_id(found.pk))
    return render(request, "desk/composer.html", {"composer": composer, "oob": True, "view_query": _query(request)})


def _query(request: HttpRequest) -> str:
    return Filters.of(request.GET).query(view=view_or_default(request.GET.get("view", "all")))


def _refused(request: HttpRequest, viewer: Viewer, found: Any, error: ParvisError) -> HttpResponse:
    """Say why, and nothing else: the form with its text and files is not touched."""
    if not is_fragment(request):
        raise error
    arrived = isinstance(error, Conflict) and error.code == "arrived_meanwhile"
    context = {"encounter": found, "error": error, "arrived": arrived, "details": _details(error)}
    context["seen"] = latest_message_id(found.pk) if arrived else None
    response = render(request, "desk/refused.html", context, status=422)
    if arrived:
        with_topics(response, f"encounter:{found.pk}")
        with_events(response, **{"desk:arrived": {"encounter": found.pk}})
    return response


def _details(error: ParvisError) -> list[str]:
    texts = [text for value in error.as_dict().get("fields", {}).values() for text in value]
    return [t for t in texts if t != str(error)]


@require_POST
def encounter_note(request: HttpRequest, reference: str) -> HttpResponse:
    """Write a note for colleagues."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    form = NoteForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(_("This note cannot be kept."), fields=_errors(form))
        files = files_of(request.FILES.getlist("files"))
        note_add(viewer=viewer, encounter_id=found.pk, text=form.cleaned_data["text"], files=files)
    except ParvisError as error:
        return _refused(request, viewer, found, error)
    if not is_fragment(request):
        return go_to(request, address(found))
    response = with_events(_composer_again(request, viewer, found), desk__sent={})
    return toast(with_topics(response, f"encounter:{found.pk}", "inbox"), _("Note kept."))


@require_POST
def encounter_draft(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what is being written."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    kind = "note" if request.POST.get("kind") == "note" else "reply"
    draft_save(viewer=viewer, encounter_id=found.pk, kind=kind, text=storable(request.POST.get("text", ""))[:200_000])
    return HttpResponse(status=204)


@require_POST
def message_take_back(request: HttpRequest, message_id: int) -> HttpResponse:
    """Take a reply back within its ten seconds: its text stands in the composer again."""
    viewer = require_viewer(request)
    found = message_visible(viewer, message_id).encounter
    try:
        reply_take_back(viewer=viewer, message_id=message_id)
    except Conflict as error:
        if not is_fragment(request):
            raise
        return toast(with_topics(HttpResponse(""), f"encounter:{found.pk}"), error, level="warning")
    if not is_fragment(request):
        return go_to(request, address(found))
    if address(found) not in (request.htmx.current_url or ""):  # type: ignore[attr-defined]
        return with_topics(go_to(request, address(found), target="#pane-thread"), "inbox")
    response = with_events(_composer_again(request, viewer, found), desk__taken={})
    with_topics(response, f"encounter:{found.pk}", "inbox")
    return toast(response, _("Taken back. Your text is in the composer again."))


@require_http_methods(["GET", "POST"])
def encounter_preview(request: HttpRequest, reference: str) -> HttpResponse:
    """How the reply will read, with the greeting and signature of the house."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    text = request.POST.get("text", "")[:200_000]
    context = {"encounter": found, "preview": reply_preview(viewer, found, text), "is_empty": not text.strip()}
    return dialog(request, "desk/preview.html", context, title=_("How it will read"))


@require_GET
def encounter_macros(request: HttpRequest, reference: str) -> HttpResponse:
    """The replies of the house, to pick one; fetched when the menu is opened."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    language, values = language_of(found.customer), macro_values(viewer, found)
    choices = [{"name": m.name, "text": macro_text(m, language=language, values=values)} for m in macros_of(viewer)]
    return render(request, "desk/macro_choices.html", {"choices": choices, "encounter": found})

"""What is done to an encounter from its header and panel."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parvis.catalog.selectors import member_ids_of_site
from parvis.customers.services import customer_change
from parvis.desk.forms import AboutForm, LinkForm, put_errors
from parvis.desk.inbox import Filters, conversation_after, view_or_default
from parvis.desk.services import conversation_close, conversation_reopen, conversation_wait, encounter_describe
from parvis.encounters.selectors import encounter_by_reference
from parvis.encounters.services import encounter_assign, encounter_link, encounter_unlink
from parvis.kernel.errors import Invalid, ParvisError
from parvis.kernel.text import storable
from parvis.staff.middleware import require_viewer
from parvis.staff.selectors import members_active, teams
from parvis.toolkit.htmx import dialog, dialog_done, go_to, is_fragment, nothing, toast, with_topics


def address(found: Any) -> str:
    """The page of an encounter."""
    return reverse("encounter", args=[found.reference])


def _done(request: HttpRequest, found: Any, text: Any = "", **more: Any) -> HttpResponse:
    """The encounter changed: let the page fetch its parts again, and say so."""
    if not is_fragment(request):
        return go_to(request, address(found))
    response = with_topics(nothing(), f"encounter:{found.pk}", "inbox")
    return toast(response, text, **more) if text else response


@require_http_methods(["GET", "POST"])
def encounter_assign_to(request: HttpRequest, reference: str) -> HttpResponse:
    """Who looks after an encounter: oneself, a colleague of its site, a team, or anybody again."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    if request.method == "POST":
        owner, team = (_id(request.POST.get(name, "")) for name in ("owner", "team"))
        if owner not in (None, viewer.member_id, *(m.pk for m in _colleagues(viewer, found))):
            raise Invalid(_("Choose somebody who works at this site."))
        # A team is given work without taking it from whoever has it; anything else says who has it.
        owner_id = found.owner_id if team is not None and owner is None else owner
        changed = encounter_assign(viewer=viewer, encounter_id=found.pk, owner_id=owner_id, team_id=team)
        topics = (f"encounter:{found.pk}", "inbox")
        return dialog_done(request, address(found), *topics, text=_assigned_words(viewer, changed, team))
    context = {"encounter": found, "viewer": viewer, "members": _colleagues(viewer, found), "teams": list(teams())}
    return dialog(request, "desk/assign.html", context, title=_("Who looks after this?"))


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _colleagues(viewer: Any, found: Any) -> list[Any]:
    """Everyone else who sees the encounter's site."""
    here, others = member_ids_of_site(found.site_id), members_active().exclude(pk=viewer.member_id)
    return [m for m in others if m.all_sites or m.role == "administrator" or m.pk in here]


def _assigned_words(viewer: Any, changed: Any, team: int | None) -> str:
    if team is not None:
        return _("Given to the team.")
    if changed.owner_id is None:
        return _("Anybody can take it now.")
    if changed.owner_id == viewer.member_id:
        return _("It is yours.")
    return _("Handed on.")


@require_http_methods(["GET", "POST"])
def encounter_about(request: HttpRequest, reference: str) -> HttpResponse:
    """What an encounter is about: its need, nature and priority."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    given = {"need": found.need_id or "", "nature": found.nature, "priority": found.priority}
    form = AboutForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        said = {"need_id": form.cleaned_data["need"], "nature": form.cleaned_data["nature"]}
        said["priority"] = form.cleaned_data["priority"]
        changes = {name: value for name, value in said.items() if value != getattr(found, name)}
        if changes:
            encounter_describe(viewer=viewer, encounter_id=found.pk, **changes)
        return dialog_done(request, address(found), f"encounter:{found.pk}", "inbox")
    context, status = {"encounter": found, "form": form}, 422 if form.is_bound else 200
    return dialog(request, "desk/about.html", context, title=_("What is it about?"), status=status)


@require_POST
def encounter_subject(request: HttpRequest, reference: str) -> HttpResponse:
    """Give an encounter a better subject; an empty one changes nothing."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    subject = " ".join(storable(request.POST.get("subject", "")).split())[:200]
    if subject and subject != found.subject:
        encounter_describe(viewer=viewer, encounter_id=found.pk, subject=subject)
    return _done(request, found)


@require_POST
def encounter_close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close, and go on with the next conversation of the view."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    view, filters = view_or_default(request.GET.get("view", "all")), Filters.of(request.GET)
    following = conversation_after(viewer, view, filters, found)
    conversation_close(viewer=viewer, encounter_id=found.pk)
    undo = reverse("encounter_reopen", args=[found.reference])
    response = go_on(request, following, view, filters)
    return toast(response, _("Closed: %(subject)s") % {"subject": found.subject}, undo_url=undo, seconds=8)


def go_on(request: HttpRequest, following: Any, view: str, filters: Filters) -> HttpResponse:
    """On to the next conversation, or to the list when none is left; the list is fetched again."""
    if following is None:
        url = reverse("inbox", args=[view]) + filters.query()
    else:
        url = address(following) + filters.query(view=view)
    response = go_to(request, url, target="#pane-thread")
    return with_topics(response, "inbox") if is_fragment(request) else response


@require_POST
def encounter_wait(request: HttpRequest, reference: str) -> HttpResponse:
    """The house waits for the customer."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    conversation_wait(viewer=viewer, encounter_id=found.pk)
    return _done(request, found, _("Waiting for the customer: promised spans stand still."))


@require_POST
def encounter_reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a closed encounter up again; from the toast of closing, go back to it."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    conversation_reopen(viewer=viewer, encounter_id=found.pk)
    if is_fragment(request) and address(found) not in (request.htmx.current_url or ""):  # type: ignore[attr-defined]
        return with_topics(go_to(request, address(found), target="#pane-thread"), "inbox")
    return _done(request, found, _("Taken up again."))


@require_http_methods(["GET", "POST"])
def encounter_link_to(request: HttpRequest, reference: str) -> HttpResponse:
    """Tie another encounter to this one by its reference."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            other = encounter_by_reference(viewer, form.cleaned_data["other"])
            encounter_link(viewer=viewer, encounter_id=found.pk, other_id=other.pk)
        except ParvisError as error:
            put_errors(form, error, on="other")
        else:
            return dialog_done(request, address(found), f"encounter:{found.pk}", f"encounter:{other.pk}")
    context, status = {"encounter": found, "form": form}, 422 if form.is_bound else 200
    return dialog(request, "desk/link.html", context, title=_("Link another encounter"), status=status)


@require_POST
def encounter_untie(request: HttpRequest, reference: str, link_id: int) -> HttpResponse:
    """Take a link away again."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    encounter_unlink(viewer=viewer, encounter_id=found.pk, link_id=link_id)
    return _done(request, found)


@require_POST
def encounter_matters(request: HttpRequest, reference: str) -> HttpResponse:
    """What matters to the customer of an encounter."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    text = storable(request.POST.get("matters", "")).strip()
    if len(text) > 2000:
        raise Invalid(_("That is too long to be read at a glance."))
    if text != found.customer.matters:
        customer_change(viewer=viewer, customer_id=found.customer_id, matters=text)
    return toast(nothing(), _("Noted.")) if is_fragment(request) else go_to(request, address(found))

"""Tickets at the counter: given out, looked at and mended, sent on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parvis.catalog.selectors import site_get
from parvis.customers.domain.who import read_who
from parvis.customers.finding import customer_by_reference
from parvis.customers.selectors import recognition_of
from parvis.encounters.selectors import encounters_of_customer
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.queueing import services
from parvis.queueing.forms import BY_NEED, SendForm, TicketEditForm, TicketForm
from parvis.queueing.models import OPEN, Line, Precedence, Source, Turn
from parvis.queueing.selectors import line_for_need, lines, sitting_of, turn_visible, turns_of
from parvis.queueing.services import Caller, Taking
from parvis.queueing.shown import told_words
from parvis.queueing.views.common import given, number, site_chosen, sites_with_lines
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import dialog, dialog_done

NEW = "new"
OPEN_SHOWN = 3


@require_http_methods(["GET", "HEAD", "POST"])
def turn_new(request: HttpRequest) -> HttpResponse:
    """Somebody joins a line, at the counter or on the telephone."""
    viewer = require_viewer(request)
    among = _lines_at_hand(request, viewer)
    if not among:
        return dialog(request, "queueing/no_lines.html", {}, title=_("Add a person"))
    options: dict[str, Any] = {"lines": among, "auto_id": "dialog_%s"}
    first = {"line": among[0].pk, "language": (get_language() or "en")[:2]}
    form = TicketForm(request.POST, **options) if request.method == "POST" else TicketForm(initial=first, **options)
    if request.method == "POST" and form.is_valid():
        try:
            turn = _taken(viewer, among, form.cleaned_data)
        except (Invalid, Conflict) as error:
            put_errors(form, _as_shown(error))
        else:
            who = str(turn.ticket.customer) if turn.ticket.customer_id else turn.ticket.name
            text = f"{turn.ticket.code}{f' · {who}' if who else ''}. {told_words(turn)}"
            undo = reverse("turn_act", args=[turn.pk, "void"])
            return dialog_done(request, reverse("console"), "ticket", text=text, undo_url=undo)
    chosen = given(request, "customer", 16)
    context = {"form": form, "chosen": chosen, **_card(viewer, chosen), "site_id": among[0].site_id}
    status = 422 if form.is_bound else 200
    return dialog(request, "queueing/ticket_new.html", context, title=_("Add a person"), status=status)


def _lines_at_hand(request: HttpRequest, viewer: Viewer) -> list[Line]:
    """The lines of the site where somebody sits, or else of the one they look at."""
    mine = sitting_of(viewer.member_id)
    if mine is not None and number(request, "site") is None:
        return list(lines(viewer, site_id=mine.counter.site_id))
    site = site_chosen(request, sites_with_lines(viewer))
    return list(lines(viewer, site_id=site.pk)) if site else []


def _taken(viewer: Viewer, among: list[Line], data: dict[str, Any]) -> Turn:
    """The ticket of a valid form. Raises as ticket_take; Invalid where neither line nor need says where to stand."""
    line_id = data["line"]
    if line_id == BY_NEED:
        found = line_for_need(among[0].site_id, data["need"])
        if found is None:
            told = _("No line takes this need: choose the line.") if data["need"] else _("Choose a line, or the need.")
            raise Invalid(told, fields={"line": told})
        line_id = found.pk
    known = customer_by_reference(viewer, data["customer"]) if data["customer"] not in ("", NEW) else None
    site = site_get(among[0].site_id)
    read = read_who("" if known else data["who"], site.country if site else "FR")
    taking = Taking(
        line_id=line_id,
        source=Source(data["source"]),
        need_id=data["need"],
        party=data["party"],
        precedence=Precedence(data["precedence"]),
        language=known.language if known and known.language else data["language"],
        name=str(known) if known else read.name,
        phone=read.phone,
        email=read.email,
        note=data["note"],
        customer_id=known.pk if known else None,
    )
    return services.ticket_take(caller=Caller.staff(viewer), taking=taking)


def _as_shown(error: Invalid | Conflict) -> Invalid:
    """Name, number and address are one field here."""
    fields = {("who" if name in ("phone", "email", "name") else name): text for name, text in error.fields.items()}
    return Invalid(error.message, fields=fields)


@require_safe
def turn_who(request: HttpRequest) -> HttpResponse:
    """What to know of the customer chosen: how often they came, what matters to them, what is open."""
    viewer = require_viewer(request)
    return render(request, "queueing/who.html", _card(viewer, given(request, "customer", 16)))


def _card(viewer: Viewer, chosen: str) -> dict[str, Any]:
    if chosen in ("", NEW):
        return {}
    try:
        customer = customer_by_reference(viewer, chosen)
    except (NotFound, Invalid):
        return {}
    return {
        "customer": customer,
        "recognition": recognition_of(customer),
        "open": encounters_of_customer(viewer, customer.pk).exclude(status="closed")[:OPEN_SHOWN],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def turn_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket: what is known of it, which lines it stood in, and what can be mended."""
    viewer = require_viewer(request)
    turn = turn_visible(viewer, pk)
    bound = request.method == "POST"
    form = TicketEditForm(request.POST, auto_id="dialog_%s") if bound else TicketEditForm.of(turn, auto_id="dialog_%s")
    if bound and form.is_valid():
        data = form.cleaned_data
        known = customer_by_reference(viewer, data["customer"]) if data["customer"] not in ("", NEW) else None
        services.ticket_change(
            viewer=viewer,
            turn_id=pk,
            customer_id=known.pk if known else None,
            precedence=Precedence(data["precedence"]),
            party=data["party"],
            note=data["note"],
        )
        return dialog_done(request, reverse("console"), "ticket", text=_("Saved."))
    chosen = given(request, "customer", 16)
    context = {
        "turn": turn,
        "form": form,
        "chosen": chosen,
        "turns": [(t, in_language(t.line.name)) for t in turns_of(turn.ticket_id)],
        "is_open": turn.state in OPEN,
        **_card(viewer, chosen),
    }
    status = 422 if form.is_bound else 200
    return dialog(request, "queueing/ticket.html", context, title=turn.ticket.code, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def turn_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send somebody on to another line of the site; they keep the time they have waited."""
    viewer = require_viewer(request)
    turn = turn_visible(viewer, pk)
    among = [line for line in lines(viewer, site_id=turn.ticket.site_id) if line.pk != turn.line_id]
    first = {"line": among[0].pk if among else None}
    form = SendForm(request.POST or None, lines=among, auto_id="dialog_%s", initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.turn_send_on(
                viewer=viewer, turn_id=pk, line_id=form.cleaned_data["line"], note=form.cleaned_data["note"]
            )
        except (Invalid, Conflict) as error:
            put_errors(form, error)
        else:
            name = dict(form.fields["line"].choices)[sent.line_id]  # type: ignore[attr-defined]
            text = _("%(code)s now waits in %(line)s.") % {"code": sent.ticket.code, "line": name}
            return dialog_done(request, reverse("console"), "ticket", text=text)
    context = {"turn": turn, "form": form, "among": among}
    status = 422 if form.is_bound else 200
    return dialog(request, "queueing/send.html", context, title=_("Send on"), status=status)

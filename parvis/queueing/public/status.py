"""The status page of a ticket: whoever knows its address holds the ticket."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from parvis.catalog.selectors import business, site_get, text_of
from parvis.kernel.errors import Conflict, ParvisError, TooMany
from parvis.queueing.models import Ticket, Turn
from parvis.queueing.public.common import page_language, tokened
from parvis.queueing.public.shown import ticket_shown
from parvis.queueing.selectors import ticket_of_token, turn_of_ticket
from parvis.queueing.services import customer_does, ticket_followed_up
from parvis.toolkit.rates import rate_take

DEEDS_AN_HOUR = 30
HOUR = dt.timedelta(hours=1)


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """The page; POST does something for its holder and shows what came of it."""
    row = ticket_of_token(token)
    error: ParvisError | None = None
    if request.method == "POST":
        try:
            return _done(request, row)
        except (Conflict, TooMany) as refused:
            error = refused
    turn = turn_of_ticket(row.pk)
    context = {**_context(row, turn), "error": error}
    return render(request, "queueing/public/ticket.html", context, status=error.http_status if error else 200)


@tokened
@require_GET
def ticket_card(request: HttpRequest, token: str) -> HttpResponse:
    """The part of the page that changes, asked for when a pulse says that it has."""
    row = ticket_of_token(token)
    return render(request, "queueing/public/ticket_card.html", _context(row, turn_of_ticket(row.pk)))


def _context(row: Ticket, turn: Turn) -> dict[str, object]:
    shown = ticket_shown(turn)
    site = site_get(row.site_id)
    door = ""
    if shown.state == "done" and row.all_done:
        door = _door(row.name)
    return {
        "ticket": row,
        "shown": shown,
        "site": site,
        "door": door,
        "pulse": reverse("ticket_pulse", args=[row.token]),
        "card": reverse("ticket_card", args=[row.token]),
        "write": f"{reverse('portal_contact')}?ticket={row.token}",
        "join": reverse("join", args=[site.slug]) if site else "",
    }


def _door(name: str) -> str:
    """The house's words for whoever is content, as its letters say them."""
    house = business()
    values: dict[str, object] = {"hello": "", "name": name, "business": house.name if house else ""}
    text = text_of("open_door", page_language(), values)[1]
    return "\n\n".join(part.strip() for part in text.split("\n\n") if part.strip())


def _done(request: HttpRequest, row: Ticket) -> HttpResponse:
    deed = request.POST.get("deed", "")
    if not rate_take(bucket=f"queue:deed:{row.pk}", limit=DEEDS_AN_HOUR, window=HOUR):
        raise TooMany(_("That was often."), hint=_("Please ask at the counter."), retry_after=60.0)
    if deed in ("well", "forgotten"):
        ticket_followed_up(token=row.token, all_done=deed == "well")
        if deed == "forgotten" and row.encounter_id is None:
            return redirect(f"{reverse('portal_contact')}?ticket={row.token}")
    else:
        customer_does(turn=turn_of_ticket(row.pk), deed=deed)
    return redirect("ticket", token=row.token)

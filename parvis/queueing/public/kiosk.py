"""The kiosk: a screen to touch that gives tickets. It belongs to a site, knows nobody, and forgets at once."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.catalog.opening import opening_now
from parvis.catalog.selectors import site_get
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotFound, ParvisError, TooMany
from parvis.queueing.models import Precedence, Screen, Source, Ticket
from parvis.queueing.public.choosing import Tree, Wish
from parvis.queueing.public.common import copy_read, copy_stamp, page_language, qr_svg, status_url, tokened
from parvis.queueing.public.shown import ticket_shown
from parvis.queueing.selectors import (
    booking_expected,
    lines_of_screen,
    screen_of_token,
    site_is_open,
    ticket_of_token,
    turn_of_ticket,
)
from parvis.queueing.services import (
    Taking,
    booking_arrived,
    ticket_misprinted,
    ticket_take_once,
)
from parvis.queueing.services.joining import MISPRINT
from parvis.toolkit.rates import rate_take

PARTIES = range(1, 9)
MINUTE = dt.timedelta(minutes=1)
ASKS_A_MINUTE = 12


def _screen(token: str) -> Screen:
    return screen_of_token(token, "kiosk")


def _tree(screen: Screen) -> Tree:
    return Tree(screen.site_id, [line for line in lines_of_screen(screen) if line.takes_walk_ins])


def _page(request: HttpRequest, screen: Screen, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    home, pulse = (reverse(name, args=[screen.token]) for name in ("kiosk", "kiosk_pulse"))
    given = {"screen": screen, "home": home, "pulse": pulse, "site": screen.site, **context}
    return render(request, f"queueing/public/kiosk_{name}.html", given, status=status)


@tokened
@require_GET
def start(request: HttpRequest, token: str) -> HttpResponse:
    """The house greets, in both languages; closed, it says until when."""
    screen = _screen(token)
    now = utcnow()
    site = site_get(screen.site_id)
    context = {
        "open": site_is_open(screen.site_id, now),
        "opening": opening_now(site, now) if site and site.hours else None,
        "next": reverse("kiosk_choose", args=[token]),
        "takes": any(line.takes_walk_ins for line in lines_of_screen(screen)),
    }
    return _page(request, screen, "start", context)


@tokened
@require_GET
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """From trunk to branch; with `line`, how many people come and the ticket."""
    screen = _screen(token)
    tree = _tree(screen)
    if request.GET.get("line"):
        return _party(request, screen, _wish(tree, request.GET.get("line"), request.GET.get("need")))
    found = tree.at(request.GET.get("need", ""))
    if (only := found.only) is not None:
        return _party(request, screen, _wish(tree, only.line_id, only.slug))
    other = tree.other(found.trail[-1]) if found.trail else None
    here = reverse("kiosk_choose", args=[token])
    return _page(request, screen, "choose", {"found": found, "other": other, "here": here})


def _wish(tree: Tree, line: Any, slug: Any) -> Wish:
    return tree.wish(int(line) if str(line).isdecimal() else 0, str(slug or ""))


def _party(request: HttpRequest, screen: Screen, wish: Wish, *, error: ParvisError | None = None) -> HttpResponse:
    context = {
        "wish": wish,
        "parties": PARTIES,
        "stamp": copy_stamp(),
        "error": error,
        "take": reverse("kiosk_take", args=[screen.token]),
        "back": reverse("kiosk_choose", args=[screen.token]),
    }
    return _page(request, screen, "party", context, status=error.http_status if error else 200)


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, token: str) -> HttpResponse:
    """The ticket, once for one press however often it is pressed."""
    screen = _screen(token)
    if request.method != "POST":
        # The other language was chosen where a ticket had been refused.
        return redirect("kiosk_choose", token=token)
    wish = _wish(_tree(screen), request.POST.get("line"), request.POST.get("need"))
    party = request.POST.get("party", "1")
    taking = Taking(
        line_id=wish.line.pk,
        source=Source.KIOSK,
        need_id=wish.need_id,
        party=int(party) if party.isdecimal() and len(party) < 4 else 1,
        precedence=Precedence.ASSISTED if request.POST.get("assisted") else Precedence.USUAL,
        language=page_language(),
    )
    try:
        turn = ticket_take_once(copy=copy_read(request.POST.get("stamp", "")), taking=taking)
    except (Conflict, Invalid) as error:
        return _party(request, screen, wish, error=error)
    return redirect("kiosk_ticket", token=token, ticket=turn.ticket.token)


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def booked(request: HttpRequest, token: str) -> HttpResponse:
    """“I have an appointment”: found by what only that person would say, and nothing said of anybody else."""
    screen = _screen(token)
    given = request.POST.get("who", "").strip()[:80]
    error: ParvisError | None = None
    if request.method == "POST":
        try:
            return _arrived(screen, given)
        except ParvisError as refused:
            error = refused
    status = error.http_status if error else 200
    return _page(request, screen, "booked", {"given": given, "error": error}, status=status)


def _arrived(screen: Screen, given: str) -> HttpResponse:
    if not rate_take(bucket=f"kiosk:booked:{screen.pk}", limit=ASKS_A_MINUTE, window=MINUTE):
        raise TooMany(_("That was a lot of tries."), hint=_("Wait a minute, or ask at the counter."), retry_after=60.0)
    now = utcnow()
    found = booking_expected(screen.site_id, given, now)
    if found is None:
        raise NotFoundHere()
    turn = booking_arrived(booking_id=found, now=now)
    if turn is None:
        return redirect("kiosk_noted", token=screen.token)
    return redirect("kiosk_ticket", token=screen.token, ticket=turn.ticket.token)


class NotFoundHere(Invalid):
    """No appointment was found by what was typed; not the 404 of a page."""

    def __init__(self) -> None:
        super().__init__(
            _("We did not find your appointment that way."),
            code="no_appointment",
            hint=_("Try your reference, phone number or full name; or take a ticket, and we look it up together."),
        )


@tokened
@require_GET
def noted(request: HttpRequest, token: str) -> HttpResponse:
    """The appointment is noted, and there is no line to wait in."""
    return _page(request, _screen(token), "noted", {})


def _ticket(screen: Screen, token: str) -> Ticket:
    ticket = ticket_of_token(token)
    if ticket.site_id != screen.site_id:
        raise NotFound(_("There is no such ticket."), code="no_ticket")
    return ticket


@tokened
@require_GET
def ticket(request: HttpRequest, token: str, ticket: str) -> HttpResponse:
    """The ticket: its code, how long it will take, and the way to follow it on one's own phone."""
    screen = _screen(token)
    row = _ticket(screen, ticket)
    now = utcnow()
    shown = ticket_shown(turn_of_ticket(row.pk), now)
    context = {
        "shown": shown,
        "qr": qr_svg(status_url(row.token), _("QR code: follow your place on your phone")),
        "can_give_back": row.source == Source.KIOSK and now - row.taken_at < MISPRINT and shown.state == "waiting",
        "give_back": reverse("kiosk_misprint", args=[token, row.token]),
    }
    return _page(request, screen, "ticket", context)


@tokened
@require_POST
def misprint(request: HttpRequest, token: str, ticket: str) -> HttpResponse:
    """The ticket never reached a hand: void, and back to the beginning."""
    screen = _screen(token)
    ticket_misprinted(token=_ticket(screen, ticket).token, site_id=screen.site_id)
    return redirect("kiosk_choose", token=token)

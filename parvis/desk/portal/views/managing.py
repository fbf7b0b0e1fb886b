"""A booking under its signed link: see it, say that one comes, move it, give it back. Looking changes nothing."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from parvis.catalog.selectors import site_get
from parvis.desk.portal.booking.asking import Ask, ask_of, wanted_of, zone_given
from parvis.desk.portal.booking.calendars import booking_calendar
from parvis.desk.portal.booking.chooser import chooser_of
from parvis.desk.portal.booking.frames import PORTAL
from parvis.desk.portal.booking.services import wanted_again
from parvis.desk.portal.booking.shown import offer_shown, summary_of
from parvis.desk.portal.booking.tokens import HoldKey, booking_of_token, hold_token
from parvis.desk.portal.booking.words import amount_words, instant_words, move_words, refusal_words
from parvis.desk.portal.views.booking import alternatives, house_zone
from parvis.desk.portal.views.common import tokened
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import ParvisError
from parvis.reservations.choosing import is_stay
from parvis.reservations.domain.rules import late_fee
from parvis.reservations.errors import Taken
from parvis.reservations.services import (
    Caller,
    Door,
    booking_cancel,
    booking_confirm,
    booking_move,
    booking_reassure,
)
from parvis.reservations.supply import Offer, offer_get, supply

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

SOON_HOURS = 48
# What the page says after an action, by the word in its address.
TOLD = ("moved", "cancelled", "thanks", "declined")


def _caller(booking: "Booking") -> Caller:
    return Caller.public(Door.PORTAL, booking.customer_id)


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def booking_page(request: HttpRequest, token: str) -> HttpResponse:
    """One booking as it stands. Its buttons post: mail scanners follow links."""
    booking = booking_of_token(token)
    if request.method != "POST":
        return _page(request, token, booking)
    try:
        told = _act(booking, request.POST.get("action", ""))
    except Taken as taken:
        return _page(request, token, booking, status=409, notice=refusal_words(taken), gone=True)
    except ParvisError as error:
        return _page(request, token, booking_of_token(token), status=409, notice=refusal_words(error))
    return redirect(f"{reverse('booking', args=[token])}{told}")


def _act(booking: "Booking", action: str) -> str:
    match action:
        case "come":
            booking_reassure(caller=_caller(booking), booking_id=booking.pk)
            return "?thanks"
        case "accept":
            booking_confirm(caller=_caller(booking), booking_id=booking.pk)
        case "decline" if booking.confirmed_at is None:
            booking_cancel(caller=_caller(booking), booking_id=booking.pk)
            return "?declined"
    return ""


def _page(
    request: HttpRequest, token: str, booking: "Booking", *, status: int = 200, notice: str = "", **more: Any
) -> HttpResponse:
    now, offer = utcnow(), supply().offers.get(booking.offering_id)
    tz = zone_given(request.GET.get("tz"))
    summary = summary_of(booking, tz=tz, now=now, offer=offer)
    ahead = booking.starts_at > now
    stands = booking.state == "confirmed" and ahead
    late = offer is None or late_fee(offer.terms, booking.starts_at, now) is not None
    runs = booking.state == "held" and booking.held_until is not None and booking.held_until > now
    context = {
        "booking": booking,
        "token": token,
        "summary": summary,
        "state": _state(booking, ahead, runs),
        "house_zone": "" if offer is not None and is_stay(offer) else house_zone(booking),
        "can_move": stands and not late,
        "can_cancel": stands and offer is not None,
        "can_come": stands and booking.reassured_at is None and _soon(booking, offer, now),
        "reassured": stands and booking.reassured_at is not None,
        "move_words": move_words(offer.terms, booking.starts_at, summary.tz, now) if offer and stands else "",
        "fee": amount_words(booking.fee_minor, booking.currency) if booking.fee_minor else "",
        "offered": booking.state == "held" and booking.door == Door.WAITING,
        "runs": runs,
        "until_words": instant_words(booking.held_until, summary.tz) if booking.held_until else "",
        "again_url": PORTAL.times(offer.row.slug) if offer is not None and offer.row.is_public else "",
        "hold_url": PORTAL.who(hold_token(HoldKey(booking.pk, tz))) if _may_take(booking) else "",
        "told": next((word for word in TOLD if word in request.GET), ""),
        "notice": notice,
        **more,
    }
    return render(request, "portal/booking/manage.html", context, status=status)


def _may_take(booking: "Booking") -> bool:
    """Whether what is (or was) held is taken on the portal: not what a partner held."""
    return booking.state in ("held", "expired") and booking.partner_id is None


def _soon(booking: "Booking", offer: Offer | None, now: dt.datetime) -> bool:
    """Whether it is time to say again that one comes: once reminded, or in the last days before."""
    hours = max(SOON_HOURS, offer.row.reminder_hours if offer else 0)
    return booking.reminded_at is not None or booking.starts_at - now <= dt.timedelta(hours=hours)


def _state(booking: "Booking", ahead: bool, runs: bool) -> tuple[str, str, str]:
    """Tone, icon and words for how a booking stands, as its customer sees it."""
    match booking.state:
        case "held" if runs:
            return "warn", "clock", pgettext("a booking", "Not confirmed yet")
        case "held" | "expired":
            return "info", "clock", pgettext("a booking", "No longer kept")
        case "confirmed" if ahead:
            return "ok", "circle-check", pgettext("a booking", "Confirmed")
        case "confirmed":
            return "info", "clock", pgettext("a booking", "Its time has come")
        case "arrived":
            return "ok", "door-enter", pgettext("a booking", "You are here")
        case "done":
            return "ok", "checks", pgettext("a booking", "Done")
        case "no_show":
            return "info", "circle-x", pgettext("a booking", "You could not come")
    return "info", "circle-x", pgettext("a booking", "Cancelled")


# Move --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """From where a booking is changed: as whom, the page to come back to, the addresses of the two changes."""

    caller: Caller
    back: str
    move: str
    back_text: str = ""

    @classmethod
    def of_customer(cls, booking: "Booking", token: str) -> "Way":
        """By the booking's own link."""
        return cls(_caller(booking), reverse("booking", args=[token]), reverse("booking_move", args=[token]))


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def booking_move_page(request: HttpRequest, token: str) -> HttpResponse:
    """The second step again, for a booking that keeps its place until the new one is taken."""
    booking = booking_of_token(token)
    return move_steps(request, booking, Way.of_customer(booking, token))


def move_steps(request: HttpRequest, booking: "Booking", way: Way) -> HttpResponse:
    """The page to choose another time, and what comes of it."""
    if booking.state != "confirmed":
        return redirect(way.back)
    offer = offer_get(booking.offering_id)
    ask = _ask(request, booking, offer)
    if late_fee(offer.terms, booking.starts_at, utcnow()) is not None:
        return redirect(way.back)
    if request.method != "POST":
        return _move_page(request, way, booking, offer, ask)
    try:
        booking_move(caller=way.caller, booking_id=booking.pk, wanted=wanted_of(request.POST, offer, ask))
    except Taken as taken:
        others = alternatives(taken, offer, ask.clocks(offer))
        told = {"notice": refusal_words(taken), "alternatives": others}
        return _move_page(request, way, booking, offer, ask, status=409, **told)
    except ParvisError as error:
        return _move_page(request, way, booking, offer, ask, status=422, notice=refusal_words(error))
    tz = f"&tz={ask.tz}" if ask.tz else ""
    return redirect(f"{way.back}?moved{tz}")


def _ask(request: HttpRequest, booking: "Booking", offer: Offer) -> Ask:
    """What is looked at: the booking's own party and nights, the days of the address, at first those around it."""
    given, was = ask_of(request.GET, offer), wanted_again(booking)
    day = booking.starts_at.astimezone(zone(given.clocks(offer))).date()
    first = given.first or (None if offer.row.unit == "session" else day)
    nights = was.nights if is_stay(offer) else 1
    return Ask(was.party, nights, given.person, first, given.day or day, given.tz)


def _move_page(
    request: HttpRequest, way: Way, booking: "Booking", offer: Offer, ask: Ask, *, status: int = 200, **refused: Any
) -> HttpResponse:
    now = utcnow()
    context = {
        "frame": PORTAL,
        "moving": summary_of(booking, tz=ask.tz, now=now, offer=offer),
        "offer": offer_shown(offer),
        "site": site_get(booking.site_id),
        "choose": chooser_of(offer, ask, now=now, but_booking=booking.pk, but_start=booking.starts_at),
        "options": [],
        "ask": ask,
        "action": way.move + ask.query(),
        "back_url": way.back,
        "back_text": way.back_text,
        "house_zone": "" if is_stay(offer) else offer.tz,
        **refused,
    }
    return render(request, "portal/booking/move.html", context, status=status)


# Give back ---------------------------------------------------------------------------------------------------------
@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def booking_cancel_page(request: HttpRequest, token: str) -> HttpResponse:
    """What cancelling costs, then the button."""
    booking = booking_of_token(token)
    return cancel_step(request, booking, Way.of_customer(booking, token))


def cancel_step(request: HttpRequest, booking: "Booking", way: Way) -> HttpResponse:
    """The page that asks, and what comes of it."""
    now, offer = utcnow(), supply().offers.get(booking.offering_id)
    if booking.state != "confirmed" or booking.starts_at <= now or offer is None:
        return redirect(way.back)
    fee = late_fee(offer.terms, booking.starts_at, now)
    notice, status = "", 200
    if request.method == "POST":
        # Who agreed to nothing must not be charged because the deadline passed while the page was open.
        if (fee or 0) == _agreed(request):
            booking_cancel(caller=way.caller, booking_id=booking.pk)
            return redirect(f"{way.back}?cancelled")
        notice, status = _("Cancelling is no longer free. Please read what it costs now."), 409
    context = {
        "back_url": way.back,
        "back_text": way.back_text,
        "move_url": way.move,
        "summary": summary_of(booking, tz=zone_given(request.GET.get("tz")), now=now, offer=offer),
        "fee_minor": fee or 0,
        "fee": amount_words(fee, booking.currency) if fee else "",
        "can_move": fee is None,
        "notice": notice,
    }
    return render(request, "portal/booking/cancel.html", context, status=status)


def _agreed(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("fee", "0")[:18])
    except ValueError:
        return -1


@tokened
@require_http_methods(["GET", "HEAD"])
def booking_calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """The booking for the customer's own calendar."""
    booking = booking_of_token(token)
    response = HttpResponse(booking_calendar(booking), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="{booking.reference}.ics"'
    return response

"""Book in three steps: what, when, who. Looking holds nothing; a chosen time is held while its visitor types."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.catalog.selectors import site_get
from parvis.desk.portal.booking.asking import Ask, ask_of, choosable, value_of, wanted_of, zone_given
from parvis.desk.portal.booking.chooser import chooser_of
from parvis.desk.portal.booking.forms import GuestForm
from parvis.desk.portal.booking.frames import PORTAL, Frame
from parvis.desk.portal.booking.services import LIVE_HOLDS, Visitor, guest_confirm, hold_take, wanted_again
from parvis.desk.portal.booking.shown import offer_in, offer_shown, places_offered, summary_of
from parvis.desk.portal.booking.tokens import HoldKey, booking_of_token, booking_token, hold_of_token, hold_token
from parvis.desk.portal.booking.words import clock_told, headed, instant_words, nights_words, party_words, refusal_words
from parvis.desk.portal.tokens import form_stamp, link_invalid, stamp_read
from parvis.desk.portal.views.common import client_ip, page_language, tokened
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import ParvisError, TooMany
from parvis.reservations.choosing import is_stay
from parvis.reservations.errors import Taken
from parvis.reservations.services import Guest
from parvis.reservations.supply import Offer, offer_get

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

HOLDS_COOKIE = "holds"
HOLDS_SALT = "parvis.portal.holds"


# What --------------------------------------------------------------------------------------------------------------
@login_not_required
@require_GET
def what(request: HttpRequest, frame: Frame = PORTAL, site: str = "") -> HttpResponse:
    """Everything that can be booked, by site."""
    places = places_offered(site, frame)
    return render(request, "portal/booking/what.html", {"frame": frame, "theme": frame.theme, "places": places})


# When --------------------------------------------------------------------------------------------------------------
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def times(request: HttpRequest, slug: str, frame: Frame = PORTAL) -> HttpResponse:
    """The days and times of one offering."""
    offer = offer_in(slug, frame)
    if offer is None:
        raise Http404(slug)
    return times_page(request, offer, ask_of(request.GET, offer), frame)


def times_page(
    request: HttpRequest, offer: Offer, ask: Ask, frame: Frame, *, status: int = 200, **refused: Any
) -> HttpResponse:
    """The second step; `notice` and `alternatives` say why a time could not be held."""
    context = {
        "frame": frame,
        "offer": offer_shown(offer),
        "site": site_get(offer.row.site_id),
        "terms": offer.row,
        "choose": chooser_of(offer, ask, now=utcnow()),
        "options": options_of(offer, ask),
        "ask": ask,
        "action": frame.hold(offer.row.slug, ask.query()),
        "stamp": form_stamp(),
        "house_zone": "" if is_stay(offer) else offer.tz,
        "waiting": offer.row.waiting_open and frame.partner is None,
        "theme": frame.theme,
        **refused,
    }
    return render(request, "portal/booking/when.html", context, status=status)


def options_of(offer: Offer, ask: Ask) -> list[dict[str, Any]]:
    """What can be set before a time is chosen: as selects, each with its choices."""
    row, found = offer.row, []
    if row.max_party > row.min_party:
        numbers = [(n, party_words(n)) for n in range(row.min_party, min(row.max_party, row.min_party + 199) + 1)]
        found.append({"name": "party", "label": _("How many people?"), "choices": numbers, "value": ask.party})
    if is_stay(offer) and row.max_nights > row.min_nights:
        numbers = [(n, nights_words(n)) for n in range(row.min_nights, row.max_nights + 1)]
        found.append({"name": "nights", "label": _("How many nights?"), "choices": numbers, "value": ask.nights})
    if people := choosable(offer):
        choices = [("", _("Whoever is free")), *people]
        found.append({"name": "with", "label": _("With whom?"), "choices": choices, "value": ask.person or ""})
    return found


@login_not_required
@never_cache
@require_POST
def hold(request: HttpRequest, slug: str, frame: Frame = PORTAL) -> HttpResponse:
    """A time was chosen: it is kept while its visitor says who they are."""
    offer = offer_in(slug, frame)
    if offer is None:
        raise Http404(slug)
    ask = ask_of(request.GET, offer)
    stamp = stamp_read(request.POST.get("stamp", ""))
    if not stamp.nonce:
        told = _("This page had been open for a long time. Please choose once more.")
        return times_page(request, offer, ask, frame, status=422, notice=told)
    holds = _holds(request)
    visitor = Visitor(frame.caller, client_ip(request), stamp.nonce, holds)
    try:
        booking = hold_take(visitor=visitor, wanted=wanted_of(request.POST, offer, ask))
    except TooMany as error:
        return times_page(request, offer, ask, frame, status=429, notice=f"{error} {error.hint}")
    except Taken as taken:
        others = alternatives(taken, offer, ask.clocks(offer))
        return times_page(request, offer, ask, frame, status=409, notice=refusal_words(taken), alternatives=others)
    except ParvisError as error:
        return times_page(request, offer, ask, frame, status=422, notice=refusal_words(error))
    key = HoldKey(booking.pk, ask.tz, (ask.person,) if ask.person else ())
    response = redirect(frame.who(hold_token(key)))
    if not frame.embedded:
        _holds_kept(response, [*(pk for pk in holds if pk != booking.pk), booking.pk])
    return response


def alternatives(taken: Taken, offer: Offer, tz: str) -> list[tuple[str, str]]:
    """The near free starts of a refusal: what a button sends, and says."""
    return [(value_of(s.start, s.session_id), headed(instant_words(s.start, tz))) for s in taken.alternatives]


def _holds(request: HttpRequest) -> list[int]:
    """The holds that this browser has; a number each, signed."""
    try:
        found = signing.loads(request.COOKIES.get(HOLDS_COOKIE, ""), salt=HOLDS_SALT, max_age=7200)
    except signing.BadSignature:
        return []
    return [pk for pk in found if isinstance(pk, int)] if isinstance(found, list) else []


def _holds_kept(response: HttpResponse, ids: list[int]) -> None:
    response.set_cookie(
        HOLDS_COOKIE,
        signing.dumps(ids[-LIVE_HOLDS:], salt=HOLDS_SALT),
        max_age=7200,
        path="/book/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


# Who ---------------------------------------------------------------------------------------------------------------
@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest, token: str, frame: Frame = PORTAL) -> HttpResponse:
    """Name and address, with price and terms beside them; then it is booked. Nothing typed is lost."""
    key, booking = hold_of_token(token)
    if booking.partner_id != (frame.partner.pk if frame.partner else None):
        raise link_invalid()
    if booking.confirmed_at is not None:
        return redirect(frame.done(booking_token(booking.pk), key.tz))
    offer = offer_get(booking.offering_id)
    page = _Who(request, frame, key, booking, offer)
    if request.method != "POST":
        return page.show(GuestForm(initial={"stamp": form_stamp()}))
    form = GuestForm(request.POST, country=_country(booking))
    if "again" in request.POST:
        return page.other_time(form)
    stamp = stamp_read(request.POST.get("stamp", ""))
    if not form.is_valid():
        return page.show(form, status=422, renew=stamp.verdict in ("old", "bad"))
    if doubt := doubt_of(form, stamp.verdict):
        return page.show(form, status=422, notice=doubt, renew=stamp.verdict != "fast")
    return page.confirm(form)


def _country(booking: "Booking") -> str:
    site = site_get(booking.site_id)
    return site.country if site else "FR"


def doubt_of(form: Any, verdict: str) -> str:
    """Why a complete form is asked for once more; "" when nothing speaks against it."""
    if form.cleaned_data["website"]:
        return _("Something filled in a field that people do not see. Please send it once more.")
    if verdict == "fast":
        return _("That was very quick. Please look it over and send it once more.")
    if verdict in ("old", "bad"):
        return _("This page had been open for a long time. Please send it once more.")
    return ""


class _Who:
    """The third step for one hold."""

    def __init__(self, request: HttpRequest, frame: Frame, key: HoldKey, booking: "Booking", offer: Offer) -> None:
        self.request, self.frame, self.key, self.booking, self.offer = request, frame, key, booking, offer

    def show(self, form: GuestForm, *, status: int = 200, renew: bool = False, **refused: Any) -> HttpResponse:
        fresh(form, renew=renew)
        now, booking = utcnow(), self.booking
        runs = booking.state == "held" and booking.held_until is not None and booking.held_until > now
        context = {
            "frame": self.frame,
            "theme": self.frame.theme,
            "form": form,
            "summary": summary_of(booking, tz=self.key.tz, now=now, offer=self.offer),
            "until": booking.held_until if runs else None,
            "until_words": clock_told(booking.held_until.astimezone(self._clocks())) if booking.held_until else "",
            "back_url": self.frame.times(self.offer.row.slug, self._ask().query()),
            "action": self.frame.who(hold_token(self.key)),
            "free": not booking.price_minor,
            **refused,
        }
        return render(self.request, "portal/booking/who.html", context, status=status)

    def _clocks(self) -> dt.tzinfo:
        return zone(self._ask().clocks(self.offer))

    def _ask(self) -> Ask:
        wanted = wanted_again(self.booking)
        day = self.booking.starts_at.astimezone(zone(self.key.tz or self.offer.tz)).date()
        person = self.key.wished[0] if self.key.wished else 0
        return Ask(wanted.party, wanted.nights if is_stay(self.offer) else 1, person, day, day, self.key.tz)

    def confirm(self, form: GuestForm) -> HttpResponse:
        data = form.cleaned_data
        guest = Guest(
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            language=page_language(),
            note=data["note"].strip(),
        )
        try:
            booked = guest_confirm(
                caller=self.frame.caller, booking_id=self.booking.pk, guest=guest, wished=self.key.wished
            )
        except Taken as taken:
            others = alternatives(taken, self.offer, self.key.tz or self.offer.tz)
            return self.show(form, status=409, notice=refusal_words(taken), alternatives=others, gone=True)
        except ParvisError as error:
            return self.show(form, status=409, notice=refusal_words(error))
        return redirect(self.frame.done(booking_token(booked.pk), self.key.tz))

    def other_time(self, form: GuestForm) -> HttpResponse:
        """One of the alternatives was chosen: it is held, and the form stays as it was."""
        ask = self._ask()
        stamp = stamp_read(self.request.POST.get("stamp", ""))
        visitor = Visitor(self.frame.caller, client_ip(self.request), stamp.nonce or hold_token(self.key))
        try:
            wanted = wanted_of({"start": self.request.POST["again"]}, self.offer, ask)
            self.booking = hold_take(visitor=visitor, wanted=wanted)
        except Taken as taken:
            others = alternatives(taken, self.offer, self.key.tz or self.offer.tz)
            return self.show(form, status=409, notice=refusal_words(taken), alternatives=others, gone=True)
        except ParvisError as error:
            return self.show(form, status=409, notice=refusal_words(error))
        self.key = HoldKey(self.booking.pk, self.key.tz, self.key.wished)
        typed = {name: self.request.POST.get(name, "") for name in ("name", "email", "phone", "note", "stamp")}
        unbound = GuestForm(initial=typed)
        return self.show(unbound, renewed=True)


def fresh(form: Any, *, renew: bool) -> None:
    """A trap once tripped would trip again; a stamp too old would stay so."""
    if form.is_bound:
        shown = QueryDict(mutable=True)
        shown.update(form.data)
        shown["website"] = ""
        if renew:
            shown["stamp"] = form_stamp()
        form.data = shown


# Done --------------------------------------------------------------------------------------------------------------
@tokened
@require_http_methods(["GET", "HEAD"])
def done(request: HttpRequest, token: str, frame: Frame = PORTAL) -> HttpResponse:
    """It is booked: what, when, where, and the link under which it is managed."""
    booking = booking_of_token(token)
    if frame.partner and booking.partner_id != frame.partner.pk:
        raise link_invalid()
    if booking.state != "confirmed" and not frame.embedded:
        return redirect("booking", token=token)
    context = {
        "frame": frame,
        "theme": frame.theme,
        "booking": booking,
        "token": token,
        "summary": summary_of(booking, tz=zone_given(request.GET.get("tz")), now=utcnow()),
        "house_zone": house_zone(booking),
    }
    return render(request, "portal/booking/done.html", context)


def house_zone(booking: "Booking") -> str:
    site = site_get(booking.site_id)
    return site.timezone if site else ""

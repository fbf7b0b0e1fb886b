"""A partner's pages: the three steps in its name, and its own bookings to come. The address is the key to each."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.selectors import site_get
from parvis.desk.portal.booking.frames import Frame
from parvis.desk.portal.booking.words import headed, instant_words, nights_words, party_words
from parvis.desk.portal.views import booking
from parvis.desk.portal.views.common import tokened
from parvis.desk.portal.views.managing import Way, cancel_step, move_steps
from parvis.kernel.clock import to_zone, utcnow
from parvis.reservations.choosing import is_stay
from parvis.reservations.domain.rules import late_fee
from parvis.reservations.partners import (
    BOOKS,
    MANAGES,
    booking_of_partner,
    bookings_coming,
    key_of_selling,
    no_partner,
    partner_of,
)
from parvis.reservations.services import Caller, Door
from parvis.reservations.supply import supply
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.pagination import keyset_page

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

View = Callable[..., HttpResponseBase]
PAGE_SIZE = 50
TOLD = ("moved", "cancelled")


def sold(view: View) -> View:
    """One of the three steps, in a partner's name; a kind page with 404 for a key that is none, or none any more."""

    @wraps(view)
    def shown(request: HttpRequest, key: str, *args: str, **kwargs: str) -> HttpResponseBase:
        frame = Frame(Door.PARTNER, partner=partner_of(key, BOOKS))
        try:
            return view(request, *args, frame=frame, **kwargs)
        except Http404 as error:
            raise no_partner() from error

    return tokened(shown)


@sold
def what(request: HttpRequest, frame: Frame) -> HttpResponseBase:
    """Everything the partner may book."""
    return booking.what(request, frame=frame)


@sold
def times(request: HttpRequest, slug: str, frame: Frame) -> HttpResponseBase:
    """The days and times of one offering."""
    return booking.times(request, slug, frame=frame)


@sold
@require_POST
def hold(request: HttpRequest, slug: str, frame: Frame) -> HttpResponseBase:
    """A time was chosen."""
    return booking.hold(request, slug, frame=frame)


@sold
def who(request: HttpRequest, token: str, frame: Frame) -> HttpResponseBase:
    """Name and address of who comes."""
    return booking.who(request, token, frame=frame)


@sold
def done(request: HttpRequest, token: str, frame: Frame) -> HttpResponseBase:
    """It is booked."""
    return booking.done(request, token, frame=frame)


# The partner's own page --------------------------------------------------------------------------------------------
@tokened
@require_safe
def page(request: HttpRequest, key: str) -> HttpResponse:
    """What the partner booked and is still to come, the next first."""
    partner, now = partner_of(key, MANAGES), utcnow()
    found = keyset_page(
        bookings_coming(partner.pk, now), ["starts_at", "id"], cursor=request.GET.get("after"), size=PAGE_SIZE
    )
    context = {
        "partner": partner,
        "lines": [_line(key, row, now) for row in found.rows],
        "more": f"{request.path}?after={found.next_cursor}" if found.next_cursor else "",
        "book_url": reverse("book_partner", args=[key_of_selling(partner, BOOKS)]),
        "told": next((word for word in TOLD if word in request.GET), ""),
    }
    return render(request, "portal/booking/partner.html", context)


def _line(key: str, row: "Booking", now: Any) -> dict[str, Any]:
    offer, site = supply().offers.get(row.offering_id), site_get(row.site_id)
    tz = site.timezone if site else "UTC"
    changes = row.state == "confirmed" and row.starts_at > now and offer is not None
    free = offer is not None and late_fee(offer.terms, row.starts_at, now) is None
    return {
        "row": row,
        "what": in_language(row.offering.name),
        "extent": ", ".join(_extent(row, tz, stays=offer is not None and is_stay(offer))),
        "when": headed(instant_words(row.starts_at, tz)),
        "place": site.name if site else "",
        "move": reverse("partner_move", args=[key, row.reference]) if changes and free else "",
        "cancel": reverse("partner_cancel", args=[key, row.reference]) if changes else "",
    }


def _extent(row: "Booking", tz: str, *, stays: bool) -> list[str]:
    nights = (to_zone(row.ends_at, tz).date() - to_zone(row.starts_at, tz).date()).days
    return [*([party_words(row.party)] if row.party > 1 else []), *([nights_words(nights)] if stays else [])]


def _mine(key: str, reference: str) -> tuple["Booking", Way]:
    partner = partner_of(key, MANAGES)
    row = booking_of_partner(partner.pk, reference)
    way = Way(
        Caller.partner(partner.pk),
        reverse("partner", args=[key]),
        reverse("partner_move", args=[key, reference]),
        _("Back to the bookings"),
    )
    return row, way


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, key: str, reference: str) -> HttpResponse:
    """Another time for one of the partner's bookings."""
    return move_steps(request, *_mine(key, reference))


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, key: str, reference: str) -> HttpResponse:
    """One of the partner's bookings is given back."""
    return cancel_step(request, *_mine(key, reference))

"""What the pages of bookings share: where somebody looks, and how refusals are told."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.selectors import sites
from parvis.kernel.clock import parse_instant, zone
from parvis.kernel.errors import NotFound, ParvisError
from parvis.reservations.models import Booking
from parvis.reservations.selectors import booking_pk_of, booking_visible
from parvis.reservations.supply import Offer, offer_get
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.numbers import whole_number

REMEMBERED_SITE = "calendar_site"


def given(request: HttpRequest, name: str, longest: int = 200) -> str:
    """A value that came with the form, or else with the address."""
    return (request.POST.get(name) or request.GET.get(name) or "").strip()[:longest]


def number(request: HttpRequest, name: str) -> int | None:
    """The same as a whole number; None for anything else."""
    return whole_number(given(request, name))


def numbers(request: HttpRequest, name: str) -> frozenset[int]:
    """Whole numbers written with commas between."""
    return frozenset(n for part in given(request, name).split(",") if (n := whole_number(part)) is not None)


def day_given(request: HttpRequest, name: str, default: dt.date) -> dt.date:
    """A date of the form or address; the default for none, and for what is none."""
    try:
        found = dt.date.fromisoformat(given(request, name, 10))
    except ValueError:
        return default
    return found if 1971 <= found.year <= 2199 else default


def day_field(request: HttpRequest) -> str:
    """Which field says the day: the strip of days, or the date beside it once it differs from what is shown."""
    other = given(request, "other_day", 10)
    return "other_day" if other and other != given(request, "shown_day", 10) else "day"


def instant_given(request: HttpRequest, tz: str) -> dt.datetime | None:
    """The start of the form or address: an instant, or `at`, a time on the clocks of `tz`. Raises Invalid."""
    if at := given(request, "at", 16):
        return parse_instant(at, tz)
    text = given(request, "start", 40).replace(" ", "+")
    return parse_instant(text) if text and not text.startswith("s") else None


def sites_seen(viewer: Viewer) -> list[Any]:
    """The sites whose calendar somebody may look at."""
    return list(sites(viewer).order_by("id"))


def site_chosen(request: HttpRequest, among: list[Any]) -> Any:
    """The site asked for, or the one looked at last, or the first. Raises NotFound for one out of sight."""
    asked = number(request, "site")
    if asked is not None:
        found = next((s for s in among if s.pk == asked), None)
        if found is None:
            raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
        request.session[REMEMBERED_SITE] = found.pk
        return found
    last = request.session.get(REMEMBERED_SITE)
    return next((s for s in among if s.pk == last), among[0] if among else None)


def offer_visible(viewer: Viewer, offering_id: int | None) -> Offer:
    """An offering of one of the viewer's sites. Raises NotFound."""
    offer = offer_get(offering_id or 0)
    if not viewer.sees_site(offer.row.site_id):
        raise NotFound(_("This cannot be booked (any more)."), code="no_offering")
    return offer


def booking_asked(request: HttpRequest, reference: str) -> Booking:
    """The booking of an address. Raises NotFound."""
    return booking_visible(require_viewer(request), booking_pk_of(reference))


def when_words(start: dt.datetime, tz: str) -> str:
    """When a visit begins, as one says it at the counter: "Thu 26 Nov, 10:30"."""
    local = start.astimezone(zone(tz))
    return f"{date_format(local, pgettext('a day of the calendar, short', 'D j M'))}, {local:%H:%M}"


def day_words(day: dt.date) -> str:
    """A day of the calendar: "Thursday 26 November"."""
    return date_format(day, pgettext("a day of the calendar", "l j F"))


def refusal(request: HttpRequest, error: ParvisError, **context: Any) -> HttpResponse:
    """A refusal that stands beside the page, with what can be had instead as buttons. See web/js/toast.js."""
    alternatives = sorted(getattr(error, "alternatives", []), key=lambda slot: slot.start)
    found = {"error": error, "alternatives": alternatives, **context}
    response = render(request, "reservations/refusal.html", found, status=error.http_status)
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
    return response

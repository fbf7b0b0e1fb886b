"""A new booking, by phone or at the counter: what, when, who; the first free time stands chosen already."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parvis.catalog.selectors import site_get
from parvis.customers.domain.who import read_who
from parvis.customers.finding import customer_by_reference
from parvis.customers.selectors import recognition_of
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.reservations.availability import Asked
from parvis.reservations.errors import Taken
from parvis.reservations.forms import BookingForm
from parvis.reservations.models import Booking
from parvis.reservations.selectors import STANDING, bookings_visible
from parvis.reservations.services import Caller, Guest, Wanted, booking_make
from parvis.reservations.supply import Offer, supply
from parvis.reservations.times import times_around
from parvis.reservations.views.common import (
    day_field,
    day_given,
    given,
    instant_given,
    number,
    offer_visible,
    site_chosen,
    sites_seen,
    when_words,
)
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import dialog, dialog_done

NEW = "new"
COMING_SHOWN = 3


@require_http_methods(["GET", "HEAD", "POST"])
def booking_new(request: HttpRequest) -> HttpResponse:
    """The form, and the booking that comes of it."""
    viewer = require_viewer(request)
    offers = _offers(request, viewer)
    if not offers:
        return dialog(request, "reservations/nothing_offered.html", {}, title=_("New booking"))
    offer = _offer(request, viewer, offers)
    form = _form(request, offer, offers)
    alternatives: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            return _made(request, viewer, offer, form)
        except Taken as taken:
            alternatives = [(_value(s), s.start.astimezone(zone(offer.tz))) for s in taken.alternatives]
            form.add_error(None, str(taken))
        except (Invalid, Conflict) as error:
            put_errors(form, error)
    context = {
        "form": form,
        "offer": offer,
        "alternatives": alternatives,
        "refused": form.is_bound,
        **_when(request, offer),
        **_card(viewer, given(request, "customer", 16)),
        "chosen": given(request, "customer", 16),
    }
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/booking_new.html", context, title=_("New booking"), status=status)


def _value(slot: Any) -> str:
    return f"s{slot.session_id}" if slot.session_id else slot.start.isoformat()


def _offers(request: HttpRequest, viewer: Viewer) -> list[Offer]:
    """What can be booked at the site at hand."""
    site = site_chosen(request, sites_seen(viewer))
    found = [o for o in supply().offers.values() if site is not None and o.row.site_id == site.pk]
    return sorted(found, key=lambda o: (o.row.position, o.row.pk))


def _offer(request: HttpRequest, viewer: Viewer, offers: list[Offer]) -> Offer:
    """The offering chosen; before, the first that the resource clicked on serves."""
    if number(request, "offering"):
        return offer_visible(viewer, number(request, "offering"))
    resource = number(request, "resource")
    serving = [o for o in offers if any(resource in n.resource_ids for n in o.needs)]
    return (serving or offers)[0]


def _form(request: HttpRequest, offer: Offer, offers: list[Offer]) -> BookingForm:
    options: dict[str, Any] = {"offers": offers, "resources": choosable(offer), "auto_id": "new_%s"}
    if request.method == "POST":
        return BookingForm(request.POST, **options)
    start = _start(request, offer)
    initial: dict[str, Any] = {
        "offering": offer.row.pk,
        "party": max(offer.terms.min_party, 1),
        "nights": offer.row.min_nights,
        "resource": number(request, "resource"),
    }
    if start is not None and offer.row.unit == "slot":
        initial["own_time"] = start.astimezone(zone(offer.tz)).time()
    return BookingForm(initial=initial, **options)


def choosable(offer: Offer) -> list[tuple[int, str]]:
    """Whom or what one may wish for: the resources of the first requirement that gives a choice."""
    known = supply().resources
    need = next((n for n in offer.needs if len(n.resource_ids) > n.count), None)
    return [(pk, known[pk].name) for pk in need.resource_ids] if need else []


@require_safe
def booking_when(request: HttpRequest) -> HttpResponse:
    """What is free for what stands in the form: party, days, times, and why nothing is."""
    viewer = require_viewer(request)
    offer = offer_visible(viewer, number(request, "offering"))
    form = _form(request, offer, [offer])
    given_form = BookingForm(
        initial={
            "party": number(request, "party") or max(offer.terms.min_party, 1),
            "nights": number(request, "nights") or offer.row.min_nights,
            "resource": number(request, "resource"),
            "own_time": given(request, "own_time", 5),
        },
        offers=[offer],
        resources=form.fields["resource"].choices[1:],  # type: ignore[attr-defined]
        auto_id="new_%s",
    )
    return render(request, "reservations/when.html", {"form": given_form, "offer": offer, **_when(request, offer)})


def _when(request: HttpRequest, offer: Offer) -> dict[str, Any]:
    """The days and times around what was asked."""
    now, place = utcnow(), zone(offer.tz)
    start = _start(request, offer)
    default = start.astimezone(place).date() if start else None
    day = day_given(request, day_field(request), default or dt.date.min)
    wished = frozenset({number(request, "resource") or 0}) & {pk for pk, __ in choosable(offer)}
    asked = Asked(
        party=min(max(number(request, "party") or offer.terms.min_party, 1), offer.terms.max_party),
        nights=min(max(number(request, "nights") or 1, offer.row.min_nights), offer.row.max_nights),
        wished=wished,
    )
    times = times_around(offer, asked, day=day if day != dt.date.min else None, wished=start, now=now)
    return {"times": times, "is_slot": offer.row.unit == "slot", "is_night": offer.row.unit == "night"}


def _start(request: HttpRequest, offer: Offer) -> dt.datetime | None:
    """The start at hand, if it is one that can be read."""
    try:
        return instant_given(request, offer.tz)
    except Invalid:
        return None


def _made(request: HttpRequest, viewer: Viewer, offer: Offer, form: BookingForm) -> HttpResponse:
    """Book what the form says. Raises as booking_make."""
    data = form.cleaned_data
    start, session_id = form.begin(zone(offer.tz))
    wanted = Wanted(
        offer.row.pk,
        start,
        data["party"],
        nights=data["nights"],
        session_id=session_id,
        wished=frozenset({data["resource"]} - {None}),
        override=data["override"].strip(),
    )
    made = booking_make(caller=Caller.staff(viewer), wanted=wanted, guest=_guest(viewer, offer, data))
    text = _("%(name)s is booked: %(what)s, %(when)s.") % {
        "name": made.customer,
        "what": in_language(offer.row.name),
        "when": when_words(made.starts_at, offer.tz),
    }
    url, undo = reverse("visit", args=[made.reference]), reverse("visit_unmake", args=[made.reference])
    return dialog_done(request, url, "booking", text=text, undo_url=undo)


def _guest(viewer: Viewer, offer: Offer, data: dict[str, Any]) -> Guest:
    if data["customer"] not in ("", NEW):
        return Guest(customer_id=customer_by_reference(viewer, data["customer"]).pk, note=data["note"])
    site = site_get(offer.row.site_id)
    read = read_who(data["who"], site.country if site else "FR")
    return Guest(name=read.name, email=read.email, phone=read.phone, language=viewer.language, note=data["note"])


@require_safe
def booking_who(request: HttpRequest) -> HttpResponse:
    """What to know of the customer chosen: how often they came, what matters to them, what they have booked."""
    viewer, chosen = require_viewer(request), given(request, "customer", 16)
    return render(request, "reservations/who.html", _card(viewer, chosen))


def _card(viewer: Viewer, chosen: str) -> dict[str, Any]:
    if chosen in ("", NEW):
        return {}
    try:
        customer = customer_by_reference(viewer, chosen)
    except (NotFound, Invalid):
        return {}
    return {"customer": customer, "recognition": recognition_of(customer), "coming": _coming(viewer, customer.pk)}


def _coming(viewer: Viewer, customer_id: int) -> list[Booking]:
    """What a customer has booked already."""
    found = bookings_visible(viewer).filter(customer_id=customer_id, state__in=STANDING, starts_at__gt=utcnow())
    return list(found.select_related("offering", "site").order_by("starts_at")[:COMING_SHOWN])

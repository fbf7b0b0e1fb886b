"""The API of reservations: what is free, holds, bookings, and how they change."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from parvis.customers.api import Who
from parvis.customers.selectors import customer_pk_of
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid, NotFound
from parvis.kernel.references import reference_of
from parvis.reservations.availability import Asked, Slot, slots_between
from parvis.reservations.domain.rules import window
from parvis.reservations.models import Booking, Door
from parvis.reservations.partners import partner_visible
from parvis.reservations.selectors import booking_pk_of, booking_visible, booking_with_offering, bookings_visible
from parvis.reservations.services import (
    Caller,
    Guest,
    Wanted,
    booking_arrive,
    booking_cancel,
    booking_confirm,
    booking_finish,
    booking_hold,
    booking_make,
    booking_miss,
    booking_move,
    booking_restore,
)
from parvis.reservations.services.terms import limited_days
from parvis.reservations.supply import Offer, offer_by_slug, supply
from parvis.staff.api import Token, viewer_of
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Reference, Size, Text, as_it_is
from parvis.toolkit.pagination import keyset_page

offerings_router = Router(tags=["bookings"])
bookings_router = Router(tags=["bookings"])
READ, WRITE = Token("bookings:read"), Token("bookings:write")
Day = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1), le=dt.date(2200, 1, 1))]
Party = Annotated[int, Field(ge=1, le=10_000)]
Nights = Annotated[int, Field(ge=1, le=366)]
Key = Annotated[int, Field(ge=1, le=2**62)]


class ResourceOut(Schema):
    """Somebody or something that can be booked."""

    id: int
    name: str
    kind: str
    capacity: int


class OfferingOut(Schema):
    """Something that can be booked."""

    slug: str
    name: dict[str, str]
    summary: dict[str, str]
    site: int
    unit: Literal["slot", "night", "session"]
    duration_minutes: int
    min_party: int
    max_party: int
    price_minor: int
    price_per: str
    deposit_minor: int
    currency: str
    resources: list[ResourceOut]


class SlotOut(Schema):
    """A start with what is free at it. `places`: how many more parties of the size asked for fit."""

    start: Instant
    end: Instant
    places: int
    seats_taken: int
    session: int | None
    resources: list[int]


class AvailabilityOut(Schema):
    """The starts of some days. `closed_by_limit`: days that take no more bookings, and by the limit of which period."""

    slots: list[SlotOut]
    closed_by_limit: dict[str, str]


def offer_seen(viewer: Viewer, slug: str) -> Offer:
    """An offering at one of the viewer's sites. Raises NotFound, Invalid."""
    offer = offer_by_slug(slug)
    if not viewer.sees_site(offer.row.site_id):
        raise Invalid(_("This is booked at another site than yours."), code="no_offering")
    return offer


@offerings_router.get("", auth=READ, response={200: list[OfferingOut], **PROBLEMS})
def offerings_list(request: HttpRequest) -> list[dict[str, Any]]:
    """What can be booked at the sites of the token."""
    viewer, known = viewer_of(request), supply()
    names = ("slug", "name", "summary", "unit", "duration_minutes", "min_party", "max_party")
    money = ("price_minor", "price_per", "deposit_minor", "currency")
    return [
        {
            **{n: getattr(offer.row, n) for n in (*names, *money)},
            "site": offer.row.site_id,
            "resources": [
                {"id": r.pk, "name": r.name, "kind": r.kind, "capacity": r.capacity}
                for pk in dict.fromkeys(pk for need in offer.needs for pk in need.resource_ids)
                if (r := known.resources.get(pk))
            ],
        }
        for offer in known.offers.values()
        if viewer.sees_site(offer.row.site_id)
    ]


@offerings_router.get("/{slug}/availability", auth=READ, response={200: AvailabilityOut, **PROBLEMS})
def availability(
    request: HttpRequest,
    slug: Line,
    first: Annotated[Day, Query(description="first day, on the clocks of `tz`")],
    last: Annotated[Day, Query(description="last day, at most two months later")],
    party: Party = 1,
    nights: Nights = 1,
    resource: Annotated[Key | None, Query(description="this one and no other")] = None,
    tz: Annotated[Line | None, Query(description="IANA zone of the visitor; default: the site's")] = None,
    free: Annotated[bool, Query(description="only what is free and may be booked now")] = True,
) -> HttpResponse:
    """The starts of these days with what is free at each."""
    offer, now = offer_seen(viewer_of(request), slug), utcnow()
    if tz is not None:
        zone(tz)
    asked = Asked(party=party, nights=nights, wished=frozenset({resource} if resource else ()))
    slots = slots_between(offer, first, last, asked, now=now, tz=tz)
    full = _full_days(offer, slots, now)
    if free:
        (earliest, latest), place = window(offer.terms, now), zone(offer.tz)
        slots = [s for s in slots if s.places and earliest <= s.start <= latest]
        slots = [s for s in slots if s.start.astimezone(place).date() not in full] if full else slots
    closed = {day.isoformat(): period for day, period in full.items()}
    return as_it_is({"slots": [slot_shown(s) for s in slots], "closed_by_limit": closed})


def _full_days(offer: Offer, slots: list[Slot], now: dt.datetime) -> dict[dt.date, str]:
    """The days of these slots that take no more bookings, and by the limit of which period."""
    if not offer.terms.limits:
        return {}
    place = zone(offer.tz)
    return limited_days(offer, sorted({s.start.astimezone(place).date() for s in slots}), now=now)


def slot_shown(slot: Slot) -> dict[str, Any]:
    """A slot as the API shows it."""
    return {
        "start": slot.start,
        "end": slot.end,
        "places": slot.places,
        "seats_taken": slot.seats_taken,
        "session": slot.session_id,
        "resources": slot.resource_ids,
    }


class BookingOut(Schema):
    """A booking."""

    reference: str
    offering: str
    state: str
    door: str
    party: int
    starts_at: Instant
    ends_at: Instant
    session: int | None
    held_until: Instant | None
    customer: str | None
    partner: int | None
    encounter: str | None
    note: str
    price_minor: int
    deposit_minor: int
    fee_minor: int
    currency: str
    override: str
    created_at: Instant


class BookingPage(Schema):
    """A page of bookings."""

    items: list[BookingOut]
    next_cursor: str | None


def shown(booking: Booking) -> dict[str, Any]:
    """A booking row (with its offering) as the API shows it."""
    same = ("reference", "state", "door", "party", "starts_at", "ends_at", "held_until", "note", "override")
    money = ("price_minor", "deposit_minor", "fee_minor", "currency", "created_at")
    return {
        **{n: getattr(booking, n) for n in (*same, *money)},
        "offering": booking.offering.slug,
        "session": booking.session_id,
        "partner": booking.partner_id,
        "customer": reference_of("C", booking.customer_id) if booking.customer_id else None,
        "encounter": reference_of("E", booking.encounter_id) if booking.encounter_id else None,
    }


@bookings_router.get("", auth=READ, response={200: BookingPage, **PROBLEMS})
def bookings_list(
    request: HttpRequest,
    since: Annotated[Instant | None, Query(description="starting at or after")] = None,
    until: Annotated[Instant | None, Query(description="starting before")] = None,
    state: Literal["held", "confirmed", "arrived", "done", "no_show", "cancelled", "expired"] | None = None,
    customer: Reference | None = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Bookings in the order of their starts."""
    found = bookings_visible(viewer_of(request)).select_related("offering")
    if since is not None:
        found = found.filter(starts_at__gte=since)
    if until is not None:
        found = found.filter(starts_at__lt=until)
    if state is not None:
        found = found.filter(state=state)
    if customer is not None:
        found = found.filter(customer_id=customer_pk_of(customer))
    page = keyset_page(found, ["starts_at", "id"], cursor=cursor, size=limit)
    return {"items": [shown(b) for b in page.rows], "next_cursor": page.next_cursor}


class Place(Given):
    """What is to be booked: an offering with a start (for nights: any instant of the day of arrival) or a session."""

    start: Instant | None = None
    session: Key | None = None
    party: Party = 1
    nights: Nights = 1
    resources: Annotated[list[Key], Field(max_length=20, description="these and no others")] = []
    override: Annotated[Text, Field(max_length=300, description="why rules are set aside")] = ""


class BookingIn(Place):
    """A hold, or with a customer a booking at once."""

    offering: Line
    customer: Who | None = None
    hold: Annotated[bool, Field(description="hold only; confirm later")] = False
    hold_minutes: Annotated[int | None, Field(ge=1, le=120)] = None
    note: Annotated[Text, Field(max_length=500)] = ""
    partner: Annotated[Key | None, Field(description="in whose name; only what that partner may book")] = None


class ConfirmIn(Given):
    """Whom a hold is for."""

    customer: Who | None = None
    note: Annotated[Text, Field(max_length=500)] = ""


class CancelIn(Given):
    """Why, and who cancels."""

    reason: Annotated[Text, Field(max_length=300)] = ""
    by_house: bool = False


class MoveIn(Place):
    """The new place, and why."""

    reason: Annotated[Text, Field(max_length=300)] = ""


def _wanted(offering_id: int, place: Place) -> Wanted:
    return Wanted(
        offering_id,
        place.start,
        place.party,
        nights=place.nights,
        session_id=place.session,
        wished=frozenset(place.resources),
        override=place.override,
    )


def _guest(who: Who | None, note: str = "") -> Guest:
    if who is None:
        return Guest(note=note)
    known = customer_pk_of(who.reference) if who.reference else None
    return Guest(known, who.name, who.email.strip(), who.phone.strip(), who.language, note)


def _caller(request: HttpRequest) -> Caller:
    return Caller.staff(viewer_of(request), Door.API)


def _caller_for(viewer: Viewer, partner_id: int) -> Caller:
    """The token's member, in the name of a partner. Raises Invalid for one out of sight."""
    try:
        partner = partner_visible(viewer, partner_id)
    except NotFound as error:
        raise Invalid(_("There is no such partner, or it is not yours to see."), code="no_partner") from error
    return Caller(Door.PARTNER, actor_of(viewer), viewer, partner.pk)


def _answer(booking: Booking, status: int = 200) -> HttpResponse:
    """A booking, which the caller was seen to be allowed, as it is now."""
    return as_it_is(shown(booking_with_offering(booking.pk) or booking), status)


@bookings_router.post("", auth=WRITE, response={201: BookingOut, **PROBLEMS})
def booking_create(request: HttpRequest, body: BookingIn) -> HttpResponse:
    """Hold a place, or book it at once. A place that is gone answers 409 with three `alternatives`."""
    viewer, caller = viewer_of(request), _caller(request)
    if body.partner is not None:
        caller = _caller_for(viewer, body.partner)
    wanted = _wanted(offer_seen(viewer, body.offering).row.pk, body)
    if body.hold:
        booking = booking_hold(caller=caller, wanted=wanted, minutes=body.hold_minutes)
    else:
        booking = booking_make(caller=caller, wanted=wanted, guest=_guest(body.customer, body.note))
    return _answer(booking, 201)


@bookings_router.get("/{reference}", auth=READ, response={200: BookingOut, **PROBLEMS})
def booking_get(request: HttpRequest, reference: Reference) -> HttpResponse:
    """One booking."""
    return _answer(booking_visible(viewer_of(request), booking_pk_of(reference)))


@bookings_router.post("/{reference}/confirm", auth=WRITE, response={200: BookingOut, **PROBLEMS})
def booking_confirm_(request: HttpRequest, reference: Reference, body: ConfirmIn) -> HttpResponse:
    """Make a hold a booking. One that ran out is taken again if the place is still free."""
    caller, guest = _caller(request), _guest(body.customer, body.note)
    booking = booking_confirm(caller=caller, booking_id=booking_pk_of(reference), guest=guest)
    if offer := supply().offers.get(booking.offering_id):  # else it is read: it is offered no more
        booking.offering = offer.row
    return as_it_is(shown(booking))


@bookings_router.post("/{reference}/move", auth=WRITE, response={200: BookingOut, **PROBLEMS})
def booking_move_(request: HttpRequest, reference: Reference, body: MoveIn) -> HttpResponse:
    """Put a booking on another time; it keeps its old place until the new one is taken."""
    pk = booking_pk_of(reference)
    booking = booking_move(caller=_caller(request), booking_id=pk, wanted=_wanted(0, body), reason=body.reason)
    return _answer(booking)


@bookings_router.post("/{reference}/cancel", auth=WRITE, response={200: BookingOut, **PROBLEMS})
def booking_cancel_(request: HttpRequest, reference: Reference, body: CancelIn) -> HttpResponse:
    """Give a booking or a hold back."""
    pk, caller = booking_pk_of(reference), _caller(request)
    booking = booking_cancel(caller=caller, booking_id=pk, reason=body.reason, by_house=body.by_house)
    return _answer(booking)


class NotedIn(Given):
    """What happened to a booking."""

    what: Literal["arrived", "done", "no_show", "restored"]


_NOTED = {
    "arrived": booking_arrive,
    "done": booking_finish,
    "no_show": booking_miss,
    "restored": booking_restore,
}


@bookings_router.post("/{reference}/note", auth=WRITE, response={200: BookingOut, **PROBLEMS})
def booking_note(request: HttpRequest, reference: Reference, body: NotedIn) -> HttpResponse:
    """Note that the customer is here, that the visit is over, that they did not come, or take that back."""
    booking = _NOTED[body.what](caller=_caller(request), booking_id=booking_pk_of(reference))
    return _answer(booking)

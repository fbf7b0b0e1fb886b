"""The API of the waiting list."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from parvis.customers.api import Who
from parvis.customers.selectors import customer_pk_of, customer_visible
from parvis.customers.services import customer_for_sender
from parvis.kernel.errors import NotFound
from parvis.kernel.references import reference_of
from parvis.reservations.api import READ, WRITE, Day, Key, Nights, Party, offer_seen
from parvis.reservations.models import Door, WaitingEntry
from parvis.reservations.selectors import waiting_visible
from parvis.reservations.services import Caller
from parvis.reservations.services.waiting import Joining, waiting_join, waiting_leave, waiting_offer, waiting_why
from parvis.staff.api import viewer_of
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Reference, Size
from parvis.toolkit.db import unit
from parvis.toolkit.pagination import keyset_page

waiting_router = Router(tags=["waiting list"])


class WaitingOut(Schema):
    """A party that waits."""

    reference: str
    offering: str
    customer: str
    party: int
    first_day: dt.date
    last_day: dt.date
    wishes: dict[str, Any]
    state: str
    booking: str | None
    created_at: Instant


class WaitingPage(Schema):
    """A page of the waiting list."""

    items: list[WaitingOut]
    next_cursor: str | None


def shown(entry: WaitingEntry) -> dict[str, Any]:
    """A row (with its offering) as the API shows it."""
    same = ("reference", "party", "first_day", "last_day", "wishes", "state", "created_at")
    return {
        **{n: getattr(entry, n) for n in same},
        "offering": entry.offering.slug,
        "customer": reference_of("C", entry.customer_id),
        "booking": reference_of("B", entry.booking_id) if entry.booking_id else None,
    }


@waiting_router.get("", auth=READ, response={200: WaitingPage, **PROBLEMS})
def waiting_list(
    request: HttpRequest,
    offering: Annotated[Line | None, Query()] = None,
    state: Literal["waiting", "offered", "booked", "lapsed", "left"] | None = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Who waits, in the order of joining."""
    found = waiting_visible(viewer_of(request)).select_related("offering")
    if offering is not None:
        found = found.filter(offering_id=offer_seen(viewer_of(request), offering).row.pk)
    if state is not None:
        found = found.filter(state=state)
    page = keyset_page(found, ["created_at", "id"], cursor=cursor, size=limit)
    return {"items": [shown(e) for e in page.rows], "next_cursor": page.next_cursor}


class Wishes(Given):
    """What would suit: weekdays (0 is Monday), earliest and latest start on the clocks of the house, resources."""

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = []
    not_before: dt.time | None = None
    not_after: dt.time | None = None
    resources: Annotated[list[Key], Field(max_length=20)] = []


class WaitingIn(Given):
    """A party that wants to wait."""

    offering: Line
    customer: Who
    first_day: Day
    last_day: Day
    party: Party = 1
    nights: Nights | None = None
    session: Key | None = None
    wishes: Wishes = Wishes()


@waiting_router.post("", auth=WRITE, response={201: WaitingOut, **PROBLEMS})
def waiting_create(request: HttpRequest, body: WaitingIn) -> Status[dict[str, Any]]:
    """Put a party on the waiting list."""
    viewer = viewer_of(request)
    offer = offer_seen(viewer, body.offering)
    caller = Caller.staff(viewer, Door.API)
    with unit():
        customer_id = _customer(caller, viewer, body.customer, offer.row.site_id)
        wishes = {
            "weekdays": body.wishes.weekdays,
            "from": _clock(body.wishes.not_before),
            "until": _clock(body.wishes.not_after),
            "resources": body.wishes.resources,
        }
        joining = Joining(
            offer.row.pk,
            customer_id,
            body.first_day,
            body.last_day,
            party=body.party,
            nights=body.nights or 0,
            session_id=body.session,
            wishes={k: v for k, v in wishes.items() if v},
        )
        entry = waiting_join(caller=caller, joining=joining)
    return Status(201, shown(entry))


def _clock(time: dt.time | None) -> str | None:
    return time.replace(tzinfo=None).isoformat("minutes") if time else None


def _customer(caller: Caller, viewer: Viewer, who: Who, site_id: int) -> int:
    if who.reference:
        return int(customer_visible(viewer, customer_pk_of(who.reference)).pk)
    customer, __ = customer_for_sender(
        actor=caller.actor,
        site_id=site_id,
        email=who.email.strip(),
        phone=who.phone.strip(),
        name=who.name,
        language=who.language,
    )
    return int(customer.pk)


def _entry(request: HttpRequest, reference: str) -> WaitingEntry:
    pk = WaitingEntry.pk_of(reference)
    found = waiting_visible(viewer_of(request)).select_related("offering").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such entry, or it is not yours to see."), code="no_entry")
    return found


@waiting_router.get("/{reference}", auth=READ, response={200: WaitingOut, **PROBLEMS})
def waiting_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One entry."""
    return shown(_entry(request, reference))


class WhyOut(Schema):
    """Why a place is not offered to a party; `reason` null: it will be, next."""

    reason: str | None
    ahead: int
    free: int
    passed_over: list[list[str]]


@waiting_router.get("/{reference}/why", auth=READ, response={200: WhyOut, **PROBLEMS})
def waiting_why_(
    request: HttpRequest, reference: Reference, start: Annotated[Instant, Query()], session: Key | None = None
) -> dict[str, Any]:
    """Why the place at this start is not offered to this party as things stand."""
    answer = waiting_why(entry=_entry(request, reference), start=start, session_id=session)
    return {
        "reason": answer.reason.value if answer.reason else None,
        "ahead": answer.ahead,
        "free": answer.free,
        "passed_over": [list(p) for p in answer.passed_over],
    }


class OfferIn(Given):
    """The start to offer; without one, the first that fits."""

    start: Instant | None = None


@waiting_router.post("/{reference}/offer", auth=WRITE, response={200: WaitingOut, **PROBLEMS})
def waiting_offer_(request: HttpRequest, reference: Reference, body: OfferIn) -> dict[str, Any]:
    """Keep a place for a party for a while; they are written to."""
    entry = _entry(request, reference)
    waiting_offer(caller=Caller.staff(viewer_of(request), Door.API), entry_id=entry.pk, start=body.start)
    return shown(_entry(request, reference))


@waiting_router.post("/{reference}/leave", auth=WRITE, response={200: WaitingOut, **PROBLEMS})
def waiting_leave_(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Wait no longer."""
    waiting_leave(caller=Caller.staff(viewer_of(request), Door.API), entry_id=_entry(request, reference).pk)
    return shown(_entry(request, reference))

"""What a visitor does, each as one step: take a time, say who they are, put themselves on the waiting list."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import site_get
from parvis.customers.services import customer_for_sender
from parvis.desk.portal.services import HOUR
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.contact import normalise_email
from parvis.kernel.errors import TooMany
from parvis.reservations.selectors import booking_visible, bookings_visible
from parvis.reservations.services import (
    Caller,
    Door,
    Guest,
    Wanted,
    booking_cancel,
    booking_confirm,
    booking_hold,
)
from parvis.reservations.services.waiting import Joining, waiting_join
from parvis.reservations.supply import Offer, offer_get
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.models import IdempotencyKey
from parvis.toolkit.rates import rate_take

if TYPE_CHECKING:
    from parvis.reservations.models import Booking, WaitingEntry

OWNER = "portal.booking"
LIVE_HOLDS = 3
# A shared connection (an office, a school) books now and then; a script all the time.
HOLDS = ((12, dt.timedelta(minutes=10)), (60, HOUR))
JOINS_AN_HOUR = {"ip": 20, "email": 6}


@dataclass(frozen=True)
class Visitor:
    """Who clicks: as whom, the network address, the copy of the page, and the holds this browser has already."""

    caller: Caller
    ip: str
    nonce: str
    holds: Sequence[int] = ()


def hold_take(*, visitor: Visitor, wanted: Wanted, now: dt.datetime | None = None) -> "Booking":
    """Hold a time. The same button of the same page pressed again gives the same hold, as long as it runs.

    A browser keeps at most three: the oldest is let go. Raises TooMany, and as `booking_hold`.
    """
    now = now or utcnow()
    fingerprint = _fingerprint(f"{visitor.nonce}|{visitor.caller.partner_id or ''}", wanted)
    if (mine := _held(fingerprint, now)) is not None:
        return mine
    if not all(
        rate_take(bucket=f"portal:hold:{limit}:ip:{visitor.ip}", limit=limit, window=window) for limit, window in HOLDS
    ):
        raise TooMany(
            _("Many times were held from here within minutes."),
            hint=_("Try again a little later, or call us."),
            retry_after=HOLDS[0][1].total_seconds(),
        )
    with transaction.atomic():
        # Taking the key first makes a second click wait for the first one's end, on either database.
        key, created = IdempotencyKey.objects.get_or_create(
            owner=OWNER, key=fingerprint, defaults={"fingerprint": fingerprint}
        )
        if not created and (mine := _held(fingerprint, now)) is not None:
            return mine
        holds_let_go(visitor.holds, keep=LIVE_HOLDS - 1, now=now)
        booking = booking_hold(caller=visitor.caller, wanted=wanted, now=now)
        key.status, key.body = 201, {"booking": booking.pk}
        key.save(update_fields=["status", "body"])
    return booking


def _fingerprint(nonce: str, wanted: Wanted) -> str:
    said = f"{nonce}|{wanted.offering_id}|{wanted.start}|{wanted.session_id}|{wanted.party}|{wanted.nights}"
    return hashlib.sha256(f"{said}|{sorted(wanted.wished)}".encode()).hexdigest()


def _held(fingerprint: str, now: dt.datetime) -> "Booking | None":
    key = IdempotencyKey.objects.filter(owner=OWNER, key=fingerprint).first()
    if key is None or not key.body:
        return None
    found = bookings_visible(Viewer.house()).filter(pk=key.body["booking"], state="held", held_until__gt=now)
    return found.select_related("session__resource").first()


def holds_let_go(ids: Sequence[int], *, keep: int, now: dt.datetime) -> None:
    """Give back the oldest of a browser's holds, so that at most `keep` go on."""
    live = bookings_visible(Viewer.house()).filter(pk__in=list(ids)[-20:], state="held", held_until__gt=now)
    for booking in list(live.exclude(door=Door.WAITING).order_by("pk"))[: -keep or None]:
        booking_cancel(caller=Caller.public(Door.PORTAL), booking_id=booking.pk, now=now)


def guest_confirm(
    *, caller: Caller, booking_id: int, guest: Guest, wished: Sequence[int] = (), now: dt.datetime | None = None
) -> "Booking":
    """Make a hold a booking; one that ran out or was let go is taken anew if the time is still free.

    Raises Taken with alternatives, and as `booking_confirm`.
    """
    now = now or utcnow()
    booking = booking_visible(Viewer.house(), booking_id)
    if booking.state == "cancelled" and booking.confirmed_at is None:
        booking = booking_hold(caller=caller, wanted=wanted_again(booking, wished), now=now)
    if caller.partner_id is None:
        caller = Caller.public(caller.door, booking.customer_id)
    return booking_confirm(caller=caller, booking_id=booking.pk, guest=guest, now=now)


def wanted_again(booking: "Booking", wished: Sequence[int] = ()) -> Wanted:
    """What a booking asks for, as a new wish."""
    place = zone(offer_get(booking.offering_id).tz)
    nights = (booking.ends_at.astimezone(place).date() - booking.starts_at.astimezone(place).date()).days
    return Wanted(
        booking.offering_id,
        booking.starts_at,
        booking.party,
        max(nights, 1),
        session_id=booking.session_id,
        wished=frozenset(wished),
    )


@dataclass(frozen=True)
class Wish:
    """What somebody who waits fills in."""

    name: str
    email: str
    first_day: dt.date
    last_day: dt.date
    party: int = 1
    nights: int = 0
    session_id: int | None = None
    weekdays: tuple[int, ...] = ()
    begin: dt.time | None = None
    end: dt.time | None = None
    language: str = ""

    def wishes(self) -> dict[str, object]:
        """As `WaitingEntry.wishes` has them."""
        given = {
            "weekdays": list(self.weekdays),
            "from": self.begin.strftime("%H:%M") if self.begin else "",
            "until": self.end.strftime("%H:%M") if self.end else "",
        }
        return {name: value for name, value in given.items() if value}


def wish_join(*, visitor: Visitor, offer: Offer, wish: Wish, now: dt.datetime | None = None) -> "WaitingEntry":
    """Put somebody on the waiting list; the same copy of the form sent again is the same wish.

    Raises TooMany, and as `waiting_join`.
    """
    now = now or utcnow()
    by_ip = rate_take(bucket=f"portal:wait:ip:{visitor.ip}", limit=JOINS_AN_HOUR["ip"], window=HOUR)
    mail = hashlib.sha256(normalise_email(wish.email).encode()).hexdigest()[:32]
    if not (by_ip and rate_take(bucket=f"portal:wait:mail:{mail}", limit=JOINS_AN_HOUR["email"], window=HOUR)):
        raise TooMany(
            _("You have joined several waiting lists within the hour."),
            hint=_("Try again a little later, or call us."),
            retry_after=HOUR.total_seconds(),
        )
    site = site_get(offer.row.site_id)
    caller = visitor.caller
    with transaction.atomic():
        customer, __ = customer_for_sender(
            actor=caller.actor,
            site_id=offer.row.site_id,
            email=wish.email,
            name=wish.name,
            language=wish.language,
            country=site.country if site else "FR",
            at=now,
        )
        joining = Joining(
            offer.row.pk,
            customer.pk,
            wish.first_day,
            wish.last_day,
            wish.party,
            wish.nights,
            wish.session_id,
            wish.wishes(),
        )
        return waiting_join(caller=caller, joining=joining, now=now)

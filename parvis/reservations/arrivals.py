"""Who comes today: late ones first, then in order of time, with what staff should know of each."""

import datetime as dt
from dataclasses import dataclass

from parvis.kernel.clock import zone
from parvis.reservations.calendar_parts import state_of
from parvis.reservations.domain.rules import Unit
from parvis.reservations.models import Booking
from parvis.reservations.risk_words import RiskTold, risk_told
from parvis.reservations.selectors import bookings_visible
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language

SHOWN = 8
# Whoever should have come longer ago than this is looked for in the calendar.
LOOK_BACK = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Arrival:
    """Somebody who is expected."""

    reference: str
    name: str
    customer_id: int
    what: str
    start: dt.datetime
    state: str
    party: int
    is_regular: bool
    is_newcomer: bool
    matters: str
    note: str
    risk: RiskTold | None = None


def arrivals(viewer: Viewer, *, now: dt.datetime) -> tuple[list[Arrival], bool]:
    """The next arrivals of the day, late ones first; and whether there are more than shown. One statement."""
    soon = bookings_visible(viewer).filter(
        state="confirmed", starts_at__gt=now - LOOK_BACK, starts_at__lt=now + dt.timedelta(hours=24)
    )
    rows = soon.select_related("customer", "offering", "site", "forecast").order_by("starts_at", "pk")[: 3 * SHOWN]
    found = [_arrival(b, now) for b in rows if _today(b, now)]
    found.sort(key=lambda a: (a.state != "late", a.start))
    return found[:SHOWN], len(found) > SHOWN


def _today(booking: Booking, now: dt.datetime) -> bool:
    place = zone(booking.site.timezone)
    return booking.starts_at.astimezone(place).date() <= now.astimezone(place).date()


def _arrival(booking: Booking, now: dt.datetime) -> Arrival:
    customer = booking.customer
    return Arrival(
        reference=booking.reference,
        name=str(customer),
        customer_id=booking.customer_id or 0,
        what=in_language(booking.offering.name),
        start=booking.starts_at.astimezone(zone(booking.site.timezone)),
        state=state_of(booking, now) if booking.offering.unit != Unit.NIGHT or booking.starts_at > now else "confirmed",
        party=booking.party,
        is_regular=bool(customer and customer.is_regular),
        is_newcomer=bool(customer and customer.is_newcomer),
        matters=customer.matters if customer else "",
        note=booking.note,
        risk=risk_told(booking, now),
    )

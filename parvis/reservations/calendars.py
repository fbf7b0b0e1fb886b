"""Bookings as iCalendar: the file a customer gets, and the feeds of people and resources."""

import datetime as dt
from collections.abc import Iterable

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.ical.model import CANCELLED, Event
from parvis.kernel.ical.write import calendar_text
from parvis.reservations.models import Booking
from parvis.toolkit.bilingual import in_language

PUBLISH = "PUBLISH"


def event_of(booking: Booking, *, summary: str, description: str = "", url: str = "") -> Event:
    """A booking as an event in the zone of its site; its UID stays the same when it moves, its SEQUENCE rises."""
    site = site_get(booking.site_id)
    place = zone(site.timezone) if site else dt.UTC
    return Event(
        uid=f"{booking.reference}@parvis",
        start=booking.starts_at.astimezone(place),
        end=booking.ends_at.astimezone(place),
        summary=summary,
        description=description,
        location=" ".join(site.address.split()) if site else "",
        status=CANCELLED if booking.state in ("cancelled", "expired") else "CONFIRMED",
        url=url,
        sequence=booking.moves + (booking.state == "cancelled"),
    )


def booking_file(booking: Booking, *, language: str, url: str = "", now: dt.datetime | None = None) -> bytes:
    """The calendar file of one booking, for the customer."""
    house = in_language(booking.offering.name, language)
    site = site_get(booking.site_id)
    event = event_of(booking, summary=f"{house} – {site.name}" if site else house, url=url)
    return calendar_text([event], stamp=now or utcnow(), method=PUBLISH).encode()


def feed_text(bookings: Iterable[Booking], *, name: str, language: str, now: dt.datetime | None = None) -> str:
    """A calendar to subscribe to: who comes for what. `bookings` with `offering` and `customer`."""
    events = [
        event_of(
            b,
            summary=f"{b.customer.name if b.customer else '…'} – {in_language(b.offering.name, language)}",
            description=b.note,
        )
        for b in bookings
    ]
    return calendar_text(events, stamp=now or utcnow(), name=name)

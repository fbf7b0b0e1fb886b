"""Calendars to subscribe to: what is booked of a person or a resource, as iCalendar."""

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import zone
from parvis.kernel.ical.model import Event
from parvis.kernel.ical.write import calendar_text
from parvis.reservations.models import Booking
from parvis.toolkit.bilingual import in_language

_OLD_HOUSE = "parvis.staff"  # what feeds said before the house's own name stood there
_OURS = re.compile(r"B-[0-9A-Z]+(?:\.staff)?@(?P<house>.+)")


def is_ours(uid: str) -> bool:
    """Whether an event is a booking of this house that came back: it counts here already."""
    found = _OURS.fullmatch(uid.strip())
    return found is not None and found["house"] in (house_host(), _OLD_HOUSE)


def house_host() -> str:
    """The name of this house on the network, which makes the ids of its events its own."""
    return urlsplit(settings.BASE_URL).hostname or "parvis.invalid"


def feed_text(bookings: Iterable[Booking], *, name: str, language: str, now: dt.datetime) -> str:
    """Who comes for what, as a calendar. `bookings` with their `offering` and `customer`."""
    return calendar_text([_event(b, language) for b in bookings], stamp=now, name=name)


def _event(booking: Booking, language: str) -> Event:
    site = site_get(booking.site_id)
    place = zone(site.timezone) if site else dt.UTC
    who = booking.customer.name if booking.customer else "…"
    return Event(
        uid=f"{booking.reference}.staff@{house_host()}",
        start=booking.starts_at.astimezone(place),
        end=booking.ends_at.astimezone(place),
        summary=f"{who} – {in_language(booking.offering.name, language)}",
        description=booking.note,
        location=" ".join(site.address.split()) if site else "",
        status="TENTATIVE" if booking.state == "held" else "CONFIRMED",
        sequence=booking.moves,
    )

"""A booking as an event of the customer's own calendar."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from parvis.catalog.selectors import business, site_get
from parvis.desk.services.letters import booking_link
from parvis.kernel.clock import to_zone, utcnow
from parvis.kernel.ical.model import CANCELLED, Event
from parvis.kernel.ical.write import PUBLISH, calendar_text
from parvis.reservations.calendars import house_host
from parvis.toolkit.bilingual import in_language

if TYPE_CHECKING:
    from parvis.reservations.models import Booking

_STATUS = {"held": "TENTATIVE", "cancelled": CANCELLED, "expired": CANCELLED}


def booking_calendar(booking: "Booking") -> str:
    """The booking as iCalendar text. Its UID stays, its SEQUENCE grows, so that a new copy replaces the old one."""
    house, site = business(), site_get(booking.site_id)
    tz = site.timezone if site else settings.TIME_ZONE
    what = in_language(booking.offering.name)
    status = _STATUS.get(booking.state, "CONFIRMED")
    link = booking_link(booking.pk)
    event = Event(
        uid=f"{booking.reference}@{house_host()}",
        start=to_zone(booking.starts_at, tz),
        end=to_zone(booking.ends_at, tz),
        summary=f"{what}, {house.name}" if house else what,
        location=", ".join(line.strip() for line in site.address.splitlines() if line.strip()) if site else "",
        description=_("To move or cancel it: %(link)s") % {"link": link},
        url=link,
        status=status,
        sequence=booking.moves + (status == CANCELLED),
    )
    return calendar_text([event], stamp=utcnow(), method=PUBLISH)

"""What customers are told about their bookings."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext

from parvis.catalog.selectors import site_get
from parvis.channels.services import blobs_store
from parvis.channels.sms import sms_ready
from parvis.customers.selectors import email_of, mobile_of
from parvis.desk import events
from parvis.desk.models import Purpose
from parvis.desk.portal.booking.calendars import booking_calendar
from parvis.desk.portal.booking.words import cancel_words
from parvis.desk.selectors import thread_references
from parvis.desk.services.automatic import letter_automatic, sms_automatic
from parvis.desk.services.letters import booking_link, house_text, language_of, stated_time, waiting_link
from parvis.reservations.supply import terms_of
from parvis.toolkit.bilingual import in_language

if TYPE_CHECKING:
    from parvis.reservations.models import Booking, WaitingEntry


def when_of(booking: "Booking", language: str) -> str:
    """The start of a booking as one would say it, on the clocks of its site."""
    site = site_get(booking.site_id)
    return stated_time(booking.starts_at, site.timezone if site else settings.TIME_ZONE, language)


def terms_in_words(booking: "Booking", language: str, now: dt.datetime) -> str:
    """What giving a booking back costs, and until when it costs nothing: as the portal says it."""
    site = site_get(booking.site_id)
    zone = site.timezone if site else settings.TIME_ZONE
    with translation.override(language):
        return cancel_words(terms_of(booking.offering), booking.currency, booking.starts_at, zone, now)


def customer_tell(
    key: str,
    encounter: Any,
    about: "Booking | WaitingEntry",
    at: dt.datetime,
    *,
    calendar: bool = False,
    reason: str = "",
) -> bool:
    """Write to the customer about a booking, if there is an address; returns whether."""
    address = email_of(encounter.customer_id)
    if not address:
        return False
    language = language_of(encounter.customer)
    values = _values(about, language, at) | {"reason": reason}
    subject, text = house_text(key, encounter, encounter.customer, language, **values)
    text = "\n".join(_without_gaps(text.split("\n")))
    stamp = getattr(about, "moves", 0)
    attachments = []
    if calendar:
        with translation.override(language):
            [blob] = blobs_store([booking_calendar(about).encode()])  # type: ignore[arg-type]
        attachments = [{"name": f"{about.reference}.ics", "type": "text/calendar; method=PUBLISH", "blob": blob.pk}]
    letter_automatic(
        key=f"{key}:{about.pk}:{stamp}:{at:%Y%m%d%H%M%S}",
        event=events.BOOKING_TOLD,
        purpose=Purpose.BOOKING,
        encounter=encounter,
        address=address,
        subject=subject,
        text=text,
        references=thread_references(encounter.pk),
        at=at,
        attachments=attachments,
    )
    return True


def customer_remind(encounter: Any, booking: "Booking", at: dt.datetime) -> bool:
    """Remind by mail, text message or both, as the offering says and the customer can be reached; returns whether."""
    by = booking.offering.reminder_by
    number = mobile_of(encounter.customer_id) if sms_ready() else ""
    address = email_of(encounter.customer_id)
    texted = bool(number) and (by != "mail" or not address) and _remind_by_sms(encounter, booking, number, at)
    if texted and by == "sms":
        return True
    return customer_tell("booking_reminder", encounter, booking, at) or texted


def _remind_by_sms(encounter: Any, booking: "Booking", number: str, at: dt.datetime) -> bool:
    language = language_of(encounter.customer)
    values = _values(booking, language, at)
    __, text = house_text("booking_reminder_sms", encounter, encounter.customer, language, **values)
    return sms_automatic(
        key=f"booking_reminder:sms:{booking.pk}:{booking.moves}",
        event=events.BOOKING_TOLD,
        purpose=Purpose.BOOKING,
        encounter=encounter,
        number=number,
        text=text,
        at=at,
        not_after=booking.starts_at,
    )


def _values(about: Any, language: str, at: dt.datetime) -> dict[str, object]:
    """What the texts about bookings may say of one (or of a wish that waits)."""
    site = site_get(about.offering.site_id)
    zone = site.timezone if site else settings.TIME_ZONE
    values: dict[str, object] = {
        "what": in_language(about.offering.name, language),
        "where": " ".join((site.address or site.name).split()) if site else "",
        "when": "",
        "terms": "",
    }
    with translation.override(language):
        values["party"] = ngettext("%(n)s person", "%(n)s persons", about.party) % {"n": about.party}
    if not hasattr(about, "starts_at"):
        values["link"] = waiting_link(about.pk)
    else:
        values |= {
            "when": when_of(about, language),
            "link": booking_link(about.pk),
            "terms": terms_in_words(about, language, at),
            "until": stated_time(about.held_until, zone, language) if about.held_until else "",
        }
    return values


def _without_gaps(lines: list[str]) -> list[str]:
    """Lines with one blank between paragraphs: a placeholder that says nothing leaves no hole."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line)
    return kept

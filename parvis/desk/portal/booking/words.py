"""Bookings in the words of the one who books: lengths, prices, terms, clocks, refusals."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from parvis.catalog.opening import clock_words, day_words
from parvis.desk.portal.views.common import page_language
from parvis.kernel.clock import NBSP, format_span, to_zone, zone
from parvis.kernel.errors import ParvisError
from parvis.kernel.money import Money, format_money
from parvis.reservations.choosing import Why
from parvis.reservations.domain.rules import Terms, Unit, late_fee


def amount_words(minor: int, currency: str) -> str:
    """An amount as a price tag has it: « 69 € », "€12.50"."""
    text = format_money(Money(minor, currency), page_language())
    return re.sub(r"[.,]00(?!\d)", "", text)


def price_words(row: Any) -> str:
    """What an offering costs: "Free", "€69", "€18 per night"."""
    if not row.price_minor:
        return pgettext("price", "Free")
    amount = amount_words(row.price_minor, row.currency)
    match row.price_per:
        case "person":
            return _("%(amount)s per person") % {"amount": amount}
        case "night":
            return _("%(amount)s per night") % {"amount": amount}
    return amount


def length_words(row: Any) -> str:
    """How long a visit takes; "" where dates and nights say it."""
    return format_span(row.duration_minutes * 60, page_language()) if row.unit == Unit.SLOT else ""


def nights_words(count: int) -> str:
    """ "1 night", "3 nights"."""
    return ngettext("%(count)s night", "%(count)s nights", count) % {"count": count}


def party_words(count: int) -> str:
    """ "1 person", "3 persons"."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def seats_words(count: int) -> str:
    """How many seats are left."""
    return ngettext("%(count)s seat left", "%(count)s seats left", count) % {"count": count}


def headed(text: str) -> str:
    """A day or a month as it begins a line: « Mardi 24 novembre ». The rest keeps its capitals."""
    return text[:1].upper() + text[1:]


def clock_told(at: dt.datetime | dt.time) -> str:
    """A time of day that no line breaks: "14:30", « 14 h 30 »."""
    return clock_words(at).replace(" ", NBSP)


def instant_words(instant: dt.datetime, tz: str) -> str:
    """ "Thursday 26 November at 14:00", « jeudi 26 novembre à 14 h », on the clocks of `tz`."""
    local = to_zone(instant, tz)
    told = {"day": day_words(local.date()), "time": clock_told(local)}
    return pgettext("an instant", "%(day)s at %(time)s") % told


def span_words(start: dt.datetime, end: dt.datetime, tz: str) -> str:
    """The clock of a visit, "10:00–11:00"; with the day where it ends on another one."""
    first, last = to_zone(start, tz), to_zone(end, tz)
    if first.date() == last.date():
        return f"{clock_told(first)} – {clock_told(last)}"
    return f"{clock_told(first)} – {clock_told(last)} ({day_words(last.date())})"


@lru_cache(maxsize=256)
def _city(tz: str, language: str) -> str:
    # Babel takes its time to load.
    from babel import Locale
    from babel.dates import get_timezone_location

    try:
        return get_timezone_location(zone(tz), locale=Locale.parse(language), return_city=True)
    except (LookupError, AttributeError, ValueError):
        return tz.rpartition("/")[2].replace("_", " ")


def zone_words(tz: str) -> str:
    """The place whose clocks a zone has: "London", « Londres »."""
    return "UTC" if tz in ("UTC", "Etc/UTC") else _city(tz, page_language())


def same_clocks(one: str, other: str, at: dt.datetime) -> bool:
    """Whether the clocks of two zones show the same at an instant."""
    return at.astimezone(zone(one)).utcoffset() == at.astimezone(zone(other)).utcoffset()


def cancel_words(terms: Terms, currency: str, starts_at: dt.datetime, tz: str, now: dt.datetime) -> str:
    """What giving it back costs, and until when it costs nothing."""
    if not terms.late_fee_minor:
        return _("You can cancel free of charge until it begins.")
    fee = amount_words(terms.late_fee_minor, currency)
    if late_fee(terms, starts_at, now) is not None:
        return _("It begins soon: cancelling costs %(fee)s.") % {"fee": fee}
    until = starts_at - dt.timedelta(hours=terms.free_cancel_hours)
    told = {"when": instant_words(until, tz), "fee": fee}
    return _("Cancelling is free until %(when)s; afterwards it costs %(fee)s.") % told


def move_words(terms: Terms, starts_at: dt.datetime, tz: str, now: dt.datetime) -> str:
    """Until when the customer can move it themselves."""
    if late_fee(terms, starts_at, now) is not None:
        return _("It is too late to move it here; call us, we may find a way.")
    until = starts_at - dt.timedelta(hours=terms.free_cancel_hours)
    return _("You can move it to another time until %(when)s.") % {"when": instant_words(until, tz)}


WHY: dict[Why, str | Promise] = {
    Why.CLOSED: gettext_lazy("We are closed."),
    Why.TAKEN: gettext_lazy("Everything is taken."),
    Why.LIMIT: gettext_lazy("We take no more bookings for this day."),
    Why.WAITING: gettext_lazy("What is left is kept for people on the waiting list."),
    Why.TOO_SOON: gettext_lazy("It is too soon: we need a little more notice."),
    Why.TOO_FAR: gettext_lazy("Bookings are not open that far ahead yet."),
    Why.PAST: gettext_lazy("Today’s times have passed."),
}

_REFUSED: dict[str, str | Promise] = {
    "taken": gettext_lazy("This time has just been taken."),
    "limit_reached": gettext_lazy("We take no more bookings for this day."),
    "waiting_first": gettext_lazy("The places left at this time are kept for people on the waiting list."),
    "past": gettext_lazy("This time has passed."),
    "too_soon": gettext_lazy("This time is too soon: we need a little more notice."),
    "too_far": gettext_lazy("Bookings are not open that far ahead yet."),
    "off_grid": gettext_lazy("Visits do not begin at this time. Please choose one of these."),
    "bad_party": gettext_lazy("This cannot be booked for so many people."),
    "bad_nights": gettext_lazy("This cannot be booked for so many nights."),
    "too_late": gettext_lazy("It is too late to move this booking here. Please call us: we may find a way."),
    "waiting_closed": gettext_lazy("This waiting list takes nobody new at the moment."),
    "waits_already": gettext_lazy("You are on this waiting list for these days already."),
    "booking_cancelled": gettext_lazy("This booking was cancelled."),
    "booking_expired": gettext_lazy("The time to decide ran out."),
    "booking_arrived": gettext_lazy("You are here already."),
    "booking_done": gettext_lazy("This visit is over."),
    "booking_no_show": gettext_lazy("This booking has passed."),
    "no_offering": gettext_lazy("This can no longer be booked here. Please call us."),
    "no_resources": gettext_lazy("This cannot be booked at the moment. Please call us."),
}


def refusal_words(error: ParvisError) -> str:
    """A refusal as its customer reads it."""
    known = _REFUSED.get(error.code)
    return str(known) if known else f"{error} {error.hint or ''}".strip()

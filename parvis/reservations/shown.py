"""A booking as staff sees it: the facts, what may be done with it now, and what happened to it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from parvis.customers.selectors import Recognition, contact_points_of, recognition_of
from parvis.kernel.clock import zone
from parvis.kernel.errors import Conflict
from parvis.kernel.money import Money, format_money
from parvis.ledger.selectors import timeline
from parvis.ledger.words import Told, tell
from parvis.reservations.calendar_parts import ICONS, STATES, state_of
from parvis.reservations.domain.lifecycle import Event, after
from parvis.reservations.domain.rules import Unit, late_fee
from parvis.reservations.models import Booking, Resource
from parvis.reservations.risk_words import RiskTold, risk_told
from parvis.reservations.selectors import bookings_visible
from parvis.reservations.supply import supply
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language

TOLD = 30
TONES = {"arrived": "ok", "done": "", "late": "warn", "no_show": "bad", "cancelled": "bad", "held": "info"}


@dataclass(frozen=True)
class Shown:
    """A booking with all that stands around it."""

    booking: Booking
    what: str
    start: dt.datetime
    end: dt.datetime
    state: str
    state_label: str
    icon: str
    tone: str
    is_night: bool
    resources: Sequence[str]
    facts: Sequence[tuple[str, str]]
    fee: str
    may: frozenset[str]
    recognition: Recognition | None
    visits: str
    points: Sequence[Any]
    told: Sequence[Told]
    risk: RiskTold | None


def shown(viewer: Viewer, booking: Booking, *, now: dt.datetime) -> Shown:
    """Everything about one booking. `booking`: a row the viewer may see, with customer and offering."""
    row, customer = booking.offering, booking.customer
    place = zone(booking.site.timezone)
    state = state_of(booking, now)
    return Shown(
        booking=booking,
        what=in_language(row.name),
        start=booking.starts_at.astimezone(place),
        end=booking.ends_at.astimezone(place),
        state=state,
        state_label=_held_until(booking, place) if state == "held" else str(STATES[state]),
        icon=ICONS[state],
        tone=TONES.get(state, "accent"),
        is_night=row.unit == Unit.NIGHT,
        resources=_resource_names(booking),
        facts=_facts(booking),
        fee=fee_words(booking, now),
        may=_may(booking, now),
        recognition=recognition_of(customer) if customer else None,
        visits=visits_words(viewer, booking) if customer else "",
        points=contact_points_of(customer.pk)[:4] if customer else [],
        told=_told(viewer, booking),
        risk=risk_told(booking, now),
    )


def booking_full(viewer: Viewer, pk: int) -> Booking | None:
    """A booking with what its panel shows, in one statement; None out of sight."""
    related = ("customer", "offering", "site", "session", "encounter", "made_by", "forecast")
    return bookings_visible(viewer).filter(pk=pk).select_related(*related).first()


def _held_until(booking: Booking, place: dt.tzinfo) -> str:
    until = booking.held_until.astimezone(place) if booking.held_until else None
    return _("Held until %(time)s") % {"time": f"{until:%H:%M}"} if until else _("Held")


def _resource_names(booking: Booking) -> list[str]:
    known = {r.pk: r.name for r in supply().resources.values()}
    missing = [pk for pk in booking.placed if pk not in known]
    if missing and booking.session_id is None:
        known |= dict(Resource.objects.filter(pk__in=missing).values_list("pk", "name"))
    return [known[pk] for pk in booking.placed if pk in known]


def money_words(minor: int, currency: str) -> str:
    """An amount in the reader's language."""
    return format_money(Money(minor, currency), (get_language() or "en")[:2])


def _facts(booking: Booking) -> list[tuple[str, str]]:
    found = []
    if booking.party > 1:
        found.append((_("Persons"), str(booking.party)))
    if booking.price_minor:
        found.append((_("Price"), money_words(booking.price_minor, booking.currency)))
    if booking.deposit_minor:
        paid = _("paid") if booking.deposit_paid_at else _("not paid yet")
        found.append((_("Deposit"), f"{money_words(booking.deposit_minor, booking.currency)}, {paid}"))
    found.append((_("Terms"), _terms(booking)))
    if booking.fee_minor:
        found.append((_("Late fee"), money_words(booking.fee_minor, booking.currency)))
    if booking.reason:
        found.append((_("Reason"), booking.reason))
    if booking.override:
        found.append((_("Rule set aside"), booking.override))
    names = [row.name for row in (booking.partner, booking.made_by) if row]
    by = ", ".join([booking.get_door_display(), *names])
    found.append((_("Booked through"), by))
    return found


def _terms(booking: Booking) -> str:
    row = booking.offering
    if not row.late_fee_minor:
        return _("Cancellation costs nothing")
    fee = money_words(row.late_fee_minor, row.currency)
    hours = row.free_cancel_hours
    if not hours:
        return _("Free cancellation until it begins, then %(fee)s") % {"fee": fee}
    free = ngettext("Free cancellation until %(n)s hour before", "Free cancellation until %(n)s hours before", hours)
    return _("%(free)s, then %(fee)s") % {"free": free % {"n": hours}, "fee": fee}


def fee_words(booking: Booking, now: dt.datetime) -> str:
    """What it would cost the customer to cancel now; empty when nothing."""
    offer = supply().offers.get(booking.offering_id)
    if offer is None or booking.state == "held":
        return ""
    fee = late_fee(offer.terms, booking.starts_at, now)
    return money_words(fee, booking.currency) if fee else ""


def _may(booking: Booking, now: dt.datetime) -> frozenset[str]:
    """What makes sense now, by the names of the events."""
    found = set()
    for event in Event:
        try:
            after(booking.state, event)
        except Conflict:
            continue
        found.add(event.value)
    if booking.starts_at > now:
        found -= {Event.MISS.value, Event.FINISH.value}
    return frozenset(found)


def visits_words(viewer: Viewer, booking: Booking) -> str:
    """How often this customer has come to visits here: "Their 7th visit, since March 2026"."""
    came = bookings_visible(viewer).filter(
        customer_id=booking.customer_id or 0,
        state__in=["confirmed", "arrived", "done"],
        starts_at__lt=booking.starts_at,
    )
    found = list(came.order_by("starts_at", "pk").values_list("starts_at", flat=True)[:100])
    if not found:
        return _("Their first visit")
    since = date_format(found[0], pgettext("a month, of visits", "F Y"))
    number = len(found) + 1
    return _("Visit number %(n)s, since %(month)s") % {"n": "100+" if number > 100 else number, "month": since}


def _told(viewer: Viewer, booking: Booking) -> list[Told]:
    if not booking.customer_id:
        return []
    entries = timeline(customer_ids=[booking.customer_id], site_ids=viewer.site_ids)
    entries = entries.filter(name__startswith="booking.", data__booking=booking.pk)
    return tell(list(entries[:TOLD]))

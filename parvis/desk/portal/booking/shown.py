"""Offerings and bookings as customers see them. Nothing of the customer's record: a link may have been passed on."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import pgettext

from parvis.catalog.opening import day_words
from parvis.catalog.selectors import site_get, sites
from parvis.desk.portal.booking.asking import choosable
from parvis.desk.portal.booking.frames import PORTAL, Frame
from parvis.desk.portal.booking.words import (
    amount_words,
    cancel_words,
    clock_told,
    length_words,
    nights_words,
    party_words,
    price_words,
    same_clocks,
    span_words,
    zone_words,
)
from parvis.kernel.clock import to_zone
from parvis.reservations.choosing import is_stay
from parvis.reservations.supply import Offer, supply
from parvis.toolkit.bilingual import in_language

if TYPE_CHECKING:
    from parvis.reservations.models import Booking


@dataclass(frozen=True)
class Shown:
    """An offering as a card: `facts` are pairs of icon and words."""

    slug: str
    name: str
    summary: str
    facts: list[tuple[str, str]]
    url: str = ""


@dataclass(frozen=True)
class Place:
    """A site with what can be booked there."""

    site: Any
    offers: list[Shown]


def places_offered(site_slug: str = "", frame: Frame = PORTAL) -> list[Place]:
    """What can be booked here, with its addresses, by site (one of them, or all), sites without any left out."""
    offers = offers_in(frame)
    if not offers:
        return []
    found = [s for s in sites().order_by("pk") if site_slug in ("", s.slug)]
    places = [Place(s, [offer_shown(o, frame) for o in offers if o.row.site_id == s.pk]) for s in found]
    return [p for p in places if p.offers]


def offers_public() -> list[Offer]:
    """What is offered on the portal, in the order the house gives it."""
    found = [o for o in supply().offers.values() if o.row.is_public]
    return sorted(found, key=lambda o: (o.row.position, o.row.pk))


def offers_in(frame: Frame) -> list[Offer]:
    """What can be booked in a frame: what is public, or what the partner may book, public or not."""
    if frame.partner is None:
        return offers_public()
    found = [o for pk, o in supply().offers.items() if pk in frame.partner.offerings]
    return sorted(found, key=lambda o: (o.row.position, o.row.pk))


def offer_in(slug: str, frame: Frame) -> Offer | None:
    """One of them at an open site by its slug, if there is one."""
    found = next((o for o in offers_in(frame) if o.row.slug == slug), None)
    site = site_get(found.row.site_id) if found else None
    return found if site is not None and site.is_active else None


def public_offer(slug: str) -> Offer | None:
    """A public offering of an open site by its slug, if there is one."""
    return offer_in(slug, PORTAL)


def offer_shown(offer: Offer, frame: Frame = PORTAL) -> Shown:
    """An offering in words."""
    row = offer.row
    facts = [("clock", length_words(row)), ("receipt", price_words(row))]
    told = [fact for fact in facts if fact[1]]
    return Shown(row.slug, in_language(row.name), in_language(row.summary), told, frame.times(row.slug))


@dataclass
class Summary:
    """A booking (or what is to become one) in words. `clock`: on the visitor's clocks; `other`: on the house's."""

    name: str
    day: str
    clock: str
    other: str = ""
    extent: str = ""
    person: str = ""
    site: str = ""
    address: str = ""
    phone: str = ""
    price: str = ""
    deposit: str = ""
    terms: str = ""
    tz: str = ""
    extras: list[str] = field(default_factory=list)


def summary_of(booking: "Booking", *, tz: str = "", now: dt.datetime, offer: Offer | None = None) -> Summary:
    """A booking in words, on the clocks of `tz` (default: the house's), and on those of the house where they differ."""
    site = site_get(booking.site_id)
    house = site.timezone if site else settings.TIME_ZONE
    offer = offer or supply().offers.get(booking.offering_id)
    name = booking.offering.name if offer is None else offer.row.name
    stay = offer is not None and is_stay(offer)
    tz = house if stay or not tz else tz
    begin, end = to_zone(booking.starts_at, tz), to_zone(booking.ends_at, tz)
    found = Summary(
        in_language(name), day_words(begin.date()), span_words(booking.starts_at, booking.ends_at, tz), tz=tz
    )
    if stay:
        nights = (end.date() - begin.date()).days
        found.extent = nights_words(nights)
        found.day = f"{day_words(begin.date())}, {clock_told(begin)}"
        until = {"day": day_words(end.date()), "time": clock_told(end)}
        found.clock = pgettext("end of a stay", "until %(day)s, %(time)s") % until
    if not same_clocks(tz, house, booking.starts_at):
        found.other = _elsewhere(booking, house, tz)
    if booking.party > 1 or (offer is not None and offer.terms.max_party > 1):
        found.extras.append(party_words(booking.party))
    found.person = _person(booking, offer)
    if site is not None:
        found.site, found.address, found.phone = site.name, site.address, site.phone
    found.price = amount_words(booking.price_minor, booking.currency) if booking.price_minor else ""
    found.deposit = amount_words(booking.deposit_minor, booking.currency) if booking.deposit_minor else ""
    if offer is not None:
        found.terms = cancel_words(offer.terms, booking.currency, booking.starts_at, tz, now)
    return found


def _elsewhere(booking: "Booking", house: str, tz: str) -> str:
    there, here = to_zone(booking.starts_at, house), to_zone(booking.starts_at, tz)
    day = f"{day_words(there.date())}, " if there.date() != here.date() else ""
    return f"{day}{span_words(booking.starts_at, booking.ends_at, house)} ({zone_words(house)})"


def _person(booking: "Booking", offer: Offer | None) -> str:
    """With whom, where customers may choose that."""
    names = dict(choosable(offer)) if offer is not None else {}
    if not names:
        return ""
    ids = booking.claims.values_list("resource_id", flat=True)
    return next((names[pk] for pk in ids if pk in names), "")

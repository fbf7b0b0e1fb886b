"""Partners: their keys, and what each may see.

A partner has two keys, both signed and both void once another is asked for or the partner is switched off. The one to
book with stands in other people's pages, where everybody can read it: it only books. The other opens the partner's own
page, with the names of those it booked for.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.customers.selectors import organisations_visible
from parvis.kernel.errors import NotFound
from parvis.reservations.models import Booking, Offering, Partner
from parvis.reservations.selectors import booking_pk_of, no_booking
from parvis.staff.domain.viewer import Viewer

BOOKS, MANAGES = "parvis.partner.books", "parvis.partner.manages"
_COMING = ("held", "confirmed", "arrived")


@dataclass(frozen=True)
class Selling:
    """A partner as its pages know it: who, by which key it came, and the ids of what it may book."""

    pk: int
    name: str
    key: str
    offerings: frozenset[int]


def partners_visible(viewer: Viewer) -> QuerySet[Partner]:
    """Partners whose organisation is known at the viewer's sites."""
    found = Partner.objects.select_related("organisation")
    if viewer.site_ids is None:
        return found
    return found.filter(Exists(organisations_visible(viewer).filter(pk=OuterRef("organisation_id"))))


def partner_visible(viewer: Viewer, partner_id: int) -> Partner:
    """One partner. Raises NotFound alike for none and for one out of sight."""
    found = partners_visible(viewer).filter(pk=partner_id).first()
    if found is None:
        raise no_partner()
    return found


def no_partner() -> NotFound:
    """What is said alike of a partner that does not exist, is switched off, or is out of sight."""
    return NotFound(
        _("This address is no longer in use."),
        code="no_partner",
        hint=_("Whoever gave it to you can tell you the new one, or write to us."),
    )


def key_of(partner: Partner, purpose: str) -> str:
    """The key of a partner: its id and number, signed (HMAC-SHA256). `purpose`: BOOKS or MANAGES."""
    return signing.Signer(salt=purpose).sign_object([partner.pk, partner.key_number])


def key_of_selling(partner: Selling, purpose: str) -> str:
    """The other key of a partner whose one key was checked."""
    return key_of(Partner.objects.get(pk=partner.pk), purpose)


def partner_of(key: str, purpose: str) -> Selling:
    """The partner of a key. Raises NotFound for any but the one in use."""
    try:
        pk, number = signing.Signer(salt=purpose).unsign_object(key)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise no_partner() from error
    found = Partner.objects.filter(pk=pk, key_number=number, is_active=True).first()
    if found is None:
        raise no_partner()
    ids = Partner.offerings.through.objects.filter(partner_id=found.pk).values_list("offering_id", flat=True)
    return Selling(found.pk, found.name, key, frozenset(ids))


def may_sell(partner_id: int, offering_id: int) -> bool:
    """Whether a partner is active and this offering is among those it may book."""
    return Partner.objects.filter(pk=partner_id, is_active=True, offerings=offering_id).exists()


def bookings_coming(partner_id: int, now: dt.datetime) -> QuerySet[Booking]:
    """The partner's own bookings that are not over, soonest first."""
    found = Booking.objects.filter(
        partner_id=partner_id, state__in=_COMING, ends_at__gt=now, confirmed_at__isnull=False
    )
    return found.select_related("offering", "customer").order_by("starts_at", "pk")


def booking_of_partner(partner_id: int, reference: str) -> Booking:
    """One of the partner's own. Raises NotFound alike for none and for another's."""
    found = Booking.objects.filter(pk=booking_pk_of(reference), partner_id=partner_id)
    row = found.select_related("session__resource", "site", "customer").first()
    if row is None:
        raise no_booking()
    return row


@dataclass(frozen=True)
class Addresses:
    """What is given to a partner: where it (and its customers) book, the line for its own site, its own page."""

    book: str
    line: str
    page: str


def addresses_of(partner: Partner, offerings: list[Offering]) -> Addresses:
    """Its addresses as they are now; the line is for its one offering, or for all of it at a site."""
    base, key = settings.BASE_URL, key_of(partner, BOOKS)
    what = "data-offering" if len(offerings) == 1 else "data-site"
    slug = (offerings[0].slug if len(offerings) == 1 else offerings[0].site.slug) if offerings else ""
    return Addresses(
        f"{base}/book/p/{key}/",
        f'<script src="{base}/widget.js" {what}="{slug}" data-partner="{key}" async></script>' if slug else "",
        f"{base}/partner/{key_of(partner, MANAGES)}/",
    )

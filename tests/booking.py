"""A house that takes bookings, set up through services: for the tests of reservations and of what stands on them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from parvis.catalog.models import Site
from parvis.reservations.models import Booking, Door, Offering, Resource
from parvis.reservations.services import Caller, Guest, Wanted, booking_hold, booking_make
from parvis.reservations.services.setting_up import Need, offering_save, resource_save
from parvis.reservations.supply import Offer, offer_get
from parvis.staff.domain.viewer import Viewer

HOUSE = Viewer.house()
ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
ANNA = Guest(name="Anna Nowak", email="anna@nowak.example")


def at(text: str) -> dt.datetime:
    """An instant from ISO 8601 with its offset (`Z` for UTC)."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


@dataclass
class House:
    """A site with what is booked at it."""

    site: Site

    @classmethod
    def open(cls, tz: str = "UTC", hours: dict[str, Any] | None = None, slug: str = "house", **fields: Any) -> "House":
        """A site open by `hours` (default: always), without holidays."""
        return cls(
            Site.objects.create(
                name=slug.title(),
                slug=slug,
                timezone=tz,
                country="FR",
                observes_holidays=False,
                hours=ALL_DAY if hours is None else hours,
                **fields,
            )
        )

    def resource(self, name: str = "Malik", kind: str = "person", **fields: Any) -> Resource:
        """A resource of the site."""
        return resource_save(viewer=HOUSE, site_id=self.site.pk, name=name, kind=kind, **fields)

    def offering(
        self,
        *resources: Resource | Iterable[Resource],
        slug: str = "visit",
        need: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Offer:
        """An offering that needs each of these (one of them, where several are given together)."""
        needs = [Need([r.pk] if isinstance(r, Resource) else [x.pk for x in r], **(need or {})) for r in resources]
        given = {"duration_minutes": 60, "step_minutes": 60, "horizon_days": 730, "free_cancel_hours": 0}
        row: Offering = offering_save(
            viewer=HOUSE, site_id=self.site.pk, slug=slug, name={"en": slug.title()}, needs=needs, **{**given, **fields}
        )
        return offer_get(row.pk)


def book(offer: Offer, start: str | dt.datetime | None, **fields: Any) -> Booking:
    """A confirmed booking of staff; `now` and `guest` may be given."""
    now, guest = fields.pop("now", None), fields.pop("guest", ANNA)
    return booking_make(caller=Caller.staff(HOUSE), wanted=wanted(offer, start, **fields), guest=guest, now=now)


def hold(offer: Offer, start: str | dt.datetime | None, **fields: Any) -> Booking:
    """A hold of a visitor of the portal; `now`, `minutes` and `caller` may be given."""
    options = {k: fields.pop(k) for k in ("now", "minutes") if k in fields}
    caller = fields.pop("caller", Caller.public(Door.PORTAL))
    return booking_hold(caller=caller, wanted=wanted(offer, start, **fields), **options)


def wanted(offer: Offer, start: str | dt.datetime | None, **fields: Any) -> Wanted:
    """What is wanted of an offering."""
    return Wanted(offer.row.pk, at(start) if isinstance(start, str) else start, **fields)

"""What can be booked, as one value in memory: read by every availability and every booking, and seldom changed."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import calendar_between, site_get
from parvis.catalog.snapshot import version
from parvis.kernel.business_hours import Calendar
from parvis.kernel.errors import NotFound
from parvis.reservations.domain.rules import Terms
from parvis.reservations.domain.spans import Buffers
from parvis.reservations.models import Offering, Requirement, Resource


@dataclass(frozen=True)
class Needed:
    """A requirement: `count` different of these resources, `units` of each (per person or not)."""

    resource_ids: tuple[int, ...]
    count: int
    units: int
    per_person: bool
    buffers: Buffers

    def units_for(self, party: int) -> int:
        """Units of each resource that a party of this size takes."""
        return self.units * party if self.per_person else self.units


@dataclass(frozen=True)
class Offer:
    """An offering with what it needs and the terms it is booked on."""

    row: Offering
    needs: tuple[Needed, ...]
    terms: Terms
    buffers: Buffers

    @property
    def tz(self) -> str:
        """The IANA zone of the site: its clocks count."""
        site = site_get(self.row.site_id)
        return site.timezone if site else "UTC"


@dataclass(frozen=True)
class Supply:
    """All active offerings and resources of the house, by id. Read-only."""

    version: str
    offers: dict[int, Offer]
    resources: dict[int, Resource]
    calendars: dict[tuple[int | None, int, int, int], Calendar | None] = field(default_factory=dict)


_kept: Supply | None = None


def supply() -> Supply:
    """What can be booked, as the catalog's version at hand has it."""
    global _kept
    current = version()
    kept = _kept
    if kept is None or kept.version != current or not current:
        kept = _kept = _load(current)
    return kept


def offer_get(offering_id: int) -> Offer:
    """An active offering. Raises NotFound."""
    found = supply().offers.get(offering_id)
    if found is None:
        raise NotFound(_("This cannot be booked (any more)."), code="no_offering")
    return found


def offer_by_slug(slug: str) -> Offer:
    """An active offering by its slug. Raises NotFound."""
    found = next((o for o in supply().offers.values() if o.row.slug == slug), None)
    if found is None:
        raise NotFound(_("This cannot be booked (any more)."), code="no_offering")
    return found


def calendar_of_resource(resource: Resource, first: dt.date, last: dt.date) -> Calendar | None:
    """When a resource can be booked between two days: its own hours, else those of its site. None: the site is gone."""
    known, own = supply().calendars, resource.hours is not None or resource.exceptional_days
    key = (resource.pk if own else None, resource.site_id, first.year, last.year)
    if key not in known:
        site = site_get(resource.site_id)
        own_days = resource.exceptional_days
        known[key] = (
            calendar_between(site, first, last, hours=resource.hours, exceptional_days=own_days) if site else None
        )
    return known[key]


def _load(current: str) -> Supply:
    resources = {r.pk: r for r in Resource.objects.filter(is_active=True).exclude(kind="session")}
    chosen: dict[int, list[int]] = {}
    for requirement_id, resource_id in Requirement.resources.through.objects.order_by("id").values_list(
        "requirement_id", "resource_id"
    ):
        if resource_id in resources:
            chosen.setdefault(requirement_id, []).append(resource_id)
    needs: dict[int, list[Requirement]] = {}
    for requirement in Requirement.objects.all():
        needs.setdefault(requirement.offering_id, []).append(requirement)
    offers = {o.pk: _offer(o, needs.get(o.pk, []), chosen) for o in Offering.objects.filter(is_active=True)}
    return Supply(current, offers, resources)


def terms_of(row: Offering) -> Terms:
    """The terms of an offering, whether it is still offered or not."""
    return Terms(
        notice_minutes=row.notice_minutes,
        horizon_days=row.horizon_days,
        min_party=row.min_party,
        max_party=row.max_party,
        limits=row.limits,
        free_cancel_hours=row.free_cancel_hours,
        late_fee_minor=row.late_fee_minor,
    )


def _offer(row: Offering, needs: list[Requirement], chosen: dict[int, list[int]]) -> Offer:
    return Offer(
        row,
        tuple(
            Needed(tuple(chosen.get(n.pk, [])), n.count, n.units, n.per_person, _buffers(row, setup=n.setup_minutes))
            for n in needs
        ),
        terms_of(row),
        _buffers(row),
    )


def _buffers(row: Offering, setup: int = 0) -> Buffers:
    return Buffers(row.buffer_before, row.buffer_after, row.buffers_shared, setup)

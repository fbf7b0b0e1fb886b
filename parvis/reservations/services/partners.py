"""Partners are set up: added, changed, switched off, given new keys."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from parvis.catalog.services.common import authorise, needed
from parvis.customers.selectors import organisation_visible
from parvis.customers.services import organisation_create
from parvis.kernel.errors import Invalid
from parvis.ledger.services import Fact, entries_record
from parvis.reservations import events
from parvis.reservations.models import Offering, Partner
from parvis.reservations.partners import partner_visible
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows, unit


def partner_save(
    *,
    viewer: Viewer,
    name: str,
    offering_ids: Iterable[int],
    partner_id: int | None = None,
    organisation_id: int | None = None,
    is_active: bool = True,
) -> Partner:
    """Add a partner or change one. Without an organisation, a new one of its name is made.

    offering_ids: what it may book, of the viewer's sites; what it may book at others stays. Raises Invalid with
    `fields`, NotFound.
    """
    authorise(viewer)
    name, chosen = needed(name, longest=120), set(offering_ids)
    with unit():
        row = _locked(viewer, partner_id) if partner_id is not None else Partner()
        seen = {o.pk for o in Offering.objects.all() if viewer.sees_site(o.site_id)}
        kept = set(row.offerings.values_list("pk", flat=True)) - seen if row.pk else set()
        if not chosen or chosen - seen:
            told = _("Choose what this partner may book.")
            raise Invalid(told, fields={"offering_ids": told})
        row.name, row.is_active = name, is_active
        if organisation_id is not None:
            row.organisation = organisation_visible(viewer, organisation_id)
        elif row.pk is None:
            sites = Offering.objects.filter(pk__in=chosen).values_list("site_id", flat=True).distinct()
            row.organisation = organisation_create(viewer=viewer, name=name, site_ids=sites)
        row.save()
        row.offerings.set(chosen | kept)
        _record(viewer, events.PARTNER_CHANGED, row)
    return row


def partner_renew(*, viewer: Viewer, partner_id: int) -> Partner:
    """New keys: the addresses given out before answer 404 from now on. Raises NotFound."""
    authorise(viewer)
    with unit():
        row = _locked(viewer, partner_id)
        row.key_number += 1
        row.save(update_fields=["key_number"])
        _record(viewer, events.PARTNER_RENEWED, row)
    return row


def _locked(viewer: Viewer, partner_id: int) -> Partner:
    [row] = lock_rows(Partner.objects.all(), [partner_visible(viewer, partner_id).pk])
    return row


def _record(viewer: Viewer, name: str, row: Partner) -> None:
    sites = set(row.offerings.values_list("site_id", flat=True))
    # At each site concerned, so that its managers find it.
    facts = [Fact(name, site_id=site_id, data={"partner": row.pk}) for site_id in sorted(sites)]
    entries_record(actor=actor_of(viewer), facts=facts)

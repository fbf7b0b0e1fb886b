"""Overbooking is decided by a person: what it may cost, and how far it goes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.catalog.services.common import authorise
from parvis.kernel.errors import Invalid, NotFound
from parvis.ledger.services import Fact, entries_record
from parvis.reservations import events
from parvis.reservations.models import Offering
from parvis.reservations.services.setting_up import offering_save
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows, unit

MOST_EXTRA = 1000


def overbooking_costs_save(*, viewer: Viewer, offering_id: int, turned_away_minor: int, empty_minor: int) -> Offering:
    """Note what turning somebody away and an empty place cost, in minor units. Raises NotFound, Invalid."""
    costs: dict[str, Any] = {"turned_away_minor": turned_away_minor, "empty_minor": empty_minor}
    return offering_save(viewer=viewer, offering_id=offering_id, **costs)


def overbooking_decide(*, viewer: Viewer, offering_id: int, extra: int, figures: Mapping[str, Any]) -> Offering:
    """Allow so many places beyond capacity, by this person's decision; the figures they saw go into the ledger.

    Nothing else in Parvis changes this number by itself. Raises Invalid, NotFound.
    """
    authorise(viewer)
    if not 0 <= extra <= MOST_EXTRA:
        raise Invalid(_("The number of extra bookings lies between 0 and %(most)d.") % {"most": MOST_EXTRA})
    with unit():
        found = [row for row in lock_rows(Offering.objects.all(), [offering_id]) if viewer.sees_site(row.site_id)]
        if not found:
            raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
        row: Offering = found[0]
        was, row.overbooking = row.overbooking, extra
        row.save(update_fields=["overbooking"])
        data = {"offering": row.pk, "was": was, "extra": extra, "figures": dict(figures)}
        fact = Fact(events.OVERBOOKING_DECIDED, site_id=row.site_id, data=data)
        entries_record(actor=actor_of(viewer), facts=[fact])
    return row

"""Ledger entries about bookings."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from parvis.ledger.services import Actor, Fact, entries_record
from parvis.reservations.models import Booking


def record(actor: Actor, name: str, bookings: Iterable[Booking], *, at: dt.datetime | None = None, **data: Any) -> None:
    """One entry per booking; values that are None are left out."""
    entries_record(
        actor=actor,
        at=at,
        facts=[
            Fact(
                name,
                encounter_id=b.encounter_id,
                customer_id=b.customer_id,
                site_id=b.site_id,
                data={
                    "booking": b.pk,
                    "offering": b.offering_id,
                    "starts_at": b.starts_at.isoformat(),
                    "party": b.party,
                    **({"partner": b.partner_id} if b.partner_id else {}),
                    **{k: v for k, v in data.items() if v is not None},
                },
            )
            for b in bookings
        ],
    )

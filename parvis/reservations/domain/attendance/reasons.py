"""Which facts move a forecast: each replaced in turn by what is typical, and by how much the odds change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from .facts import BookingFacts
from .recalibration import log_odds
from .table import Floats

_TOLD = 3
_LEAST = 0.15  # in log odds; less is not worth a line
_CLOSE_BY = timedelta(hours=30)


@dataclass(frozen=True)
class Typical:
    """What a booking of this house is like: medians, and the commonest weekday."""

    lead_days: float = 5.0
    hour: float = 12.0
    weekday: int = 2
    party: int = 1
    price_minor: int | None = None

    @classmethod
    def of(cls, facts: Sequence[BookingFacts]) -> Typical:
        """Of these bookings; the usual for none."""
        if not facts:
            return cls()
        prices = [one.price_minor for one in facts if one.price_minor is not None]
        return cls(
            lead_days=float(np.median([one.lead_days for one in facts])),
            hour=float(np.median([one.hour for one in facts])),
            weekday=int(np.bincount([one.weekday for one in facts]).argmax()),
            party=int(np.median([one.party for one in facts])),
            price_minor=int(np.median(prices)) if prices else None,
        )


def reasons(
    probabilities: Callable[[Sequence[BookingFacts]], Floats], facts: Sequence[BookingFacts], typical: Typical
) -> list[list[dict[str, Any]]]:
    """Per booking, the facts that move its forecast most, the strongest first: JSON-ready.

    probabilities: facts (n,) → (n, 2). Each reason: `about` (which fact), `more` (whether it raises the risk), and the
    values that its words need.
    """
    asked = log_odds(probabilities(facts).sum(axis=1))
    moves: list[list[tuple[float, str]]] = [[] for __ in facts]
    for about, without in _WITHOUT.items():
        other = log_odds(probabilities([without(one, typical) for one in facts]).sum(axis=1))
        for found, move in zip(moves, asked - other, strict=True):
            if abs(move) >= _LEAST:
                found.append((float(move), about))
    return [
        [_reason(one, about, move) for move, about in sorted(found, key=lambda m: -abs(m[0]))[:_TOLD]]
        for one, found in zip(facts, moves, strict=True)
    ]


def _reason(facts: BookingFacts, about: str, move: float) -> dict[str, Any]:
    values: dict[str, Any] = {}
    match about:
        case "past":
            values = {"kept": facts.kept, "cancelled": facts.cancelled, "no_shows": facts.no_shows}
        case "door":
            values = {"door": facts.door}
        case "ahead":
            values = {"days": round(facts.days_left)}
        case "lead":
            values = {"days": round(facts.lead_days)}
        case "party":
            values = {"party": facts.party}
        case "weekday":
            values = {"weekday": facts.weekday}
        case "hour":
            values = {"hour": f"{int(facts.hour):02}:{round(facts.hour % 1 * 60):02}"}
    return {"about": about, "more": move > 0, **values}


def _sooner(one: BookingFacts, __: Typical) -> BookingFacts:
    """Asked when the visit is near, or when it was booked if that was later still."""
    return replace(one, asked_at=max(one.seen_at, one.starts_at - _CLOSE_BY, one.booked_at))


def _usual_lead(one: BookingFacts, typical: Typical) -> BookingFacts:
    """Booked as far ahead as usual, though never after the question."""
    return replace(one, booked_at=min(one.starts_at - timedelta(days=typical.lead_days), one.seen_at))


_WITHOUT: dict[str, Callable[[BookingFacts, Typical], BookingFacts]] = {
    "past": lambda one, __: replace(one, kept=0, cancelled=0, no_shows=0),
    "confirmed": lambda one, __: replace(one, confirmed_at=None),
    "offering": lambda one, __: replace(one, offering="", door=""),
    "door": lambda one, __: replace(one, door=""),
    "ahead": _sooner,
    "lead": _usual_lead,
    "weekday": lambda one, typical: replace(one, weekday=typical.weekday),
    "hour": lambda one, typical: replace(one, hour=typical.hour),
    "party": lambda one, typical: replace(one, party=typical.party),
    "price": lambda one, typical: replace(one, price_minor=typical.price_minor),
}

"""A forecast that works on day one: shares, each shrunk towards the next broader one (Dirichlet-multinomial).

From broad to narrow: what is usual anywhere → this house → how close the start is and whether it is confirmed → the
offering → the door. Each level adds what it alone has seen (what a narrower level counts too is left to that) to
`STRENGTH` imagined bookings that turn out as the broader level says. So a level without bookings repeats the broader
one, one with hundreds speaks for itself, and no booking is counted twice.

The customer's own past comes last: shrunk in the same way towards the house's share, it is a factor on the odds. A
customer who kept ten bookings and missed none more than halves the risk, one with a single booking barely moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .facts import BookingFacts
from .table import Floats

# Kept, cancelled, not turned up, where nothing is known of a house. Restaurants and clinics report 5 to 20 % of
# no-shows, hotels 20 to 40 % of cancellations (the open hotel data: 35 and 1); this is a cautious middle.
USUAL = (0.82, 0.13, 0.05)
STRENGTH = 20.0
CUSTOMER_STRENGTH = 6.0
BOOKED = ("booked",)
_NONE = np.zeros(3)


@dataclass
class SimpleModel:
    """Counts of outcomes (3,) by level, and of bookings when they were made under `BOOKED`. JSON: `to_json`."""

    counts: dict[tuple[str, ...], Floats] = field(default_factory=dict)

    def learn(self, facts: BookingFacts, outcome: Floats, weight: float = 1.0) -> None:
        """Count one look at a past booking. outcome: (3,) of 0 and 1."""
        booked = [BOOKED] if facts.seen_at <= facts.booked_at else []
        for key in (*booked, *_levels(facts)):
            self.counts[key] = self.counts.get(key, np.zeros(3)) + outcome * weight

    def probabilities(self, facts: Sequence[BookingFacts]) -> Floats:
        """(n, 3): kept, cancelled, no-show per booking; each row sums to 1."""
        return np.array([self._one(one) for one in facts]).reshape(len(facts), 3)

    def _one(self, facts: BookingFacts) -> Floats:
        house = _shrunk(self._of(BOOKED), np.array(USUAL))
        found = np.array(USUAL)
        levels = list(_levels(facts))
        for key, narrower in zip(levels, [*levels[1:], None], strict=True):
            alone = self._of(key) - (self._of(narrower) if narrower else 0.0)
            found = _shrunk(np.maximum(alone, 0.0), found)
        past = np.array([facts.kept, facts.cancelled, facts.no_shows], dtype=float)
        own = (past + CUSTOMER_STRENGTH * house) / (past.sum() + CUSTOMER_STRENGTH)
        found = found * own / house
        return np.asarray(found / found.sum())

    def _of(self, key: tuple[str, ...]) -> Floats:
        return self.counts.get(key, _NONE)

    def to_json(self) -> dict[str, Any]:
        """The counts as JSON-ready values."""
        return {"version": 1, "counts": [[list(key), value.tolist()] for key, value in sorted(self.counts.items())]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SimpleModel:
        """The model that `to_json` described. Raises ValueError for anything else."""
        try:
            if value["version"] != 1:
                raise ValueError("another version of the model")
            counts = {tuple(str(part) for part in key): np.array(row, dtype=float) for key, row in value["counts"]}
        except (KeyError, TypeError) as error:
            raise ValueError("not a model") from error
        if any(row.shape != (3,) or not np.isfinite(row).all() or (row < 0).any() for row in counts.values()):
            raise ValueError("not counts of three outcomes")
        return cls(counts)


def simple_model(looks: Iterable[tuple[BookingFacts, Floats, float]]) -> SimpleModel:
    """The model of looks at past bookings: (facts, outcome (3,), weight)."""
    model = SimpleModel()
    for facts, outcome, weight in looks:
        model.learn(facts, outcome, weight)
    return model


def _shrunk(counts: Floats, broader: Floats) -> Floats:
    return np.asarray((counts + STRENGTH * broader) / (counts.sum() + STRENGTH))


def _levels(facts: BookingFacts) -> Iterator[tuple[str, ...]]:
    """The keys under which a look is counted, from broad to narrow."""
    close = ("look", str(facts.closeness), "confirmed" if facts.confirmed else "")
    yield ("look",)
    yield close
    yield (*close, facts.offering)
    yield (*close, facts.offering, facts.door)

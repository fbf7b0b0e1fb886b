"""What is kept of a fitted model: plain numbers, read by processes that never load scikit-learn.

The shares (`simple`) answer at any time, as a booking nears and is confirmed. What trees know beyond them is kept per
booking as its *lift*: by how much, in log odds, the trees were above the shares when they were asked last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .model import AttendanceModel
from .recalibration import Recalibration, log_odds, probability
from .simple import SimpleModel
from .table import Floats

# Past bookings below which a house is told nothing of a single booking: its own shares would be those of anywhere.
ENOUGH_TO_TELL = 100
ENOUGH_MISSED_TO_TELL = 5
# Held-out AUC from which forecasts are believed of single bookings. Not the Brier score: with the few bookings of a
# small house it mostly tells whether this month differs from the last ones.
_TELLS_APART = 0.55
# A forecast is worth a word when it is well above what is usual in this house, and not small in itself.
_NOTABLE, _ABOVE = 0.2, 1.5


@dataclass(frozen=True)
class Served:
    """A model as it is kept: without trees, corrected as the shares are.

    missed: of the bookings learned from. helps: whether its forecasts would have told who comes from who does not.
    """

    model: AttendanceModel = field(default_factory=AttendanceModel)
    learned_from: int = 0
    missed: int = 0
    helps: bool = False

    @classmethod
    def of(cls, model: AttendanceModel, missed: int) -> Served:
        """What is kept of a model that was fitted."""
        correction = model.simple_correction
        plain = AttendanceModel(model.simple, None, correction, model.learned_from, simple_correction=correction)
        area = model.score.area if model.score else None
        helps = area is not None and area >= _TELLS_APART
        return cls(plain, model.learned_from, missed, helps)

    @property
    def is_told(self) -> bool:
        """Whether enough has happened in this house to say something of one booking, and it would have been right."""
        return self.is_enough and self.helps

    @property
    def is_enough(self) -> bool:
        """Whether enough has happened in this house to know its shares."""
        return self.learned_from >= ENOUGH_TO_TELL and self.missed >= ENOUGH_MISSED_TO_TELL

    def is_notable(self, missed: float) -> bool:
        """Whether a probability of being missed deserves a word."""
        return missed >= max(_NOTABLE, _ABOVE * self.missed / max(self.learned_from, 1))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        correction = self.model.simple_correction
        return {
            "simple": self.model.simple.to_json(),
            "correction": [correction.offset, correction.slope, list(correction.groups)],
            "learned_from": self.learned_from,
            "missed": self.missed,
            "helps": self.helps,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Served:
        """The model that `to_json` described; the empty one for no value. Raises ValueError for anything else."""
        if not value:
            return cls()
        try:
            offset, slope, groups = value["correction"]
            correction = Recalibration(float(offset), float(slope), tuple(float(g) for g in groups))
            learned_from, missed, helps = int(value["learned_from"]), int(value["missed"]), bool(value["helps"])
        except (KeyError, TypeError) as error:
            raise ValueError("not a kept model") from error
        simple = SimpleModel.from_json(value["simple"])
        model = AttendanceModel(simple, None, correction, learned_from, simple_correction=correction)
        return cls(model, learned_from, missed, helps)


def lifted(probabilities: Floats, lift: Floats) -> Floats:
    """(n, 2): cancellation and no-show of shares (n, 2), raised together by `lift` (n,) in log odds."""
    missed = probabilities.sum(axis=1)
    raised = probability(log_odds(missed) + lift)
    return np.asarray(probabilities / np.maximum(missed, 1e-9)[:, None] * raised[:, None])


def lift_of(full: Floats, shares: Floats) -> Floats:
    """(n,): by how much `full` (n, 2) is above `shares` (n, 2), in log odds."""
    return log_odds(full.sum(axis=1)) - log_odds(shares.sum(axis=1))


def weigh(served: Served, facts: Sequence[Any], lift: Sequence[float]) -> Floats:
    """(n, 2): cancellation and no-show of bookings as they stand when asked."""
    return lifted(served.model.probabilities(facts), np.array(lift, dtype=float))

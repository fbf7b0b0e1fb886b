"""Keeps what is told honest as outcomes come in (Gibbs and Candès 2021, after Romano, Patterson and Candès 2019).

After each outcome the median and the .9 quantile move a little: up when the wait was longer than told, down when not,
so that in the long run the shares promised are the shares kept, whatever changed. The moves are of log(1 + minutes),
the same for long and short waits in proportion, and bounded: what is further off is a matter for learning anew, not
for this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .history import Floats

STEP = 0.01
MOST = 0.7  # as a factor: half to twice
_DOUBT = 200.0  # outcomes that halve what is learned to begin with


@dataclass(frozen=True)
class Recalibration:
    """How far the median and the .9 quantile are moved, in log(1 + minutes); `scored` outcomes have been seen."""

    median: float = 0.0
    high: float = 0.0
    scored: int = 0

    def apply(self, minutes: Floats) -> Floats:
        """(n, 6) quantiles at .1 .25 .5 .75 .9 .95, moved: those below the median with it, those between in
        between."""
        share = np.array([0.0, 0.0, 0.0, 0.625, 1.0, 1.0])
        moved = np.log1p(minutes) + self.median + share * (self.high - self.median)
        return np.maximum.accumulate(np.maximum(np.expm1(moved), 0.0), axis=1)

    def after(self, waited: float, median: float, high: float) -> Recalibration:
        """With one more outcome: minutes waited by somebody who was served, and what they had been told."""
        return Recalibration(
            _bounded(self.median + STEP * (0.5 - (waited <= median))),
            _bounded(self.high + STEP * (0.9 - (waited <= high))),
            self.scored + 1,
        )

    @classmethod
    def learned(cls, waited: Floats, minutes: Floats) -> Recalibration:
        """To begin with, from n past outcomes: waited (n,) minutes, minutes (n, 6) as drawn (Romano et al. 2019).

        With few of them it moves less than they ask for.
        """
        trust = len(waited) / (len(waited) + _DOUBT)
        lacking = np.log1p(waited)[:, None] - np.log1p(minutes[:, [2, 4]])
        median, high = np.quantile(lacking[:, 0], 0.5), np.quantile(lacking[:, 1], 0.9)
        return cls(_bounded(trust * float(median)), _bounded(trust * float(high)))

    def as_json(self) -> dict[str, Any]:
        """For a column of a database."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Recalibration:
        """What `as_json` gave; an empty object is a new beginning."""
        return cls(float(stored.get("median", 0)), float(stored.get("high", 0)), int(stored.get("scored", 0)))


def _bounded(shift: float) -> float:
    return min(max(shift, -MOST), MOST)

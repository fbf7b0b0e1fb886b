"""How good forecasts of yes or no are: whether they tell bookings apart, and whether they say what then happens.

Throughout: `outcome` (n,) of 0 and 1, `forecast` (n,) of probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .table import Floats

_SURE = 1e-6  # a forecast of exactly 0 or 1 would make one surprise infinitely bad


@dataclass(frozen=True)
class Decile:
    """A tenth of the forecasts, by height: their mean, the share that came true, and how many they are."""

    forecast: float
    observed: float
    n: int

    @property
    def gap(self) -> float:
        """How far the forecast is above (+) or below (-) what happened."""
        return self.forecast - self.observed


def auc(outcome: Floats, forecast: Floats) -> float | None:
    """Area under the ROC curve: how often a true case is ranked above a false one, ties counting half.

    None when there are only true or only false cases. (Mann and Whitney's U, divided by the number of pairs.)
    """
    true = float(outcome.sum())
    false = len(outcome) - true
    if not true or not false:
        return None
    _, place, counts = np.unique(forecast, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[outcome == 1].sum() - true * (true + 1) / 2) / (true * false))


def brier(outcome: Floats, forecast: Floats) -> float:
    """Mean squared difference (Brier 1950); 0 is perfect."""
    return float(np.mean((forecast - outcome) ** 2))


def log_loss(outcome: Floats, forecast: Floats) -> float:
    """Mean surprise in nats; 0 is perfect."""
    sure = np.clip(forecast, _SURE, 1 - _SURE)
    return float(-np.mean(outcome * np.log(sure) + (1 - outcome) * np.log(1 - sure)))


def deciles(outcome: Floats, forecast: Floats) -> list[Decile]:
    """Ten parts of as equal size as possible, lowest forecasts first; needs at least ten forecasts.

    Raises ValueError for fewer.
    """
    if len(forecast) < 10:
        raise ValueError("ten deciles need at least ten forecasts")
    parts = np.array_split(np.argsort(forecast, kind="stable"), 10)
    return [Decile(float(forecast[p].mean()), float(outcome[p].mean()), len(p)) for p in parts]

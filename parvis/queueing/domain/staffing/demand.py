"""How many people a day will bring, half hour by half hour, from the days there were.

Counts are Poisson around a rate that depends on the kind of day; the rate of a half hour is a gamma posterior around
what the whole house does at that time, weighted by how recent the days are (Gelman et al., "Bayesian Data Analysis",
§2.6).
Days differ more than Poisson counts would: the spread of whole days is kept beside the rates.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

BINS = 48
HALF_LIFE_DAYS = 42.0
# Days of a kind count for this many of the house's average day: with none seen, the average is what is expected.
_PRIOR_DAYS = 1.0
_HOLIDAY = 7
_LEAST_SPREAD = 0.05


@dataclass(frozen=True)
class Demand:
    """Expected arrivals of one day, shape (48,), and the relative spread of days of this kind (standard deviation)."""

    expected: np.ndarray
    spread: float
    days: int

    def band(self, q: float) -> np.ndarray:
        """The half hours of a day that is busier than a share q of such days (lognormal days), shape (48,)."""
        from scipy.special import ndtri

        sigma = np.sqrt(np.log1p(self.spread**2))
        return self.expected * np.exp(sigma * ndtri(q) - sigma**2 / 2)


def kind_of(day: dt.date, holidays: Collection[dt.date]) -> int:
    """0–6 for Monday to Sunday, 7 for a public holiday."""
    return _HOLIDAY if day in holidays else day.weekday()


def demand_of(
    counts: Mapping[dt.date, np.ndarray], day: dt.date, *, holidays: Collection[dt.date] = ()
) -> Demand | None:
    """What `day` will bring, from the arrivals per half hour of earlier days, each of shape (48,).

    Days without anybody are left out: the house was closed. None without any day to learn from.
    """
    known = sorted(d for d, c in counts.items() if d < day and c.sum() > 0)
    if not known:
        return None
    table = np.array([counts[d] for d in known], dtype=float)
    weight = np.array([0.5 ** ((day - d).days / HALF_LIFE_DAYS) for d in known])
    alike = np.array([kind_of(d, holidays) == kind_of(day, holidays) for d in known])
    average = weight @ table / weight.sum()
    own = weight * alike
    expected = (own @ table + _PRIOR_DAYS * average) / (own.sum() + _PRIOR_DAYS)
    return Demand(expected, _spread(table, weight, alike, expected), int(alike.sum()))


def _spread(table: np.ndarray, weight: np.ndarray, alike: np.ndarray, expected: np.ndarray) -> float:
    """Relative standard deviation of whole days beyond Poisson's, of days alike where there are a few."""
    rows = alike if alike.sum() >= 3 else np.ones(len(table), dtype=bool)
    totals, w = table[rows].sum(1), weight[rows]
    mean = float(w @ totals / w.sum())
    variance = float(w @ (totals - mean) ** 2 / w.sum())
    return max(_LEAST_SPREAD, float(np.sqrt(max(0.0, variance - mean)) / max(mean, 1e-9)))

"""A small regression on top of the replay, used only where there is enough to learn from and it wins on days held
out.

For each level one linear quantile regression (Koenker and Bassett 1978) of the wait on the quantiles that the replay
drew and on what simple rules look at, all as log(1 + minutes). It is fitted by L-BFGS on a smoothed loss (Fernandes,
Guerre and Horta 2021), after which the constant is set so that exactly the share wanted lies below. Crossing
quantiles are put in order (Chernozhukov, Fernández-Val and Galichon 2010), and nothing moves by more than a factor of
three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .history import Bools, Floats, Ints
from .rules import Signals
from .scores import pinball

ENOUGH = 300  # people who waited and were served
ENOUGH_DAYS = 3
_HELD_OUT = 0.25  # of the days, the last ones
_SMOOTH = 0.05  # of the loss, in log(1 + minutes)
_RIDGE = 1e-4
_CLIP = 4.0  # standard deviations: further out nothing was seen
_MOST = float(np.log(3.0))
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def features(minutes: Floats, seen: Signals) -> Floats:
    """(n, 12) what the regression looks at. minutes: (n, 6) quantiles that the replay drew; seen: n people."""
    # People ahead count by the pace at which the busy servers would take them.
    shares = seen.ahead / np.maximum(seen.busy, 1)
    columns = [*minutes.T, seen.les, seen.hol, seen.ewma, seen.rolling, seen.ahead, shares]
    return np.log1p(np.maximum(np.column_stack(columns), 0.0))


@dataclass(frozen=True)
class Correction:
    """centre, scale: (F,) of the features. weights: (6, F + 1), the constant last."""

    centre: Floats
    scale: Floats
    weights: Floats

    def apply(self, looked_at: Floats, minutes: Floats) -> Floats:
        """(n, 6) corrected quantiles. looked_at: (n, F) `features`; minutes: (n, 6) as drawn."""
        raw = np.log1p(minutes)
        told = _standard(looked_at, self.centre, self.scale) @ self.weights.T
        told = np.sort(np.clip(told, raw - _MOST, raw + _MOST), axis=1)
        return np.asarray(np.maximum(np.expm1(told), 0.0))

    def as_json(self) -> dict[str, Any]:
        """For a column of a database."""
        return {name: values.tolist() for name, values in vars(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Correction:
        """What `as_json` gave."""
        return cls(*(np.array(stored[name], dtype=np.float64) for name in ("centre", "scale", "weights")))


def fit_correction(looked_at: Floats, minutes: Floats, waited: Floats, day: Ints) -> Correction | None:
    """The correction, or None: there is too little to learn from, or it does not win on the last days.

    n people who waited and were served: looked_at (n, F) features, minutes (n, 6) as drawn, waited (n,) minutes, day
    (n,). To win is to lose less at the median and at .9.
    """
    days = np.unique(day)
    if len(waited) < ENOUGH or len(days) < ENOUGH_DAYS:
        return None
    first_held = days[-max(1, round(_HELD_OUT * len(days)))]
    held: Bools = day >= first_held
    if held.all() or not held.any():
        return None
    trial = _fit(looked_at[~held], waited[~held]).apply(looked_at[held], minutes[held])
    for column, level in ((2, 0.5), (4, 0.9)):
        if pinball(waited[held], trial[:, column], level) >= pinball(waited[held], minutes[held, column], level):
            return None
    return _fit(looked_at, waited)


def _fit(looked_at: Floats, waited: Floats) -> Correction:
    centre, scale = looked_at.mean(0), np.maximum(looked_at.std(0), 1e-3)
    rows = _standard(looked_at, centre, scale)
    target = np.log1p(waited)
    return Correction(centre, scale, np.array([_quantile(rows, target, level) for level in _LEVELS]))


def _standard(looked_at: Floats, centre: Floats, scale: Floats) -> Floats:
    """(n, F + 1) standardised, with a column of ones."""
    rows = np.clip((looked_at - centre) / scale, -_CLIP, _CLIP)
    return np.column_stack([rows, np.ones(len(rows))])


def _quantile(rows: Floats, target: Floats, level: float) -> Floats:
    """(F + 1,) weights of the linear quantile."""
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(weights: Floats) -> tuple[float, Floats]:
        gap = (target - rows @ weights) / _SMOOTH
        value = _SMOOTH * (level * gap + np.logaddexp(0, -gap)).mean() + _RIDGE * float(weights[:-1] @ weights[:-1])
        gradient = rows.T @ (expit(-gap) - level) / len(target)
        gradient[:-1] += 2 * _RIDGE * weights[:-1]
        return float(value), gradient

    start = np.zeros(rows.shape[1])
    start[-1] = np.quantile(target, level)
    weights = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x, dtype=np.float64)
    weights[-1] += np.quantile(target - rows @ weights, level)
    return weights

"""A small regression on top of the replay, used only where there is enough to learn from and it wins on days held
out.

For each level one linear quantile regression (Koenker and Bassett 1978), in log(1 + minutes), of what the quantile
that the replay drew lacks, on all its quantiles and on what simple rules look at. It is fitted by Newton's method on
a smoothed loss (Fernandes, Guerre and Horta 2021), after which the constant is set so that exactly the share wanted
lies below. People of one day share their fate, so that days are what there is little of: how far the regression may
go (its ridge) is chosen on days held out in turn, and so is whether to use it. Crossing quantiles are put in order
(Chernozhukov, Fernández-Val and Galichon 2010), and nothing moves by more than a factor of three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .blas import one_thread
from .history import Bools, Floats, Ints
from .rules import Signals
from .scores import pinball

ENOUGH = 300  # people who waited and were served
ENOUGH_DAYS = 3
_PARTS = 5  # that the days are held out in
_WIN = 0.99  # of the replay's loss, at most
_SMOOTH = (0.5, 0.15, 0.05)  # of the loss, in log(1 + minutes)
_STEPS = 12
_RIDGES = (1e-4, 1e-3, 1e-2)
_CLIP = 4.0  # standard deviations: further out nothing was seen
_MOST = float(np.log(3.0))
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_JUDGED = (2, 4)  # of these levels: the median and .9


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
        return np.sort(self.moved(looked_at, minutes), axis=1)

    def moved(self, looked_at: Floats, minutes: Floats) -> Floats:
        """The same, crossing as they may."""
        lacking = _standard(looked_at, self.centre, self.scale) @ self.weights.T
        told = np.log1p(minutes) + np.clip(lacking, -_MOST, _MOST)
        return np.asarray(np.maximum(np.expm1(told), 0.0))

    def as_json(self) -> dict[str, Any]:
        """For a column of a database."""
        return {name: values.tolist() for name, values in vars(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Correction:
        """What `as_json` gave."""
        return cls(*(np.array(stored[name], dtype=np.float64) for name in ("centre", "scale", "weights")))


def fit_correction(looked_at: Floats, minutes: Floats, waited: Floats, day: Ints) -> Correction | None:
    """The correction, or None: there is too little to learn from, or it does not win on days held out.

    n people who waited and were served: looked_at (n, F) features, minutes (n, 6) as drawn, waited (n,) minutes, day
    (n,). To win is to lose less at the median and at .9, over all days held out, and on most parts of them.
    """
    days, place = np.unique(day, return_inverse=True)
    if len(waited) < ENOUGH or len(days) < ENOUGH_DAYS:
        return None
    with one_thread():
        return _chosen(looked_at, minutes, waited, place * min(_PARTS, len(days)) // len(days))


def _chosen(looked_at: Floats, minutes: Floats, waited: Floats, part: Ints) -> Correction | None:
    """The best of the corrections if it wins; part: (n,) in which part of the days each person is held out."""
    raw = _losses(waited, minutes, part)
    losses = [_held_out(looked_at, minutes, waited, part, ridge) for ridge in _RIDGES]
    best = int(np.argmin([(loss / raw).mean() for loss in losses]))
    by_part = losses[best] < raw
    if (losses[best].mean(0) >= _WIN * raw.mean(0)).any() or (by_part.mean(0) <= 0.5).any():
        return None
    return _fit(looked_at, minutes, waited, _RIDGES[best])


def _held_out(looked_at: Floats, minutes: Floats, waited: Floats, part: Ints, ridge: float) -> Floats:
    """(parts, 2) the losses of corrections learned without each part."""
    told = np.empty_like(minutes)
    for number in np.unique(part):
        held: Bools = part == number
        trial = _fit(looked_at[~held], minutes[~held], waited[~held], ridge, _JUDGED)
        told[held] = trial.moved(looked_at[held], minutes[held])
    return _losses(waited, told, part)


def _losses(waited: Floats, told: Floats, part: Ints) -> Floats:
    """(parts, 2) the mean loss at .5 and .9, weighted so that the mean over parts is that over people."""
    answer = [
        [pinball(waited[part == number], told[part == number, column], _LEVELS[column]) for column in _JUDGED]
        for number in np.unique(part)
    ]
    return np.array(answer) * (np.bincount(part) * (part.max() + 1) / len(part))[:, None]


def _fit(
    looked_at: Floats, minutes: Floats, waited: Floats, ridge: float, columns: tuple[int, ...] = tuple(range(6))
) -> Correction:
    """Learned for those levels; the others stay as drawn."""
    centre, scale = looked_at.mean(0), np.maximum(looked_at.std(0), 1e-3)
    rows = _standard(looked_at, centre, scale)
    lacking = np.log1p(waited)[:, None] - np.log1p(minutes)
    weights = np.zeros((len(_LEVELS), rows.shape[1]))
    for column in columns:
        weights[column] = _quantile(rows, lacking[:, column], _LEVELS[column], ridge)
    return Correction(centre, scale, weights)


def _standard(looked_at: Floats, centre: Floats, scale: Floats) -> Floats:
    """(n, F + 1) standardised, with a column of ones."""
    rows = np.clip((looked_at - centre) / scale, -_CLIP, _CLIP)
    return np.column_stack([rows, np.ones(len(rows))])


def _quantile(rows: Floats, target: Floats, level: float, ridge: float) -> Floats:
    """(F + 1,) weights of the linear quantile, by Newton's method on a loss that is smooth at first and sharper
    later."""
    from scipy.special import expit

    weights = np.zeros(rows.shape[1])
    weights[-1] = np.quantile(target, level)
    penalty = np.full(rows.shape[1], 2 * ridge)
    penalty[-1] = 1e-9
    for smooth in _SMOOTH:
        value = _smoothed(rows, target, level, weights, smooth, penalty)
        for _ in range(_STEPS):
            above = expit((rows @ weights - target) / smooth)
            gradient = rows.T @ (above - level) / len(target) + penalty * weights
            curve = (rows.T * (above * (1 - above) / (smooth * len(target)))) @ rows + np.diag(penalty)
            step = np.linalg.solve(curve, gradient)
            size = 1.0
            while size > 1e-3 and (
                (tried := _smoothed(rows, target, level, weights - size * step, smooth, penalty)) > value
            ):
                size /= 2
            if size <= 1e-3 or value - tried < 1e-7:
                break
            weights, value = weights - size * step, tried
    weights[-1] += np.quantile(target - rows @ weights, level)
    return weights


def _smoothed(rows: Floats, target: Floats, level: float, weights: Floats, smooth: float, penalty: Floats) -> float:
    gap = (target - rows @ weights) / smooth
    loss = smooth * (level * gap + np.logaddexp(0, -gap)).mean()
    return float(loss + 0.5 * (penalty * weights) @ weights)

"""Bringing forecasts back to the level of the latest months, learned from forecasts made before their outcome.

A model learns from a year or more and lags behind when habits move. Its forecasts of the last months, each made by a
model that had not seen the month, show by how much. On the scale of log odds we fit

    corrected = forecast + offset + slope · forecast + offset of the group (for a hotel: the house)

by logistic regression with quadratic penalties towards no correction: a few bookings move nothing, thousands move what
they prove (Platt 1999, with hierarchical shrinkage). Isotonic regression was not
chosen: it needs more data than two months hold, and ties what it levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .table import Floats, Ints

# Penalties in units of information (Σ weight·p·(1-p)): what as many observations say weighs as much as "no correction".
_OFFSET, _SLOPE, _GROUP = 1.0, 100.0, 50.0
_EDGE = 1e-4
_STEPS = 30


@dataclass(frozen=True)
class Recalibration:
    """`groups`: an offset per group number, 0 for those without."""

    offset: float = 0.0
    slope: float = 0.0
    groups: tuple[float, ...] = ()

    def apply(self, forecast: Floats, group: Ints) -> Floats:
        """Corrected probabilities (n,) of `forecast` (n,) for bookings of `group` (n,); unknown groups get none."""
        known = group < len(self.groups)
        offsets = np.array([*self.groups, 0.0])[np.where(known, group, len(self.groups))]
        odds = log_odds(forecast)
        return probability(odds + self.offset + self.slope * odds + offsets)


def log_odds(p: Floats) -> Floats:
    """log(p / (1-p)), kept finite."""
    p = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(p / (1 - p)), dtype=float)


def probability(odds: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=float)


def fit_recalibration(forecast: Floats, outcome: Floats, group: Ints, weight: Floats) -> Recalibration:
    """The correction that past forecasts (n,) and their outcomes call for; no correction when n is 0.

    group:  (n,) small numbers from 0. weight: (n,), such as recency; an observation of weight 1 counts as one.
    """
    if not len(forecast):
        return Recalibration()
    odds = log_odds(forecast)
    members = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    design = np.column_stack([np.ones_like(odds), odds, members])
    penalty = np.array([_OFFSET, _SLOPE, *[_GROUP] * members.shape[1]])
    offset, slope, *groups = _penalised(design, odds, outcome, weight, penalty)
    # A slope of -1 would turn the ranking round, which no amount of bad luck justifies.
    return Recalibration(float(offset), float(max(slope, -0.9)), tuple(float(value) for value in groups))


def _penalised(design: Floats, base: Floats, outcome: Floats, weight: Floats, penalty: Floats) -> Floats:
    """Newton's method for logistic regression with fixed base odds and a ridge."""
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        p = probability(base + design @ found)
        gradient = design.T @ (weight * (outcome - p)) - penalty * found
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        found += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return found

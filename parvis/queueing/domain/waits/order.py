"""In which order people are called: learned from who was called while others waited.

Whoever calls is taken to choose the person with the largest utility: minutes waited, plus a head start that belongs
to the service and priority, plus chance. With Gumbel chance this is the conditional logit (McFadden 1974): one
regression gives the head starts, in seconds of waiting, and the scale of chance, 0 where the order is kept strictly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blas import one_thread
from .history import Floats, History, Ints

MOST_CHOICES = 6_000  # the latest ones are enough
_FEW = 30  # choices below which nothing is learned
_RIDGE = 0.05
_STEEPEST = 20.0  # per minute: chance of ±3 seconds, which nobody would notice


@dataclass(frozen=True)
class Order:
    """head_start: (K, P) seconds by which a service and priority come before others. noise: scale in seconds."""

    head_start: Floats
    noise: float


@dataclass(frozen=True)
class _Choices:
    """m people over all choices: `first` (c,) where each choice starts, `choice` (m,), `called` (m,) who was
    taken."""

    first: Ints
    choice: Ints
    called: Floats
    minutes: Floats
    kind: Ints


def fit_order(history: History) -> Order:
    """The order of this house; first come, first served, with some chance, when there were too few choices to see."""
    services, priorities = len(history.services), len(history.priorities)
    choices = _choices(history)
    if len(choices.first) < _FEW:
        return Order(np.zeros((services, priorities)), 30.0)
    theta = _fitted(choices, services * priorities)
    slope = theta[0]
    head = (theta[1:] / slope * 60).reshape(services, priorities)
    return Order(np.asarray(head, dtype=np.float64), float(60 / slope) if slope < _STEEPEST * 0.99 else 0.0)


def _choices(history: History) -> _Choices:
    """Every call of somebody who had waited while others did whom the same server could have called."""
    took = _taken_by_day(history)
    ended, day, kind = history.ended, history.day, history.kind
    waited = np.where(history.served, history.waited, 0.0)
    reach = float(np.nanmax(history.waited, initial=0.0))
    sets: list[Ints] = []
    called: list[int] = []
    for row in history.calls()[::-1]:
        if waited[row] <= 0:
            continue
        instant = history.called[row]
        start, stop = np.searchsorted(history.arrived, [instant - reach, instant])
        rows = np.arange(start, stop)
        rows = rows[(ended[start:stop] > instant) | (rows == row)]
        can = took[int(day[row])][history.server[row]] >= 2
        can[history.service[row]] = True
        rows = rows[can[history.service[rows]]]
        if len(rows) > 1:
            sets.append(rows)
            called.append(int(row))
            if len(sets) >= MOST_CHOICES:
                break
    sizes = np.array([len(rows) for rows in sets], dtype=np.int64)
    people = np.concatenate(sets) if sets else np.zeros(0, dtype=np.int64)
    taken = np.repeat(np.array(called, dtype=np.int64), sizes)
    return _Choices(
        first=np.cumsum(sizes) - sizes,
        choice=np.repeat(np.arange(len(sizes)), sizes),
        called=(people == taken).astype(np.float64),
        minutes=(history.called[taken] - history.arrived[people]) / 60,
        kind=kind[people],
    )


def _taken_by_day(history: History) -> dict[int, Ints]:
    """Per day: (S, K) how many people of each service each server took."""
    rows = history.calls()
    shape = (len(history.servers), len(history.services))
    answer: dict[int, Ints] = {}
    for day in np.unique(history.day[rows]):
        chosen = rows[history.day[rows] == day]
        answer[int(day)] = np.zeros(shape, dtype=np.int64)
        np.add.at(answer[int(day)], (history.server[chosen], history.service[chosen]), 1)
    return answer


def _fitted(choices: _Choices, kinds: int) -> Floats:
    """(1 + kinds,) slope per minute waited, and utility of each kind."""
    from scipy.optimize import minimize

    first, choice, called = choices.first, choices.choice, choices.called

    def loss(theta: Floats) -> tuple[float, Floats]:
        utility = theta[0] * choices.minutes + theta[1:][choices.kind]
        utility -= np.maximum.reduceat(utility, first)[choice]
        weight = np.exp(utility)
        share = weight / np.add.reduceat(weight, first)[choice]
        gap = share - called
        gradient = np.concatenate([[gap @ choices.minutes], np.bincount(choices.kind, gap, kinds)])
        gradient[1:] += 2 * _RIDGE * theta[1:]
        likelihood = float(np.log(np.maximum(share[called > 0], 1e-300)).sum())
        return -likelihood + _RIDGE * float(theta[1:] @ theta[1:]), gradient

    bounds = [(0.02, _STEEPEST), *[(-200.0, 200.0)] * kinds]
    with one_thread():
        found = minimize(loss, np.r_[1.0, np.zeros(kinds)], jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, dtype=np.float64)

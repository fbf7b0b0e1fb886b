"""A day at the counters, played many times: what a staff plan really does when the day is not steady.

First come, first called; a counter that closes finishes with whom it serves. Times are minutes of the day.
"""

from dataclasses import dataclass

import numpy as np

from parvis.queueing.domain.staffing.demand import BINS

BIN_MINUTES = 30.0
_NEVER = 1e9


@dataclass(frozen=True)
class Played:
    """What happened to those who came in each half hour, over all plays; each of shape (48,).

    `came`: people per day. `in_time`, `leave`: shares of them. `wait`: mean minutes until called or gone.
    """

    came: np.ndarray
    in_time: np.ndarray
    leave: np.ndarray
    wait: np.ndarray

    def whole(self) -> tuple[float, float, float]:
        """The day as one: shares in time and left, and mean minutes waited."""
        weight = self.came / max(float(self.came.sum()), 1e-9)
        return float(weight @ self.in_time), float(weight @ self.leave), float(weight @ self.wait)


def play(
    arrivals: np.ndarray,
    plan: np.ndarray,
    *,
    service_minutes: float,
    patience_minutes: float,
    within: float,
    rng: np.random.Generator,
    plays: int = 60,
    service_variation: float = 1.0,
    begin: float = 0.0,
    waiting: int = 0,
    spread: float = 0.0,
) -> Played:
    """Play a day of expected `arrivals` (48,) with `plan` counters (48,) open in each half hour.

    `service_variation` is the coefficient of variation of service times (lognormal); `spread` that of whole days. A day
    may begin in the middle (`begin`) with `waiting` people there already. Whoever is not called by the end leaves.
    """
    came, person = _people(arrivals, begin, waiting, plays, spread, rng)
    opens = _opens(plan)
    free = np.full((plays, max(1, int(plan.max(initial=0)))), begin)
    rows = np.arange(plays)
    outcome = np.zeros((3, plays, came.shape[1]))
    sigma = np.sqrt(np.log1p(service_variation**2))
    service = service_minutes * np.exp(sigma * rng.standard_normal(came.shape) - sigma**2 / 2)
    patience = patience_minutes * rng.standard_exponential(came.shape)
    for i in range(came.shape[1]):
        at = came[:, i]
        start = _next_open(opens, np.maximum(free, at[:, None]))
        best = start.argmin(1)
        wait = start[rows, best] - at
        called = (wait <= patience[:, i]) & (wait < _NEVER / 2)
        free[rows[called], best[called]] = start[rows[called], best[called]] + service[called, i]
        outcome[0, :, i] = called & (wait <= within)
        outcome[1, :, i] = ~called
        outcome[2, :, i] = np.where(called, wait, patience[:, i])
    return _by_half_hour(came, person, outcome, plays)


def _people(
    arrivals: np.ndarray, begin: float, waiting: int, plays: int, spread: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """When people come, shape (plays, n), padded with nobody; and where there is somebody."""
    edges = np.arange(BINS + 1) * BIN_MINUTES
    left = np.clip((edges[1:] - begin) / BIN_MINUTES, 0, 1)
    sigma = np.sqrt(np.log1p(spread**2))
    busy = np.exp(sigma * rng.standard_normal(plays) - sigma**2 / 2)
    counts = rng.poisson(np.outer(busy, arrivals * left))
    most = max(1, waiting + int(counts.sum(1).max()))
    came, person = np.full((plays, most), _NEVER), np.zeros((plays, most), dtype=bool)
    for row in range(plays):
        low = np.maximum(np.repeat(edges[:-1], counts[row]), begin)
        high = np.repeat(edges[1:], counts[row])
        times = np.sort(low + (high - low) * rng.random(len(low)))
        n = waiting + len(times)
        came[row, :n] = np.concatenate([np.full(waiting, begin), times])
        person[row, :n] = True
    return came, person


def _opens(plan: np.ndarray) -> np.ndarray:
    """The first half hour from each on in which each counter is open, shape (counters, 49); 48: never again."""
    counters = max(1, int(plan.max(initial=0)))
    opens = np.full((counters, BINS + 1), BINS)
    for b in range(BINS - 1, -1, -1):
        is_open = np.arange(counters) < plan[b]
        opens[:, b] = np.where(is_open, b, opens[:, b + 1])
    return opens


def _next_open(opens: np.ndarray, at: np.ndarray) -> np.ndarray:
    """When each counter can begin, from `at` on; both shapes (plays, counters)."""
    now = np.minimum((at / BIN_MINUTES).astype(int), BINS)
    then = opens[np.arange(at.shape[1])[None, :], now]
    start: np.ndarray = np.where(then == now, at, then * BIN_MINUTES)
    return np.where(then >= BINS, _NEVER, start)


def _by_half_hour(came: np.ndarray, person: np.ndarray, outcome: np.ndarray, plays: int) -> Played:
    bins = np.minimum((came[person] / BIN_MINUTES).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    in_time, leave, wait = (np.bincount(bins, part[person], minlength=BINS) / np.maximum(count, 1) for part in outcome)
    return Played(count / plays, np.where(count, in_time, 1.0), leave, wait)

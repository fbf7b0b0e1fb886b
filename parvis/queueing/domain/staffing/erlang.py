"""The Erlang-A queue (M/M/n+M): how long people wait, and how many leave, with n counters.

Palm 1957; Garnett, Mandelbaum & Reiman 2002, "Designing a call center with impatient customers". Rates are per minute.
No library gives these with patience: pyworkforce and queueing-tool stop at Erlang C.

Somebody who finds j people waiting is called after j + 1 departures at the rates nμ, nμ + θ, …, nμ + jθ. A sum of such
exponential times is −ln(B)/θ with B ~ Beta(nμ/θ, j + 1), so that every probability here is an incomplete beta function.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv

# So patient that nobody leaves while anybody looks: the limit of Erlang C.
PATIENT = 1e-6
_TAIL = 1e-10
_MOST_WAITING = 2000


@dataclass(frozen=True)
class Load:
    """What comes in and how fast it is served: arrivals, services of one counter, and people giving up, per minute."""

    arrivals: float
    service: float
    leaving: float = PATIENT


@dataclass(frozen=True)
class Outcome:
    """What a number of counters does to those who come.

    `in_time`: share of all who come that is called within the time asked for. `leave`: share that gives up.
    `mean_wait`: minutes from coming to being called or leaving. `busy`: share of the counters' time spent serving.
    """

    counters: int
    in_time: float
    leave: float
    mean_wait: float
    busy: float


def outcome(load: Load, counters: int, *, within: float) -> Outcome:
    """The steady state with so many counters; `within` is in minutes. With no counter nobody is ever called."""
    if load.arrivals <= 0:
        return Outcome(counters, 1.0, 0.0, 0.0, 0.0)
    if counters < 1:
        return Outcome(0, 0.0, 1.0, 1 / max(load.leaving, PATIENT), 0.0)
    theta = max(load.leaving, PATIENT * load.service)
    present = _states(load.arrivals, load.service, theta, counters)
    waiting = present[counters:]
    ahead = np.arange(len(waiting))
    a = counters * load.service / theta
    # Called in time: the wait V is at most `within` and one's own patience outlasts it, E[exp(−θV); V ≤ within].
    called = a / (a + ahead + 1) * (1 - betainc(a + 1, ahead + 1, np.exp(-theta * within)))
    people = float((ahead * waiting).sum())
    leave = min(1.0, theta * people / load.arrivals)
    return Outcome(
        counters,
        in_time=float(present[:counters].sum() + (waiting * called).sum()),
        leave=leave,
        mean_wait=people / load.arrivals,
        busy=min(1.0, load.arrivals * (1 - leave) / (counters * load.service)),
    )


def wait_quantile(load: Load, counters: int, ahead: int, q: float) -> float:
    """Minutes until somebody with `ahead` people before them is called with probability q, if they stay."""
    theta = max(load.leaving, PATIENT * load.service)
    a = max(counters, 1) * load.service / theta
    return float(-np.log(betaincinv(a, ahead + 1, 1 - q)) / theta)


def least_counters(load: Load, *, within: float, in_time: float, leave: float, most: int = 200) -> Outcome | None:
    """The fewest counters with which the goal is met, None when `most` do not meet it.

    Both shares are monotone in the number of counters: found by bisection.
    """
    low, high = 1, most
    if not meets(best := outcome(load, most, within=within), in_time=in_time, leave=leave):
        return None
    while low < high:
        middle = (low + high) // 2
        tried = outcome(load, middle, within=within)
        if meets(tried, in_time=in_time, leave=leave):
            high, best = middle, tried
        else:
            low = middle + 1
    return best if best.counters == low else outcome(load, low, within=within)


def meets(result: Outcome, *, in_time: float, leave: float) -> bool:
    """Whether the goal is met: enough are called in time, and no more than so many leave."""
    return result.in_time >= in_time and result.leave <= leave


def _states(arrivals: float, service: float, leaving: float, counters: int) -> np.ndarray:
    """Probabilities of 0, 1, 2, … people present, shape (m,), cut where the tail no longer matters."""
    k = np.arange(1, counters + _MOST_WAITING + 1)
    deaths = np.minimum(k, counters) * service + np.maximum(k - counters, 0) * leaving
    logs = np.concatenate([[0.0], np.cumsum(np.log(arrivals) - np.log(deaths))])
    weights = np.exp(logs - logs.max())
    last = int(np.flatnonzero(weights > _TAIL)[-1])
    weights = weights[: max(last, counters) + 1]
    return weights / weights.sum()

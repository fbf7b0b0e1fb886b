"""From expected arrivals and a goal to a number of counters for each half hour, and what one more or fewer would do."""

from dataclasses import dataclass

import numpy as np

from parvis.queueing.domain.staffing.demand import BINS
from parvis.queueing.domain.staffing.erlang import Load, least_counters, outcome
from parvis.queueing.domain.staffing.simulated import BIN_MINUTES, Played, play

_ROUNDS = 8


@dataclass(frozen=True)
class Goal:
    """What the house wants to stand by: so many of all who come called within minutes, at most so many leave."""

    in_time: float = 0.8
    within: float = 10.0
    leave: float = 0.03


@dataclass(frozen=True)
class Work:
    """How the house serves: minutes of a service and how much they vary, patience, and what things cost by the hour.

    `leaver_cost` is what a person who gives up costs, in the unit of `counter_hour`.
    """

    service_minutes: float
    patience_minutes: float
    service_variation: float = 1.0
    counter_hour: float = 25.0
    leaver_cost: float = 20.0


@dataclass(frozen=True)
class Change:
    """What a half hour would be with a counter more or fewer, against what is planned.

    `money`: wages and people lost, per half hour (negative: it saves). `wait`: minutes of waiting of all together.
    """

    in_time: float
    leave: float
    wait: float
    money: float


@dataclass(frozen=True)
class StaffPlan:
    """Counters for each half hour (48,), and what playing the day with them showed.

    `steady`: the least number for each half hour by itself, by Erlang-A, before the played day asked for more. `met`:
    whether the played day meets the goal; it may not where `most` counters are too few.
    """

    counters: np.ndarray
    steady: np.ndarray
    played: Played
    met: bool


def staff_plan(
    arrivals: np.ndarray, work: Work, goal: Goal, *, most: int, seed: int = 0, spread: float = 0.0
) -> StaffPlan:
    """The fewest counters, half hour by half hour, with which the day as a whole and each busy hour meets the goal.

    Each half hour is taken as steady at the rate of the work that is there (arrivals of a mean service earlier still
    keep counters busy: lag-SIPP, Green, Kolesar & Soares 2001); then the day is played, and half hours that fall short
    get one more until none does. `most`: the counters there are.
    """
    steady = _steady(arrivals, work, goal, most)
    counters = steady.copy()
    for _round in range(_ROUNDS):
        played = _played(arrivals, counters, work, goal, seed, spread)
        short = _short(played, goal) & (counters < most) & (arrivals > 0)
        if not short.any():
            break
        # People who wait in a half hour are helped by a counter in it, and by one in that before.
        counters = np.minimum(most, counters + (short | np.append(short[1:] & (arrivals[:-1] > 0), False)))
    counters = _trimmed(arrivals, counters, steady, work, goal, seed, spread)
    played = _played(arrivals, counters, work, goal, seed, spread)
    return StaffPlan(counters, steady, played, not _short(played, goal).any())


def one_more_or_fewer(arrivals: float, work: Work, goal: Goal, counters: int) -> dict[int, Change]:
    """What a half hour of so many arrivals would be with one counter fewer (−1) and one more (+1)."""
    load = _load(arrivals, work)
    people = load.arrivals * BIN_MINUTES
    now = outcome(load, counters, within=goal.within)
    changes = {}
    for step in (-1, 1):
        if counters + step < 0:
            continue
        then = outcome(load, counters + step, within=goal.within)
        lost = people * (then.leave - now.leave)
        changes[step] = Change(
            in_time=then.in_time - now.in_time,
            leave=then.leave - now.leave,
            wait=people * (then.mean_wait - now.mean_wait),
            money=step * work.counter_hour * BIN_MINUTES / 60 + lost * work.leaver_cost,
        )
    return changes


def _load(arrivals: float, work: Work) -> Load:
    return Load(arrivals / BIN_MINUTES, 1 / work.service_minutes, 1 / work.patience_minutes)


def _steady(arrivals: np.ndarray, work: Work, goal: Goal, most: int) -> np.ndarray:
    lag = min(work.service_minutes, 2 * BIN_MINUTES) / BIN_MINUTES
    at = np.arange(BINS) - lag
    rate = np.maximum(arrivals, np.interp(at, np.arange(BINS), arrivals)) * (arrivals > 0)
    counters = np.zeros(BINS, dtype=int)
    for b in np.flatnonzero(rate > 0):
        found = least_counters(
            _load(float(rate[b]), work), within=goal.within, in_time=goal.in_time, leave=goal.leave, most=most
        )
        counters[b] = found.counters if found else most
    return counters


def _short(played: Played, goal: Goal) -> np.ndarray:
    """The half hours in which the played day falls short; by the hour, since half an hour holds few people."""
    came = np.convolve(played.came, np.ones(2), "same")
    in_time = np.convolve(played.came * played.in_time, np.ones(2), "same") / np.maximum(came, 1e-9)
    leave = np.convolve(played.came * played.leave, np.ones(2), "same") / np.maximum(came, 1e-9)
    return (came > 0) & ((in_time < goal.in_time) | (leave > goal.leave))


def _trimmed(
    arrivals: np.ndarray, counters: np.ndarray, steady: np.ndarray, work: Work, goal: Goal, seed: int, spread: float
) -> np.ndarray:
    """Take back what the rounds gave too freely: one by one, as long as the goal holds."""
    for b in np.flatnonzero(counters > steady):
        fewer = counters.copy()
        fewer[b] -= 1
        if not _short(_played(arrivals, fewer, work, goal, seed, spread), goal).any():
            counters = fewer
    return counters


def _played(arrivals: np.ndarray, counters: np.ndarray, work: Work, goal: Goal, seed: int, spread: float) -> Played:
    return play(
        arrivals,
        counters,
        service_minutes=work.service_minutes,
        patience_minutes=work.patience_minutes,
        service_variation=work.service_variation,
        within=goal.within,
        # The same days for every plan: what differs is the plan's doing.
        rng=np.random.default_rng(seed),
        spread=spread,
    )

"""The line replayed from its present state, R times with other chance: when will each of W people be called?

One replay answers everybody. Who loses patience in a draw goes on as a shadow: called when their turn comes, without
taking a server's time. Until then they changed nothing for others, so that their turn comes exactly when it would,
had they stayed; the answer is "if you stay", for the person who asks as for the display on the wall. People who would
come behind everybody who asks are never drawn. `calling` holds the loop and says how it stays fast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .calling import MOST_SERVERS, NEVER, People, Servers, Times, turns
from .habits import Habits
from .history import Floats, Ints
from .lifetimes import Q, remaining
from .state import NOBODY, LineState

HORIZON = 4 * 3_600.0  # seconds: what takes longer is not foretold
_LATE_SERVER = 1_200.0  # seconds, of who is late at all
_LATE_PERSON = 420.0
_JOINERS = 2  # servers not known by name who may begin
_MOST_AHEAD = 192  # people to come who may get ahead, per draw
_CHANCE_MOST = 5.0  # Gumbel deviations beyond which nobody gets ahead
_FINE = 4096
_RATE_SHAPE = 20.0  # Gamma: rates of arrival are known to some ± 22 %

Draws = NDArray[np.float32]
# People who may come, as (entered, service, here, gone), each (R, M): seconds, infinite for who does not.
_Group = tuple[Draws, NDArray[np.int64], Draws, Draws]


def replay(
    habits: Habits, state: LineState, rng: np.random.Generator, draws: int = 500, only: int | None = None
) -> Draws:
    """(R, W) seconds until each waiting person is called, if they stay; infinite beyond `HORIZON`.

    only: the place of the one person who asks; the columns of all others are then infinite, and it costs less.
    """
    count = len(state.waiting)
    servers = _servers(habits, state, rng, draws)
    if not count or not len(servers.free):
        return np.full((draws, count), np.inf, dtype=np.float32)
    people, order = _people(habits, state, rng, draws, only)
    horizon = int(HORIZON * 1000)
    when = turns(servers, people, horizon)
    seconds = np.where(people.asks & (when <= horizon), when * np.float32(0.001), np.inf)
    # People to come stand in the columns after those who wait.
    answer = np.full((draws, max(count, int(order.max()) + 1)), np.inf, dtype=np.float32)
    np.put_along_axis(answer, order, seconds.astype(np.float32), axis=1)
    return answer[:, :count]


def _servers(habits: Habits, state: LineState, rng: np.random.Generator, draws: int) -> Servers:
    """Everybody who may call, with the moment from which they can."""
    serving, resting, coming = state.serving, state.resting, state.coming
    joiners = _JOINERS if state.joining > 0 else 0
    codes = np.concatenate([serving.server, resting.server, coming.server, np.full(joiners, NOBODY)]).astype(np.int64)
    pace = np.append(habits.pace, 1.0)[codes]
    chance = rng.random((draws, len(codes)), dtype=np.float32)
    busy, rested = len(serving.server), len(serving.server) + len(resting.server)
    known = rested + len(coming.server)
    free = np.empty((draws, len(codes)), dtype=np.float32)
    free[:, :busy] = remaining(habits.service_time, serving.service, serving.elapsed, pace[:busy], chance[:, :busy])
    free[:, :busy] += habits.pause.astype(np.float32)[rng.integers(0, Q, (draws, busy), dtype=np.uint8)]
    free[:, busy:rested] = remaining(
        habits.pause[None],
        np.zeros_like(resting.server),
        resting.elapsed,
        np.ones(rested - busy),
        chance[:, busy:rested],
    )
    free[:, rested:known] = _planned(coming.after, coming.chance, _LATE_SERVER, rng, draws)
    if joiners:
        free[:, known:] = np.cumsum(rng.standard_exponential((draws, joiners)) / state.joining, axis=1)
    # The last row stands for who is not known by name, whose code is -1.
    skills = np.vstack([state.skills, state.newcomer])[codes]
    until = np.full(len(codes), np.inf, dtype=np.float32)
    if state.leaving is not None:
        until = np.append(state.leaving, np.inf)[codes].astype(np.float32)
    free[free > np.minimum(until, HORIZON)] = np.inf
    here = np.flatnonzero(np.isfinite(free).any(axis=0))[:MOST_SERVERS]
    skilled = rng.random((skills.shape[1], len(here), draws), dtype=np.float32) < skills[here].T[:, :, None]
    return Servers(_milliseconds(free[:, here].T), skilled, pace[here].astype(np.float32), _milliseconds(until[here]))


def _people(
    habits: Habits, state: LineState, rng: np.random.Generator, draws: int, only: int | None
) -> tuple[People, NDArray[np.intp]]:
    """Who waits, who is expected, and who may come and get ahead of them, in the order of each draw.

    Beside them (R, C) which column of the answer each is; what is W or more does not ask.
    """
    waiting = state.waiting
    count = len(waiting)
    head = waiting.head_start if waiting.head_start is not None else _head(habits, waiting.service, waiting.priority)
    entered = _with_chance(habits, rng, np.broadcast_to(-waiting.waited - head, (draws, count)))
    last = entered.max(axis=1) if only is None else entered[:, only]
    of_waiting = np.broadcast_to(waiting.service, entered.shape)
    groups: list[_Group] = [(entered, of_waiting, np.zeros_like(entered), _patience(habits, state, rng, draws))]
    groups += [_expected(habits, state, rng, draws), _strangers(habits, state, rng, draws, last)]
    entered, service, here, gone = (np.concatenate(parts, axis=1) for parts in zip(*groups, strict=True))
    behind = entered > last[:, None]
    entered[behind] = np.inf
    here[behind] = np.inf
    order = np.argsort(entered, axis=1)[:, : int((~behind).sum(axis=1).max())]
    flat = order + np.arange(draws)[:, None] * entered.shape[1]
    service = service.take(flat)
    here = here.take(flat)
    entry = rng.integers(0, Q, (2, *order.shape), dtype=np.uint8)
    people = People(
        service=service,
        here=_milliseconds(here),
        gone=_milliseconds(gone.take(flat)),
        lasts=_milliseconds(habits.service_time).take(service * Q + entry[0]),
        pause=_milliseconds(habits.pause).take(entry[1]),
        asks=(order < count) & (here == 0) if only is None else order == only,
    )
    return people, order


def _planned(after: Floats, chance: Floats, lateness: float, rng: np.random.Generator, draws: int) -> Draws:
    """(R, n) when those who should come after so many seconds (n,) do, infinite for who does not.

    Half are on time, the others late by `lateness` on average. So of those who come, a share of ½ exp(-d / lateness)
    is not here d seconds after their time; with those who never come, that says how likely it still is.
    """
    overdue = after < 0
    missing = np.where(overdue, chance * 0.5 * np.exp(np.minimum(after, 0.0) / lateness), chance)
    still = np.where(overdue, missing / np.maximum(missing + 1 - chance, 1e-9), chance)
    uniform = rng.random((2, draws, len(after)), dtype=np.float32)
    late = rng.standard_exponential((draws, len(after)), dtype=np.float32) * lateness
    late *= overdue | (uniform[1] < 0.5)
    return np.where(uniform[0] < still, np.maximum(after, 0.0) + late, np.inf).astype(np.float32)


def _expected(habits: Habits, state: LineState, rng: np.random.Generator, draws: int) -> _Group:
    """Appointments; who does not turn up is never here."""
    expected = state.appointments
    shape = (draws, len(expected.after))
    head = expected.head_start
    head = _head(habits, expected.service, expected.priority) if head is None else head
    here = _planned(expected.after, expected.chance, _LATE_PERSON, rng, draws)
    entered = _with_chance(habits, rng, here - head)
    return entered, np.broadcast_to(expected.service, shape), here, np.full(shape, np.inf, dtype=np.float32)


def _strangers(habits: Habits, state: LineState, rng: np.random.Generator, draws: int, last: Draws) -> _Group:
    """People nobody knows of yet, as far as they might get ahead.

    last: (R,) by when one must have entered to get ahead of anybody who asks.
    """
    head = habits.order.head_start.ravel()
    window = np.clip(float(last.max()) + head + _CHANCE_MOST * habits.order.noise, 0.0, HORIZON)
    rates = state.arrivals.ravel()
    while (number := float(rates @ window)) > _MOST_AHEAD / 2:
        window = np.minimum(window, 0.8 * window.max())
    counts = rng.poisson(number * rng.standard_gamma(_RATE_SHAPE, draws) / _RATE_SHAPE)
    shape = (draws, int(min(counts.max(), _MOST_AHEAD)))
    uniform = rng.random((3, *shape), dtype=np.float32)
    # Looked up in a table of kinds by share: a search for each would cost more than all the rest.
    shares = np.cumsum(rates * window) / max(number, 1e-9)
    kinds = np.searchsorted(shares, (np.arange(_FINE) + 0.5) / _FINE).clip(0, len(rates) - 1)
    kind = kinds.take((uniform[0] * _FINE).astype(np.intp))
    here = uniform[1] * window.astype(np.float32)[kind]
    entered = _with_chance(habits, rng, here - head.astype(np.float32)[kind])
    entered[np.arange(shape[1]) >= counts[:, None]] = np.inf
    entry = (uniform[2] * Q).astype(np.intp)  # their patience
    gone = here + habits.patience.reshape(-1).astype(np.float32)[kind * Q + entry]
    return entered, kind // len(habits.priorities), here, gone


def _patience(habits: Habits, state: LineState, rng: np.random.Generator, draws: int) -> Draws:
    """(R, W) when those who wait now give up."""
    waiting = state.waiting
    kind = waiting.service * len(habits.priorities) + waiting.priority
    uniform = rng.random((draws, len(waiting)), dtype=np.float32)
    tables = habits.patience.reshape(-1, Q)
    gone = remaining(tables, kind, waiting.waited, np.ones(len(waiting)), uniform).astype(np.float32)
    if waiting.patience is None:
        return gone
    return np.where(np.isnan(waiting.patience), gone, waiting.patience).astype(np.float32)


def _head(habits: Habits, service: Ints, priority: Ints) -> Floats:
    return habits.order.head_start[service, priority]


def _milliseconds(seconds: NDArray[np.floating]) -> Times:
    """The same shape; what is infinite is `NEVER`."""
    return np.minimum(seconds * 1000, float(NEVER)).astype(np.int64)


def _with_chance(habits: Habits, rng: np.random.Generator, entered: NDArray[np.floating]) -> Draws:
    """The same (R, n), moved by the chance with which the order is kept."""
    if not habits.order.noise:
        return entered.astype(np.float32)
    gumbel = -np.log(rng.standard_exponential(entered.shape, dtype=np.float32) + np.float32(1e-12))
    return np.asarray(entered - np.float32(habits.order.noise) * gumbel, dtype=np.float32)

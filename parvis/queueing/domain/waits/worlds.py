"""Houses that never were, and what happened in them: histories with a known truth, to test estimates with.

A world has services of different length, servers with skills who come late, stay away or rest, people with priorities
who lose patience, and appointments of which some do not turn up. What is planned (`Plan`) is what such a house would
know beforehand.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from .history import DAY, Floats, History, Ints
from .state import Appointments, Coming, LineState

_HOUR = 3_600.0
_MINUTE = 60.0
_NAN = float("nan")


@dataclass(frozen=True)
class World:
    """minutes, per_hour: (K,) of each service: its length, and arrivals in a quiet hour, doubled around noon.

    skills: per server the services they know. head_start: (P,) minutes by which each priority comes first, the last
    for appointments; shares: (P - 1,) of the others. booked: appointments per hour; no_show, absent, late: chances of
    people, of servers for a day, and of servers to begin up to an hour late. patience: minutes, on average. rests:
    chance of ten minutes after a call.
    """

    minutes: Sequence[float]
    per_hour: Sequence[float]
    skills: Sequence[frozenset[int]]
    head_start: Sequence[float] = (0.0, 0.0)
    shares: Sequence[float] = (1.0,)
    booked: float = 0.0
    no_show: float = 0.0
    absent: float = 0.0
    late: float = 0.0
    patience: float = 90.0
    rests: float = 0.03
    spread: float = 0.6
    opens: float = 9.0
    closes: float = 17.0


@dataclass(frozen=True)
class Plan:
    """What the house knew beforehand, true or not. All its servers should begin when it opens.

    booked_at, booked_service: (m,) every appointment. came: (m,) when that person did, NaN for who never did.
    shows, begins: chances that the house would give to people with an appointment, and to its servers.
    """

    opens: float
    booked_at: Floats
    booked_service: Ints
    came: Floats
    shows: float
    begins: float

    def known(self, instant: float, state: LineState) -> LineState:
        """The state with servers who should have begun, and appointments of about now that have not come yet."""
        here = np.concatenate([state.serving.server, state.resting.server])
        missing = np.setdiff1d(np.arange(len(state.skills)), here)
        after = np.full(len(missing), self.opens - instant % DAY)
        due = ~(self.came <= instant) & (self.booked_at > instant - 1_200) & (self.booked_at < instant + _HOUR)
        priority = state.arrivals.shape[1] - 1
        arrivals = state.arrivals.copy()
        if len(self.booked_at):
            arrivals[:, priority] = 0.0  # nobody has an appointment the house does not know of
        return replace(
            state,
            joining=0.0,
            coming=Coming(missing, after, np.full(len(missing), self.begins)),
            appointments=Appointments(
                after=self.booked_at[due] - instant,
                service=self.booked_service[due],
                priority=np.full(int(due.sum()), priority),
                chance=np.full(int(due.sum()), self.shows),
            ),
            arrivals=arrivals,
        )


@dataclass
class _Person:
    arrived: float
    service: int
    priority: int
    patience: float
    called: float = _NAN
    finished: float = _NAN
    server: int = -1


def simulate(world: World, days: int, seed: int) -> tuple[History, Plan]:
    """That many days of a world."""
    rng = np.random.default_rng(seed)
    people: list[_Person] = []
    booked: list[tuple[float, int, float]] = []
    for day in range(days):
        today, slots = _people(world, day, rng)
        _serve(world, day, today, rng)
        people += today
        booked += slots
    plan = Plan(
        opens=world.opens * _HOUR,
        booked_at=np.array([at for at, _, _ in booked]),
        booked_service=np.array([service for _, service, _ in booked], dtype=np.int64),
        came=np.array([came for _, _, came in booked]),
        shows=1 - 0.8 * world.no_show,
        begins=1 - 0.5 * world.absent,
    )
    return _history(world, people), plan


def _people(world: World, day: int, rng: np.random.Generator) -> tuple[list[_Person], list[tuple[float, int, float]]]:
    """Who comes on a day, in order, and every appointment there was."""
    start, end = day * DAY + world.opens * _HOUR, day * DAY + world.closes * _HOUR
    busy = rng.gamma(30, 1 / 30)  # days differ
    people: list[_Person] = []
    for service, rate in enumerate(world.per_hour):
        at = start
        while (at := at + rng.exponential(_HOUR / (2 * rate * busy))) < end:
            noon = np.exp(-(((at % DAY) / _HOUR - 12.5) ** 2) / 3)
            if rng.random() < (1 + noon) / 2:
                priority = int(rng.choice(len(world.shares), p=world.shares))
                people.append(_Person(at, service, priority, _patience(world, rng)))
    slots = []
    for hour in np.arange(world.opens, world.closes, 1 / world.booked) if world.booked else ():
        at, service, came = day * DAY + float(hour) * _HOUR, int(rng.integers(len(world.minutes))), _NAN
        if rng.random() >= world.no_show:
            came = max(at + rng.normal(-2, 4) * _MINUTE, start)
            people.append(_Person(came, service, len(world.head_start) - 1, _patience(world, rng)))
        slots.append((at, service, came))
    return sorted(people, key=lambda person: person.arrived), slots


def _serve(world: World, day: int, people: list[_Person], rng: np.random.Generator) -> None:
    """Call people through one day: whoever has waited longest, head start included, and is still there."""
    pace = np.random.default_rng(7).lognormal(0, 0.2, len(world.skills))
    free: list[tuple[float, int]] = []
    for server in range(len(world.skills)):
        if rng.random() >= world.absent:
            late = rng.random() * _HOUR if rng.random() < world.late else 0.0
            heapq.heappush(free, (day * DAY + world.opens * _HOUR + late, server))
    waiting: list[_Person] = []
    following = 0
    while free:
        now, server = heapq.heappop(free)
        while following < len(people) and people[following].arrived <= now:
            waiting.append(people[following])
            following += 1
        waiting = [person for person in waiting if person.arrived + person.patience > now]
        able = [person for person in waiting if person.service in world.skills[server]]
        if not able:
            if following < len(people):
                heapq.heappush(free, (people[following].arrived, server))
            continue
        person = min(able, key=lambda one: one.arrived - world.head_start[one.priority] * _MINUTE)
        waiting.remove(person)
        length = world.minutes[person.service] * rng.lognormal(-(world.spread**2) / 2, world.spread) * pace[server]
        person.called, person.server = now, server
        person.finished = now + length * _MINUTE
        rest = rng.exponential(10 * _MINUTE) if rng.random() < world.rests else rng.exponential(20)
        heapq.heappush(free, (person.finished + rest, server))


def _patience(world: World, rng: np.random.Generator) -> float:
    return float(rng.exponential(world.patience * _MINUTE))


def _history(world: World, people: list[_Person]) -> History:
    called = np.array([person.called for person in people])
    return History(
        first_day=date(2026, 3, 2),
        services=tuple(f"service {number}" for number in range(len(world.minutes))),
        priorities=tuple(str(number) for number in range(len(world.head_start))),
        servers=tuple(f"server {number}" for number in range(len(world.skills))),
        line=np.zeros(len(people), dtype=np.int64),
        service=np.array([person.service for person in people], dtype=np.int64),
        priority=np.array([person.priority for person in people], dtype=np.int64),
        server=np.array([person.server for person in people], dtype=np.int64),
        arrived=np.array([person.arrived for person in people]),
        called=called,
        left=np.where(np.isnan(called), [person.arrived + person.patience for person in people], np.nan),
        finished=np.array([person.finished for person in people]),
    )

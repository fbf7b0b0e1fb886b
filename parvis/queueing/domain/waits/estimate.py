"""What is told of a wait: a range and a time it is very likely before, or that it is unknown, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .correction import Correction, features
from .habits import Habits
from .history import Floats
from .recalibration import Recalibration
from .replay import HORIZON, Draws, replay
from .rules import Signals
from .state import LineState

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_CAN = 0.05  # chance below which a server is not counted on for a service
_TOO_MANY = 0.25  # share of draws in which somebody's turn does not come


class Reason(StrEnum):
    """Why nothing is told."""

    NOBODY_SERVES = "nobody_serves"
    NOBODY_FOR_THIS = "nobody_for_this"  # there are servers, and none for this service
    TOO_LITTLE_KNOWN = "too_little_known"  # neither a history nor what the house says of the service
    TOO_FAR = "too_far"  # too often not within the hours that can be foretold


@dataclass(frozen=True)
class Unknown:
    """No estimate, rather than a guess."""

    reason: Reason


@dataclass(frozen=True)
class Estimate:
    """minutes: (6,) quantiles of the wait from now on, at `LEVELS`."""

    minutes: tuple[float, ...]

    def at(self, level: float) -> float:
        """Minutes that the wait does not exceed with that probability, one of `LEVELS`."""
        return self.minutes[LEVELS.index(level)]

    @property
    def told(self) -> tuple[int, int]:
        """The range to tell, whole minutes: in half of all cases the wait ends within it. Rounded outwards."""
        return rounded_down(self.at(0.25)), rounded_up(self.at(0.75))

    @property
    def very_likely_before(self) -> int:
        """Whole minutes by which nine of ten waits have ended. Rounded up."""
        return rounded_up(self.at(0.9))


def rounded_up(minutes: float) -> int:
    """To a number one would say: each minute up to ten, then fives, tens from an hour on; at least one."""
    step = _step(minutes)
    return max(math.ceil(minutes / step - 1e-9) * step, 1)


def rounded_down(minutes: float) -> int:
    """The same downwards, to 0 at the least."""
    step = _step(minutes)
    return max(math.floor(minutes / step + 1e-9) * step, 0)


def estimates(
    habits: Habits,
    state: LineState,
    rng: np.random.Generator,
    *,
    draws: int = 500,
    seen: Signals | None = None,
    correction: Correction | None = None,
    recalibration: Recalibration | None = None,
) -> list[Estimate | Unknown]:
    """One per waiting person of the state, in their order, from one replay.

    seen: (W,) what each sees of the line; without it the correction, which looks at it, is left out.
    """
    reasons = [reason_not_to(habits, state, place) for place in range(len(state.waiting))]
    if all(reasons):
        return [Unknown(reason) for reason in reasons if reason]
    drawn = replay(habits, state, rng, draws)
    minutes = drawn_minutes(drawn)
    if correction is not None and seen is not None:
        minutes = correction.apply(features(minutes, seen), minutes)
    if recalibration is not None:
        minutes = recalibration.apply(minutes)
    never = np.isinf(drawn).mean(axis=0)
    answer: list[Estimate | Unknown] = []
    for place, reason in enumerate(reasons):
        if reason or never[place] > _TOO_MANY:
            answer.append(Unknown(reason or Reason.TOO_FAR))
        else:
            answer.append(Estimate(tuple(float(value) for value in minutes[place])))
    return answer


def reason_not_to(habits: Habits, state: LineState, place: int) -> Reason | None:
    """Why nothing can be said to this waiting person, before anything is drawn."""
    service = int(state.waiting.service[place])
    if not habits.known[service]:
        return Reason.TOO_LITTLE_KNOWN
    servers = np.concatenate([state.serving.server, state.resting.server, state.coming.server])
    if not len(servers) and state.joining <= 0:
        return Reason.NOBODY_SERVES
    skills = np.vstack([state.skills, state.newcomer])[servers, service]
    if (skills < _CAN).all() and (state.joining <= 0 or state.newcomer[service] < _CAN):
        return Reason.NOBODY_FOR_THIS
    return None


def drawn_minutes(drawn: Draws) -> Floats:
    """(W, 6) quantiles at `LEVELS` of draws (R, W) in seconds; as minutes, at most the horizon."""
    ordered = np.sort(drawn, axis=0)
    places = np.minimum((np.array(LEVELS) * len(drawn)).astype(int), len(drawn) - 1)
    return np.minimum(ordered[places].T.astype(np.float64), HORIZON) / 60


def _step(minutes: float) -> int:
    return 1 if minutes <= 10 else 5 if minutes <= 60 else 10

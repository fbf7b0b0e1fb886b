"""The line at one instant. Codes are those of the `Habits` it is replayed with; times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .history import Floats, Ints

NOBODY = -1  # as the code of a server: one who is not known by name


def _no_codes() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_times() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True)
class Waiting:
    """W people in any order: codes of service and priority, and how long each has waited.

    head_start: (W,) where the house knows it; None leaves it to the order learned.
    patience: (W,) how much longer each will wait, NaN where unknown; None when it is unknown of all.
    """

    service: Ints = field(default_factory=_no_codes)
    priority: Ints = field(default_factory=_no_codes)
    waited: Floats = field(default_factory=_no_times)
    head_start: Floats | None = None
    patience: Floats | None = None

    def __len__(self) -> int:
        return len(self.service)


@dataclass(frozen=True)
class Serving:
    """Who is being served: the service, by whom, since how long."""

    service: Ints = field(default_factory=_no_codes)
    server: Ints = field(default_factory=_no_codes)
    elapsed: Floats = field(default_factory=_no_times)


@dataclass(frozen=True)
class Resting:
    """Servers between two calls, and since how long. One who is on a break until a known time is `Coming`."""

    server: Ints = field(default_factory=_no_codes)
    elapsed: Floats = field(default_factory=_no_times)


@dataclass(frozen=True)
class Coming:
    """Servers who should begin, in how many seconds (negative: they are late), and how likely they do when it is
    time.

    Of who is late the replay believes it the less the longer it lasts.
    """

    server: Ints = field(default_factory=_no_codes)
    after: Floats = field(default_factory=_no_times)
    chance: Floats = field(default_factory=_no_times)


@dataclass(frozen=True)
class Appointments:
    """People who are expected: in how many seconds (negative: they are late), for what, and how likely they come.

    Of who is late the replay believes it the less the longer it lasts.

    head_start: (A,) their place before people without appointment, in seconds of waiting; None as learned.
    """

    after: Floats = field(default_factory=_no_times)
    service: Ints = field(default_factory=_no_codes)
    priority: Ints = field(default_factory=_no_codes)
    chance: Floats = field(default_factory=_no_times)
    head_start: Floats | None = None


@dataclass(frozen=True)
class LineState:
    """Everything a replay starts from.

    skills: (S, K) how likely each server serves each service: 0 or 1 where that is decided, in between where judged.
    newcomer: (K,) the same for servers not known by name. joining: such servers per second who may begin, 0 if a rota
    names all (`Coming`). leaving: (S,) seconds after which a server takes nobody any more; None when nobody is known
    to. arrivals: (K, P) people per second. instant: of the day, in seconds, for whom the hour matters.
    """

    waiting: Waiting
    serving: Serving
    resting: Resting
    skills: Floats
    newcomer: Floats
    arrivals: Floats
    coming: Coming = field(default_factory=Coming)
    appointments: Appointments = field(default_factory=Appointments)
    joining: float = 0.0
    leaving: Floats | None = None

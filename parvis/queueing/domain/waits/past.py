"""A walk through a history: the line as it could be seen at the instant when each of some people joined it.

Nothing later is looked at, with one exception that is none: whether a service still goes on, which anybody could see.
Who is at work is only known by whom they served: a server is there from their first call of the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from .habits import Habits
from .history import DAY, HALF_HOUR, Bools, Floats, History, Ints
from .rates import KindOfDay
from .skills import Evidence
from .state import LineState, Resting, Serving, Waiting


def walk(
    history: History, rows: Ints, habits: Habits, kind_of_day: KindOfDay = date.weekday
) -> Iterator[tuple[int, LineState, int]]:
    """For each of the rows, which must ascend: the row, the line with that person in it, and their place there."""
    seen = _Seen(history, habits)
    ended, reach = history.ended, float(np.nanmax(history.waited, initial=0.0))
    for row in rows:
        instant = float(history.arrived[row])
        seen.until(instant)
        start, here, half = np.searchsorted(history.arrived, [instant - reach, instant, instant - HALF_HOUR])
        others = np.arange(start, here)
        others = others[ended[start:here] > instant]
        line = np.append(others, row)
        today = int(instant // DAY)
        waiting = Waiting(history.service[line], history.priority[line], instant - history.arrived[line])
        kind = kind_of_day(history.date_of(today))
        serving, resting = seen.servers(instant)
        yield (
            int(row),
            LineState(
                waiting=waiting,
                serving=serving,
                resting=resting,
                skills=seen.evidence.chances(),
                newcomer=np.full(len(history.services), 0.7),
                arrivals=habits.arrivals_now(kind, instant, int(here - half)),
                joining=habits.starts.at(kind, instant),
            ),
            len(others),
        )


class _Seen:
    """What every server did last, up to an instant that moves on."""

    def __init__(self, history: History, habits: Habits) -> None:
        servers = len(history.servers)
        calls = history.calls()
        self._server, self._service = history.server[calls], history.service[calls]
        self._called, self._finished = history.called[calls], history.finished[calls]
        self._next = 0
        self.evidence = Evidence(servers, habits.share)
        self.called: Floats = np.full(servers, -np.inf)
        self.finished: Floats = np.full(servers, -np.inf)
        self.service: Ints = np.zeros(servers, dtype=np.int64)

    def until(self, instant: float) -> None:
        """Take in the calls before that instant."""
        while self._next < len(self._called) and self._called[self._next] < instant:
            call = self._next
            server, service = int(self._server[call]), int(self._service[call])
            self.evidence.saw(server, service)
            self.called[server], self.finished[server] = self._called[call], self._finished[call]
            self.service[server] = service
            self._next += 1

    def servers(self, instant: float) -> tuple[Serving, Resting]:
        """Who serves, and who has today and does not now."""
        today: Bools = self.called >= instant // DAY * DAY
        busy = np.flatnonzero(today & (self.finished > instant))
        rest = np.flatnonzero(today & (self.finished <= instant))
        return (
            Serving(self.service[busy], busy, instant - self.called[busy]),
            Resting(rest, instant - self.finished[rest]),
        )

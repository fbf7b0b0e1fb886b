"""What happened in a line: one entry per person who came, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY = 86_400.0
HALF_HOUR = 1_800.0


@dataclass(frozen=True)
class History:
    """n people in order of arrival. Times are seconds since midnight of `first_day` on the clocks of the house.

    services, priorities, servers: the names that the codes below stand for. line: (n,) code of the line somebody
    stood in. service, priority: (n,) codes. server: (n,) codes, -1 for who was not served. arrived: (n,). called,
    finished: (n,), NaN for who was not served. left: (n,) when somebody gave up, else NaN.
    """

    first_day: date
    services: tuple[str, ...]
    priorities: tuple[str, ...]
    servers: tuple[str, ...]
    line: Ints
    service: Ints
    priority: Ints
    server: Ints
    arrived: Floats
    called: Floats
    left: Floats
    finished: Floats

    def __len__(self) -> int:
        return len(self.arrived)

    @property
    def served(self) -> Bools:
        """(n,) who was called."""
        return ~np.isnan(self.called)

    @property
    def ended(self) -> Floats:
        """(n,) when the waiting ended: called, or given up; infinite for who still waits."""
        return np.where(self.served, self.called, np.where(np.isnan(self.left), np.inf, self.left))

    @property
    def over(self) -> Bools:
        """(n,) whether it is known how it ended."""
        return np.where(self.served, ~np.isnan(self.finished), ~np.isnan(self.left))

    @property
    def waited(self) -> Floats:
        """(n,) seconds until called or given up."""
        return self.ended - self.arrived

    @property
    def day(self) -> Ints:
        """(n,) days since `first_day` of the arrivals."""
        return np.asarray(self.arrived // DAY, dtype=np.int64)

    @property
    def kind(self) -> Ints:
        """(n,) one code per service and priority: `service * P + priority`."""
        return self.service * len(self.priorities) + self.priority

    def date_of(self, day: int) -> date:
        """The date of a day as counted by `day`."""
        return self.first_day + timedelta(days=int(day))

    def rows(self, chosen: Bools | Ints) -> History:
        """The people chosen by mask or row number; names and codes stay as they are."""
        kept: dict[str, Any] = {
            field.name: getattr(self, field.name)[chosen]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **kept)

    def calls(self) -> Ints:
        """Rows of who was served, in the order in which they were called."""
        order = np.argsort(np.where(self.served, self.called, np.inf), kind="stable")
        return np.asarray(order[: int(self.served.sum())], dtype=np.int64)

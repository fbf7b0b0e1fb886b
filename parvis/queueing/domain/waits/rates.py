"""How often something happens, by kind of day and half-hour: arrivals, and first calls of those who start work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from .history import DAY, HALF_HOUR, Floats, History, Ints

HALF_HOURS = 48
_BORROWED = 1.0  # days of the usual kind that each kind of day starts out with

KindOfDay = Callable[[date], int]


@dataclass(frozen=True)
class Rates:
    """kinds: of day, as seen. per_second: (len(kinds) + 1, 48); the last row is the usual day, for kinds never
    seen."""

    kinds: tuple[int, ...]
    per_second: Floats

    def at(self, kind: int, second: float) -> float:
        """Per second at that second of a day of this kind."""
        row = self.kinds.index(kind) if kind in self.kinds else -1
        return float(self.per_second[row, int(second % DAY // HALF_HOUR)])


def fit_rates(history: History, moments: Floats, kind_of_day: KindOfDay) -> Rates:
    """Rates of what happened at `moments` (m,), seconds since the history's first midnight.

    Days on which nobody came do not count: the house was closed.
    """
    open_days = np.unique(history.day)
    kind_of = {int(day): kind_of_day(history.date_of(day)) for day in open_days}
    kinds = tuple(sorted(set(kind_of.values())))
    counts = np.zeros((len(kinds), HALF_HOURS))
    number = np.array([sum(kind == one for one in kind_of.values()) for kind in kinds], dtype=np.float64)
    days = (moments // DAY).astype(int)
    known = np.array([int(day) in kind_of for day in days], dtype=bool)
    row = np.array([kinds.index(kind_of[int(day)]) for day in days[known]], dtype=np.int64)
    np.add.at(counts, (row, (moments[known] % DAY // HALF_HOUR).astype(int)), 1)
    usual = counts.sum(0) / max(number.sum(), 1)
    volume = (counts.sum(1) / np.maximum(number, 1) + usual.sum()) / max(2 * usual.sum(), 1e-9)
    each = (counts + _BORROWED * volume[:, None] * usual) / (number + _BORROWED)[:, None]
    return Rates(kinds, np.vstack([each, usual]) / HALF_HOUR)


def first_calls(history: History) -> Floats:
    """(m,) when each server called for the first time on a day."""
    rows = history.calls()
    day: Ints = np.asarray(history.called[rows] // DAY, dtype=np.int64)
    if not len(rows):
        return np.zeros(0)
    _, first = np.unique(day * len(history.servers) + history.server[rows], return_index=True)
    return history.called[rows][np.sort(first)]

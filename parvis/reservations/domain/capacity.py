"""What still fits: claims on resources against their capacity, for thousands of starts at once.

All times are epoch seconds (see `spans`). Arrays of candidates have the shape (n,), one element per start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_BEGINNING, _END = -(2**62), 2**62


class Levels:
    """How many units are taken at each instant: a step function, made of intervals (from, until, units)."""

    def __init__(self, begins: Ints, ends: Ints, units: Ints) -> None:
        at = np.concatenate([begins, ends])
        change = np.concatenate([units, -units])
        order = np.lexsort((change, at))  # at one instant what ends comes before what begins
        self._times = np.concatenate([[_BEGINNING], at[order], [_END]])
        self._levels = np.concatenate([[0], np.cumsum(change[order]), [0]])

    def peak(self, begins: Ints, ends: Ints) -> Ints:
        """The most units taken at any instant of each [begin, end); `begins` < `ends` element by element."""
        first = np.searchsorted(self._times, begins, side="right") - 1
        last = np.searchsorted(self._times, ends, side="left")
        pairs = np.column_stack([first, last]).ravel()
        peaks: Ints = np.maximum.reduceat(self._levels, pairs)[::2]
        return peaks


@dataclass(frozen=True)
class Spans:
    """The spans of n candidates on one resource: four arrays (n,)."""

    hard_from: Ints
    hard_until: Ints
    soft_from: Ints
    soft_until: Ints


# Seconds between the timelines of two resources, when many are laid one after the other: far more than any span.
_APART = 2**40


def peaks_of(tables: Sequence[Ints], spans: Spans) -> Ints:
    """The most units that others take of each of k resources while each of n candidates would: (k, n).

    Their buffers against the candidate's visit, and their visits against its buffers (see `spans.Span`). `tables`: what
    they take of each resource, arrays (m, 5) of hard_from, hard_until, soft_from, soft_until and units; m may be 0.
    """
    apart = np.arange(len(tables), dtype=np.int64) * _APART
    table = np.concatenate(tables)
    hard_from, hard_until, soft_from, soft_until = table[:, :4].T + np.repeat(apart, [len(t) for t in tables])
    units, lanes = table[:, 4], apart[:, np.newaxis]
    soft = Levels(soft_from, soft_until, units)
    if np.array_equal(hard_from, soft_from) and np.array_equal(hard_until, soft_until):
        return _peaks(soft, spans.soft_from, spans.soft_until, lanes)  # they have no buffers: ours touch all we do
    theirs = _peaks(soft, spans.hard_from, spans.hard_until, lanes)
    if spans.hard_from is spans.soft_from:
        return theirs
    return np.maximum(theirs, _peaks(Levels(hard_from, hard_until, units), spans.soft_from, spans.soft_until, lanes))


def _peaks(levels: Levels, begins: Ints, ends: Ints, lanes: Ints) -> Ints:
    return levels.peak((begins + lanes).ravel(), (ends + lanes).ravel()).reshape(len(lanes), -1)


@dataclass(frozen=True)
class Lane:
    """One resource as a demand sees it; arrays (n,), one element per candidate.

    `free`: units still free, 0 where it is closed or absent. `over`: units sold beyond its capacity.
    `joined`: seats still free in a slot of the same offering and start that has begun to fill; -1 where there is none.
    """

    resource: int
    free: Ints
    over: Ints
    joined: Ints | None = None


@dataclass(frozen=True)
class Demand:
    """One thing an offering needs: `count` different resources out of `lanes`, `units` of each."""

    lanes: Sequence[Lane]
    count: int = 1
    units: int = 1


def places(demands: Sequence[Demand], *, party: int, seats: int = 1, overbooking: int = 0) -> Ints:
    """How many more parties of this size fit at each candidate: (n,). 0 means none.

    `seats`: how many persons share one slot (1: a slot is for one party, however large).
    `overbooking`: units that may be sold beyond capacity, over all resources of a demand together.
    """
    fresh = np.stack([_fresh(d, overbooking) for d in demands]).min(axis=0)
    fresh = np.where(_enough_for_all(demands), np.maximum(fresh, 0), 0)
    if seats == 1:
        return fresh
    joined = np.stack([_joined(d, party) for d in demands]).min(axis=0)
    return np.asarray(fresh * (seats // party) + joined, dtype=np.int64)


def _fresh(demand: Demand, overbooking: int) -> Ints:
    """Slots of one demand alone that nobody has begun to fill."""
    per_lane = np.stack([lane.free // demand.units for lane in demand.lanes])
    found = per_lane.sum(axis=0) // demand.count
    if overbooking:
        over = np.stack([lane.over for lane in demand.lanes]).sum(axis=0)
        found = found + np.maximum(overbooking - over, 0) // (demand.units * demand.count)
    return np.asarray(found, dtype=np.int64)


def _joined(demand: Demand, party: int) -> Ints:
    """Parties that still fit into slots that have begun to fill."""
    per_lane = [np.maximum(lane.joined, 0) // party for lane in demand.lanes if lane.joined is not None]
    return np.asarray(sum(per_lane, start=np.zeros_like(demand.lanes[0].free)), dtype=np.int64)


def _enough_for_all(demands: Sequence[Demand]) -> NDArray[np.bool_]:
    """Whether resources that several demands could use suffice for all of them (Hall's marriage condition)."""
    enough = np.ones(len(demands[0].lanes[0].free), dtype=bool)
    for size in range(2, len(demands) + 1):
        for group in combinations(demands, size):
            lanes = {lane.resource: lane for d in group for lane in d.lanes}
            if len(lanes) < sum(len(d.lanes) for d in group):  # they have some in common
                usable = sum((lane.free >= 1).astype(np.int64) for lane in lanes.values())
                enough &= usable >= sum(d.count for d in group)
    return enough

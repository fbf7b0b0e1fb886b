"""Which of the things an offering needs is in the way. Pure."""

from collections.abc import Sequence

import numpy as np

from parvis.reservations.domain.capacity import Demand


def bottlenecks(demands: Sequence[Demand]) -> list[int]:
    """Places (from 0) of the demands that no start meets; none: each is met at some, but never all together."""
    return [n for n, demand in enumerate(demands) if not _ever(demand)]


def _ever(demand: Demand) -> bool:
    enough = np.stack([_fits(lane.free >= demand.units, lane.joined) for lane in demand.lanes]).sum(axis=0)
    return bool((enough >= demand.count).any())


def _fits(free: np.ndarray, joined: np.ndarray | None) -> np.ndarray:
    return free if joined is None else free | (joined > 0)

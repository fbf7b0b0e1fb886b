"""How good forecasts of waiting times are."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from .history import Bools, Floats

BUCKETS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 1), (2, 3), (4, 6), (7, 10), (11, 20), (21, None))
_Z = 1.96


@dataclass(frozen=True)
class Score:
    """Of n forecasts, in the unit of the times. width: from the median to the "very likely before", on average."""

    n: int
    mae: float
    bias: float
    pinball50: float
    pinball90: float
    cov50: float
    cov90: float
    width: float

    def as_json(self) -> dict[str, float]:
        """The figures by name, without `n`."""
        figures = asdict(self)
        figures.pop("n")
        return figures


def score(waited: Floats, p50: Floats, p90: Floats) -> Score:
    """waited, p50, p90: (n,) what came, its median and its .9 quantile as forecast. n must not be 0."""
    return Score(
        n=len(waited),
        mae=float(np.abs(waited - p50).mean()),
        bias=float((p50 - waited).mean()),
        pinball50=pinball(waited, p50, 0.5),
        pinball90=pinball(waited, p90, 0.9),
        cov50=float((waited <= p50).mean()),
        cov90=float((waited <= p90).mean()),
        width=float((p90 - p50).mean()),
    )


def pinball(waited: Floats, told: Floats, level: float) -> float:
    """The mean loss of a quantile (Koenker and Bassett 1978): the smaller the better."""
    gap = waited - told
    return float(np.maximum(level * gap, (level - 1) * gap).mean())


def wilson(share: float, n: int) -> tuple[float, float]:
    """The interval that holds the true share in 95 of 100 cases (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    middle = share + _Z * _Z / (2 * n)
    return max((middle - spread) / (1 + _Z * _Z / n), 0.0), min((middle + spread) / (1 + _Z * _Z / n), 1.0)


def censored_coverage(waited: Floats, served: Bools, told: Floats) -> float:
    """The share of waits no longer than `told`, with those who left counted for as long as they stayed.

    waited: (n,) until called or gone; served: (n,). The waits are put in units of what was told, so that all ask the
    same: Kaplan and Meier's (1958) share of those whose turn came by 1.
    """
    share = waited / np.maximum(told, 1e-9)
    order = np.lexsort((~served, share))
    share, ended = share[order], served[order]
    at_risk = len(share) - np.arange(len(share))
    staying = np.cumprod(np.where(ended, 1 - 1 / at_risk, 1.0))
    within = int(np.searchsorted(share, 1.0, side="right"))
    return float(1 - staying[within - 1]) if within else 0.0


def in_bucket(ahead: Floats, bucket: tuple[int, int | None]) -> Bools:
    """(n,) who had that many people ahead."""
    low, high = bucket
    return (ahead >= low) & (ahead <= (math.inf if high is None else high))


def bucket_name(bucket: tuple[int, int | None]) -> str:
    """As on a table: 0, 2–3, 21+."""
    low, high = bucket
    return f"{low}+" if high is None else str(low) if low == high else f"{low}–{high}"

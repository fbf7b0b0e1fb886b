"""How long things last, as tables of quantiles from which a replay draws.

A table has Q entries: what lasts shorter in a share (i + ½)/Q of cases. Entries may be infinite: a table of breaks
says so that some people do not come back today, one of patience that some do not leave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .history import Bools, Floats, Ints

Q = 256  # one byte draws an entry
LEVELS = (np.arange(Q) + 0.5) / Q
_SPREAD = 0.75  # standard deviation of the logarithm, of service times of which only the typical length is known


def observed(lengths: Floats, prior: Floats, weight: int) -> Floats:
    """(Q,) table of lengths (n,), joined by a prior table (Q,) that counts as `weight` cases."""
    chosen = prior[np.linspace(0, Q - 1, weight).round().astype(int)] if weight else prior[:0]
    return np.asarray(np.quantile(np.concatenate([lengths, chosen]), LEVELS), dtype=np.float64)


def typical(median: float) -> Floats:
    """(Q,) log-normal table around a median (Brown et al. 2005 find service times log-normal)."""
    from scipy.special import ndtri

    return np.asarray(median * np.exp(_SPREAD * ndtri(LEVELS)), dtype=np.float64)


def exponential(mean: float) -> Floats:
    """(Q,) table of the exponential distribution."""
    return np.asarray(-mean * np.log1p(-LEVELS), dtype=np.float64)


def kaplan_meier(lengths: Floats, ended: Bools) -> Floats:
    """(Q,) table of lengths (n,), of which some were not seen to their end (Kaplan and Meier 1958).

    What the longest cases leave open is infinite.
    """
    order = np.argsort(lengths, kind="stable")
    lengths, ended = lengths[order], ended[order]
    at_risk = len(lengths) - np.arange(len(lengths))
    share_ended = 1 - np.cumprod(np.where(ended, 1 - 1 / at_risk, 1.0))
    place = np.searchsorted(share_ended, LEVELS)
    return np.where(place < len(lengths), lengths[np.minimum(place, max(len(lengths) - 1, 0))], np.inf)


def going_on(table: Floats, rate: float) -> Floats:
    """The same (Q,) with an exponential end of that rate where it is infinite: as if nothing ever lasted for good.

    For patience. In a calm week nobody waits long, which does not mean that on a bad day nobody leaves.
    """
    open_ended = np.isinf(table)
    if rate <= 0 or not open_ended.any():
        return table
    first = int(np.argmax(open_ended))
    start, staying = (table[first - 1], 1 - LEVELS[first - 1]) if first else (0.0, 1.0)
    return np.where(open_ended, start + np.log(staying / (1 - LEVELS)) / rate, table)


def remaining(tables: Floats, of: Ints, elapsed: Floats, scale: Floats, uniform: NDArray[np.float32]) -> Floats:
    """(R, n) draws of what is left of n things that have lasted for `elapsed` (n,) seconds.

    tables: (m, Q); of: (n,) the table of each; scale: (n,) factor on its table; uniform: (R, n) numbers in [0, 1).
    What has outlasted its table goes on for about half as long again: the longer something unusual lasts, the longer
    it will.
    """
    if not len(of):
        return np.zeros(uniform.shape)
    past = zip(of, elapsed / scale, strict=True)
    gone = np.array([np.searchsorted(tables[table], lasted, side="right") for table, lasted in past], dtype=np.float32)
    place = np.minimum(gone + (Q - gone) * uniform, Q - 1).astype(np.intp)
    drawn = np.maximum(tables.ravel()[of * Q + place] * scale - elapsed, 0.0)
    outlasted = gone >= Q
    if outlasted.any():
        drawn[:, outlasted] = -0.5 * elapsed[outlasted] * np.log1p(-uniform[:, outlasted])
    return np.asarray(drawn)

"""The time a booking takes of a resource: the visit itself, and the buffers around it.

Instants here are whole seconds since 1970 (UTC): they are compared by the ten thousand, and have no zone that could be
mistaken. `epoch` and `instant` lead in and out.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache


def epoch(instant: dt.datetime) -> int:
    """Seconds since 1970 of an aware instant; fractions are cut."""
    return int(instant.timestamp())


@lru_cache(maxsize=8192)  # a grid of starts is asked for again and again, and one visit ends as the next begins
def instant(seconds: int) -> dt.datetime:
    """The aware instant (UTC) of seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@dataclass(frozen=True)
class Buffers:
    """Minutes a resource is kept free around a visit.

    `before` and `after` may be shared: those of two neighbours overlap then, so that ten minutes after one visit and
    ten before the next come to ten. `setup` is work on the resource itself before the visit, and never shared.
    """

    before: int = 0
    after: int = 0
    shared: bool = False
    setup: int = 0


@dataclass(frozen=True)
class Span:
    """What one booking takes, in epoch seconds.

    Nothing else may happen in the hard span; the soft span, which contains it, may not meet the hard span of others.
    Without shared buffers the two are the same.
    """

    hard_from: int
    hard_until: int
    soft_from: int
    soft_until: int


def span_of(start: int, end: int, buffers: Buffers) -> Span:
    """The span of a visit from `start` to `end` (epoch seconds)."""
    prepared = start - 60 * buffers.setup
    outer = prepared - 60 * buffers.before, end + 60 * buffers.after
    inner = (prepared, end) if buffers.shared else outer
    return Span(*inner, *outer)

"""Which resources a booking gets, once it is known that there are enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice


@dataclass(frozen=True)
class Option:
    """A resource that could serve, at one start; the fields as in `capacity.Lane`. `rank`: lower comes first."""

    resource: int
    free: int
    over: int = 0
    joined: int = 0
    rank: tuple[int, ...] = ()


@dataclass(frozen=True)
class Want:
    """What is needed: `count` different resources, `units` of each. `party` persons come."""

    options: Sequence[Option]
    count: int = 1
    units: int = 1
    party: int = 1
    seats: int = 1


def choose(wants: Sequence[Want], *, overbooking: int = 0) -> list[list[int]] | None:
    """Resources for each want, none used twice; None when that is not possible.

    A slot that has begun to fill is filled first; then what is free, by rank; then, as far as `overbooking` goes, what
    is sold already, the least oversold first.
    """
    found = _choose(list(wants), frozenset(), overbooking)
    return [list(f) for f in found] if found is not None else None


def _choose(wants: list[Want], used: frozenset[int], overbooking: int) -> list[tuple[int, ...]] | None:
    if not wants:
        return []
    want, rest = wants[0], wants[1:]
    for picked in _picks(want, used, overbooking):
        others = _choose(rest, used | set(picked), overbooking)
        if others is not None:
            return [picked, *others]
    return None


def _picks(want: Want, used: frozenset[int], overbooking: int) -> Iterator[tuple[int, ...]]:
    """Sets of resources for one want, the best first."""
    options = [o for o in want.options if o.resource not in used]
    joined = [o for o in options if want.seats > 1 and o.joined >= want.party]
    free = sorted((o for o in options if o.free >= want.units), key=lambda o: o.rank)
    for option in sorted(joined, key=lambda o: (o.joined, o.rank)):
        if want.count == 1:
            yield (option.resource,)
    yield from _combinations(free, want.count)
    oversold = sum(o.over for o in options)
    if overbooking and oversold + want.units * want.count <= overbooking:
        beyond = sorted((o for o in options if o.free < want.units), key=lambda o: (o.over, o.rank))
        yield from _combinations(free + beyond, want.count)


_TRIED = 200


def _combinations(options: Sequence[Option], count: int) -> Iterator[tuple[int, ...]]:
    """Combinations in order of rank; the search is bounded, since alternatives beyond the first few hardly differ."""
    yield from (tuple(o.resource for o in c) for c in islice(combinations(options, count), _TRIED))

"""What is taken and when there is somebody: the rows behind every count, as arrays of epoch seconds."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import QuerySet

from parvis.kernel.business_hours import Calendar, open_between
from parvis.kernel.intervals import Interval, merge, subtract
from parvis.reservations.domain.capacity import Ints, Lane, Spans, peaks_of
from parvis.reservations.domain.spans import Buffers, Span, epoch, span_of
from parvis.reservations.models import Absence, Resource
from parvis.reservations.supply import Needed, calendar_of_resource, supply
from parvis.toolkit.db import is_postgres, rows
from parvis.toolkit.prepared import prepared

# By the longest claim of all, the index need not be read up to the last booking of next year.
_WANTED = (
    " FROM reservations_claim WHERE resource_id IN ({marks}) AND soft_until > %s AND soft_from < %s"
    " AND soft_until < %s + (SELECT max(soft_until - soft_from) FROM reservations_claim)"
    " AND (expires IS NULL OR expires > %s){other} AND "
)
_SHARED = "resource_id, hard_from, hard_until, soft_from, soft_until, units, share, seats"
# A claim as its earliest instant and the seconds from one to the next: short to write, quick to read.
_STEPS = ("soft_from", "hard_from - soft_from", "hard_until - hard_from", "soft_until - hard_until", "units")


@dataclass
class Taken:
    """What is taken of one resource.

    `rows`: an array (m, 5) of hard_from, hard_until, soft_from, soft_until and units.
    `persons`: how many are in each slot that several parties share.
    """

    rows: Ints = field(default_factory=lambda: np.empty((0, 5), dtype=np.int64))
    persons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidates:
    """Starts and ends of n possible visits, in epoch seconds: two arrays (n,), in order of start."""

    starts: Ints
    ends: Ints

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]]) -> "Candidates":
        """From pairs of start and end."""
        columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return cls(columns[:, 0].copy(), columns[:, 1].copy())

    def spans(self, buffers: Buffers) -> Spans:
        """What each would take of a resource."""
        shape = span_of(0, 0, buffers)
        soft_from, soft_until = self.starts + shape.soft_from, self.ends + shape.soft_until
        if not buffers.shared:
            return Spans(soft_from, soft_until, soft_from, soft_until)
        return Spans(self.starts + shape.hard_from, self.ends + shape.hard_until, soft_from, soft_until)

    def reach(self, buffers: Iterable[Buffers]) -> tuple[int, int]:
        """The earliest and the latest instant that any of them touches."""
        around = [span_of(0, 0, b) for b in buffers] or [Span(0, 0, 0, 0)]
        first, last = int(self.starts.min()), int(self.ends.max())
        return first + min(s.soft_from for s in around), last + max(s.soft_until for s in around)


def claims_between(
    resource_ids: Sequence[int], begin: int, end: int, *, now: int, but_booking: int | None = None
) -> dict[int, Taken]:
    """What is taken of each resource between two instants; holds that have run out take nothing.

    `but_booking`: leave out what this booking takes (it is about to move).
    """
    found = {pk: Taken() for pk in resource_ids}
    if not found:
        return found
    wanted = _WANTED.format(
        marks=", ".join(["%s"] * len(resource_ids)),
        other=" AND (booking_id IS NULL OR booking_id <> %s)" if but_booking is not None else "",
    )
    params = [*resource_ids, begin, end, end, now, *([but_booking] if but_booking is not None else [])]
    for pk, own in _read(rows(_by_resource() + wanted + "NOT shared GROUP BY resource_id", params)):
        found[pk].rows = own
    slots: dict[tuple[int, str], tuple[int, ...]] = {}
    for pk, *row, share, seats in rows(f"SELECT {_SHARED}{wanted} shared", params):
        found[pk].persons[share] = found[pk].persons.get(share, 0) + seats
        slots[pk, share] = tuple(row)
    for (pk, __), once in slots.items():  # the claims of a shared slot count once
        found[pk].rows = np.vstack([found[pk].rows, once])
    return found


def _by_resource() -> str:
    """How many claims a resource has, and each step of theirs as one text, "7,9,9".

    All in the same order, since one walk collects them. A row for each of thousands of claims took half of the time of
    an availability.
    """
    text = "string_agg(({})::text, ',')" if is_postgres() else "group_concat({})"
    return f"SELECT resource_id, count(*), {', '.join(map(text.format, _STEPS))}"


def _read(by_resource: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Ints]]:
    """Each resource with the rows of its `Taken`, from what `_by_resource` found."""
    if not by_resource:
        return iter(())
    ids, counts, *columns = zip(*by_resource, strict=True)
    steps = np.stack([np.fromstring(",".join(texts), dtype=np.int64, sep=",") for texts in columns], axis=1)
    steps[:, :4].cumsum(axis=1, out=steps[:, :4])
    table = steps[:, [1, 2, 0, 3, 4]]
    return zip(ids, np.split(table, np.cumsum(counts)[:-1]), strict=True)


def absences_between(resource_ids: Sequence[int], begin: dt.datetime, end: dt.datetime) -> dict[int, list[Interval]]:
    """When each resource is away between two instants."""
    found: dict[int, list[Interval]] = {}
    for absence in _absences(ids=tuple(resource_ids), begin=begin, end=end) if resource_ids else ():
        found.setdefault(absence.resource_id, []).append((absence.starts_at, absence.ends_at))
    return found


@prepared
def _absences(*, ids: tuple[int, ...], begin: dt.datetime, end: dt.datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(resource_id__in=ids, ends_at__gt=begin, starts_at__lt=end)


@lru_cache(maxsize=512)
def _openings(calendar: Calendar, first: dt.date, last: dt.date) -> tuple[Interval, ...]:
    begin = dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC) - dt.timedelta(days=2)
    end = dt.datetime.combine(last, dt.time(), tzinfo=dt.UTC) + dt.timedelta(days=3)
    return tuple(merge(open_between(calendar, begin, end)))


@lru_cache(maxsize=512)
def _as_arrays(openings: tuple[Interval, ...]) -> tuple[Ints, Ints]:
    pairs = np.array([(epoch(a), epoch(b)) for a, b in openings], dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def openings_of(resource: Resource, first: dt.date, last: dt.date) -> tuple[Interval, ...]:
    """When a resource can be booked, absences not taken off, a day or two beyond both ends included."""
    calendar = calendar_of_resource(resource, first, last)
    return _openings(calendar, first, last) if calendar is not None else ()


def is_there(
    resource: Resource, candidates: Candidates, first: dt.date, last: dt.date, away: Sequence[Interval], *, always: bool
) -> Ints:
    """1 where the whole visit lies in one opening of the resource and outside its absences, else 0: (n,).

    `always`: opening hours do not count (nights, sessions), absences do.
    """
    if always:
        openings: tuple[Interval, ...] = ((_ALWAYS[0], _ALWAYS[1]),)
    else:
        openings = openings_of(resource, first, last)
    begins, ends = _as_arrays(tuple(subtract(openings, away)) if away else openings)
    if not len(begins):
        return np.zeros(len(candidates.starts), dtype=np.int64)
    at = np.searchsorted(begins, candidates.starts, side="right") - 1
    return np.asarray((at >= 0) & (ends[np.maximum(at, 0)] >= candidates.ends), dtype=np.int64)


_ALWAYS = (dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2999, 1, 1, tzinfo=dt.UTC))


@dataclass(frozen=True)
class Shares:
    """The slots of an offering whose seats several parties share."""

    offering_id: int
    seats: int

    def key(self, start: int) -> str:
        """The mark that claims on the same slot carry."""
        return f"{self.offering_id}:{start}"

    def left(self, candidates: Candidates, taken: Taken) -> Ints:
        """Seats still free in the slot of each start that has begun to fill, else -1: (n,)."""
        persons = taken.persons
        keys = [self.key(int(s)) for s in candidates.starts]
        return np.array([max(self.seats - persons[k], 0) if k in persons else -1 for k in keys], dtype=np.int64)


def lanes_of(
    needed: Needed, candidates: Candidates, taken: dict[int, Taken], there: dict[int, Ints], shares: Shares | None
) -> list[Lane]:
    """The resources in `there` as a requirement sees them.

    `there`: by resource, as `is_there` has it; `taken`: at least theirs; `shares` where slots have several seats.
    """
    known = supply().resources
    peaks = peaks_of([taken[pk].rows for pk in there], candidates.spans(needed.buffers))
    found = []
    for (pk, mask), peak in zip(there.items(), peaks, strict=True):
        left = known[pk].capacity - peak
        joined = np.where(mask == 1, shares.left(candidates, taken[pk]), -1) if shares else None
        found.append(Lane(pk, np.maximum(left, 0) * mask, np.maximum(-left, 0), joined))
    return found

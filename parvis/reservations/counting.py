"""What is taken and when there is somebody: the rows behind every count, as arrays of epoch seconds."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from parvis.kernel.business_hours import Calendar, open_between
from parvis.kernel.intervals import Interval, merge, subtract
from parvis.reservations.domain.capacity import Ints, Lane, Spans, peaks_of
from parvis.reservations.domain.spans import Buffers, Span, epoch, span_of
from parvis.reservations.models import Absence, Resource
from parvis.reservations.supply import Needed, calendar_of_resource
from parvis.toolkit.db import rows

# hard_from, hard_until, soft_from, soft_until, units, share, seats
Row = tuple[int, int, int, int, int, str, int]
_CLAIMS = (
    "SELECT resource_id, hard_from, hard_until, soft_from, soft_until, units, share, seats FROM reservations_claim"
    " WHERE resource_id IN ({marks}) AND soft_until > %s AND soft_from < %s"
    " AND (expires IS NULL OR expires > %s){other}"
)


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
) -> dict[int, list[Row]]:
    """What is taken of each resource between two instants; holds that have run out take nothing.

    `but_booking`: leave out what this booking takes (it is about to move).
    """
    if not resource_ids:
        return {}
    other = " AND (booking_id IS NULL OR booking_id <> %s)" if but_booking is not None else ""
    statement = _CLAIMS.format(marks=", ".join(["%s"] * len(resource_ids)), other=other)
    values = [*resource_ids, begin, end, now, *([but_booking] if but_booking is not None else [])]
    found: dict[int, list[Row]] = {pk: [] for pk in resource_ids}
    for resource_id, *row in rows(statement, values):
        found[resource_id].append(tuple(row))
    return found


def absences_between(resource_ids: Sequence[int], begin: dt.datetime, end: dt.datetime) -> dict[int, list[Interval]]:
    """When each resource is away between two instants."""
    found: dict[int, list[Interval]] = {}
    away = Absence.objects.filter(resource_id__in=resource_ids, ends_at__gt=begin, starts_at__lt=end)
    for resource_id, start, stop in away.values_list("resource_id", "starts_at", "ends_at"):
        found.setdefault(resource_id, []).append((start, stop))
    return found


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

    def left(self, candidates: Candidates, taken: Sequence[Row]) -> Ints:
        """Seats still free in the slot of each start that has begun to fill, else -1: (n,)."""
        persons: dict[str, int] = {}
        for row in taken:
            persons[row[5]] = persons.get(row[5], 0) + row[6]
        keys = [self.key(int(s)) for s in candidates.starts]
        return np.array([max(self.seats - persons[k], 0) if k in persons else -1 for k in keys], dtype=np.int64)


def lane_of(
    resource: Resource, needed: Needed, candidates: Candidates, taken: Sequence[Row], there: Ints, shares: Shares | None
) -> Lane:
    """A resource as a requirement sees it. `there` as `is_there` has it; `shares` where slots have several seats."""
    if not taken:
        nothing = np.zeros_like(there)
        return Lane(resource.pk, resource.capacity * there, nothing, nothing - 1 if shares else None)
    # Claims that share a slot count once.
    once = {(r[5], r[0], r[1], r[2], r[3]): r[:5] for r in taken} if shares else None
    table = np.array(list(once.values()) if once is not None else [r[:5] for r in taken], dtype=np.int64)
    peak = peaks_of(table, candidates.spans(needed.buffers))
    free, over = np.maximum(resource.capacity - peak, 0), np.maximum(peak - resource.capacity, 0)
    joined = np.where(there == 1, shares.left(candidates, taken), -1) if shares else None
    return Lane(resource.pk, free * there, over, joined)

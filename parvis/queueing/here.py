"""The panel of Today: how many wait in each line, since when, and who serves."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, Q

from parvis.queueing.models import Counter
from parvis.queueing.selectors import lines
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language


@dataclass(frozen=True)
class Waiting:
    """A line as Today shows it. `longest`: minutes the first has waited."""

    name: str
    count: int
    longest: int


@dataclass(frozen=True)
class Here:
    """All lines of the viewer's sites together."""

    lines: list[Waiting]
    seated: int

    @property
    def count(self) -> int:
        """How many wait."""
        return sum(line.count for line in self.lines)

    @property
    def longest(self) -> int:
        """Minutes that the one who waits longest has waited."""
        return max((line.longest for line in self.lines), default=0)


def queue_here(viewer: Viewer, *, now: dt.datetime) -> Here | None:
    """Who waits now; None in a house without lines. Two statements."""
    waits = Q(turns__state="waiting", turns__ended_at=None)
    rows = list(lines(viewer).annotate(n=Count("turns", filter=waits), since=Min("turns__joined_at", filter=waits)))
    if not rows:
        return None
    shown = [
        Waiting(in_language(row.name), row.n, int((now - row.since).total_seconds() // 60) if row.since else 0)
        for row in rows
    ]
    return Here(shown, _seated({row.site_id for row in rows}))


def _seated(site_ids: Iterable[int]) -> int:
    """How many counters somebody sits at and is not on a break."""
    working = Q(sittings__until=None, sittings__paused_at=None, sittings__since__isnull=False)
    return Counter.objects.filter(working, site_id__in=list(site_ids)).distinct().count()

"""The lines of a site as they stood at an instant of the past: what the engine would have seen, had it been asked."""

import datetime as dt
from bisect import bisect_left, bisect_right
from copy import copy
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from parvis.queueing.estimating.present import CALLS, HALF_HOUR, Called, Present
from parvis.queueing.models import Line, Sitting, Turn

if TYPE_CHECKING:
    from parvis.catalog.models import Site

_DAY = dt.timedelta(hours=12)
_EARLIER = dt.timedelta(days=14)  # what came before is looked back on
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Rewound:
    """The turns and sittings of a stretch of time; turns in order of joining, with their tickets.

    Who was set aside is left out: rows do not say from when to when. So are appointments, and ends of work that were
    planned: what was expected then is not known any more.
    """

    site: "Site"
    lines: list[Line]
    turns: list[Turn]
    joined: list[dt.datetime]
    sittings: list[Sitting]
    takes: dict[int, frozenset[int]]

    @classmethod
    def between(cls, site: "Site", lines: list[Line], begin: dt.datetime, end: dt.datetime) -> "Rewound":
        """Read what is needed to stand at any instant of [begin, end): three queries."""
        turns = list(
            Turn.objects.filter(line__site=site, joined_at__gte=begin - _EARLIER, joined_at__lt=end, was_held=False)
            .exclude(state="void")
            .select_related("ticket")
            .order_by("joined_at", "pk")
        )
        sittings = list(Sitting.objects.filter(counter__site=site, since__lt=end, since__gte=begin - _DAY))
        takes: dict[int, set[int]] = {s.counter_id: set() for s in sittings}
        links = Line.counters.through.objects.filter(counter_id__in=list(takes))
        for line_id, counter_id in links.values_list("line_id", "counter_id"):
            takes[counter_id].add(line_id)
        kept = {pk: frozenset(ids) for pk, ids in takes.items()}
        return cls(site, lines, turns, [t.joined_at for t in turns], sittings, kept)

    def at(self, instant: dt.datetime) -> Present:
        """The lines as they stood, with whoever joined in that very moment."""
        near = self.turns[bisect_left(self.joined, instant - _DAY) : bisect_right(self.joined, instant)]
        waiting = [t for t in near if _over(t) > instant]
        served = [_as_of(t, instant) for t in near if t.called_at and t.called_at <= instant < (t.ended_at or _LATEST)]
        over = [(t.ended_at, t.counter_id) for t in near if t.counter_id and t.ended_at and t.ended_at <= instant]
        return Present(
            self.site,
            instant,
            self.lines,
            sorted(waiting, key=lambda t: (t.rank_at, t.pk)),
            served,
            [_seated(s) for s in self.sittings if s.since <= instant < (s.until or _LATEST)],
            self.takes,
            {counter_id: at for at, counter_id in sorted(over)},
            sum(t.joined_at >= instant - HALF_HOUR for t in near),
            sorted((call for line in self.lines for call in self._calls_of(line, instant)), key=lambda call: call[2]),
        )

    def _calls_of(self, line: Line, instant: dt.datetime) -> list[Called]:
        """The latest calls of a line by then, by who joined last."""
        earlier = reversed(self.turns[: bisect_right(self.joined, instant)])
        called = (t for t in earlier if t.line_id == line.pk and t.called_at and t.called_at <= instant)
        return [(t.line_id, t.joined_at, t.called_at) for t in islice(called, CALLS) if t.called_at]


def _over(turn: Turn) -> dt.datetime:
    """When the waiting ended."""
    return turn.called_at or turn.ended_at or _LATEST


def _as_of(turn: Turn, instant: dt.datetime) -> Turn:
    """Somebody at a counter, as it was known then; not to be saved."""
    was = copy(turn)
    was.recalled_at = turn.called_at
    if turn.started_at and turn.started_at > instant:
        was.started_at = None
    return was


def _seated(sitting: Sitting) -> Sitting:
    """Somebody who sits at a counter, as far as it was known then; not to be saved."""
    was = copy(sitting)
    was.until = was.until_planned = was.paused_at = was.back_at = None
    return was

"""How many counters a day needs at a site: what history says of people and service, and what follows for the day."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parvis.catalog.selectors import calendar_of
from parvis.kernel.business_hours import open_between
from parvis.kernel.clock import zone
from parvis.kernel.holidays import holiday_dates
from parvis.queueing.domain.staffing.demand import BINS, Demand, demand_of
from parvis.queueing.domain.staffing.plan import Change, Goal, StaffPlan, Work, one_more_or_fewer, staff_plan
from parvis.queueing.domain.staffing.simulated import BIN_MINUTES, Played, play
from parvis.queueing.models import Counter, Line, ServiceGoal, Turn

if TYPE_CHECKING:
    from parvis.catalog.models import Site

HISTORY_DAYS = 112
_FEW_SERVICES = 30
_FEW_LEAVERS = 10
_PATIENCE = 30.0
_MOST_EXTRA = 10


@dataclass(frozen=True)
class Staffing:
    """A day worked out: who is expected, how the house works, the goal, the plan, and what one more or fewer does.

    `changes`: per half hour with arrivals, what −1 and +1 counter would do there. `most`: the counters there are.
    """

    demand: Demand
    work: Work
    goal: Goal
    plan: StaffPlan
    changes: dict[int, dict[int, Change]]
    most: int

    @property
    def lacks(self) -> bool:
        """Whether the plan asks for more counters than there are."""
        return bool(self.plan.counters.max(initial=0) > self.most)


def goal_of(site_id: int) -> ServiceGoal:
    """What a site wants to stand by; the usual, not saved, where it has not said."""
    return ServiceGoal.objects.filter(site_id=site_id).first() or ServiceGoal(site_id=site_id)


def as_goal(row: ServiceGoal) -> Goal:
    """The same as the domain takes it."""
    return Goal(row.in_time_percent / 100, float(row.within_minutes), row.leave_percent / 100)


def staffing_of(site: "Site", day: dt.date, *, now: dt.datetime) -> Staffing | None:
    """The plan of a day at a site; None without any day to learn from."""
    rows = _rows(site, now)
    demand = demand_of(_counts(site, rows), day, holidays=_holidays(site, day))
    if demand is None:
        return None
    # Whoever once came at another hour needs no counter then.
    demand = replace(demand, expected=np.where(_open_bins(site, day), demand.expected, 0.0))
    row = goal_of(site.pk)
    goal, work = as_goal(row), _work(site, rows, row)
    most = max(1, Counter.objects.filter(site=site, is_active=True).count())
    plan = staff_plan(demand.expected.round(2), work, goal, most=most + _MOST_EXTRA, spread=demand.spread)
    changes = {
        b: one_more_or_fewer(float(demand.expected[b]), work, goal, int(plan.counters[b]))
        for b in range(BINS)
        if plan.counters[b]
    }
    return Staffing(demand, work, goal, plan, changes, most)


def played_with(
    staffing: Staffing, counters: np.ndarray, *, begin_minute: float = 0.0, waiting: int = 0, busier: float = 1.0
) -> Played:
    """What a plan of one's own (48,) would do; from a minute of the day on with `waiting` people, on a day that is
    `busier` by a factor."""
    return play(
        staffing.demand.expected * busier,
        counters,
        service_minutes=staffing.work.service_minutes,
        patience_minutes=staffing.work.patience_minutes,
        service_variation=staffing.work.service_variation,
        within=staffing.goal.within,
        rng=np.random.default_rng(0),
        spread=staffing.demand.spread,
        begin=begin_minute,
        waiting=waiting,
    )


_Row = tuple[dt.datetime, dt.datetime | None, dt.datetime | None, dt.datetime | None, str, str]


def _rows(site: "Site", now: dt.datetime) -> list[_Row]:
    began = now - dt.timedelta(days=HISTORY_DAYS)
    found = Turn.objects.filter(line__site=site, joined_at__gte=began).exclude(state="void")
    return list(found.values_list("joined_at", "called_at", "started_at", "ended_at", "state", "rule"))


def _counts(site: "Site", rows: list[_Row]) -> dict[dt.date, np.ndarray]:
    """People who came per half hour of each day; who was sent on from another line came once."""
    here = zone(site.timezone)
    counts: dict[dt.date, np.ndarray] = defaultdict(lambda: np.zeros(BINS))
    for joined, __c, __s, __e, __state, rule in rows:
        if rule != "sent_on":
            local = joined.astimezone(here)
            counts[local.date()][int((local.hour * 60 + local.minute) // BIN_MINUTES)] += 1
    return counts


def _work(site: "Site", rows: list[_Row], goal: ServiceGoal) -> Work:
    """Minutes of a service and how they vary, and patience: minutes waited by everybody for each person who left."""
    lengths = [
        (ended - began).total_seconds() / 60
        for __, called, started, ended, state, __r in rows
        if state == "done" and ended is not None and (began := started or called) is not None
    ]
    services = np.array(lengths, dtype=np.float64)
    typical = [float(line.typical_minutes) for line in Line.objects.filter(site=site, is_active=True)]
    mean, variation = float(np.mean(typical or [6.0])), 1.0
    if len(services) >= _FEW_SERVICES:
        mean = max(0.2, float(services.mean()))
        variation = float(np.clip(services.std() / mean, 0.2, 3))
    waited = sum(
        ((called or ended or joined) - joined).total_seconds() / 60 for joined, called, __s, ended, *__ in rows
    )
    leavers = sum(state == "left" for *__, state, __r in rows)
    return Work(
        service_minutes=mean,
        patience_minutes=waited / leavers if leavers >= _FEW_LEAVERS else _PATIENCE,
        service_variation=variation,
        counter_hour=goal.counter_hour_minor / 100,
        leaver_cost=goal.leaver_minor / 100,
    )


def _open_bins(site: "Site", day: dt.date) -> np.ndarray:
    """Whether the site is open at some time of each half hour of a day, shape (48,); a site without hours always is."""
    if not site.hours:
        return np.ones(BINS, dtype=bool)
    here = zone(site.timezone)
    begin = dt.datetime.combine(day, dt.time(), here)
    found = np.zeros(BINS, dtype=bool)
    for opens, closes in open_between(calendar_of(site, around=begin), begin, begin + dt.timedelta(days=1)):
        first, last = (_minute(instant.astimezone(here), day) for instant in (opens, closes))
        found[int(first // BIN_MINUTES) : int(-(-last // BIN_MINUTES))] = True
    return found


def _minute(local: dt.datetime, day: dt.date) -> float:
    """The minute of the day on the clocks of the site; the end of the day for what lies beyond."""
    return float(local.hour * 60 + local.minute) if local.date() == day else BINS * BIN_MINUTES


def _holidays(site: "Site", day: dt.date) -> frozenset[dt.date]:
    if not site.country:
        return frozenset()
    return frozenset(holiday_dates(site.country, site.region or None, (day.year - 1, day.year)))

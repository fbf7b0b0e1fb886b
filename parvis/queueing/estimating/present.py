"""The lines of a site as they stand this moment, for the engine to replay."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parvis.queueing.domain.waits.habits import Habits
from parvis.queueing.domain.waits.history import Floats
from parvis.queueing.domain.waits.rules import Signals
from parvis.queueing.domain.waits.state import Appointments, Coming, LineState, Resting, Serving, Waiting
from parvis.queueing.estimating.past import PRECEDENCES, kind_of_day, second_of_day
from parvis.queueing.models import AT_COUNTER, Line, Sitting, Turn
from parvis.reservations.selectors import bookings_expected

if TYPE_CHECKING:
    from parvis.catalog.models import Site
    from parvis.reservations.models import Booking

HALF_HOUR = dt.timedelta(minutes=30)
_EXPECTED = dt.timedelta(minutes=90)
_RETURNS = 0.9  # how likely a break ends when it was said to
# Calls of a line that are looked back on: older ones would move a moving average by less than a hundredth.
CALLS = 60
Called = tuple[int, dt.datetime, dt.datetime]  # line, joined, called


@dataclass(frozen=True)
class Present:
    """What stands in the rows: turns waiting in the order of the line, turns at counters, who sits where, how many came
    in the last half-hour, the latest calls of every line in their order, and which appointments are expected."""

    site: "Site"
    at: dt.datetime
    lines: list[Line]
    waiting: list[Turn]
    served: list[Turn]
    sittings: list[Sitting]
    takes: dict[int, frozenset[int]]
    last_ended: dict[int, dt.datetime]
    came_lately: int
    calls: list[Called]
    expected: Sequence["Booking"] = ()


def present_at(site: "Site", lines: list[Line], now: dt.datetime) -> Present:
    """Read the lines of a site as they are: seven queries and one per line, however many wait."""
    turns = list(
        Turn.objects.filter(line__site=site, ended_at=None)
        .exclude(state="held")
        .select_related("ticket")
        .order_by("rank_at", "pk")
    )
    sittings = list(Sitting.objects.filter(counter__site=site, until=None))
    counters = [s.counter_id for s in sittings]
    takes: dict[int, set[int]] = {pk: set() for pk in counters}
    for line_id, counter_id in Line.counters.through.objects.filter(counter_id__in=counters).values_list(
        "line_id", "counter_id"
    ):
        takes[counter_id].add(line_id)
    lately = Turn.objects.filter(line__site=site, joined_at__gte=now - HALF_HOUR).exclude(state="void")
    ended = Turn.objects.filter(counter_id__in=counters, ended_at__gte=now - dt.timedelta(hours=12))
    return Present(
        site,
        now,
        lines,
        [t for t in turns if t.state == "waiting"],
        [t for t in turns if t.state in AT_COUNTER],
        sittings,
        {pk: frozenset(ids) for pk, ids in takes.items()},
        {pk: at for pk, at in ended.order_by("ended_at").values_list("counter_id", "ended_at") if at},
        lately.count(),
        sorted((call for line in lines for call in _calls_of(line)), key=lambda call: call[2]),
        bookings_expected(site.pk, now, now + _EXPECTED),
    )


def line_state(present: Present, habits: Habits) -> tuple[Habits, LineState]:
    """The state to replay, and the habits with the servers of today among them."""
    servers = _servers(present, habits)
    habits = _with_servers(habits, servers)
    code = {name: n for n, name in enumerate(habits.servers)}
    service = {int(name): n for n, name in enumerate(habits.services)}
    now, at = present.at, second_of_day(present.site, present.at)
    day = kind_of_day(present.site, now.date())(now.date())
    state = LineState(
        waiting=_waiting(present, service),
        serving=_serving(present, service, code),
        resting=_resting(present, code),
        coming=_coming(present, code),
        skills=_skills(present, habits, service, code),
        newcomer=np.full(len(habits.services), 0.7),
        arrivals=habits.arrivals_now(day, at, present.came_lately),
        appointments=_appointments(present, service),
        joining=_joining(present, habits, habits.starts.at(day, at)),
        leaving=_leaving(present, habits, code),
    )
    return habits, state


def signals_of(present: Present) -> Signals:
    """What each waiting person sees of their own line; what the correction and the simple rules look at.

    It must be what the correction was learned from (domain/waits/rules.py: signals).
    """
    answer = []
    for place, turn in enumerate(present.waiting):
        mine = [t for t in present.waiting[:place] if t.line_id == turn.line_id]
        waits = [
            ((called - joined).total_seconds() / 60, called)
            for line_id, joined, called in present.calls
            if line_id == turn.line_id
        ]
        smooth = 0.0
        for wait, __ in waits:
            smooth = 0.9 * smooth + 0.1 * wait
        rolling = [wait for wait, called in waits if called >= present.at - HALF_HOUR]
        busy = sum(t.line_id == turn.line_id for t in present.served)
        head = max(((present.at - t.joined_at).total_seconds() / 60 for t in mine), default=0.0)
        answer.append((len(mine), busy, waits[-1][0] if waits else 0.0, head, smooth, float(np.mean(rolling or [0.0]))))
    columns = np.array(answer, dtype=np.float64).reshape(-1, 6).T
    return Signals(*columns)


def _calls_of(line: Line) -> list[Called]:
    """The latest calls of a line, by who joined last."""
    called = Turn.objects.filter(line=line, called_at__isnull=False).exclude(state="void")
    rows = called.order_by("-joined_at").values_list("line_id", "joined_at", "called_at")[:CALLS]
    return [(line_id, joined, at) for line_id, joined, at in rows if at]


def _servers(present: Present, habits: Habits) -> list[str]:
    return [str(s.member_id) for s in present.sittings if str(s.member_id) not in habits.servers]


def _joining(present: Present, habits: Habits, starts: float) -> float:
    """Servers per second who may still begin: of those who usually do at this hour, the share that is not here yet."""
    here = {str(s.member_id) for s in present.sittings}
    return starts * sum(name not in here for name in habits.servers) / max(len(habits.servers), 1)


def _with_servers(habits: Habits, names: list[str]) -> Habits:
    """Whoever works here for the first time works at the usual pace."""
    return replace(habits, servers=(*habits.servers, *names), pace=np.append(habits.pace, np.ones(len(names))))


def _seconds(present: Present, instants: Iterable[dt.datetime]) -> Floats:
    """Seconds from each instant until now."""
    return np.array([(present.at - instant).total_seconds() for instant in instants], dtype=np.float64)


def _codes(values: Iterable[int]) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def _waiting(present: Present, service: dict[int, int]) -> Waiting:
    waiting = present.waiting
    return Waiting(
        service=_codes(service[t.line_id] for t in waiting),
        priority=_codes(PRECEDENCES.index(t.ticket.precedence) for t in waiting),
        waited=_seconds(present, (t.joined_at for t in waiting)),
        head_start=np.array([(t.joined_at - t.rank_at).total_seconds() for t in waiting], dtype=np.float64),
    )


def _serving(present: Present, service: dict[int, int], code: dict[str, int]) -> Serving:
    seated = {s.counter_id: str(s.member_id) for s in present.sittings}
    now = [t for t in present.served if t.counter_id in seated]
    return Serving(
        service=_codes(service[t.line_id] for t in now),
        server=_codes(code[seated[t.counter_id or 0]] for t in now),
        elapsed=_seconds(present, (t.started_at or t.recalled_at or present.at for t in now)),
    )


def _resting(present: Present, code: dict[str, int]) -> Resting:
    busy = {t.counter_id for t in present.served}
    idle = [s for s in present.sittings if s.counter_id not in busy and not (s.paused_at and s.back_at)]
    since = (s.paused_at or max(s.since, present.last_ended.get(s.counter_id, s.since)) for s in idle)
    return Resting(server=_codes(code[str(s.member_id)] for s in idle), elapsed=_seconds(present, since))


def _coming(present: Present, code: dict[str, int]) -> Coming:
    away = [s for s in present.sittings if s.paused_at and s.back_at]
    return Coming(
        server=_codes(code[str(s.member_id)] for s in away),
        after=np.maximum(-_seconds(present, (s.back_at or present.at for s in away)), 0.0),
        chance=np.full(len(away), _RETURNS),
    )


def _skills(present: Present, habits: Habits, service: dict[int, int], code: dict[str, int]) -> Floats:
    skills = np.zeros((len(habits.servers), len(habits.services)))
    for sitting in present.sittings:
        for line_id in present.takes[sitting.counter_id]:
            if line_id in service:
                skills[code[str(sitting.member_id)], service[line_id]] = 1.0
    return skills


def _leaving(present: Present, habits: Habits, code: dict[str, int]) -> Floats | None:
    planned = [s for s in present.sittings if s.until_planned]
    if not planned:
        return None
    leaving = np.full(len(habits.servers), np.inf)
    for sitting in planned:
        left = (sitting.until_planned - present.at).total_seconds() if sitting.until_planned else np.inf
        # Who stays on past the hour they named is not gone.
        leaving[code[str(sitting.member_id)]] = left if left > 0 else np.inf
    return leaving


def _appointments(present: Present, service: dict[int, int]) -> Appointments:
    by_need = {need.pk: line for line in present.lines for need in line.needs.all()}
    expected = [
        (booking.starts_at, by_need[booking.offering.need_id], _comes(booking))
        for booking in present.expected
        if booking.offering.need_id in by_need
    ]
    return Appointments(
        after=-_seconds(present, (starts_at for starts_at, __, __c in expected)),
        service=_codes(service[line.pk] for __, line, __c in expected),
        priority=np.zeros(len(expected), dtype=np.int64),
        chance=np.array([chance for __, __l, chance in expected], dtype=np.float64),
        head_start=np.array([60.0 * line.booked_minutes for __, line, __c in expected]),
    )


def _comes(booking: Any) -> float:
    """How likely an appointment is kept: as forecast, else as most are."""
    forecast = getattr(booking, "forecast", None)
    return _RETURNS if forecast is None else float(np.clip(1 - forecast.missed, 0, 1))

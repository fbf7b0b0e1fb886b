"""How long it will take, as it is told. Every estimate that is told is kept, and scored when the wait is over."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import utcnow
from parvis.queueing.domain.told import MOVED_BY, Before, standing
from parvis.queueing.domain.waits.estimate import LEVELS, Estimate, Unknown, estimates, rounded_down, rounded_up
from parvis.queueing.domain.waits.rules import Signals
from parvis.queueing.estimating.learned import Learned, learned_of
from parvis.queueing.estimating.present import Present, line_state, present_at, signals_of
from parvis.queueing.models import Line, Told, Turn

if TYPE_CHECKING:
    from parvis.catalog.models import Site

log = logging.getLogger("parvis.queueing")

DRAWS = 500
# For so long a process answers from the last replay of a site: what changes meanwhile changes the next answer.
_FRESH_SECONDS = 3.0
# A replay that took longer than this is not made anew for one person; after it, so many times as long is rested.
_DEAR_SECONDS = 0.5
_REST = 30
_TOLD_AGAIN = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Shown:
    """An estimate as a person reads it: a range in whole minutes, and an instant it will very likely be before."""

    low_minutes: int
    high_minutes: int
    before: dt.datetime
    ahead: int


@dataclass(frozen=True)
class Answer:
    """What the engine says to one waiting turn, and what it and simple rules looked at."""

    estimate: Estimate | Unknown
    ahead: int
    rules: dict[str, float]


@dataclass(frozen=True)
class _Replay:
    """The answers to everybody who waits at a site, and when they were worked out."""

    made: float
    at: dt.datetime
    answers: dict[int, Answer]
    took: float = 0.0


_replays: dict[int, _Replay] = {}
_lock = threading.Lock()
_working: dict[int, threading.Lock] = {}


def estimate_of(turn: Turn, *, now: dt.datetime | None = None) -> Shown | None:
    """The present estimate of a waiting turn, for staff to see; None: unknown, which is then said."""
    found = _answer(turn, now or utcnow()) if turn.state == "waiting" else None
    return _shown(found[0], found[1]) if found else None


def estimates_of(turns: Sequence[Turn], *, now: dt.datetime | None = None) -> dict[int, Shown]:
    """The present estimates of many waiting turns of one site by their id, without those unknown: one replay."""
    answers = ((turn.pk, estimate_of(turn, now=now)) for turn in turns)
    return {pk: shown for pk, shown in answers if shown is not None}


def estimate_tell(turn: Turn, *, now: dt.datetime | None = None) -> Shown | None:
    """The present estimate, told to the person who waits: kept as a promise to be scored.

    Told again within a minute, or unchanged, it is the same promise; “10 minutes” said again after five is another one.
    """
    now = now or utcnow()
    found = _answer(turn, now) if turn.state == "waiting" else None
    if found is None:
        return None
    answer, at = found
    shown = _shown(answer, at)
    last = Told.objects.filter(turn_id=turn.pk).order_by("-pk").first()
    if last is None or _is_news(last, answer.estimate, now):
        _keep(turn, answer, now, is_first=last is None)
    return shown


def _is_news(last: Told, estimate: Estimate | Unknown, now: dt.datetime) -> bool:
    since = now - last.at
    return since >= _TOLD_AGAIN and (since >= MOVED_BY or _said(last) != _words(estimate))


def _answer(turn: Turn, now: dt.datetime) -> tuple[Answer, dt.datetime] | None:
    """The answer to a turn and when it was worked out. Whatever fails in the engine must not take a page down."""
    site_id = turn.line.site_id
    kept = _replays.get(site_id)
    if kept is None or not _serves(kept, turn):
        with _lock:
            working = _working.setdefault(site_id, threading.Lock())
        # One thread works; the others answer from what there is, and wait only where there is nothing.
        if working.acquire(blocking=kept is None):
            try:
                kept = _replays.get(site_id)
                if kept is None or not _serves(kept, turn):
                    kept = _replays[site_id] = _replayed(site_id, now)
            except Exception:
                log.exception("No estimate for site %s", site_id)
                return None
            finally:
                working.release()
    answer = kept.answers.get(turn.pk) if kept is not None else None
    return (answer, kept.at) if answer is not None and kept is not None else None


def _serves(kept: _Replay, turn: Turn) -> bool:
    """Whether a replay is fresh enough. A dear one (a thousand wait) is kept longer, also for who has just joined: it
    may take a small share of a core, and no more.
    """
    age = time.monotonic() - kept.made
    dear = kept.took > _DEAR_SECONDS
    return 0 <= age < max(_FRESH_SECONDS, kept.took * _REST) and (dear or turn.pk in kept.answers)


def _replayed(site_id: int, now: dt.datetime) -> _Replay:
    began = time.thread_time()
    site: Site | None = site_get(site_id)
    lines = list(Line.objects.filter(site_id=site_id).prefetch_related("needs").order_by("pk"))
    if site is None or not lines:
        return _Replay(time.monotonic(), now, {})
    # With the same chance all day: what two processes say of the same line, or a page loaded twice, does not waver.
    chance = np.random.default_rng([site_id, now.toordinal()])
    answers = answers_to(present_at(site, lines, now), learned_of(site, lines), chance)
    return _Replay(time.monotonic(), now, answers, time.thread_time() - began)


def answers_to(present: Present, learned: Learned, rng: np.random.Generator) -> dict[int, Answer]:
    """What the engine says to everybody who waits, by the id of their turn: one replay."""
    habits, state = line_state(present, learned.habits)
    seen = signals_of(present)
    said = estimates(
        habits,
        state,
        rng,
        draws=DRAWS,
        # Who has waited for a while is seen as if they joined at their place now.
        seen=seen,
        correction=learned.correction,
        recalibration=learned.recalibration,
    )
    service = _mean_service(habits.service_time)
    return {
        turn.pk: Answer(said[place], int(seen.ahead[place]), _rules(seen, place, service))
        for place, turn in enumerate(present.waiting)
    }


def _mean_service(tables: np.ndarray) -> float:
    return float(np.minimum(tables, 4 * 3600).mean() / 60)


def _rules(seen: Signals, place: int, service: float) -> dict[str, float]:
    """What the usual rules would have said to this person, in minutes."""
    return {
        "position": round(float(seen.position(service)[place]), 2),
        "les": round(float(seen.les[place]), 2),
        "hol": round(float(seen.hol[place]), 2),
        "rolling": round(float(seen.rolling[place]), 2),
        "busy": int(seen.busy[place]),
    }


def _shown(answer: Answer, at: dt.datetime) -> Shown | None:
    estimate = answer.estimate
    if isinstance(estimate, Unknown):
        return None
    low, high = estimate.told
    before = at + dt.timedelta(minutes=estimate.very_likely_before)
    return Shown(low, max(high, low + 1), before, answer.ahead)


def _words(estimate: Estimate | Unknown) -> tuple[int, int, int] | None:
    return None if isinstance(estimate, Unknown) else (*estimate.told, estimate.very_likely_before)


def _said(told: Told) -> tuple[int, int, int] | None:
    quantiles = told.quantiles
    if not quantiles:
        return None
    low, high, before = (quantiles[key] / 60 for key in ("0.25", "0.75", "0.9"))
    return rounded_down(low), rounded_up(high), rounded_up(before)


def _keep(turn: Turn, answer: Answer, now: dt.datetime, *, is_first: bool) -> None:
    with transaction.atomic():
        told_as(turn, answer, now, is_first=is_first).save()


def told_as(turn: Turn, answer: Answer, at: dt.datetime, *, is_first: bool) -> Told:
    """The row, not yet saved, that keeps what somebody was told at an instant."""
    estimate = answer.estimate
    quantiles: dict[str, float] = {}
    if isinstance(estimate, Estimate):
        quantiles = {str(level): round(60 * m, 1) for level, m in zip(LEVELS, estimate.minutes, strict=True)}
    return Told(
        turn_id=turn.pk,
        at=at,
        ahead=min(answer.ahead, 32_767),
        quantiles=quantiles,
        inputs=answer.rules,
        why_unknown=estimate.reason.value if isinstance(estimate, Unknown) else "",
        is_first=is_first,
    )


def told_standing(turn_ids: Collection[int]) -> dict[int, Before]:
    """By when people may expect to be called, after all they were told, by turn; without those told no time."""
    said: dict[int, list[Before]] = {}
    rows = Told.objects.filter(turn_id__in=list(turn_ids)).order_by("pk").values_list("turn_id", "at", "quantiles")
    for turn_id, at, quantiles in rows:
        if quantiles:
            seconds = quantiles["0.9"]
            told = at + dt.timedelta(minutes=rounded_up(seconds / 60))
            said.setdefault(turn_id, []).append(Before(at, told, at + dt.timedelta(seconds=seconds)))
    return {turn_id: stands for turn_id, all_said in said.items() if (stands := standing(all_said)) is not None}


def forget_replays() -> None:
    """Work everything out anew: for tests, and after the settings changed."""
    with _lock:
        _replays.clear()

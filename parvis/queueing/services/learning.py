"""What was told is scored, what is told is kept honest, and what is known is learned anew every night."""

import datetime as dt

import numpy as np

from parvis.catalog.selectors import site_get, sites
from parvis.kernel.clock import utcnow, zone
from parvis.queueing.domain.waits.backtest import correction_of
from parvis.queueing.domain.waits.habits import learn
from parvis.queueing.domain.waits.recalibration import Recalibration
from parvis.queueing.estimating.learned import own_order
from parvis.queueing.estimating.past import history_of, kind_of_day
from parvis.queueing.models import Learning, Line, Told
from parvis.toolkit.db import lock_rows, unit

NIGHT_HOUR = 3
SCORE_BATCH = 200
_FEW_TURNS = 30


def told_score(*, now: dt.datetime | None = None) -> int:
    """Score what was told to people whose wait is over; returns how many estimates. Whoever left is censored.

    A wait that was set aside says nothing about the estimate: it is dropped, and so is that of a void ticket.
    """
    now = now or utcnow()
    ended = list(
        Told.objects.filter(waited=None)
        .exclude(turn__state__in=["waiting", "held"])
        .select_related("turn__line")
        .order_by("pk")[:SCORE_BATCH]
    )
    if not ended:
        return 0
    with unit():
        by_site: dict[int, list[Told]] = {}
        for told in ended:
            if _score(told):
                by_site.setdefault(told.turn.line.site_id, []).append(told)
        for site_id, scored in by_site.items():
            _recalibrate(site_id, scored)
    return len(ended)


def _score(told: Told) -> bool:
    """Write what became of an estimate; returns whether it says something about the engine's honesty."""
    turn = told.turn
    over = turn.called_at or turn.ended_at
    if turn.state == "void" or turn.was_held or over is None:
        told.delete()
        return False
    told.waited = max(0.0, (over - told.at).total_seconds())
    told.censored = turn.called_at is None
    told.save(update_fields=["waited", "censored"])
    return not told.censored and bool(told.quantiles) and told.is_first


def _recalibrate(site_id: int, scored: list[Told]) -> None:
    found = lock_rows(Learning.objects.filter(site_id=site_id))
    if not found:
        return
    row = found[0]
    recalibration = Recalibration.from_json(row.recalibration)
    for told in scored:
        median, high = told.quantiles["0.5"] / 60, told.quantiles["0.9"] / 60
        recalibration = recalibration.after((told.waited or 0) / 60, median, high)
    row.recalibration = recalibration.as_json()
    row.save(update_fields=["recalibration"])


def waits_learn(*, now: dt.datetime | None = None) -> int:
    """Learn anew where the night has passed, or where the lines are not those known; returns how many sites."""
    now = now or utcnow()
    return sum(site_learn(site.pk, now=now) for site in sites() if _is_due(site.pk, now))


def _is_due(site_id: int, now: dt.datetime) -> bool:
    if not Line.objects.filter(site_id=site_id).exists():
        return False
    row = Learning.objects.filter(site_id=site_id).first()
    if row is None:
        return Told.objects.filter(turn__line__site_id=site_id, waited__isnull=False)[:_FEW_TURNS].count() >= _FEW_TURNS
    site = site_get(site_id)
    here = zone(site.timezone) if site else dt.UTC
    night = now.astimezone(here).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return row.fitted_at < night <= now


def site_learn(site_id: int, *, now: dt.datetime, replays: int = 2_000) -> bool:
    """Learn the habits, the correction and where the recalibration starts from what was over by `now`; False where
    there is no such site. replays: of how many past waits at most, which is what takes the time.
    """
    site = site_get(site_id)
    if site is None:
        return False
    history = history_of(site, now=now)
    days = kind_of_day(site, now.date())
    minutes = {str(pk): float(m) for pk, m in Line.objects.filter(site_id=site_id).values_list("pk", "typical_minutes")}
    habits = learn(history, minutes, days, own_order(len(history.services)))
    correction, recalibration = correction_of(history, most=replays, kind_of_day=days)
    fitted = {
        "fitted_at": now,
        "turns": len(history),
        "days": len(np.unique(history.day)),
        "habits": habits.as_json(),
        "correction": correction.as_json() if correction else {},
        "recalibration": recalibration.as_json(),
    }
    with unit():
        Learning.objects.update_or_create(site_id=site_id, defaults=fitted)
    return True

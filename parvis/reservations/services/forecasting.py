"""Forecasts of who will come: learned anew every night, and asked of each booking as it nears.

Nothing here holds a lock while it works things out: rows are read, Python works, and what was found is written by one
statement per batch, into a table of its own. A booking that changed meanwhile shows as due and is asked again.
"""

import datetime as dt
import logging
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
from django.db.models import F, Q

from parvis.catalog.selectors import business
from parvis.kernel.clock import utcnow, zone
from parvis.reservations.domain.attendance.facts import BookingFacts, Outcome
from parvis.reservations.domain.attendance.history import History
from parvis.reservations.domain.attendance.model import ENOUGH, AttendanceModel, fit
from parvis.reservations.domain.attendance.reasons import Typical, reasons
from parvis.reservations.domain.attendance.served import Served, lift_of, lifted
from parvis.reservations.forecasting import (
    bookings_to_forecast,
    bookings_upcoming,
    fit_kept,
    history_of_customers,
    history_of_house,
    outcomes_since,
    rows_of,
    served_of,
)
from parvis.reservations.models import AttendanceFit, Booking, Forecast

log = logging.getLogger("parvis.forecast")

BATCH = 200
EVERY = dt.timedelta(hours=20)  # nightly, whenever the worker runs
NIGHT = range(1, 6)  # hours on the clock of the house
LATEST = dt.timedelta(hours=36)
SOONEST = dt.timedelta(hours=1)
LONGEST = dt.timedelta(minutes=15)
# What only trees know: their words stay when a booking is asked again by its shares.
_OF_TREES = {"lead", "weekday", "hour", "party", "price"}


class _Asked(NamedTuple):
    booking: Booking
    facts: BookingFacts
    lift: float
    kept: list[dict[str, Any]]


def forecasts_pump() -> int:
    """Learn anew when it is time, then ask of the bookings that are due. Returns how much was done."""
    done = int(attendance_refit_if_due())
    return done + forecasts_renew()


def attendance_refit_if_due(now: dt.datetime | None = None) -> bool:
    """Learn anew if it is time; by one process at once. Many bookings are learned from by a child process.

    So the worker never loads scikit-learn, and what it took of memory is given back.
    """
    now = now or utcnow()
    kept = fit_kept()
    if not _is_due(kept, now) or not _claim(now):
        return False
    if outcomes_since(None, now) < ENOUGH:
        attendance_refit(now)
    else:
        _in_child()
    return True


def _is_due(kept: AttendanceFit, now: dt.datetime) -> bool:
    if kept.fitted_at is None:
        return outcomes_since(None, now) > 0
    age = now - kept.fitted_at
    if age < SOONEST:
        return False
    if age >= LATEST or (age >= EVERY and _hour(now) in NIGHT):
        return True
    return outcomes_since(kept.fitted_at, now) >= max(50, kept.learned_from // 5)


def _hour(now: dt.datetime) -> int:
    house = business()
    return now.astimezone(zone(house.timezone if house else "UTC")).hour


def _claim(now: dt.datetime) -> bool:
    AttendanceFit.objects.get_or_create(pk=AttendanceFit.ROW)
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    mine = AttendanceFit.objects.filter(free, pk=AttendanceFit.ROW)
    return bool(mine.update(claimed_until=now + LONGEST))


def _in_child() -> None:
    """`parvis noshow_forecast`, as a process of low priority that ends with this one."""
    command = [sys.executable, "-m", "parvis.config.cli", "noshow_forecast", "--background"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        command, capture_output=True, text=True, timeout=LONGEST.total_seconds(), check=False
    )
    if done.returncode:
        log.error("noshow_forecast failed (%s): %s", done.returncode, done.stderr[-2000:])


def attendance_refit(now: dt.datetime | None = None) -> AttendanceFit:
    """Learn from what has passed, keep it, and ask of every booking ahead. Returns what was learned.

    Takes one to two seconds of processor time per 1,000 bookings once there are enough for trees, at most 20,000.
    """
    now = now or utcnow()
    history = history_of_house(now)
    past = history.past(now)
    model = fit(past, now)
    served = Served.of(model, sum(one.outcome is not Outcome.KEPT for one in past))
    typical = Typical.of([one.facts for one in past])
    AttendanceFit.objects.get_or_create(pk=AttendanceFit.ROW)
    AttendanceFit.objects.filter(pk=AttendanceFit.ROW).update(
        number=F("number") + 1,
        fitted_at=now,
        claimed_until=None,
        learned_from=served.learned_from,
        uses_trees=model.trees is not None,
        model=served.to_json(),
        report=_report(model, served),
    )
    kept = fit_kept()
    if not served.is_told:
        Forecast.objects.filter(is_notable=True).update(is_notable=False)  # what an earlier refit said no longer holds
    elif model.trees is not None:
        _ask_trees(kept, model, served, history, typical, now)
    return kept


def _report(model: AttendanceModel, served: Served) -> dict[str, Any]:
    score = model.score
    return {
        "learned_from": served.learned_from,
        "missed": served.missed,
        "enough": served.is_enough,
        "told": served.is_told,
        "trees": model.trees is not None,
        "score": score
        and {
            "bookings": score.n,
            "missed": score.missed,
            "auc": score.area,
            "brier": score.brier,
            "brier_of_plain_share": score.plain_brier,
        },
    }


def _ask_trees(
    kept: AttendanceFit,
    model: AttendanceModel,
    served: Served,
    history: History,
    typical: Typical,
    now: dt.datetime,
) -> None:
    """What the trees say of each booking ahead, kept as what they know beyond the shares."""
    upcoming = list(bookings_upcoming(now))
    rows = {row.booking_id: row for row in rows_of(bookings_upcoming(now))}
    for begin in range(0, len(upcoming), BATCH):
        asked = []
        for booking in upcoming[begin : begin + BATCH]:
            facts = history.facts(rows[booking.pk], now) if booking.pk in rows else None
            if facts is not None:
                asked.append(_Asked(booking, facts, 0.0, []))
        if not asked:
            continue
        facts_asked = [one.facts for one in asked]
        lift = lift_of(model.probabilities(facts_asked), served.model.probabilities(facts_asked))
        found = reasons(model.probabilities, facts_asked, typical)
        lifted_ = [one._replace(lift=float(more)) for one, more in zip(asked, lift, strict=True)]
        _write(kept, served, lifted_, found, now)


def forecasts_renew(now: dt.datetime | None = None, *, limit: int = BATCH) -> int:
    """Ask of bookings that are new, changed, or nearer than when they were asked last; returns how many.

    By the kept shares, in milliseconds; nothing while too little has happened in this house to say anything.
    """
    now = now or utcnow()
    kept = fit_kept()
    served = served_of(kept)
    if not served.is_told:
        return 0
    due = bookings_to_forecast(now, kept, limit=limit)
    if not due:
        return 0
    history = history_of_customers({b.customer_id for b in due if b.customer_id}, now)
    rows = {row.booking_id: row for row in rows_of(Booking.objects.filter(pk__in=[b.pk for b in due]))}
    asked = []
    for booking in due:
        facts = history.facts(rows[booking.pk], now) if booking.pk in rows else None
        if facts is not None:
            asked.append(_Asked(booking, facts, *_before(booking, kept)))
    found = reasons(served.model.probabilities, [one.facts for one in asked], Typical()) if asked else []
    found = [_told(one.kept, new) for one, new in zip(asked, found, strict=True)]
    _write(kept, served, asked, found, now)
    return len(asked)


def _before(booking: Booking, kept: AttendanceFit) -> tuple[float, list[dict[str, Any]]]:
    """What the trees of the latest refit knew of a booking that still stands at its time: lift and reasons."""
    forecast: Forecast | None = getattr(booking, "forecast", None)
    if forecast is None or forecast.fit != kept.number or forecast.moves != booking.moves:
        return 0.0, []
    return forecast.lift, [reason for reason in forecast.reasons if reason["about"] in _OF_TREES]


def _told(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*now[: 3 - min(len(before), 1)], *before][:3]


def _write(
    kept: AttendanceFit,
    served: Served,
    asked: list[_Asked],
    found: list[list[dict[str, Any]]],
    now: dt.datetime,
) -> None:
    if not asked:
        return
    facts = [one.facts for one in asked]
    chances = lifted(served.model.probabilities(facts), np.array([one.lift for one in asked]))
    rows = [
        Forecast(
            booking_id=one.booking.pk,
            cancelled=float(cancelled),
            no_show=float(no_show),
            is_notable=served.is_told and served.is_notable(float(cancelled + no_show)),
            reasons=told,
            lift=one.lift,
            asked_at=now,
            due_at=one.facts.next_at,
            moves=one.booking.moves,
            fit=kept.number,
        )
        for one, told, (cancelled, no_show) in zip(asked, found, chances, strict=True)
    ]
    changed = [f.name for f in Forecast._meta.local_concrete_fields if f.name not in ("id", "booking")]
    Forecast.objects.bulk_create(rows, update_conflicts=True, unique_fields=["booking"], update_fields=changed)

"""The house's own forecasts: learned from its bookings, as known when asked, kept, and asked again as things change."""

import datetime as dt
import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from parvis.kernel.clock import clock_at, utcnow
from parvis.reservations.domain.attendance.history import History, Row
from parvis.reservations.domain.attendance.model import fit
from parvis.reservations.domain.attendance.served import Served
from parvis.reservations.forecasting import fit_kept, history_of_house, served_of
from parvis.reservations.models import AttendanceFit, Booking, Forecast
from parvis.reservations.services import Caller, Guest, booking_cancel, booking_miss, booking_move, booking_reassure
from parvis.reservations.services.forecasting import (
    attendance_refit,
    attendance_refit_if_due,
    forecasts_pump,
    forecasts_renew,
)
from parvis.reservations.services.people import bookings_forget
from parvis.reservations.supply import Offer
from tests.booking import HOUSE, House, book, wanted

STAFF = Caller.staff(HOUSE)
FAITHFUL = Guest(name="Fidèle Petit", email="fidele@petit.example")
FORGETFUL = Guest(name="Olivier Oubli", email="olivier@oubli.example")


@pytest.fixture
def offer(db: None) -> Offer:
    house = House.open()
    return house.offering(house.resource("Hall", "pool", capacity=50))


def _lived(offer: Offer, days: int = 70) -> None:
    """A house with a past: one customer always comes, another misses every other time."""
    now = utcnow()
    for day in range(days, 0, -1):
        start = (now - dt.timedelta(days=day)).replace(minute=0, second=0, microsecond=0)
        for guest in (FAITHFUL, FORGETFUL):
            with clock_at(start - dt.timedelta(days=2)):
                made = book(offer, start, guest=guest)
            if guest is FORGETFUL and day % 2:
                booking_miss(caller=STAFF, booking_id=made.pk, now=start + dt.timedelta(minutes=30))


def _ahead(offer: Offer, guest: Guest, days: int = 2) -> Booking:
    start = (utcnow() + dt.timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    return book(offer, start, guest=guest)


def test_who_often_stays_away_is_told_and_who_always_comes_is_not(offer: Offer) -> None:
    _lived(offer)
    faithful, forgetful = _ahead(offer, FAITHFUL), _ahead(offer, FORGETFUL)
    assert forecasts_pump() > 0
    good, bad = Forecast.objects.get(booking=faithful), Forecast.objects.get(booking=forgetful)
    assert good.missed < bad.missed / 2
    assert (bad.is_notable, good.is_notable) == (True, False)
    assert bad.no_show > bad.cancelled
    assert bad.reasons[0] | {"about": "past", "more": True} == bad.reasons[0]


def test_a_house_without_a_past_says_nothing(offer: Offer) -> None:
    _lived(offer, days=5)
    _ahead(offer, FORGETFUL)
    forecasts_pump()
    assert fit_kept().report["told"] is False
    assert not Forecast.objects.exists()


def test_a_booking_made_or_changed_after_the_refit_is_asked_again_without_one(offer: Offer) -> None:
    _lived(offer)
    attendance_refit()
    made = _ahead(offer, FORGETFUL, days=5)
    assert forecasts_renew() == 1
    assert forecasts_renew() == 0
    first = Forecast.objects.get(booking=made)
    booking_reassure(caller=STAFF, booking_id=made.pk)
    assert forecasts_renew() == 1
    booking_move(caller=STAFF, booking_id=made.pk, wanted=wanted(offer, made.starts_at + dt.timedelta(days=1)))
    assert forecasts_renew() == 1
    assert forecasts_renew(first.due_at + dt.timedelta(days=1)) == 1  # nearer now
    assert AttendanceFit.objects.get().number == 1


def test_what_was_learned_survives_a_restart(offer: Offer) -> None:
    _lived(offer)
    attendance_refit()
    kept = served_of(fit_kept())
    again = Served.from_json(json.loads(json.dumps(kept.to_json())))
    history = history_of_house(utcnow())
    facts = [one.facts for one in history.past(utcnow())]
    assert np.allclose(again.model.probabilities(facts), kept.model.probabilities(facts))
    assert again.is_told


def test_it_is_learned_again_after_a_day_and_by_one_process_at_once(offer: Offer) -> None:
    _lived(offer, days=40)
    now = utcnow()
    assert attendance_refit_if_due(now)
    assert not attendance_refit_if_due(now + dt.timedelta(hours=2))
    later = now + dt.timedelta(hours=40)
    AttendanceFit.objects.update(claimed_until=later + dt.timedelta(minutes=1))
    assert not attendance_refit_if_due(later)
    assert attendance_refit_if_due(later + dt.timedelta(minutes=2))


def test_who_is_forgotten_leaves_no_forecast(offer: Offer) -> None:
    _lived(offer)
    made = _ahead(offer, FORGETFUL)
    forecasts_pump()
    assert made.customer_id
    bookings_forget(customer_id=made.customer_id)
    assert not Forecast.objects.filter(booking=made).exists()


def test_the_command_says_what_was_learned(offer: Offer, capsys: Any) -> None:
    call_command("noshow_forecast")
    assert "Not enough history yet" in capsys.readouterr().out
    _lived(offer)
    _ahead(offer, FORGETFUL)
    call_command("noshow_forecast", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["told"], told["forecasts"], told["notable"]) == (True, 1, 1)
    assert told["score"]["brier"] < told["score"]["brier_of_plain_share"]
    call_command("noshow_forecast")
    assert "AUC" in capsys.readouterr().out


def test_a_forecast_is_a_few_statements_however_many_bookings(offer: Offer, django_assert_max_num_queries: Any) -> None:
    _lived(offer)
    attendance_refit()
    for day in range(1, 20):
        _ahead(offer, FORGETFUL, days=day)
    with django_assert_max_num_queries(8):
        assert forecasts_renew() == 19


def test_the_house_that_cancels_is_nobodys_fault(offer: Offer) -> None:
    made = _ahead(offer, FORGETFUL)
    booking_cancel(caller=STAFF, booking_id=made.pk, by_house=True)
    later = utcnow() + dt.timedelta(days=10)
    assert history_of_house(later).past(later) == []


def test_serving_processes_never_load_what_fits() -> None:
    code = (
        "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'parvis.config.settings'; django.setup();"
        "import parvis.config.urls, parvis.desk.worker; sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- nothing known later -------------------------------------------------------------------------------------------

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
_HOURS = st.integers(0, 24 * 60)


@st.composite
def _rows(draw: st.DrawFn) -> Row:
    booked = START + dt.timedelta(hours=draw(_HOURS))
    starts = booked + dt.timedelta(hours=draw(st.integers(1, 24 * 20)))
    ends = starts + dt.timedelta(hours=1)
    state = draw(st.sampled_from(["confirmed", "cancelled", "no_show", "arrived", "done"]))
    ended = None
    if state == "cancelled":
        ended = booked + (starts - booked) * draw(st.floats(0, 1))
    elif state == "no_show":
        ended = starts + dt.timedelta(hours=draw(st.integers(0, 24 * 5)))
    arrived = starts + dt.timedelta(minutes=draw(st.integers(-10, 30))) if state in ("arrived", "done") else None
    return Row(
        draw(st.integers(1, 10**6)), draw(st.integers(1, 2)), "1", "portal", "Europe/Paris", 1, 0, 0, None,
        booked, starts, ends, state, arrived, ends if state == "done" else ended, draw(st.booleans()),
        draw(st.none() | st.floats(0, 1).map(lambda share: booked + (starts - booked) * share)),
    )  # fmt: skip


def _as_known(row: Row, now: dt.datetime) -> Row | None:
    """The row as it stood at an instant, out of what it became."""
    if row.booked_at > now:
        return None
    changes: dict[str, Any] = {}
    if row.ended_at and row.ended_at > now:
        changes = {"ended_at": None, "by_house": False, "state": "arrived" if row.arrived_at else "confirmed"}
    if row.arrived_at and row.arrived_at > now:
        changes |= {"arrived_at": None, "ended_at": None, "state": "confirmed"}
    if row.reassured_at and row.reassured_at > now:
        changes["reassured_at"] = None
    return replace(row, **changes)


@settings(deadline=None)
@given(st.lists(_rows(), min_size=1, max_size=8), _HOURS)
def test_a_forecast_knows_nothing_that_happened_after_it_was_asked(rows: list[Row], hours: int) -> None:
    now = START + dt.timedelta(hours=hours)
    then = [(known, row) for row in rows if (known := _as_known(row, now))]
    before, after = History([known for known, __ in then]), History(rows)
    for known, row in then:
        assert before.facts(known, now) == after.facts(row, now)


def test_a_refit_on_a_large_history_takes_a_bounded_time() -> None:
    rng = np.random.default_rng(5)
    now = START + dt.timedelta(days=700)
    rows = []
    for number in range(3000):
        booked = START + dt.timedelta(hours=float(rng.uniform(0, 24 * 600)))
        starts = booked + dt.timedelta(hours=float(rng.uniform(1, 24 * 30)))
        lost = rng.uniform() < 0.1 + 0.3 * (starts - booked > dt.timedelta(days=15))
        rows.append(
            Row(
                number,
                int(rng.integers(1, 900)),
                str(rng.integers(1, 4)),
                "portal",
                "Europe/Paris",
                1,
                0,
                0,
                None,
                booked,
                starts,
                starts + dt.timedelta(hours=1),
                "no_show" if lost else "done",
                None if lost else starts,
                starts + dt.timedelta(hours=1),
            )
        )
    began = time.process_time()
    model = fit(History(rows).past(now), now)
    assert time.process_time() - began < 40
    assert model.score is not None
    assert model.score.brier < model.score.plain_brier

"""Forecasts for a house's own bookings, from the first day on."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.reservations.domain.attendance.facts import BookingFacts, Outcome, PastBooking, looks_of
from parvis.reservations.domain.attendance.model import ENOUGH, AttendanceModel, fit
from parvis.reservations.domain.attendance.scores import auc
from parvis.reservations.domain.attendance.simple import USUAL, SimpleModel

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def booking(*, lead_days: float = 10, start: datetime = NOW + timedelta(days=10), **known) -> BookingFacts:
    given_ = {"hour": float(start.hour), "weekday": start.weekday(), **known}
    return BookingFacts(booked_at=start - timedelta(days=lead_days), starts_at=start, **given_)


def past(outcome: Outcome, days_ago: float = 5, *, cancelled_ahead: float = 1, **known) -> PastBooking:
    facts = booking(start=NOW - timedelta(days=days_ago), **known)
    at = facts.starts_at - timedelta(days=cancelled_ahead) if outcome is Outcome.CANCELLED else None
    return PastBooking(facts, outcome, at)


def history(n: int, seed: int = 3) -> list[PastBooking]:
    """Bookings that are missed when made far ahead by phone, by a rule no share by door alone can express."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(n):
        lead, party = float(rng.uniform(0.5, 60)), int(rng.integers(1, 8))
        chance = 0.75 if (lead > 30) != (party > 4) else 0.05
        outcome = Outcome.KEPT
        if rng.uniform() < chance:
            outcome = Outcome.NO_SHOW if rng.uniform() < 0.3 else Outcome.CANCELLED
        ago = 300 * (1 - number / n) + 0.1
        found.append(past(outcome, ago, cancelled_ahead=0.1, lead_days=lead, party=party, door="phone"))
    return found


def test_on_day_one_the_forecast_is_what_is_usual():
    risk = AttendanceModel().risk(booking())
    assert (risk.show, risk.cancelled, risk.no_show) == pytest.approx(USUAL)


def test_a_house_where_many_fail_to_come_is_believed_little_by_little():
    shares = [fit([past(Outcome.NO_SHOW)] * n, NOW).risk(booking()).no_show for n in (0, 3, 30, 300)]
    assert shares == sorted(shares)
    assert shares[1] < 0.5
    assert shares[-1] > 0.9


def test_a_customer_who_never_missed_is_trusted_and_one_who_did_is_not():
    model = fit([past(Outcome.KEPT)] * 80 + [past(Outcome.NO_SHOW)] * 20, NOW)
    plain = model.risk(booking()).no_show
    assert model.risk(booking(kept=10)).no_show < plain * 0.6
    assert model.risk(booking(no_shows=2)).no_show > plain * 1.5


def test_a_booking_that_survived_until_the_eve_is_hardly_cancelled_any_more():
    model = fit([past(Outcome.KEPT)] * 70 + [past(Outcome.CANCELLED, cancelled_ahead=6)] * 30, NOW)
    fresh = booking()
    eve = booking(asked_at=fresh.starts_at - timedelta(hours=5))
    assert model.risk(fresh).cancelled > 0.2
    assert model.risk(eve).cancelled < 0.1


def test_bookings_yet_to_start_teach_nothing_even_if_cancelled_already():
    ahead = PastBooking(booking(), Outcome.CANCELLED, NOW - timedelta(days=1))
    assert fit([ahead] * 500, NOW).learned_from == 0


def test_a_question_never_looks_past_a_cancellation():
    looks = looks_of(past(Outcome.CANCELLED, lead_days=20, cancelled_ahead=6))
    assert [look.days_left for look in looks] == pytest.approx([20, 7])
    assert len(looks_of(past(Outcome.KEPT, lead_days=20))) == 5


def test_a_confirmation_counts_only_once_it_was_given():
    start = NOW + timedelta(days=3)
    known = {"start": start, "lead_days": 3, "confirmed_at": start - timedelta(days=1)}
    assert not booking(**known, asked_at=start - timedelta(days=2)).confirmed
    assert booking(**known, asked_at=start - timedelta(hours=2)).confirmed


def test_trees_take_over_when_they_are_better_and_not_before():
    few = fit(history(ENOUGH - 1), NOW)
    assert few.trees is None
    assert few.losses is None
    many = fit(history(1500), NOW)
    assert many.trees is not None
    assert many.losses[1] < many.losses[0]
    later = history(1500, seed=4)
    missed = np.array([float(one.outcome is not Outcome.KEPT) for one in later])
    facts = [one.facts for one in later]
    trees = many.probabilities(facts).sum(axis=1)
    assert auc(missed, trees) > auc(missed, few.probabilities(facts).sum(axis=1)) + 0.1
    assert trees.mean() == pytest.approx(missed.mean(), abs=0.04)


def test_trees_stay_out_where_there_is_nothing_to_see():
    rng = np.random.default_rng(5)
    noise = [
        past(Outcome.NO_SHOW if rng.uniform() < 0.2 else Outcome.KEPT, float(rng.uniform(1, 90)), party=int(p))
        for p in rng.integers(1, 9, 800)
    ]
    model = fit(noise, NOW)
    assert model.trees is None
    assert model.risk(booking()).no_show == pytest.approx(0.2, abs=0.05)


def test_the_same_history_gives_the_same_forecast_whatever_its_order():
    bookings = history(ENOUGH)
    asked = [one.facts for one in bookings[:50]]
    first, second = (fit(order, NOW).probabilities(asked) for order in (bookings, bookings[::-1]))
    assert np.array_equal(first, second)


def test_the_simple_model_goes_through_json():
    model = fit([past(Outcome.KEPT)] * 9 + [past(Outcome.NO_SHOW)], NOW).simple
    again = SimpleModel.from_json(json.loads(json.dumps(model.to_json())))
    assert np.array_equal(again.probabilities([booking()]), model.probabilities([booking()]))


@pytest.mark.parametrize("value", [{}, {"version": 2, "counts": []}, {"version": 1, "counts": [[["a"], [1, -1, 0]]]}])
def test_other_json_is_refused(value):
    with pytest.raises(ValueError, match=r"model|counts"):
        SimpleModel.from_json(value)


@given(
    st.lists(st.tuples(st.sampled_from(Outcome), st.floats(0, 40), st.integers(0, 5)), max_size=20),
    st.tuples(st.floats(0, 400), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)),
)
def test_probabilities_are_probabilities(rows, asked):
    model = fit([past(outcome, lead_days=lead, kept=kept) for outcome, lead, kept in rows], NOW)
    lead, kept, cancelled, no_shows = asked
    risk = model.risk(booking(lead_days=lead, kept=kept, cancelled=cancelled, no_shows=no_shows))
    assert 0 <= risk.cancelled <= 1
    assert 0 <= risk.no_show <= 1
    assert 0 <= risk.show <= 1

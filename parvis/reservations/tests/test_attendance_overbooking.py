"""Overbooking advice: exact, and never a surprise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.errors import Invalid
from parvis.reservations.domain.attendance.overbooking import (
    attendance_distribution,
    overbooking_advice,
    overbooking_curve,
)

chances = st.lists(st.floats(0, 1), max_size=8)
costs = st.floats(0, 1000)


@given(st.lists(st.floats(0, 1), max_size=300))
def test_the_distribution_sums_to_one_and_has_the_right_mean(probabilities):
    found = attendance_distribution(probabilities)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    assert found @ np.arange(len(found)) == pytest.approx(sum(probabilities), abs=1e-9)


@given(chances)
def test_the_distribution_is_what_counting_all_cases_gives(probabilities):
    counted = np.zeros(len(probabilities) + 1)
    for case in product((0, 1), repeat=len(probabilities)):
        chance = 1.0
        for came, p in zip(case, probabilities, strict=True):
            chance *= p if came else 1 - p
        counted[sum(case)] += chance
    assert attendance_distribution(probabilities) == pytest.approx(counted, abs=1e-12)


@given(chances, st.integers(0, 10), costs, costs, st.integers(2, 8), st.floats(0, 1))
def test_the_cost_bends_only_upwards(probabilities, capacity, away, empty, extra, further):
    """Each booking more turns more people away and fills fewer places than the one before: one best point."""
    curve = overbooking_curve(probabilities, capacity, away, empty, extra, further)
    cost = np.array([point.expected_cost for point in curve])
    assert np.diff(cost, 2).min() >= -1e-7
    assert np.diff([point.expected_turned_away for point in curve]).min() >= -1e-9
    assert np.diff([point.expected_empty for point in curve]).max() <= 1e-9


@given(chances, st.integers(0, 10), st.integers(0, 5))
def test_who_comes_is_served_or_turned_away(probabilities, capacity, extra):
    for point in overbooking_curve(probabilities, capacity, 1, 1, extra, 0.5):
        coming = sum(probabilities) + 0.5 * point.extra
        assert coming - point.expected_turned_away == pytest.approx(capacity - point.expected_empty, abs=1e-9)


def test_where_nothing_costs_nothing_is_changed():
    advice = overbooking_advice(overbooking_curve([0.5] * 10, 10, 0, 0, 5))
    assert advice.best.extra == 0
    assert advice.best.expected_cost == 0


def test_where_turning_away_costs_nothing_as_many_as_asked_are_taken():
    assert overbooking_advice(overbooking_curve([0.5] * 10, 10, 0, 1, 5)).best.extra == 5


def test_where_all_come_no_extra_booking_is_advised():
    advice = overbooking_advice(overbooking_curve([1.0] * 10, 10, 5, 1, 5))
    assert advice.best == advice.none
    assert str(advice.words) == ("Take no more bookings than there are: expect 0.0 empty places and 0.0 turned away.")


def test_the_advice_tells_what_it_gains_and_what_it_risks():
    advice = overbooking_advice(overbooking_curve([0.8] * 20, 20, 3, 1, 10))
    assert advice.best.extra == 3
    assert str(advice.words).startswith("3 more bookings would cost least: expect 0.2 turned away and 1.8 empty")


@pytest.mark.parametrize(
    ("probabilities", "capacity", "away", "empty", "extra"),
    [
        ([1.1], 1, 1, 1, 1),
        ([float("nan")], 1, 1, 1, 1),
        ([0.5], -1, 1, 1, 1),
        ([0.5], 1, -1, 1, 1),
        ([0.5], 1, 1, float("inf"), 1),
        ([0.5], 1, 1, 1, -1),
        ([0.5], 1, 1, 1, 10**9),
    ],
)
def test_numbers_out_of_range_are_refused(probabilities, capacity, away, empty, extra):
    with pytest.raises(Invalid):
        overbooking_curve(probabilities, capacity, away, empty, extra)

"""Scores of forecasts, and the correction learned from them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from parvis.reservations.domain.attendance.recalibration import Recalibration, fit_recalibration
from parvis.reservations.domain.attendance.scores import auc, brier, deciles, log_loss
from parvis.reservations.domain.attendance.table import Coding, Table

NOBODY = np.zeros(0)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=1, max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(cases):
    outcome, forecast = np.array([float(c) for c, _ in cases]), np.array([p for _, p in cases])
    pairs = [(a > b) + (a == b) / 2 for a in forecast[outcome == 1] for b in forecast[outcome == 0]]
    assert auc(outcome, forecast) == (pytest.approx(np.mean(pairs)) if pairs else None)


@given(arrays(float, st.integers(10, 200), elements=st.floats(0, 1)))
def test_deciles_hold_everybody_once_and_rise(forecast):
    parts = deciles(np.round(forecast), forecast)
    assert len(parts) == 10
    assert sum(part.n for part in parts) == len(forecast)
    assert max(part.n for part in parts) - min(part.n for part in parts) <= 1
    assert all(a.forecast <= b.forecast + 1e-12 for a, b in itertools.pairwise(parts))


def test_fewer_than_ten_forecasts_have_no_deciles():
    with pytest.raises(ValueError, match="ten"):
        deciles(np.zeros(9), np.zeros(9))


def test_a_sure_and_wrong_forecast_is_bad_but_finite():
    assert brier(np.ones(1), np.zeros(1)) == 1
    assert 10 < log_loss(np.ones(1), np.zeros(1)) < 20


def test_without_past_forecasts_nothing_is_corrected():
    group = np.zeros(0, dtype=np.int64)
    assert fit_recalibration(NOBODY, NOBODY, group, NOBODY) == Recalibration()


def test_a_level_that_was_too_low_is_raised_and_few_bookings_hardly_count():
    rng = np.random.default_rng(1)
    forecast = rng.uniform(0.1, 0.5, 4000)
    outcome = (rng.uniform(size=4000) < forecast + 0.1).astype(float)
    group = np.zeros(4000, dtype=np.int64)
    corrected = fit_recalibration(forecast, outcome, group, np.ones(4000)).apply(forecast, group)
    assert corrected.mean() == pytest.approx(outcome.mean(), abs=0.01)
    three = fit_recalibration(np.full(3, 0.3), np.ones(3), group[:3], np.ones(3)).apply(np.array([0.3]), group[:1])
    assert three[0] < 0.7


def test_each_group_is_corrected_by_its_own_past_and_unknown_ones_by_all():
    group = np.repeat([0, 1], 2000)
    forecast = np.full(4000, 0.3)
    outcome = (np.arange(4000) % 10 < np.where(group == 0, 2, 5)).astype(float)
    correction = fit_recalibration(forecast, outcome, group, np.ones(4000))
    low, high, unknown = correction.apply(np.full(3, 0.3), np.array([0, 1, 7]))
    assert low == pytest.approx(0.2, abs=0.02)
    assert high == pytest.approx(0.5, abs=0.02)
    assert low < unknown < high


@given(arrays(float, 50, elements=st.floats(0.01, 0.99)), arrays(float, 50, elements=st.sampled_from([0.0, 1.0])))
def test_a_correction_never_turns_the_ranking_round(forecast, outcome):
    group = np.zeros(50, dtype=np.int64)
    corrected = fit_recalibration(forecast, outcome, group, np.ones(50)).apply(np.array([0.2, 0.4, 0.8]), group[:3])
    assert 0 < corrected[0] < corrected[1] < corrected[2] < 1


def test_values_first_seen_after_learning_share_the_code_of_rare_ones():
    def table(*labels: str) -> Table:
        return Table(np.zeros((len(labels), 0)), np.array(labels)[:, None])

    coding = Coding(table("a", "b", "a", "b", "c"), other_after=2)
    assert coding.matrix(table("a", "b", "c", "new")).ravel().tolist() == [0, 1, 2, 2]

"""How many counters: against known figures, against a simulated day, and against common sense."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parvis.queueing.domain.staffing.demand import demand_of
from parvis.queueing.domain.staffing.erlang import Load, least_counters, meets, outcome, wait_quantile
from parvis.queueing.domain.staffing.plan import Goal, Work, one_more_or_fewer, staff_plan
from parvis.queueing.domain.staffing.simulated import play

MONDAY = dt.date(2026, 11, 23)


class TestErlang:
    @pytest.mark.parametrize(("counters", "delayed"), [(6, 0.5875), (7, 0.3241), (8, 0.1673)])
    def test_without_impatience_it_is_erlang_c(self, counters: int, delayed: float) -> None:
        """Five erlangs: the tables of every call-centre handbook."""
        found = outcome(Load(5, 1), counters, within=0.5)
        assert found.in_time == pytest.approx(1 - delayed * math.exp(-(counters - 5) * 0.5), abs=2e-4)
        assert found.leave == pytest.approx(0, abs=1e-4)

    def test_waits_are_sums_of_departures(self) -> None:
        load, counters, ahead = Load(2, 0.25, 0.1), 3, 6
        rates = counters * load.service + load.leaving * np.arange(ahead + 1)
        drawn = (np.random.default_rng(7).standard_exponential((40_000, ahead + 1)) / rates).sum(1)
        for q in (0.1, 0.5, 0.9):
            assert wait_quantile(load, counters, ahead, q) == pytest.approx(np.quantile(drawn, q), rel=0.02)

    @given(st.floats(0.05, 20), st.floats(0.05, 2), st.floats(0.001, 1), st.integers(1, 40))
    @settings(max_examples=60)
    def test_one_more_counter_never_makes_it_worse(
        self, arrivals: float, service: float, leaving: float, counters: int
    ) -> None:
        load = Load(arrivals, service, leaving)
        fewer, more = (outcome(load, n, within=5) for n in (counters, counters + 1))
        assert more.in_time >= fewer.in_time - 1e-9
        assert more.leave <= fewer.leave + 1e-9
        assert more.mean_wait <= fewer.mean_wait + 1e-9

    def test_the_least_number_meets_the_goal_and_one_fewer_does_not(self) -> None:
        load = Load(1.5, 1 / 6, 1 / 15)
        found = least_counters(load, within=10, in_time=0.8, leave=0.03)
        assert found is not None
        assert meets(found, in_time=0.8, leave=0.03)
        assert not meets(outcome(load, found.counters - 1, within=10), in_time=0.8, leave=0.03)
        assert least_counters(Load(500, 0.1), within=1, in_time=0.9, leave=0.01, most=20) is None

    def test_nobody_comes_or_nobody_serves(self) -> None:
        assert outcome(Load(0, 1), 0, within=5).in_time == 1
        assert outcome(Load(1, 1), 0, within=5).leave == 1


class TestPlayedDay:
    def test_a_steady_day_is_what_erlang_a_says(self) -> None:
        rng = np.random.default_rng(3)
        common = {"service_minutes": 8.0, "patience_minutes": 20.0, "within": 5.0, "rng": rng, "plays": 100}
        played = play(np.full(48, 20.0), np.full(48, 6), **common)  # type: ignore[arg-type]
        theory = outcome(Load(20 / 30, 1 / 8, 1 / 20), 6, within=5)
        assert played.in_time[8:].mean() == pytest.approx(theory.in_time, abs=0.02)
        assert played.leave[8:].mean() == pytest.approx(theory.leave, abs=0.015)

    def test_who_comes_before_the_counters_open_waits_for_them(self) -> None:
        plan = np.zeros(48, dtype=int)
        plan[18:24] = 50
        arrivals = np.zeros(48)
        arrivals[17] = 20
        played = play(arrivals, plan, service_minutes=1, patience_minutes=1e6, within=40, rng=np.random.default_rng(1))
        assert played.in_time[17] == 1
        assert played.wait[17] == pytest.approx(15, abs=1)


class TestPlan:
    def test_a_busy_morning_gets_what_it_needs_and_no_more(self) -> None:
        arrivals = np.zeros(48)
        arrivals[18:25] = [5, 9, 12, 14, 12, 8, 5]
        work, goal = Work(service_minutes=8, patience_minutes=25), Goal()
        plan = staff_plan(arrivals, work, goal, most=10)
        assert plan.met
        assert plan.counters[:18].sum() == 0
        assert plan.counters[21] >= plan.counters[18]
        fewer = play(
            arrivals, np.maximum(plan.counters - 1, 0), service_minutes=8, patience_minutes=25, within=10,
            rng=np.random.default_rng(0),
        )  # fmt: skip
        assert fewer.whole()[1] > goal.leave

    def test_it_says_when_there_are_too_few(self) -> None:
        plan = staff_plan(np.full(48, 30.0), Work(10, 10), Goal(), most=4)
        assert not plan.met
        assert plan.counters.max() == 4

    def test_one_fewer_costs_people_and_one_more_costs_wages(self) -> None:
        changes = one_more_or_fewer(12.0, Work(8, 25), Goal(), 5)
        assert changes[-1].wait > 0 > changes[1].wait
        assert changes[-1].leave > 0 > changes[1].leave


class TestDemand:
    def test_each_weekday_has_its_own_shape_and_recent_weeks_count_more(self) -> None:
        counts = {}
        for n in range(1, 57):
            day = MONDAY - dt.timedelta(days=n)
            row = np.zeros(48)
            row[20] = (40 if day.weekday() == 0 else 10) * (2 if n <= 14 else 1)
            counts[day] = row
        monday, tuesday = (demand_of(counts, MONDAY + dt.timedelta(days=n)) for n in (0, 1))
        assert monday is not None
        assert tuesday is not None
        assert monday.expected[20] > 2.5 * tuesday.expected[20] > 2.5 * 10
        assert monday.band(0.9).sum() > monday.expected.sum() > monday.band(0.1).sum()

    def test_a_holiday_is_a_kind_of_its_own(self) -> None:
        counts = {MONDAY - dt.timedelta(days=n): np.full(48, 5.0) for n in range(1, 40)}
        feast = MONDAY - dt.timedelta(days=21)
        counts[feast] = np.full(48, 1.0)
        usual = demand_of(counts, MONDAY, holidays={feast})
        also = demand_of(counts, MONDAY, holidays={feast, MONDAY})
        assert usual is not None
        assert also is not None
        assert also.expected.sum() < 0.75 * usual.expected.sum()

    def test_nothing_to_learn_from_is_said(self) -> None:
        assert demand_of({MONDAY: np.ones(48)}, MONDAY) is None
        assert demand_of({MONDAY - dt.timedelta(days=1): np.zeros(48)}, MONDAY) is None

"""The replay, where the answer is known: lines one can work out by hand, and those queueing theory can."""

import time
from dataclasses import replace

import numpy as np
import pytest

from parvis.queueing.domain.waits.habits import Habits
from parvis.queueing.domain.waits.lifetimes import Q, exponential, kaplan_meier, remaining
from parvis.queueing.domain.waits.order import Order
from parvis.queueing.domain.waits.rates import Rates
from parvis.queueing.domain.waits.replay import replay
from parvis.queueing.domain.waits.state import NOBODY, Appointments, Coming, LineState, Resting, Serving, Waiting

NEVER = np.inf
CODES = np.int64


def house(*, services=1, servers=2, table=None, head_start=((0.0, 0.0),), noise=0.0, patience=NEVER) -> Habits:
    """Services of ten minutes unless `table` says otherwise, no pauses, strict order."""
    table = np.full(Q, 600.0) if table is None else table
    nothing = Rates((), np.zeros((1, 48)))
    return Habits(
        services=tuple(f"s{number}" for number in range(services)),
        priorities=("0", "1"),
        servers=tuple(f"n{number}" for number in range(servers)),
        service_time=np.tile(table, (services, 1)),
        pace=np.ones(servers),
        pause=np.zeros(Q),
        patience=np.full((services, 2, Q), patience),
        order=Order(np.tile(np.array(head_start), (services, 1))[:services], noise),
        arrivals=nothing,
        starts=nothing,
        mix=np.full((services, 2), 0.5 / services),
        known=np.ones(services, dtype=bool),
        people=1000,
    )


def line(waited, *, service=None, priority=None, busy=(0.0,), habits=None, **more) -> LineState:
    """People who have waited so many seconds; one server per entry of `busy`, who has served for so long."""
    habits = habits or house()
    count = len(waited)
    waiting = Waiting(
        np.array(service or [0] * count, dtype=CODES),
        np.array(priority or [0] * count, dtype=CODES),
        np.array(waited, dtype=float),
    )
    serving = Serving(np.zeros(len(busy), dtype=CODES), np.arange(len(busy)), np.array(busy, dtype=float))
    kinds = len(habits.services)
    state = LineState(
        waiting, serving, Resting(), np.ones((len(habits.servers), kinds)), np.ones(kinds), np.zeros((kinds, 2))
    )
    return replace(state, **more)


def minutes(state: LineState, habits: Habits | None = None, draws: int = 4, **options) -> list[float]:
    """The mean minutes each waits."""
    drawn = replay(habits or house(), state, np.random.default_rng(1), draws, **options)
    return (drawn.mean(axis=0) / 60).round(3).tolist()


def test_people_are_called_in_their_order_as_servers_become_free():
    assert minutes(line([50, 300, 10])) == [20, 10, 30]
    assert minutes(line([50, 300, 10], busy=(0, 300))) == [10, 5, 15]


def test_a_head_start_counts_as_time_waited():
    habits = house(head_start=((0.0, 100.0),))
    assert minutes(line([50, 10, 10], priority=[0, 0, 1]), habits) == [20, 30, 10]
    given = Waiting(np.zeros(2, CODES), np.zeros(2, CODES), np.array([50.0, 10.0]), head_start=np.array([0.0, 60.0]))
    assert minutes(line([0], waiting=given)) == [20, 10]


def test_a_server_calls_only_whom_they_can_serve():
    habits = house(services=2)
    skills = np.array([[1.0, 0.0], [0.0, 1.0]])
    state = line([30, 20, 10], service=[0, 0, 1], busy=(0, 300), habits=habits, skills=skills)
    assert minutes(state, habits) == [10, 20, 5]
    nobody = replace(state, skills=np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert minutes(nobody, habits) == [5, 10, NEVER]


def test_who_will_leave_takes_no_time_and_hears_when_it_would_have_been_their_turn():
    patience = np.array([60.0, np.nan, np.nan])
    waiting = Waiting(np.zeros(3, CODES), np.zeros(3, CODES), np.array([30.0, 20, 10]), patience=patience)
    assert minutes(line([0], waiting=waiting)) == [10, 10, 20]


def test_servers_come_and_go_as_planned_if_they_do():
    leaving = np.array([300.0, NEVER])
    assert minutes(line([10], leaving=leaving)) == [NEVER]
    state = line([10], leaving=leaving, coming=Coming(np.array([1]), np.array([120.0]), np.array([1.0])))
    drawn = replay(house(), state, np.random.default_rng(1), 2000)[:, 0] / 60
    assert np.median(drawn) == pytest.approx(2, abs=0.5)
    assert drawn.max() > 10  # some are late
    late = replace(state, coming=Coming(np.array([1]), np.array([-3600.0]), np.array([0.9])))
    assert np.isinf(replay(house(), late, np.random.default_rng(1), 2000)).mean() > 0.7


def test_an_appointment_is_called_before_who_waits_unless_nobody_turns_up():
    def state(chance):
        expected = Appointments(
            np.array([500.0]), np.zeros(1, CODES), np.zeros(1, CODES), np.array([chance]), np.array([3600.0])
        )
        return line([10], appointments=expected)

    assert minutes(state(0.0)) == [10]
    drawn = replay(house(), state(1.0), np.random.default_rng(1), 2000)[:, 0] / 60
    assert np.median(drawn) == 20  # unless the appointment is late
    assert set(np.unique(drawn)) == {10.0, 20.0}


def test_without_servers_nobody_is_called():
    assert minutes(line([10], busy=())) == [NEVER]
    joining = line([10], busy=(), joining=1 / 60)
    assert minutes(joining, draws=2000)[0] == pytest.approx(1, abs=0.1)
    resting = line([10], busy=(), resting=Resting(np.array([NOBODY]), np.array([5.0])))
    assert minutes(resting)[0] < 0.1


def test_behind_n_people_and_one_server_the_wait_is_erlang():
    habits = house(table=exponential(300))
    drawn = replay(habits, line([60 * k for k in range(6)], habits=habits), np.random.default_rng(2), 20_000)
    last = drawn[:, 0] / 300
    assert last.mean() == pytest.approx(6, rel=0.03)
    assert np.quantile(last, 0.9) == pytest.approx(9.27, rel=0.03)  # of a Gamma distribution of shape 6


def test_newcomers_with_priority_prolong_the_wait_as_theory_says():
    """Strict priority at load ρ prolongs the wait by 1 / (1 - ρ) (Cobham 1954)."""
    habits = house(table=exponential(100), head_start=((0.0, 1e6),))
    arrivals = np.array([[1.0, 0.5 / 100]])
    drawn = replay(habits, line([10], habits=habits, arrivals=arrivals), np.random.default_rng(3), 20_000)
    assert drawn.mean() == pytest.approx(200, rel=0.1)


def test_who_asks_alone_hears_the_same_as_in_company():
    habits = house(services=2, table=exponential(200), head_start=((0.0, 120.0),), noise=30.0, patience=900.0)
    rng = np.random.default_rng(4)
    count = 70  # more than a word of bits holds
    state = line(
        sorted(rng.random(count) * 800, reverse=True),
        service=rng.integers(0, 2, count).tolist(),
        priority=rng.integers(0, 2, count).tolist(),
        busy=(0, 50),
        habits=habits,
        arrivals=np.full((2, 2), 0.003),
    )
    together = replay(habits, state, np.random.default_rng(5), 3000)
    for place in (3, 69):
        alone = replay(habits, state, np.random.default_rng(6), 3000, only=place)[:, place]
        for level in (0.1, 0.5, 0.9):
            assert np.quantile(alone, level) == pytest.approx(np.quantile(together[:, place], level), rel=0.06)


def test_a_line_of_fifty_is_replayed_in_milliseconds():
    """About 10 ms on a quiet machine; the bound leaves room for a loaded one."""
    rng = np.random.default_rng(7)
    habits = house(
        services=4, servers=8, table=exponential(240), head_start=((0.0, 120.0),), noise=30.0, patience=2000.0
    )
    state = line(
        rng.random(50) * 900, service=rng.integers(0, 4, 50).tolist(), busy=[10.0] * 8, habits=habits,
        arrivals=np.full((4, 2), 0.004),
    )  # fmt: skip
    spent = []
    for _ in range(5):
        start = time.process_time()
        replay(habits, state, rng, 500)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.03


def test_what_has_lasted_goes_on_as_long_as_what_lasted_as_long():
    tables = np.array([exponential(100.0), np.full(Q, 60.0)])
    uniform = np.random.default_rng(8).random((4000, 3), dtype=np.float32)
    left = remaining(tables, np.array([0, 1, 1]), np.array([150.0, 20.0, 90.0]), np.ones(3), uniform)
    assert left[:, 0].mean() == pytest.approx(100, rel=0.1)  # an exponential time does not age
    assert (left[:, 1] == 40).all()
    assert left[:, 2].mean() == pytest.approx(45, rel=0.1)  # outlasted its table


def test_kaplan_meier_leaves_open_what_nobody_has_seen():
    table = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))
    assert (table[:63] == 1).all()
    assert table[Q // 2] == 3  # one of two at risk at 3: from ¼ to ⅝
    assert np.isinf(table[-1])

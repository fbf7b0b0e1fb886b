"""What is told: ranges, "unknown" and why, the correction where it wins, and shares kept as outcomes come in."""

import json
from dataclasses import replace

import numpy as np
import pytest

from parvis.queueing.domain.waits.correction import Correction, features, fit_correction
from parvis.queueing.domain.waits.estimate import Estimate, Reason, Unknown, estimates, rounded_down, rounded_up
from parvis.queueing.domain.waits.habits import Habits, learn
from parvis.queueing.domain.waits.lifetimes import going_on, kaplan_meier
from parvis.queueing.domain.waits.past import walk
from parvis.queueing.domain.waits.recalibration import Recalibration
from parvis.queueing.domain.waits.rules import Signals, signals, signals_now
from parvis.queueing.domain.waits.scores import censored_coverage, score, wilson
from parvis.queueing.domain.waits.state import Coming, LineState, Resting, Serving, Waiting
from parvis.queueing.domain.waits.worlds import World, simulate

HOUSE = World(
    minutes=(6, 12), per_hour=(10, 3), skills=(frozenset({0, 1}), frozenset({0})), head_start=(0, 20), shares=(1,)
)
RNG = np.random.default_rng


def history(days=2):
    return simulate(HOUSE, days, seed=3)[0]


def one_waits(service=0, *, servers=(0,), **more) -> LineState:
    codes = np.array(servers, dtype=np.int64)
    state = LineState(
        waiting=Waiting(np.array([service]), np.array([0]), np.array([30.0])),
        serving=Serving(np.zeros(len(codes), dtype=np.int64), codes, np.full(len(codes), 60.0)),
        resting=Resting(),
        skills=np.array([[1.0, 1.0], [1.0, 0.0]]),
        newcomer=np.zeros(2),
        arrivals=np.zeros((2, 2)),
    )
    return replace(state, **more)


@pytest.mark.parametrize(
    ("minutes", "down", "up"),
    [(0.2, 0, 1), (3.0, 3, 3), (7.4, 7, 8), (11.0, 10, 15), (44.0, 40, 45), (61.0, 60, 70), (0.0, 0, 1)],
)
def test_times_are_rounded_outwards_as_one_would_say_them(minutes, down, up):
    assert (rounded_down(minutes), rounded_up(minutes)) == (down, up)


def test_a_wait_is_told_as_a_range_and_a_time_it_is_very_likely_before():
    told = Estimate((2.2, 4.1, 6.0, 8.2, 12.3, 16.0))
    assert told.told == (4, 9)
    assert told.very_likely_before == 15
    assert told.at(0.5) == 6.0


def test_before_any_history_what_the_house_says_is_believed():
    habits = learn(history().rows(np.zeros(0, dtype=np.int64)), minutes={"service 0": 10.0})
    (told,) = estimates(habits, one_waits(), RNG(1))
    assert isinstance(told, Estimate)
    assert 3 < told.at(0.5) < 15
    assert list(told.minutes) == sorted(told.minutes)
    assert estimates(habits, one_waits(1), RNG(1)) == [Unknown(Reason.TOO_LITTLE_KNOWN)]


def test_nothing_is_told_rather_than_a_guess():
    habits = learn(history())

    def reason(state):
        (told,) = estimates(habits, state, RNG(1))
        return told.reason if isinstance(told, Unknown) else told

    assert reason(one_waits(servers=())) is Reason.NOBODY_SERVES
    assert reason(one_waits(1, servers=(1,))) is Reason.NOBODY_FOR_THIS
    assert reason(one_waits(leaving=np.array([10.0, 10.0]))) is Reason.TOO_FAR
    coming = Coming(np.array([0]), np.array([900.0]), np.array([0.95]))
    assert isinstance(reason(one_waits(1, servers=(), coming=coming)), Estimate)


def test_nothing_that_came_later_is_looked_at():
    """The same past with another future: later calls later, nobody leaves, other people come."""
    past = history()
    row = int(np.flatnonzero((past.waited > 300) & (past.day == 1))[40])
    now = past.arrived[row]
    later = np.where(past.called > now, past.called + 500, past.called)
    other = replace(
        past,
        called=later,
        left=np.where(past.left > now, past.left + 500, past.left),
        finished=np.where(past.finished > now, past.finished + 900, past.finished),
        service=np.where(past.arrived > now, 1 - past.service, past.service),
    )
    habits = learn(past.rows(past.day == 0))
    (_, state, place), (_, same, same_place) = (next(walk(one, np.array([row]), habits)) for one in (past, other))
    assert place == same_place > 0
    for part in ("waiting", "serving", "resting"):
        for mine, its in zip(vars(getattr(state, part)).values(), vars(getattr(same, part)).values(), strict=True):
            np.testing.assert_array_equal(mine, its)
    np.testing.assert_array_equal(state.skills, same.skills)
    np.testing.assert_array_equal(state.arrivals, same.arrivals)
    for mine, its in zip(*(vars(signals(one, np.array([row]))).values() for one in (past, other)), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_the_order_kept_is_found_again():
    """The world calls appointments as if they had waited twenty minutes more; patience of ninety minutes on average."""
    booked = replace(HOUSE, booked=3.0, minutes=(8, 14))
    habits = learn(simulate(booked, 4, seed=5)[0])
    head = habits.order.head_start / 60
    assert (head[:, 1] - head[:, 0]).mean() == pytest.approx(20, abs=4)
    assert habits.order.noise < 60
    assert np.isfinite(habits.patience).all()


def lesson(n=1200, days=6, factor=1.0):
    """People whose wait is log-normal around a median that the replay drew `factor` times too long."""
    rng = RNG(9)
    median = rng.uniform(1, 20, n)
    waited = median * rng.lognormal(0, 0.4, n)
    drawn = factor * median[:, None] * np.exp(0.4 * np.array([-1.2816, -0.6745, 0, 0.6745, 1.2816, 1.6449]))
    nothing = np.zeros(n)
    seen = Signals(ahead=median, busy=nothing + 1, les=nothing, hol=nothing, ewma=nothing, rolling=nothing)
    return features(drawn, seen), drawn, waited, np.arange(n) * days // n


def test_a_correction_is_used_only_where_it_wins():
    looked_at, drawn, waited, day = lesson(factor=2.0)
    correction = fit_correction(looked_at, drawn, waited, day)
    told = correction.apply(looked_at, drawn)
    assert score(waited, told[:, 2], told[:, 4]).mae < 0.6 * score(waited, drawn[:, 2], drawn[:, 4]).mae
    assert (waited <= told[:, 4]).mean() == pytest.approx(0.9, abs=0.01)
    assert (np.diff(told, axis=1) >= 0).all()
    again = Correction.from_json(json.loads(json.dumps(correction.as_json())))
    np.testing.assert_array_equal(again.apply(looked_at, drawn), told)
    assert fit_correction(*lesson(factor=1.0)) is None  # nothing to win
    assert fit_correction(*lesson(n=200, factor=2.0)) is None  # too few people
    assert fit_correction(*lesson(days=2, factor=2.0)) is None  # too few days


def test_shares_promised_are_kept_when_everything_takes_longer():
    rng = RNG(11)
    state, told = Recalibration(), np.array([[2.0, 3.0, 5.0, 7.0, 10.0, 12.0]])
    held = []
    for _ in range(3000):
        now = state.apply(told)[0]
        waited = 1.4 * 5 * rng.lognormal(0, 0.54)
        held.append((waited <= now[2], waited <= now[4]))
        state = state.after(waited, now[2], now[4])
    assert np.mean(held[1000:], axis=0) == pytest.approx([0.5, 0.9], abs=0.03)
    assert (np.diff(state.apply(told)) >= 0).all()
    assert Recalibration.from_json(json.loads(json.dumps(state.as_json()))) == state
    for _ in range(3000):
        state = state.after(1000.0, 1.0, 1.0)
    assert state.apply(told)[0, 2] < 2 * 6  # bounded: what is further off is not for this


def test_scores_count_who_left_for_as_long_as_they_stayed():
    served = np.array([True, True, False, False])
    waited = np.array([1.0, 4.0, 2.0, 3.0])
    # Of four one was called by 1; two left before 3, so that the last stands for three quarters.
    assert censored_coverage(waited, served, np.full(4, 3.5)) == pytest.approx(0.25)
    low, high = wilson(0.9, 200)
    assert (round(low, 3), round(high, 3)) == (0.851, 0.934)
    figures = score(np.array([1.0, 3.0]), np.array([2.0, 2.0]), np.array([3.0, 3.0]))
    assert (figures.mae, figures.bias, figures.cov50, figures.cov90, figures.width) == (1, 0, 0.5, 1, 1)


def test_patience_nobody_was_seen_to_lose_is_thought_to_end_as_often_as_before():
    rng = RNG(12)
    patience = rng.exponential(1000, 4000)
    seen = np.minimum(patience, 300)
    table = going_on(kaplan_meier(seen, patience <= 300), (patience <= 300).sum() / seen.sum())
    assert table.mean() == pytest.approx(1000, rel=0.1)
    assert (np.diff(table) >= 0).all()


def test_habits_and_what_is_seen_serve_a_line_that_is_still_there():
    """Habits go through a database; people who wait and are being served are part of today's history."""
    past = history()
    instant = float(past.arrived[np.flatnonzero((past.day == 1) & (past.waited > 600))[30]]) + 1
    today = past.rows((past.day == 1) & (past.arrived < instant))
    cut = {name: np.where(getattr(today, name) < instant, getattr(today, name), np.nan) for name in ("called", "left")}
    today = replace(today, **cut, finished=np.where(today.finished < instant, today.finished, np.nan))
    waiting = np.flatnonzero(np.isinf(today.ended))
    seen = signals_now(today, waiting, instant)
    assert seen.ahead.tolist() == list(range(len(waiting)))
    assert 0 < seen.busy[0] <= 2
    habits = learn(today)
    stored = json.loads(json.dumps(habits.as_json(), allow_nan=False))
    again = Habits.from_json(stored)
    assert again.people == int((today.finished > 0).sum()) == habits.people
    for name in ("service_time", "patience", "pause", "pace"):
        np.testing.assert_allclose(getattr(again, name), getattr(habits, name), rtol=1e-4)
    assert again.arrivals.at(0, 40_000.0) == pytest.approx(habits.arrivals.at(0, 40_000.0), rel=1e-4)
    state = one_waits(
        waiting=Waiting(today.service[waiting], today.priority[waiting], instant - today.arrived[waiting])
    )
    told = estimates(again, state, RNG(1), seen=seen, recalibration=Recalibration(0.1, 0.1))
    medians = [one.at(0.5) for one in told if isinstance(one, Estimate)]
    assert medians == sorted(medians)
    assert len(medians) == len(waiting) > 3

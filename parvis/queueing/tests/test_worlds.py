"""The engine in houses of which the truth is known: from five days of history on, tested on the four days after."""

from datetime import date

import numpy as np
import pytest

from parvis.queueing.domain.waits.backtest import PARVIS, backtest
from parvis.queueing.domain.waits.worlds import World, simulate

PARCELS_AND_PASSPORTS = World(  # skills, and people who come first
    minutes=(4, 12, 20),
    per_hour=(16, 4, 1.5),
    skills=(frozenset({0}), frozenset({0, 1}), frozenset({1, 2}), frozenset({0, 1, 2})),
    head_start=(0, 15, 0),
    shares=(0.85, 0.15),
)
APPOINTMENTS = World(  # a third of which nobody keeps; servers who stay away or come late; a plan that knows neither
    minutes=(6, 10),
    per_hour=(12, 4),
    skills=(frozenset({0, 1}), frozenset({0, 1}), frozenset({0}), frozenset({0, 1}), frozenset({0, 1})),
    head_start=(0, 30),
    booked=4,
    no_show=0.3,
    absent=0.15,
    late=0.4,
)


@pytest.mark.parametrize(("world", "planned", "seed"), [(PARCELS_AND_PASSPORTS, False, 1), (APPOINTMENTS, True, 1)])
def test_the_promises_are_kept_and_the_simple_rules_beaten(world, planned, seed):
    """Four days hold some six hundred waits that share their days' fate: the shares are only known to some points."""
    past, plan = simulate(world, 9, seed)
    known = {"known": plan.known} if planned else {}
    result = backtest(past, date(2026, 3, 7), draws=100, **known)
    own = result.scores[PARVIS]
    rules = [one for name, one in result.scores.items() if name not in (PARVIS, "lightgbm")]
    assert result.n_test > 300
    assert 0.86 <= own.cov90 <= 0.95
    assert 0.43 <= own.cov50 <= 0.57
    assert own.mae <= 0.92 * min(rule.mae for rule in rules)
    assert own.pinball90 <= 0.88 * min(rule.pinball90 for rule in rules)


def test_a_world_calls_in_its_order_and_only_whom_its_servers_can_serve():
    past, plan = simulate(APPOINTMENTS, 2, seed=4)
    passports = past.service == 1
    assert (past.server[passports & past.served] != 2).all()
    kept = ~np.isnan(plan.came)
    assert kept.mean() == pytest.approx(0.7, abs=0.12)
    booked = past.waited[past.priority == 1].mean()
    assert booked < 0.5 * past.waited[past.priority == 0].mean()
    assert (past.called[past.served] >= past.arrived[past.served]).all()
    again, _ = simulate(APPOINTMENTS, 2, seed=4)
    np.testing.assert_array_equal(again.arrived, past.arrived)

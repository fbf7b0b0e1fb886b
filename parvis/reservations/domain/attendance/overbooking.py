"""What taking bookings beyond capacity would cost and save: advice from exact probabilities, never applied by itself.

Of n bookings, each kept with its own probability, the number that turns up follows a Poisson binomial distribution. It
is computed exactly by adding one booking at a time (convolution), not approximated: at small counters and restaurants
n is small, and approximations are worst in the tail, which is where people are turned away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .table import Floats

_MOST = 10_000  # bookings or extra ones; beyond, this is not the tool


@dataclass(frozen=True)
class Point:
    """What to expect with `extra` more bookings; people and places are expected numbers, cost in the unit given."""

    extra: int
    expected_turned_away: float
    expected_empty: float
    expected_cost: float


@dataclass(frozen=True)
class Advice:
    """The cheapest point (of equals the one with fewest bookings), what no extra booking costs, and both in words."""

    best: Point
    none: Point
    words: _


def attendance_distribution(show_probabilities: Sequence[float]) -> Floats:
    """(n+1,): the probability that 0, 1, … n of n independent bookings are kept."""
    found = np.ones(1)
    for p in _checked(show_probabilities):
        found = np.convolve(found, (1 - p, p))
    return found


def overbooking_curve(
    show_probabilities: Sequence[float],
    capacity: int,
    cost_turned_away: float,
    cost_empty: float,
    max_extra: int,
    extra_show_probability: float | None = None,
) -> list[Point]:
    """What 0, 1, … `max_extra` bookings more than now would bring, in that order.

    show_probabilities:     of the bookings there are, each independent of the others: 0 to 1.
    capacity:               how many can be served. Costs: of one customer turned away, of one place left empty, ≥ 0.
    extra_show_probability: of each further booking; the mean of those there are unless given, 1 if there are none.
    Raises `Invalid` for numbers out of range.
    """
    _check(capacity, max_extra, (cost_turned_away, cost_empty))
    probabilities = _checked(show_probabilities)
    mean = float(probabilities.mean()) if len(probabilities) else 1.0
    further = mean if extra_show_probability is None else float(_checked([extra_show_probability])[0])
    coming = attendance_distribution(show_probabilities)
    points = []
    for extra in range(max_extra + 1):
        difference = np.arange(len(coming)) - capacity
        away = float(coming @ np.maximum(difference, 0))
        empty = float(coming @ np.maximum(-difference, 0))
        points.append(Point(extra, away, empty, away * cost_turned_away + empty * cost_empty))
        coming = np.convolve(coming, (1 - further, further))
    return points


def overbooking_advice(points: Sequence[Point]) -> Advice:
    """The best point of a curve, in words. Raises ValueError for an empty curve."""
    best = min(points, key=lambda point: (round(point.expected_cost, 9), point.extra))
    return Advice(best, points[0], _words(best, points[0]))


def _words(best: Point, none: Point) -> _:
    if best.extra == 0:
        return _(
            "Take no more bookings than there are: expect %(empty)s empty places and %(away)s turned away.",
            empty=_number(none.expected_empty),
            away=_number(none.expected_turned_away),
        )
    return _(
        "%(extra)d more bookings would cost least: expect %(away)s turned away and %(empty)s empty places, "
        "instead of %(away_now)s and %(empty_now)s.",
        extra=best.extra,
        away=_number(best.expected_turned_away),
        empty=_number(best.expected_empty),
        away_now=_number(none.expected_turned_away),
        empty_now=_number(none.expected_empty),
    )


def _number(value: float) -> _:
    """With one decimal, as the reader's language writes it."""
    whole, tenth = divmod(round(value * 10), 10)
    return _("%(whole)d.%(tenth)d", whole=whole, tenth=tenth)


def _checked(probabilities: Sequence[float]) -> Floats:
    found = np.asarray(probabilities, dtype=float)
    if len(found) > _MOST:
        raise Invalid(_("At most %(most)d bookings can be weighed up at once.", most=_MOST))
    if not ((found >= 0) & (found <= 1)).all():  # NaN is neither
        raise Invalid(_("A probability lies between 0 and 1."))
    return found


def _check(capacity: int, max_extra: int, costs: Sequence[float]) -> None:
    if capacity < 0:
        raise Invalid(_("A capacity is 0 or more."))
    if not 0 <= max_extra <= _MOST:
        raise Invalid(_("The number of extra bookings lies between 0 and %(most)d.", most=_MOST))
    if not all(isfinite(cost) and cost >= 0 for cost in costs):
        raise Invalid(_("A cost is 0 or more."))

"""Cancellation and no-show of a house's own bookings: `fit` on the past, then `AttendanceModel.probabilities`.

On day one and as long as little has happened, `simple` speaks: shrunken shares. Once `ENOUGH` bookings have passed, of
which `ENOUGH_MISSED` were missed, boosted trees compete with it: both are fitted on all but the latest fifth, and the
trees take over only if they surprise less (log loss) on that fifth. Whichever wins is then fitted on everything and
corrected by what it got wrong on the latest fifth (`recalibration`).

On the open resort hotel as if it were a house (22,000 bookings, the next two months forecast when booked): AUC 0.80
against 0.75 of the simple model, log loss 0.44 against 0.50, 25.7 % expected and 25.4 % missed.

Trees say how likely a booking is to be missed; whether that is a cancellation or a no-show is split by the simple
model's shares: no-shows are few (one missed booking in thirty in hotels), too few for trees of their own.

Keeping it: `fit` takes one to two seconds of processor time per 1,000 bookings, so it runs nightly in a process of its
own (`services/forecasting.py`); what is kept (`served`) are the simple model's counts, plain JSON, and per booking by
how much the trees differ.
Trees are never stored: the only way scikit-learn offers is pickle, which runs whatever a changed file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np

from .boosting import Boosted
from .facts import BookingFacts, PastBooking, looks_of, shares, table_of
from .recalibration import Recalibration, fit_recalibration
from .scores import auc, brier, log_loss
from .simple import SimpleModel, simple_model
from .table import Floats, one_of_many

ENOUGH = 400
ENOUGH_MISSED = 60
HALF_LIFE = 365.0  # days after which a booking weighs half; a house's seasons come round in a year
_HELD_OUT = 0.2
_SCORED = 20  # forecasts below which a score is a throw of the dice
_DAY = 86_400.0


class Risk(NamedTuple):
    """Probabilities of one booking: that it is cancelled from now on, and that nobody turns up."""

    cancelled: float
    no_show: float

    @property
    def show(self) -> float:
        """The probability that it is kept."""
        return 1.0 - self.cancelled - self.no_show


@dataclass(frozen=True)
class Score:
    """How right forecasts made when a booking was made would have been, on the latest fifth, learning from the rest.

    n: bookings forecast; `missed` of them. area: AUC, None when all ended alike. brier: mean squared difference;
    plain_brier: what saying the same share of every booking would have scored.
    """

    n: int
    missed: int
    area: float | None
    brier: float
    plain_brier: float


@dataclass(frozen=True)
class AttendanceModel:
    """What `fit` learned. Empty, it gives what is usual anywhere.

    learned_from: past bookings. losses: held-out log loss per forecast (nats) of the simple model and the trees, None
    where trees were not tried. simple_correction: of the simple model, for who asks without trees. score: of whichever
    won, on bookings it had not seen; None while there are too few.
    """

    simple: SimpleModel = field(default_factory=SimpleModel)
    trees: Boosted | None = None
    correction: Recalibration = field(default_factory=Recalibration)
    learned_from: int = 0
    losses: tuple[float, float] | None = None
    simple_correction: Recalibration = field(default_factory=Recalibration)
    score: Score | None = None

    def probabilities(self, facts: Sequence[BookingFacts]) -> Floats:
        """(n, 2): of each booking, as it stands when asked, the probabilities of a cancellation and of a no-show."""
        if not facts:
            return np.zeros((0, 2))
        simple = self.simple.probabilities(facts)
        raw = _missed(simple) if self.trees is None else self.trees.probabilities(table_of(facts))
        missed = self.correction.apply(raw, np.zeros(len(facts), dtype=np.int64))
        return np.asarray(simple[:, 1:] / _missed(simple)[:, None] * missed[:, None])

    def risk(self, facts: BookingFacts) -> Risk:
        """The probabilities of one booking."""
        cancelled, no_show = self.probabilities([facts])[0]
        return Risk(float(cancelled), float(no_show))


@dataclass(frozen=True)
class _Looks:
    """Questions about past bookings: `outcome` (n, 3), `weight` (n,) by age and group."""

    facts: list[BookingFacts]
    outcome: Floats
    weight: Floats

    @property
    def missed(self) -> Floats:
        return _missed(self.outcome)

    def simple(self) -> SimpleModel:
        return simple_model(zip(self.facts, self.outcome, self.weight, strict=True))

    def trees(self) -> Boosted:
        return Boosted(table_of(self.facts), self.missed, self.weight)


def fit(history: Sequence[PastBooking], now: datetime) -> AttendanceModel:
    """The model of the bookings whose start has passed at `now`; others in `history` are left out.

    A booking cancelled ahead of a start that is still to come would tell only of cancellations: those that will be kept
    are not known yet. So it has to wait for its start.
    """
    past = sorted((one for one in history if one.facts.starts_at < now), key=lambda one: one.facts.starts_at)
    looks = _looks(past, now)
    missed = sum(one.outcome != "kept" for one in past)
    cut = int(len(past) * (1 - _HELD_OUT))
    if len(past) < ENOUGH or missed < ENOUGH_MISSED or len(past) - missed < ENOUGH_MISSED:
        earlier, latest = _looks(past[:cut], now), _looks(past[cut:], now)
        forecast = _missed(earlier.simple().probabilities(latest.facts))
        return AttendanceModel(looks.simple(), learned_from=len(past), score=_score(earlier, latest, forecast))
    return _best(_looks(past[:cut], now), _looks(past[cut:], now), looks, len(past))


def _best(earlier: _Looks, latest: _Looks, everything: _Looks, learned_from: int) -> AttendanceModel:
    simple = _missed(earlier.simple().probabilities(latest.facts))
    losses = (log_loss(latest.missed, simple), float("inf"))
    forecast, trees = simple, None
    if 0 < earlier.missed.sum() < len(earlier.missed):
        boosted = earlier.trees().probabilities(table_of(latest.facts))
        losses = (losses[0], log_loss(latest.missed, boosted))
        if losses[1] < losses[0]:
            forecast, trees = boosted, everything.trees()
    group = np.zeros(len(forecast), dtype=np.int64)
    correction = fit_recalibration(forecast, latest.missed, group, latest.weight)
    of_shares = fit_recalibration(simple, latest.missed, group, latest.weight)
    score = _score(earlier, latest, forecast)
    return AttendanceModel(everything.simple(), trees, correction, learned_from, losses, of_shares, score)


def _score(earlier: _Looks, latest: _Looks, forecast: Floats) -> Score | None:
    """Of the uncorrected forecasts, since the correction has seen these outcomes; None for too few bookings."""
    booked = np.array([one.seen_at <= one.booked_at for one in latest.facts], dtype=bool)
    if booked.sum() < _SCORED or not len(earlier.facts):
        return None
    known = np.array([one.seen_at <= one.booked_at for one in earlier.facts], dtype=bool)
    share = float(earlier.missed[known].mean())
    outcome, said = latest.missed[booked], forecast[booked]
    plain = brier(outcome, np.full(len(outcome), share))
    return Score(len(outcome), int(outcome.sum()), auc(outcome, said), brier(outcome, said), plain)


def _looks(past: Sequence[PastBooking], now: datetime) -> _Looks:
    facts: list[BookingFacts] = []
    outcomes = []
    weights: list[float] = []
    together: list[float] = []
    for one in past:
        looks = looks_of(one)
        age = (now - one.facts.starts_at).total_seconds() / _DAY
        facts += looks
        outcomes += [one.outcome] * len(looks)
        weights += [0.5 ** (age / HALF_LIFE)] * len(looks)
        together += [float(one.facts.together)] * len(looks)
    return _Looks(facts, shares(outcomes), np.array(weights) * one_of_many(np.array(together)))


def _missed(outcome: Floats) -> Floats:
    return np.asarray(outcome[:, 1:].sum(axis=1))

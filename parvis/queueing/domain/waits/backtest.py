"""What would have been told, knowing only what was known then, and was it true? On anybody's log, beside simple
rules.

Habits, rules and correction are learned from the days before the split. What the correction learns from are replays
of training days with habits learned from the other training days. Through the test days only the recalibration goes
on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .boosted import boosted_forecast
from .correction import Correction, features, fit_correction
from .estimate import drawn_minutes
from .habits import Habits, learn
from .history import Floats, History, Ints
from .past import walk
from .rates import KindOfDay
from .recalibration import Recalibration
from .replay import replay
from .rules import Forecast, Signals, fit_rules, signals
from .scores import BUCKETS, Score, bucket_name, censored_coverage, in_bucket, score
from .state import LineState

PARVIS = "parvis"
_FOLDS = 5
_MOST_LEARNED = 6_000  # waits the correction learns from
_FEW = 20  # waits without which nothing is scored
_SHARE_OF_TEST = 0.25  # of the days, when nobody says where to split

Progress = Callable[[int, int], None]
Known = Callable[[float, LineState], LineState]


@dataclass(frozen=True)
class Result:
    """n_train, n_test: people who had to wait and were served. scores: by predictor, of all tested; by_ahead: of
    those with so many people ahead. leavers: tested people who left; censored: coverage of "very likely before" with
    them. corrected: whether the correction was used.
    """

    n_train: int
    n_test: int
    scores: Mapping[str, Score]
    by_ahead: list[tuple[tuple[int, int | None], dict[str, Score]]]
    leavers: int
    censored: float
    corrected: bool

    def as_json(self) -> dict[str, Any]:
        """As `parvis queue_backtest --json` prints it; minutes throughout."""
        return {
            "n_train": self.n_train,
            "n_test": self.n_test,
            "predictors": {name: one.as_json() for name, one in self.scores.items()},
            "by_people_ahead": [
                {
                    "ahead": bucket_name(bucket),
                    "from": bucket[0],
                    "to": bucket[1],
                    "n": scores[PARVIS].n,
                    "predictors": {name: one.as_json() for name, one in scores.items()},
                }
                for bucket, scores in self.by_ahead
            ],
            "leavers": {"n": self.leavers, "cov90_with_leavers": self.censored},
            "corrected": self.corrected,
        }


def backtest(
    history: History,
    split: date | None = None,
    *,
    draws: int = 200,
    every: int = 1,
    kind_of_day: KindOfDay = date.weekday,
    progress: Progress = lambda done, of: None,
    known: Known = lambda instant, state: state,
) -> Result:
    """Score all predictors on the days from `split` on; by default the last quarter of the days.

    every: only each so-many-th person who waited is replayed, for a quick look. progress: told people done, and of
    how many. Raises `Invalid` when there is nothing to learn from, or nothing to score.
    """
    first = _first_tested(history, split)
    training = history.day < first
    had_to = history.waited > 0
    learned = np.flatnonzero(had_to & history.served & training)[::every]
    tested = np.flatnonzero(had_to & ~training)[::every]
    _check(learned, tested[history.served[tested]])
    replayed = learned[np.linspace(0, len(learned) - 1, min(len(learned), _MOST_LEARNED)).astype(int)]
    engine = _Engine(history, kind_of_day, draws, progress, known, len(replayed) + len(tested))
    correction, recalibration = engine.train(training, replayed)
    habits = learn(history.rows(training), kind_of_day=kind_of_day)
    seen = signals(history, tested)
    raw = engine.quantiles(tested, habits)
    told = _told(history, tested, correction.apply(features(raw, seen), raw) if correction else raw, recalibration)
    forecasts = _rivals(history, training, learned, tested, seen)
    forecasts = {PARVIS: (told[:, 2], told[:, 4]), **forecasts}
    return _result(history, len(learned), tested, seen, forecasts, correction is not None)


def correction_of(
    history: History, *, draws: int = 200, most: int = 2_000, kind_of_day: KindOfDay = date.weekday
) -> tuple[Correction | None, Recalibration]:
    """The correction to use from now on, learned from replays of at most `most` of those who waited, None where it does
    not win on the last days; and where the recalibration starts."""
    rows = np.flatnonzero((history.waited > 0) & history.served)
    if not len(rows):
        return None, Recalibration()
    chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
    engine = _Engine(history, kind_of_day, draws, lambda done, of: None, lambda instant, state: state, len(chosen))
    return engine.train(np.ones(len(history), dtype=bool), chosen)


@dataclass
class _Engine:
    """Replays of people of one history; keeps count of them."""

    history: History
    kind_of_day: KindOfDay
    draws: int
    progress: Progress
    known: Known
    total: int
    done: int = 0

    def train(self, training: Any, rows: Ints) -> tuple[Correction | None, Recalibration]:
        """Replay training days with habits of the others, and learn what to correct, or at least what to begin
        with."""
        history, days = self.history, np.unique(self.history.day[training])
        if len(days) < 2:
            return None, Recalibration()
        fold_of = {int(day): place % _FOLDS for place, day in enumerate(days)}
        fold = np.array([fold_of.get(int(day), -1) for day in history.day])
        minutes = np.zeros((len(rows), 6))
        for number in range(min(_FOLDS, len(days))):
            chosen = np.flatnonzero(fold[rows] == number)
            if len(chosen):
                habits = learn(history.rows(training & (fold != number)), kind_of_day=self.kind_of_day)
                minutes[chosen] = self.quantiles(rows[chosen], habits)
        waited = history.waited[rows] / 60
        looked_at = features(minutes, signals(history, rows))
        correction = fit_correction(looked_at, minutes, waited, history.day[rows])
        return correction, Recalibration() if correction else Recalibration.learned(waited, minutes)

    def quantiles(self, rows: Ints, habits: Habits) -> Floats:
        """(n, 6) minutes, as drawn."""
        rng = np.random.default_rng(1)
        answer = np.zeros((len(rows), 6))
        for place, (row, seen, own) in enumerate(walk(self.history, rows, habits, self.kind_of_day)):
            state = self.known(float(self.history.arrived[row]), seen)
            drawn = replay(habits, state, rng, self.draws, only=own)
            answer[place] = drawn_minutes(drawn[:, own : own + 1])[0]
            self.done += 1
            self.progress(self.done, self.total)
        return answer


def _told(history: History, rows: Ints, minutes: Floats, recalibration: Recalibration) -> Floats:
    """(n, 6) what would have been told, each outcome being taken in when it was known."""
    answer = np.zeros_like(minutes)
    known: list[tuple[float, int]] = []
    for place, row in enumerate(rows):
        while known and known[0][0] < history.arrived[row]:
            past = heapq.heappop(known)[1]
            waited = float(history.waited[rows[past]]) / 60
            recalibration = recalibration.after(waited, answer[past, 2], answer[past, 4])
        answer[place] = recalibration.apply(minutes[place : place + 1])[0]
        if history.served[row]:
            heapq.heappush(known, (float(history.called[row]), place))
    return answer


def _rivals(history: History, training: Any, learned: Ints, tested: Ints, seen: Signals) -> dict[str, Forecast]:
    before = signals(history, learned)
    rules = fit_rules(history, learned, before, training)
    answer = rules.forecasts(history, tested, seen)
    boosted = boosted_forecast(history, (learned, before), (tested, seen), rules.service)
    return {**answer, "lightgbm": boosted} if boosted else answer


def _result(
    history: History, n_train: int, tested: Ints, seen: Signals, forecasts: dict[str, Forecast], corrected: bool
) -> Result:
    waited, served = history.waited[tested] / 60, history.served[tested]

    def scores(chosen: Any) -> dict[str, Score]:
        return {name: score(waited[chosen], p50[chosen], p90[chosen]) for name, (p50, p90) in forecasts.items()}

    by_ahead: list[tuple[tuple[int, int | None], dict[str, Score]]] = [
        (bucket, scores(chosen)) for bucket in BUCKETS if (chosen := served & in_bucket(seen.ahead, bucket)).any()
    ]
    return Result(
        n_train=n_train,
        n_test=int(served.sum()),
        scores=scores(served),
        by_ahead=by_ahead,
        leavers=int((~served).sum()),
        censored=censored_coverage(waited, served, forecasts[PARVIS][1]),
        corrected=corrected,
    )


def _first_tested(history: History, split: date | None) -> int:
    """The number of the first test day."""
    days = np.unique(history.day)
    if split is not None:
        return (split - history.first_day).days
    return int(days[-max(1, round(_SHARE_OF_TEST * len(days)))])


def _check(learned: Ints, tested: Ints) -> None:
    if len(learned) < _FEW:
        raise Invalid(
            _("Only %(number)s people waited and were served before the first test day.", number=len(learned)),
            hint=_("There should be %(few)s at least: choose a later day, or use a longer log.", few=_FEW),
        )
    if len(tested) < _FEW:
        raise Invalid(
            _("Only %(number)s people waited and were served from the first test day on.", number=len(tested)),
            hint=_("There should be %(few)s at least: choose an earlier day, or use a longer log.", few=_FEW),
        )

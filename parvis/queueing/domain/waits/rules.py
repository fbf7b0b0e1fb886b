"""The simple rules that an estimate has to beat, and what they look at. Minutes throughout.

LES and HOL: the delay of the last to enter service, and that of the head of the line (Ibrahim and Whitt 2009).
Erlang: calls come at the pace of the servers now busy, so that the wait behind n people is Gamma distributed.
Erlang-A: those ahead also leave (Garnett, Mandelbaum and Reiman 2002).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .history import DAY, HALF_HOUR, Bools, Floats, History, Ints

POINT_RULES = ("mean", "half_hour", "les", "hol", "ewma", "rolling", "position")
_ENOUGH = 20  # waits of a half-hour, below which it gets the mean of all
_KEPT = 0.9

Forecast = tuple[Floats, Floats]  # median and .9 quantile, (n,) each


@dataclass(frozen=True)
class Signals:
    """What could be seen when each of n people joined a line; minutes, and numbers of people and servers."""

    ahead: Floats
    busy: Floats
    les: Floats
    hol: Floats
    ewma: Floats
    rolling: Floats

    def position(self, service: float) -> Floats:
        """(n,) place in the line × mean service / servers."""
        return (self.ahead + 1) * service / np.maximum(self.busy, 1)

    def rows(self, chosen: Ints) -> Signals:
        """Of some of the people."""
        return Signals(**{name: values[chosen] for name, values in vars(self).items()})


def signals(history: History, rows: Ints) -> Signals:
    """What those of these rows could see when they joined their line. Nothing that came later is looked at."""
    answer = Signals(*(np.zeros(len(rows)) for _ in range(6)))
    for line in np.unique(history.line[rows]):
        chosen = np.flatnonzero(history.line[rows] == line)
        own = history.rows(history.line == line)
        _fill(answer, chosen, own, history.arrived[rows[chosen]])
    return answer


def signals_now(history: History, rows: Ints, instant: float) -> Signals:
    """What those of these rows, who all wait at that instant, see of their line now: as if they joined it at their
    place."""
    answer = Signals(*(np.zeros(len(rows)) for _ in range(6)))
    for line in np.unique(history.line[rows]):
        chosen = np.flatnonzero(history.line[rows] == line)
        own = history.rows(history.line == line)
        _fill(answer, chosen, own, np.full(len(chosen), instant))
        waiting = np.sort(own.arrived[(own.arrived <= instant) & (own.ended > instant)])
        answer.ahead[chosen] = np.searchsorted(waiting, history.arrived[rows[chosen]])
        answer.hol[chosen] = np.where(answer.ahead[chosen] > 0, (instant - waiting[0]) / 60, 0.0)
    return answer


def _fill(answer: Signals, places: Ints, history: History, instants: Floats) -> None:
    """The signals of one line at some instants, into these places."""
    calls = history.calls()
    called, waited = history.called[calls], history.waited[calls] / 60
    finished = np.sort(history.finished[calls])
    before = np.searchsorted(called, instants)  # how many calls had been made
    answer.les[places] = np.where(before > 0, waited[np.maximum(before - 1, 0)], 0.0)
    smooth = np.zeros(len(calls) + 1)
    for place, wait in enumerate(waited):
        smooth[place + 1] = _KEPT * smooth[place] + (1 - _KEPT) * wait
    answer.ewma[places] = smooth[before]
    total = np.concatenate([[0.0], np.cumsum(waited)])
    since = np.searchsorted(called, instants - HALF_HOUR)
    answer.rolling[places] = (total[before] - total[since]) / np.maximum(before - since, 1)
    answer.busy[places] = np.searchsorted(called, instants, side="right") - np.searchsorted(
        finished, instants, side="right"
    )
    ended, reach = history.ended, float(np.nanmax(history.waited, initial=0.0))
    start, stop = (np.searchsorted(history.arrived, instants - back) for back in (reach, 0.0))
    for place, instant, low, high in zip(places, instants, start, stop, strict=True):
        waiting = low + np.flatnonzero(ended[low:high] > instant)
        answer.ahead[place] = len(waiting)
        answer.hol[place] = (instant - history.arrived[waiting[0]]) / 60 if len(waiting) else 0.0


@dataclass(frozen=True)
class Rules:
    """What the rules learn from people who had to wait and were served.

    service: mean minutes of a service. leaving: people who give up, per minute of waiting of one person.
    """

    mean: float
    half_hour: Floats
    service: float
    leaving: float
    margin: Mapping[str, float]

    def points(self, history: History, rows: Ints, seen: Signals) -> dict[str, Floats]:
        """(n,) the wait that each rule names, by its name."""
        return {
            "mean": np.full(len(rows), self.mean),
            "half_hour": self.half_hour[(history.arrived[rows] % DAY // HALF_HOUR).astype(int)],
            "les": seen.les,
            "hol": seen.hol,
            "ewma": seen.ewma,
            "rolling": seen.rolling,
            "position": seen.position(self.service),
        }

    def forecasts(self, history: History, rows: Ints, seen: Signals) -> dict[str, Forecast]:
        """Median and .9 quantile by each rule. Of one that names a single time, the latter is that time and a margin:
        the .9 quantile of what it lacked in training."""
        points = self.points(history, rows, seen)
        answer = {name: (point, point + self.margin[name]) for name, point in points.items()}
        answer["erlang"] = _erlang(seen, self.service, 0.0)
        answer["erlang_a"] = _erlang(seen, self.service, self.leaving)
        return answer


def fit_rules(history: History, rows: Ints, seen: Signals, training: Bools) -> Rules:
    """rows: the people of training who had to wait and were served, with their signals; training: (len(history),)."""
    waited = history.waited[rows] / 60
    of = (history.arrived[rows] % DAY // HALF_HOUR).astype(int)
    count = np.bincount(of, minlength=48)
    mean = float(waited.mean())
    half_hour = np.where(count >= _ENOUGH, np.bincount(of, waited, 48) / np.maximum(count, 1), mean)
    served = training & history.served
    service = float((history.finished - history.called)[served].mean() / 60)
    minutes = float(history.waited[training].sum() / 60)
    leaving = float((training & ~history.served).sum() / minutes) if minutes else 0.0
    bare = Rules(mean, half_hour, service, leaving, {})
    margin = {name: float(np.quantile(waited - point, 0.9)) for name, point in bare.points(history, rows, seen).items()}
    return Rules(mean, half_hour, service, leaving, margin)


def _erlang(seen: Signals, service: float, leaving: float) -> Forecast:
    """Quantiles of the time until the (n + 1)th departure from n people ahead, at the rate of the busy servers.

    With people ahead leaving at rate θ each, it is a sum of exponentials with rates sμ, sμ + θ … sμ + nθ. That is
    -ln(B)/θ with B from Beta(sμ/θ, n + 1) (Rényi's representation), so that its quantiles are exact.
    """
    from scipy.special import betaincinv, gammaincinv

    rate = np.maximum(seen.busy, 1) / max(service, 1e-9)
    places = seen.ahead + 1
    if leaving <= 1e-6:
        return gammaincinv(places, 0.5) / rate, gammaincinv(places, 0.9) / rate
    below = (betaincinv(rate / leaving, places, 1 - level) for level in (0.5, 0.9))
    median, high = (-np.log(np.maximum(share, 1e-300)) / leaving for share in below)
    return median, high

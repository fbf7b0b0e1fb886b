"""Month by month through the past: what would we have forecast, knowing only earlier arrivals, and was it true?

For each month of arrivals: a model is fitted to all earlier arrivals, the older the lighter, and corrected by what the
models of the latest months, each fitted to the arrivals before its own month, got wrong (`recalibration`). Outcomes of
the month itself and of later ones are never looked at, not even cancellations that were already known.

How each of these was chosen, on forecasts from each of March to October 2016 until December: recency halving every six
months beats none, three and twelve; correcting by the last two months beats three and six, and no correction; groups
that booked together weigh less (`table.one_of_many`). What still moves a decile is one such group: on 13 October 2016
135 bookings of one agent were all cancelled, and nothing known before told them from others of that agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .boosting import Boosted
from .hotel_file import Bookings
from .recalibration import fit_recalibration
from .table import Floats, Ints, Rows, one_of_many

HALF_LIFE = 6.0  # months after which an arrival weighs half in the model
WINDOW = 2  # months that the correction looks back
WINDOW_HALF_LIFE = 1.0
ENOUGH = 400  # earlier arrivals below which the forecast is their share
_PRIOR = 2.0  # bookings of each outcome assumed before any was seen


@dataclass(frozen=True)
class MonthForecast:
    """One month of arrivals: `month` is its first day; `outcome` and `forecast`: (n,)."""

    month: date
    outcome: Floats
    forecast: Floats


def backtest(bookings: Bookings, start: date) -> Iterator[MonthForecast]:
    """The forecasts of every month with arrivals from `start` on, in order; each as soon as it is made.

    Raises `Invalid` when nothing arrives from that day on, or nothing before its month.
    """
    months = _months(bookings.arrival)
    first = start.year * 12 + start.month - 1
    asked = bookings.arrival >= start.toordinal()
    _check(bookings, start, asked, months < first)
    raw = np.full(len(bookings), np.nan)
    for month in (int(m) for m in np.unique(months[months >= first - WINDOW])):
        rows = np.flatnonzero(months == month)
        earlier = np.flatnonzero(months < month)
        if len(earlier):
            raw[rows] = _forecast(bookings, earlier, months[earlier] - month, rows)
        chosen = rows[asked[rows]]
        if month >= first and len(chosen):
            corrected = _corrected(bookings, raw, months, month, chosen)
            yield MonthForecast(date(month // 12, month % 12 + 1, 1), bookings.missed[chosen], corrected)


def _forecast(bookings: Bookings, earlier: Rows, age: Ints, rows: Rows) -> Floats:
    """(len(rows),) as a model of the `earlier` rows sees them; `age`: their months before the forecast, negative."""
    outcome = bookings.missed[earlier]
    if len(earlier) < ENOUGH or outcome.min() == outcome.max():
        return np.full(len(rows), (outcome.sum() + _PRIOR) / (len(outcome) + 2 * _PRIOR))
    weight = 0.5 ** (-age / HALF_LIFE) * one_of_many(bookings.together[earlier])
    model = Boosted(bookings.table.rows(earlier), outcome, weight)
    return model.probabilities(bookings.table.rows(rows))


def _corrected(bookings: Bookings, raw: Floats, months: Ints, month: int, chosen: Rows) -> Floats:
    seen = np.flatnonzero((months < month) & (months >= month - WINDOW) & ~np.isnan(raw))
    weight = 0.5 ** ((month - 1 - months[seen]) / WINDOW_HALF_LIFE) * one_of_many(bookings.together[seen])
    correction = fit_recalibration(raw[seen], bookings.missed[seen], bookings.group[seen], weight)
    return correction.apply(raw[chosen], bookings.group[chosen])


def _months(ordinals: Ints) -> Ints:
    """Months since year 0 of days given as ordinals: (n,)."""
    days, place = np.unique(ordinals, return_inverse=True)
    dates = [date.fromordinal(int(day)) for day in days]
    return np.array([day.year * 12 + day.month - 1 for day in dates], dtype=np.int64)[place.ravel()]


def _check(bookings: Bookings, start: date, asked: np.ndarray, earlier: np.ndarray) -> None:
    span = {
        "first": date.fromordinal(int(bookings.arrival.min())).isoformat(),
        "last": date.fromordinal(int(bookings.arrival.max())).isoformat(),
    }
    known = _("The arrivals in the file go from %(first)s to %(last)s; choose a day in between.", **span)
    if not asked.any():
        raise Invalid(_("Nobody arrives on or after %(day)s.", day=start.isoformat()), hint=known)
    if not earlier.any():
        raise Invalid(
            _("There is no arrival before the month of %(day)s to learn from.", day=start.isoformat()), hint=known
        )
    if asked.sum() < 10:
        raise Invalid(_("Fewer than ten bookings arrive on or after %(day)s.", day=start.isoformat()), hint=known)

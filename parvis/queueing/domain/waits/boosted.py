"""A rival to be measured against, when LightGBM is installed: boosted trees on what the simple rules look at."""

from __future__ import annotations

import importlib.util

import numpy as np

from .history import DAY, HALF_HOUR, Floats, History, Ints
from .rules import Forecast, Signals

_SETTINGS = {
    "n_estimators": 300,
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_child_samples": 40,
    "verbose": -1,
    "n_jobs": 1,
}


def boosted_forecast(
    history: History, learned: tuple[Ints, Signals], asked: tuple[Ints, Signals], service: float
) -> Forecast | None:
    """Median and .9 quantile of `asked` rows, learned from others; None where LightGBM is not installed."""
    if importlib.util.find_spec("lightgbm") is None:
        return None
    from lightgbm import LGBMRegressor

    waited = history.waited[learned[0]] / 60
    known, wanted = _table(history, *learned, service), _table(history, *asked, service)
    median, high = (
        np.asarray(LGBMRegressor(objective="quantile", alpha=level, **_SETTINGS).fit(known, waited).predict(wanted))
        for level in (0.5, 0.9)
    )
    return median, high


def _table(history: History, rows: Ints, seen: Signals, service: float) -> Floats:
    half_hour = history.arrived[rows] % DAY // HALF_HOUR
    columns = [seen.les, seen.hol, seen.ewma, seen.rolling, seen.position(service), seen.ahead, seen.busy, half_hour]
    return np.column_stack([*columns, history.priority[rows], history.service[rows]])

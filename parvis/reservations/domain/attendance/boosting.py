"""Gradient boosted trees over a `Table`: the only place that loads scikit-learn (BSD-3; brings its own OpenMP).

Chosen over LightGBM, which needs the system's libgomp, absent from a fresh Debian.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .table import Coding, Floats, Table

_SETTINGS = {
    "max_iter": 150,
    "learning_rate": 0.08,
    "max_leaf_nodes": 31,
    # Each split chooses among half of what is known, as a forest does, so that no single column carries a forecast.
    "max_features": 0.5,
    "l2_regularization": 5.0,
    # Stopping early would set aside a random tenth, in which twins of the same group booking sit on both sides.
    "early_stopping": False,
}


# A group that booked together comes or stays away together: a leaf filled by one group takes its fate for a rule. So
# leaves are large where there is enough: on the hotel data, 100 bookings instead of 40 halved the worst gap.
_LEAF_LEAST, _LEAF_MOST, _LEAVES = 20, 100, 100


# Two models that chose differently, averaged: where a large group falls depends less on a throw of the dice.
_SEEDS = (0, 1)


class Boosted:
    """Probability of `outcome` given what a table tells; the same data give the same model."""

    def __init__(self, table: Table, outcome: Floats, weight: Floats) -> None:
        """Fit. outcome: (n,) of 0 and 1, both present. weight: (n,) positive."""
        self._coding = Coding(table)
        matrix = self._coding.matrix(table)
        categorical = [False] * table.numbers.shape[1] + [True] * table.categories.shape[1]
        leaf = min(max(len(table) // _LEAVES, _LEAF_LEAST), _LEAF_MOST)

        def fitted(seed: int) -> Any:
            from sklearn.ensemble import HistGradientBoostingClassifier

            trees = HistGradientBoostingClassifier(
                categorical_features=categorical, min_samples_leaf=leaf, random_state=seed, **_SETTINGS
            )
            with _one_thread():
                return trees.fit(matrix, outcome, sample_weight=weight)

        with ThreadPoolExecutor(len(_SEEDS)) as pool:
            self._trees = list(pool.map(fitted, _SEEDS))

    def probabilities(self, table: Table) -> Floats:
        """(n,): the probability per booking."""
        if not len(table):
            return np.zeros(0)
        matrix = self._coding.matrix(table)
        with _one_thread():
            each = [trees.predict_proba(matrix)[:, 1] for trees in self._trees]
        return np.asarray(np.mean(each, axis=0), dtype=float)


def _one_thread() -> Any:
    """Each model on one thread: OpenMP's threads wait for each other at every node, and on a machine with other work
    two of them were five times slower than one. The limit holds for the thread that asks for it.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="openmp")

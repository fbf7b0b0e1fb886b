"""What makes a load of history quick, and what of it must not be."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def unhindered() -> Iterator[None]:
    """Without what costs a sixth of the time and helps nobody here: the search for reference cycles, and savepoints
    inside a transaction that fails as a whole anyway.
    """
    gc.disable()
    try:
        with _savepoints(used=False):
            yield
    finally:
        gc.enable()


@contextmanager
def survivable() -> Iterator[None]:
    """A deed that may be refused: it is undone to its beginning, and the load goes on."""
    with _savepoints(used=True), transaction.atomic():
        yield


@contextmanager
def _savepoints(*, used: bool) -> Iterator[None]:
    features = connection.features
    features.uses_savepoints, before = used, features.uses_savepoints
    try:
        yield
    finally:
        features.uses_savepoints = before

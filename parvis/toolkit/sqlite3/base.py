"""How a writer waits for the one before it."""

import random
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = (0.001, 0.003)


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks for the write lock every few milliseconds.

    SQLite's own waiting sleeps up to 100 ms between attempts: beside a process that writes one short transaction after
    the other, it starves. A transaction is begun IMMEDIATE, so that this is the only place where one waits.
    """

    def _start_transaction_under_autocommit(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        self._patience(0)
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()
                except OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > ends:
                        raise
                else:
                    return
                time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - so that two do not step on each other
        finally:
            self._patience(PATIENCE_SECONDS)

    def _patience(self, seconds: float) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

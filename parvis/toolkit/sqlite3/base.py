"""How a writer waits for the one before it."""

import random
import threading
import time
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = (0.001, 0.003)
# Of one process one thread at a time writes; the others sleep until it is their turn. A process has one database.
_turn = threading.Lock()


@lru_cache(maxsize=1024)
def _translated(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Remembers statements as SQLite wants them: looking for each `%s` costs as much as a small query."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """The query with SQLite's marks for values."""
        if param_names is not None or type(query) is not str:
            return super().convert_query(query, param_names=param_names)
        return _translated(query)


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes turns within the process, and asks the other processes for the write lock every few milliseconds.

    SQLite's own waiting sleeps up to 100 ms between attempts: beside a process that writes one short transaction after
    the other, it starves. A transaction is begun IMMEDIATE, so that this is the only place where one waits.
    """

    _has_turn = False

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that does not translate a statement twice."""
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        if not _turn.acquire(timeout=PATIENCE_SECONDS):
            raise OperationalError("database is locked")
        self._has_turn = True
        try:
            self._begin(ends)
        except BaseException:
            self._give_turn()
            raise

    def _begin(self, ends: float) -> None:
        self._patience(0)
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]
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

    def _commit(self) -> Any:
        done = super()._commit()  # type: ignore[misc]
        self._give_turn()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()

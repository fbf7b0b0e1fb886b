"""How a writer waits for the one before it."""

import fcntl
import os
import threading
import time
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 20.0
# Background work lets others write first, up to this long for each of its transactions.
GIVES_WAY_SECONDS, LOOKS_AGAIN_SECONDS = 0.25, 0.002
# Of one process one thread at a time writes; the others sleep until it is their turn. A process has one database.
_turn = threading.Lock()


@lru_cache(maxsize=1024)
def _translated(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Gate:
    """The turns of processes: locks on bytes of a file beside the database, which the system frees when one ends.

    Who holds the first byte writes. The second is shared by all who write or want to; what works in the background
    begins when it is nobody's, or when it has waited long enough.
    """

    background = False

    def __init__(self, database: str) -> None:
        # Kept open: closing it would free its locks.
        self._file = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._wanting, self._counting = 0, threading.Lock()

    def want(self, change: int) -> None:
        """One thread more, or less, of this process that is to write (`change`: 1 or -1)."""
        if self.background:
            return
        with self._counting:
            before, self._wanting = self._wanting, self._wanting + change
            if not before:
                fcntl.lockf(self._file, fcntl.LOCK_SH, 1, 1)
            elif not self._wanting:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 1)

    def enter(self) -> None:
        """Wait for the right to write."""
        if self.background:
            self._give_way()
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, 0)

    def leave(self) -> None:
        """Pass it on."""
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 0)

    def wanted(self) -> bool:
        """Whether another process writes or wants to."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1)
        except BlockingIOError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 1)
        return False

    def _give_way(self) -> None:
        ends = time.monotonic() + GIVES_WAY_SECONDS
        while self.wanted() and time.monotonic() < ends:
            time.sleep(LOOKS_AGAIN_SECONDS)


@lru_cache(maxsize=8)
def _gate(database: str) -> Gate:
    return Gate(database)


class Cursor(base.SQLiteCursorWrapper):
    """Remembers statements as SQLite wants them: looking for each `%s` costs as much as a small query."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """The query with SQLite's marks for values."""
        if param_names is not None or type(query) is not str:
            return super().convert_query(query, param_names=param_names)
        return _translated(query)


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes turns within the process by a lock, and with other processes by a file beside the database.

    SQLite's own waiting sleeps up to 100 ms between attempts: beside a process that writes one short transaction after
    the other, it starves. The system wakes the next one at once. A transaction is begun IMMEDIATE, so that this is the
    only place where one waits.
    """

    _has_turn = False

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that does not translate a statement twice."""
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        gate = self._gate()
        gate.want(1)
        if not _turn.acquire(timeout=PATIENCE_SECONDS):
            gate.want(-1)
            raise OperationalError("database is locked")
        self._has_turn = True
        try:
            gate.enter()
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _gate(self) -> Gate:
        return _gate(str(self.settings_dict["NAME"]))

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
            gate = self._gate()
            gate.leave()
            _turn.release()
            gate.want(-1)

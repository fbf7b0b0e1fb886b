"""Group commit: what several threads of a process want written at the same moment shares one transaction.

A lone writer is served at once. While it commits, others gather; the first of them then writes for all that wait, so
that the number of commits adapts to the load by itself.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from parvis.toolkit.db import unit

Write = Callable[[], None]


@dataclass
class _Waiting:
    write: Write
    woken: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    error: BaseException | None = None


class Commits:
    """Writes in turn, together with what has gathered meanwhile. One for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._led = False

    def run(self, write: Write) -> None:
        """Call `write` in a transaction, from whichever thread leads; returns once it is committed.

        Raises what `write` raised; nothing of it is then left, and the others of its group are not touched by it. It
        may be called more than once, each time after a rollback.
        """
        mine = _Waiting(write)
        with self._lock:
            self._waiting.append(mine)
            follows, self._led = self._led, True
        if follows:
            mine.woken.wait()
        if not mine.done:
            self._lead()
        if mine.error is not None:
            raise mine.error

    def _lead(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        try:
            _commit(group)
        finally:
            with self._lock:
                leader = self._waiting[0] if self._waiting else None
                self._led = leader is not None
            for waiting in group:
                waiting.done = True
                waiting.woken.set()
            if leader is not None:
                leader.woken.set()


def _commit(group: Sequence[_Waiting]) -> None:
    try:
        with unit():
            for waiting in group:
                waiting.write()
    except BaseException as error:
        if len(group) == 1:
            group[0].error = error
            return
        for waiting in group:  # one of them is to blame: the others shall not suffer
            _commit([waiting])

"""Group commit: mails that arrive together are stored in one transaction, by one thread, before anybody is told."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from django.db import Error as DatabaseProblem
from django.db import close_old_connections, connection

from parvis.channels.services import Delivery, mails_store

log = logging.getLogger("parvis.mail")

BATCH_MAILS = 200
BATCH_BYTES = 16 * 1024 * 1024
WAITING_MAILS = 1000
WAITING_BYTES = 128 * 1024 * 1024


class Busy(Exception):
    """More is waiting to be stored than memory should hold: the sender is to come back later."""


class MailStore:
    """One writer thread and the queue before it.

    While one batch is being committed the next one gathers, so that the number of commits adapts to the load by itself:
    a lone mail is stored at once, a crowd shares one commit.
    """

    def __init__(self, store: Callable[[Sequence[Delivery]], Any] | None = None) -> None:
        self._store = store or _store_durably
        self._waiting: queue.Queue[tuple[Delivery, Future[None]] | None] = queue.Queue(WAITING_MAILS)
        self._bytes = 0
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="mail-store", daemon=True)

    def start(self) -> None:
        """Start the writer."""
        self._thread.start()

    def submit(self, delivery: Delivery) -> "Future[None]":
        """Hand over a mail; the future is done once it is committed, or holds why it could not be. Raises Busy."""
        size = len(delivery.raw)
        future: Future[None] = Future()
        with self._lock:
            if self._closed or (self._bytes and self._bytes + size > WAITING_BYTES):
                raise Busy
            try:
                self._waiting.put_nowait((delivery, future))
            except queue.Full:
                raise Busy from None
            self._bytes += size
        return future

    def close(self, timeout: float = 30.0) -> bool:
        """Store what was handed over, then end; returns whether that was done within `timeout` seconds."""
        with self._lock:
            self._closed = True
        self._waiting.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        ending = False
        while not ending:
            batch, ending = self._gather()
            # A sender that hung up meanwhile has no answer coming: it keeps the mail and sends it again.
            batch = [(d, f) for d, f in batch if f.set_running_or_notify_cancel()]
            if batch:
                self._commit(batch)
        connection.close()

    def _gather(self) -> tuple[list[tuple[Delivery, "Future[None]"]], bool]:
        """What is waiting, up to a batch, after waiting for the first; and whether the end was among it."""
        batch: list[tuple[Delivery, Future[None]]] = []
        size = 0
        item = self._waiting.get()
        while item is not None:
            batch.append(item)
            size += len(item[0].raw)
            if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
                break
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
        with self._lock:
            self._bytes -= size
        return batch, item is None

    def _commit(self, batch: list[tuple[Delivery, "Future[None]"]], *, again: bool = True) -> None:
        try:
            self._store([d for d, __ in batch])
        except DatabaseProblem as error:
            close_old_connections()
            if again:  # the database may have been restarted since the last mail: a new connection tells
                self._commit(batch, again=False)
                return
            log.error("%d mails could not be stored, their senders will try again: %s", len(batch), error)
            _refuse(batch, error)
        except Exception as error:
            if len(batch) > 1:  # one of them is to blame: the others shall not suffer
                for item in batch:
                    self._commit([item])
            else:
                log.exception("a mail could not be stored")
                _refuse(batch, error)
        else:
            for __, future in batch:
                future.set_result(None)


def _refuse(batch: list[tuple[Delivery, "Future[None]"]], error: Exception) -> None:
    for __, future in batch:
        future.set_exception(error)


def _store_durably(deliveries: Sequence[Delivery]) -> None:
    """Store, and have it on the disk: elsewhere the last moments before a power cut may go, not a mail we took."""
    close_old_connections()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
    mails_store(deliveries=deliveries)

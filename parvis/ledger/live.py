"""The live feed: one reader of the ledger per process, fanned out to every open screen.

Events are thin, topics only ("encounter:42"), and filtered by site: whoever hears one fetches the fragment again, with
its normal permission check. Topics of an entry: `encounter:ID` and `inbox` if it is about an encounter, `customer:ID`,
the first part of its name (`promise`, `mail`, `outbox`…), and `out_mail:ID` if it is about a letter. The topic `poll`
means "look at everything again".
"""

import contextlib
import datetime as dt
import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections

from parvis.kernel.clock import utcnow
from parvis.ledger.models import Entry
from parvis.ledger.selectors import Position, entries_after, last_position

log = logging.getLogger("parvis.live")

POLL_SECONDS = 0.5
ERROR_PAUSE_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
# A stream is renewed by the browser after this: rights that changed meanwhile, and a session that ended, then count.
LIFETIME_SECONDS = 900.0
# Entries a screen may have missed and still be told one by one; beyond, it looks at everything again.
RESUME_LIMIT = 1000
BATCH = 500
# A page is read some moments before its stream begins: it is told of those, too.
JUST_BEFORE = dt.timedelta(seconds=5)
EVERYTHING = frozenset({"poll"})
# Whether whoever listens sees a site (None: rows of no site). `Viewer.sees_site` is one.
Sees = Callable[[int | None], bool]


@dataclass(frozen=True)
class News:
    """What changed up to a position: for each site (None: of no site) its topics."""

    position: Position
    topics: dict[int | None, frozenset[str]]


def topics_of(entry: Entry) -> set[str]:
    """What a screen may be listening for when this entry is written."""
    topics = {entry.name.partition(".")[0]}
    if entry.encounter_id is not None:
        topics |= {f"encounter:{entry.encounter_id}", "inbox"}
    if entry.customer_id is not None:
        topics.add(f"customer:{entry.customer_id}")
    if isinstance(letter := entry.data.get("out_mail"), int):
        topics.add(f"out_mail:{letter}")
    return topics


def news_of(entries: list[Entry]) -> News:
    """The entries of one reading (not empty, in reading order) as news."""
    by_site: dict[int | None, set[str]] = {}
    for entry in entries:
        by_site.setdefault(entry.site_id, set()).update(topics_of(entry))
    last = entries[-1]
    return News((last.xid, last.pk), {site: frozenset(topics) for site, topics in by_site.items()})


def topics_for(sees: Sees, news: News) -> set[str]:
    """The topics of the sites that somebody sees."""
    return {topic for site, topics in news.topics.items() if sees(site) for topic in topics}


@dataclass(eq=False)
class Listener:
    """One open stream: what it has yet to be told. `since` is where the reader stood when it began to listen."""

    since: Position
    waiting: "queue.SimpleQueue[News | None]" = field(default_factory=queue.SimpleQueue)
    pause: float = POLL_SECONDS


class Hub:
    """Reads the ledger while somebody listens, in one thread with one connection, and passes on what is new."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None
        self._position: Position = (0, 0)

    @property
    def open_count(self) -> int:
        """How many streams are open in this process."""
        return len(self._listeners)

    def listen(self, limit: int, *, pause: float = POLL_SECONDS) -> Listener | None:
        """Begin to listen; None when `limit` streams are open already. `pause`: how late news may be, in seconds."""
        with self._lock:
            if len(self._listeners) >= limit:
                return None
            if self._thread is None:
                self._position = last_position()
                self._thread = threading.Thread(target=self._read, name="parvis-live", daemon=True)
                self._thread.start()
            listener = Listener(self._position, pause=pause)
            self._listeners.add(listener)
            return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening; the reader ends with its last listener."""
        with self._lock:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """End every stream and the reader: before a process ends, or a test's database goes."""
        with self._lock:
            thread, listeners = self._thread, list(self._listeners)
            self._listeners.clear()
        for listener in listeners:
            listener.waiting.put(None)
        if thread is not None:
            self._awake.set()
            thread.join(timeout=10)

    def _read(self) -> None:
        pause = POLL_SECONDS
        try:
            while True:
                if self._awake.wait(pause):
                    self._awake.clear()
                with self._lock:
                    if not self._listeners:
                        self._thread = None
                        return
                    pause = min(listener.pause for listener in self._listeners)
                pause = self._read_once(pause)
        finally:
            connections.close_all()

    def _read_once(self, pause: float = POLL_SECONDS) -> float:
        """Read once and pass on; returns the seconds to wait. A database that is away is asked again."""
        try:
            entries = entries_after(self._position, limit=BATCH)
        except Exception:
            log.exception("the live feed could not read the ledger")
            connections.close_all()
            return ERROR_PAUSE_SECONDS
        if entries:
            news = news_of(entries)
            with self._lock:
                self._position = news.position
                for listener in self._listeners:
                    listener.waiting.put(news)
        return 0.0 if len(entries) == BATCH else pause


hub = Hub()


def streams_max() -> int:
    """How many streams this process may hold open (`PARVIS_LIVE_STREAMS_MAX`)."""
    return settings.PARVIS_LIVE_STREAMS_MAX


class Stream:
    """The events of one open screen. `close` frees its place, also when nothing was ever read from it."""

    def __init__(self, sees: Sees, listener: Listener, first: bytes) -> None:
        self._listener = listener
        self._events = _events(sees, listener, first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Called by the server when the client has left or the response ends."""
        self._events.close()
        hub.leave(self._listener)


def stream_open(sees: Sees, last_event_id: str = "") -> Stream | None:
    """A stream of server-sent events for somebody who sees these sites, or None beyond the cap: the page polls then.

    `last_event_id` resumes after the event of that id ("xid-id") without loss. Give the result to a streaming response
    and nothing else: it occupies its thread until the client has left, and holds no database connection.
    """
    listener = hub.listen(streams_max())
    if listener is None:
        return None
    try:
        first = _missed(sees, _position_of(last_event_id), listener.since)
    except BaseException:
        hub.leave(listener)
        raise
    return Stream(sees, listener, first)


def _position_of(last_event_id: str) -> Position | None:
    xid, _dash, pk = last_event_id.partition("-")
    with contextlib.suppress(ValueError):
        return int(xid), int(pk)
    return None


def _missed(sees: Sees, last: Position | None, until: Position) -> bytes:
    """What happened between the last event a screen heard and now."""
    if last is None:
        since = utcnow() - JUST_BEFORE
        entries = [e for e in Entry.objects.order_by("-id")[:50] if e.at >= since][::-1]
    else:
        entries = entries_after(last, limit=RESUME_LIMIT)
        if len(entries) == RESUME_LIMIT:
            return _event(EVERYTHING, until)
    entries = [e for e in entries if (e.xid, e.pk) <= until]
    return _event(topics_for(sees, news_of(entries)), until) if entries else _beat(until)


def _events(sees: Sees, listener: Listener, first: bytes) -> Generator[bytes, None, None]:
    ends = time.monotonic() + LIFETIME_SECONDS
    position = listener.since
    # The connection the request was read with must not be held for as long as the screen is open.
    _connections_release()
    try:
        yield b"retry: 3000\n" + first
        while time.monotonic() < ends:
            try:
                news = listener.waiting.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                # Writing is the only way to notice that nobody reads any more.
                yield _beat(position)
                continue
            if news is None:
                return
            position = news.position
            if topics := topics_for(sees, news):
                yield _event(topics, position)
    finally:
        hub.leave(listener)


def _connections_release() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _event(topics: Iterable[str], position: Position) -> bytes:
    names = ",".join(f'"{topic}"' for topic in sorted(topics))
    event = f'event: changed\ndata: {{"topics":[{names}]}}\n' if names else ": nothing of yours\n"
    return f"id: {position[0]}-{position[1]}\n{event}\n".encode()


def _beat(position: Position) -> bytes:
    return f"id: {position[0]}-{position[1]}\n: beat\n\n".encode()

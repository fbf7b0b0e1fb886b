"""What open status pages and displays ask again and again, answered from memory.

One reader of the ledger per process says when something changed at a site; then its lines are read, with two
statements. The question of a page costs none, whoever asks and however often.
"""

import datetime as dt
import json
import logging
import queue
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.models import Q

from parvis.kernel.clock import utcnow
from parvis.ledger.live import Listener, hub
from parvis.queueing.models import Call, Screen, Ticket, Turn, TurnState
from parvis.queueing.services.seeing import screens_seen, tickets_seen
from parvis.toolkit.bilingual import in_language

log = logging.getLogger("parvis.queueing")

READ_SECONDS = 0.15  # how often the ledger is looked at while pages are open
SEEN_SECONDS = 10.0  # how often it is written down whose pages are alive
IDLE_SECONDS = 60.0  # a site nobody asks about is forgotten
OVER_KEPT = dt.timedelta(hours=3)
MOST_KEPT = 20_000
NEAR = 5  # up to here a page is drawn again for each person who goes before
TOPICS = frozenset({"ticket", "counter", "queue", "poll"})
OVER = json.dumps({"v": "over", "state": "over", "ahead": None, "counter": ""}).encode()


@dataclass(frozen=True)
class Site:
    """A site as its pages know it: the answer for each ticket, and where its calls and its lines stand."""

    answers: dict[str, bytes]
    last_call: int
    version: str

    def screen(self) -> bytes:
        """The answer for a display, or a kiosk that asks whether the house is there."""
        return json.dumps({"v": self.version, "call": self.last_call}).encode()


def site_read(site_id: int, *, now: dt.datetime | None = None) -> Site:
    """Read how a site stands: every open ticket and those that ended lately. Two statements."""
    recent = Q(ended_at=None) | Q(ended_at__gt=(now or utcnow()) - OVER_KEPT)
    rows = (
        Turn.objects.filter(recent, line__site_id=site_id)
        .exclude(state=TurnState.MOVED)
        .order_by("rank_at", "pk")
        .values_list(
            *("pk", "line_id", "state", "calls", "rule", "ended_at", "asked_at", "counter_id", "counter__name"),
            *("ticket__token", "ticket__language", "ticket__all_done"),
        )
    )
    last_call = Call.objects.filter(site_id=site_id).order_by("-pk").values_list("pk", flat=True).first() or 0
    before: dict[int, int] = {}
    answers: dict[str, tuple[int, bytes]] = {}
    parts = []
    for pk, line, state, calls, rule, ended, asked, counter, name, token, language, done in rows:
        ahead = None
        if state == TurnState.WAITING:
            ahead = before.get(line, 0)
            before[line] = ahead + 1
        shown = ahead if ahead is None or ahead <= NEAR else NEAR + 1
        mark = zlib.crc32(repr((pk, state, calls, rule, ended, asked, counter, done, shown)).encode())
        parts.append(mark)
        at = in_language(name, language) if counter and state in ("called", "serving") else ""
        answer = json.dumps({"v": f"{mark:x}", "state": state, "ahead": ahead, "counter": at}).encode()
        # A ticket that ended and was taken up again has several turns: the latest counts.
        if token not in answers or answers[token][0] < pk:
            answers[token] = (pk, answer)
    version = f"{zlib.crc32(repr((parts, last_call)).encode()):x}"
    return Site({token: answer for token, (__, answer) in answers.items()}, last_call, version)


def ticket_fresh(token: str) -> bytes | None:
    """The answer for a ticket, read now; None: there is no such ticket."""
    site_id = _site_of_ticket(token)
    return None if site_id is None else site_read(site_id).answers.get(token, OVER)


def screen_fresh(kind: str, token: str) -> bytes | None:
    """The answer for a display or a kiosk, read now; None: there is no such device, or it is switched off."""
    screen = _screen(kind, token)
    return None if screen is None else site_read(screen[1]).screen()


def _site_of_ticket(token: str) -> int | None:
    return Ticket.objects.filter(token=token).values_list("site_id", flat=True).first()


def _screen(kind: str, token: str) -> tuple[int, int] | None:
    found = Screen.objects.filter(token=token, kind=kind, is_active=True)
    return found.values_list("pk", "site_id").first()


@dataclass
class Board:
    """The memory of a process. Threads ask it; one thread of its own keeps it up to date while anybody does."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _sites: dict[int, Site] = field(default_factory=dict)
    _asked: dict[int, float] = field(default_factory=dict)
    _tickets: dict[str, int | None] = field(default_factory=dict)
    _screens: dict[str, Any] = field(default_factory=dict)
    _tickets_seen: set[str] = field(default_factory=set)
    _screens_seen: set[int] = field(default_factory=set)
    _thread: threading.Thread | None = None

    def ticket(self, token: str) -> bytes | None:
        """The answer for the page of a ticket; None: there is no such ticket."""
        if token not in self._tickets:
            return self._new_ticket(token)
        site_id = self._tickets[token]
        if site_id is None:
            return None
        answer = self._site(site_id).answers.get(token, OVER)
        if answer is not OVER:
            self._tickets_seen.add(token)
        return answer

    def screen(self, kind: str, token: str) -> bytes | None:
        """The answer for a display or a kiosk; None: there is none, or it is switched off."""
        key = f"{kind}/{token}"
        found = self._screens.get(key, ())
        if found == ():
            _room(self._screens)
            found = self._screens[key] = _screen(kind, token)
        if found is None:
            return None
        self._screens_seen.add(found[0])
        return self._site(found[1]).screen()

    def _new_ticket(self, token: str) -> bytes | None:
        _room(self._tickets)
        site_id = self._tickets[token] = _site_of_ticket(token)
        if site_id is None:
            return None
        site = self._site(site_id)
        if token not in site.answers:
            # Taken a moment ago: the reader has not come by yet.
            site = self._read(site_id)
        return site.answers.get(token, OVER)

    def _site(self, site_id: int) -> Site:
        self._asked[site_id] = time.monotonic()
        found = self._sites.get(site_id)
        if found is not None:
            return found
        with self._lock:
            if site_id not in self._sites:
                # Listening first: what is written while the site is read is read again.
                self._watch()
                return self._read(site_id)
            return self._sites[site_id]

    def _read(self, site_id: int) -> Site:
        # In turn, so that nothing newer is ever overwritten by something older.
        with self._reading:
            site = self._sites[site_id] = site_read(site_id)
        return site

    def _watch(self) -> None:
        if self._thread is not None:
            return
        listener = hub.listen(sys.maxsize, pause=READ_SECONDS)
        if listener is None:  # never: nobody has so many streams
            return
        self._thread = threading.Thread(target=self._keep, args=(listener,), name="parvis-board", daemon=True)
        self._thread.start()

    def _keep(self, listener: Listener) -> None:
        flushed = time.monotonic()
        try:
            while True:
                try:
                    news = listener.waiting.get(timeout=1.0)
                    if news is None:
                        break
                    self._renew({s for s, topics in news.topics.items() if s is not None and topics & TOPICS})
                except queue.Empty:
                    pass
                if time.monotonic() - flushed > SEEN_SECONDS:
                    flushed = time.monotonic()
                    self._flush()
                    if not self._still_asked():
                        break
        except Exception:
            log.exception("the board could not be kept up to date")
        finally:
            hub.leave(listener)
            with self._lock:
                # Whoever asks next finds nothing remembered, and starts anew.
                self._sites, self._thread = {}, None
                self._screens.clear()
            connections.close_all()

    def _renew(self, site_ids: set[int]) -> None:
        self._screens.clear()
        for site_id in site_ids & set(self._sites):
            self._read(site_id)

    def _flush(self) -> None:
        tickets, self._tickets_seen = self._tickets_seen, set()
        screens, self._screens_seen = self._screens_seen, set()
        tickets_seen(tokens=tickets)
        screens_seen(ids=screens)

    def _still_asked(self) -> bool:
        limit = time.monotonic() - IDLE_SECONDS
        with self._lock:
            self._sites = {pk: site for pk, site in self._sites.items() if self._asked.get(pk, 0.0) > limit}
            return bool(self._sites)


def _room(kept: dict[str, Any]) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()


board = Board()

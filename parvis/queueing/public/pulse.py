"""The shortest answer of the house: has anything changed for this ticket, or on this display?

A thousand phones ask it; so it is answered before sessions, middleware and views, from memory (board.py). The views at
the same addresses answer where the house is served without the wrapper (tests, Django's own server) by asking anew.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from parvis.queueing.public.board import board, screen_fresh, ticket_fresh

log = logging.getLogger("parvis.queueing")

PATHS = re.compile(r"/(q|display|kiosk)/([A-Za-z0-9_-]{20,40})/pulse")
HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Content-Type-Options", "nosniff"),
]
GONE = b'{"v":"gone","state":"gone"}'

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def answering_pulses(application: Application) -> Application:
    """The WSGI application with the pulses answered before it."""

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.endswith("/pulse") or environ["REQUEST_METHOD"] != "GET":
            return application(environ, start)
        match = PATHS.fullmatch(path)
        if match is None:
            return application(environ, start)
        status, body = _asked(match[1], match[2])
        start(status, [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _asked(kind: str, token: str) -> tuple[str, bytes]:
    try:
        found = board.ticket(token) if kind == "q" else board.screen(kind, token)
    except DatabaseError:
        log.exception("a pulse could not be answered")
        connections.close_all()
        return "503 Service Unavailable", b"{}"
    return ("404 Not Found", GONE) if found is None else ("200 OK", found)


@login_not_required
@require_GET
def ticket_pulse(request: HttpRequest, token: str) -> HttpResponse:
    """How a ticket stands: {"v": version, "state", "ahead", "counter"}."""
    return _fresh(ticket_fresh(token))


@login_not_required
@require_GET
def screen_pulse(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """How a display stands: {"v": version, "call": id of the last call}; a kiosk learns that the house is there."""
    return _fresh(screen_fresh(kind, token))


def _fresh(found: bytes | None) -> HttpResponse:
    return HttpResponse(found or GONE, status=200 if found else 404, headers=dict(HEADERS))

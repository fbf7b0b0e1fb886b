"""Which processes make up Parvis on one machine, and how large the web server is."""

import os
import sys
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from parvis.config.supervise import Program

# Open streams and requests that outlast this many seconds do not keep the web server from stopping.
WEB_STOP_SECONDS = 3


@dataclass(frozen=True)
class WebOptions:
    """How granian serves: address, worker processes, and threads in each.

    A page occupies a thread for some milliseconds, an open live stream occupies one for as long as it is open;
    `docs/operations.md` says what a thread costs.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 40

    @classmethod
    def from_environment(cls) -> Self:
        """Read PARVIS_HOST, PARVIS_WEB_WORKERS and PARVIS_WEB_THREADS; the port is the settings'.

        Raises `ImproperlyConfigured` when a number is none, or under 1.
        """
        return cls(
            host=os.environ.get("PARVIS_HOST", cls.host),
            port=settings.PORT,
            workers=_positive("PARVIS_WEB_WORKERS", cls.workers),
            threads=_positive("PARVIS_WEB_THREADS", cls.threads),
        )

    def environment(self) -> dict[str, str]:
        """What the server's processes find in their environment, such as the threads that live streams share."""
        return {**os.environ, "PARVIS_WEB_WORKERS": str(self.workers), "PARVIS_WEB_THREADS": str(self.threads)}

    def argv(self) -> list[str]:
        """The command that serves Parvis with granian in the foreground, static files included (whitenoise)."""
        return [
            sys.executable,
            *("-m", "granian", "parvis.config.wsgi:application"),
            *("--interface", "wsgi", "--no-ws"),
            *("--host", self.host, "--port", str(self.port)),
            *("--workers", str(self.workers), "--blocking-threads", str(self.threads)),
            *("--respawn-failed-workers", "--respawn-interval", "1"),
            *("--workers-kill-timeout", str(WEB_STOP_SECONDS)),
            # Its warnings are about threads, which we chose, and about streams cut at a stop, which we mean to cut.
            *("--log-level", "error"),
        ]


def programs() -> list[Program]:
    """What `parvis run` keeps running: the web server, the worker with its ticker, the mail listener."""
    return [Program(name, command(verb), LEAN) for name, verb in _VERBS.items()]


def command(verb: str) -> tuple[str, ...]:
    """The command line `parvis VERB`, run by this very interpreter."""
    return (sys.executable, "-m", "parvis.config.cli", verb)


# By default the C library keeps a heap for each thread, and gives little of it back.
LEAN = {"MALLOC_ARENA_MAX": "2"}
_VERBS = {"web": "web", "worker": "worker", "mail": "mail_listen"}


def _positive(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ImproperlyConfigured(f"{variable} must be a whole number of at least 1, not {text!r}.")
    return int(text)

"""Parvis's own mail processes on the test database, and a mail server of somebody else's to write to."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

SECONDS = 60


def database_url() -> str:
    """The test database, as another process finds it."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    user = quote(chosen["USER"]) + (f":{quote(chosen['PASSWORD'])}" if chosen["PASSWORD"] else "")
    host = quote(chosen["HOST"], safe="")
    return f"postgres://{user}@{host}:{chosen['PORT'] or 5432}/{chosen['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """The environment of a process of the same installation."""
    return {**os.environ, "PARVIS_DATABASE_URL": database_url(), **more}


def command(*argv: str) -> list[str]:
    return [sys.executable, "-m", "parvis.config.cli", *argv]


@contextmanager
def mail_listen(*options: str, **settings: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """`parvis mail_listen` on a free port: that port and the process, which is ended afterwards."""
    process = subprocess.Popen(
        command("mail_listen", "--port", "0", *options),
        env=environment(**settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    stuck = threading.Timer(SECONDS, process.kill)
    stuck.start()
    try:
        line = cast(Any, process.stdout).readline()
        assert "Listening for mail" in line, line
        stuck.cancel()
        yield int(line.split("port ")[1].split(" ")[0]), process
    finally:
        stuck.cancel()
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(*argv: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of Parvis to its end, in a process of its own."""
    done = subprocess.run(
        command(*argv), env=environment(**settings), capture_output=True, text=True, timeout=SECONDS * 2, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@dataclass
class Elsewhere:
    """A customer's mail server; keeps what it is given. `refuse` is what it says to recipients instead of yes."""

    refuse: str = ""
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append(
            (envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content or b""))
        )
        return "250 OK"

    def mails(self) -> list[EmailMessage]:
        """What came, read."""
        return [cast(EmailMessage, message_from_bytes(raw, policy=policy.default)) for __, __, raw in self.received]


class _AnyPort(Controller):
    """Once up, aiosmtpd asks itself whether it answers; on the port the system chose, it has to be told."""

    def _trigger_server(self) -> None:
        self.port = cast(Any, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(refuse: str = "") -> Iterator[tuple[Elsewhere, str]]:
    """A mail server on a free port: what it received, and its address for PARVIS_EMAIL_URL."""
    elsewhere = Elsewhere(refuse)
    controller = _AnyPort(elsewhere, hostname="127.0.0.1", port=0, ready_timeout=30)
    controller.start()
    try:
        yield elsewhere, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()

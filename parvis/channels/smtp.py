"""Mail in by SMTP or LMTP: "250" is said only once the bytes are stored for good (RFC 5321, 6.1)."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from parvis.channels.recipients import KnownMailboxes
from parvis.channels.services import Delivery
from parvis.channels.storing import Busy, MailStore

log = logging.getLogger("parvis.mail")

MAX_RECIPIENTS = 1000
TRY_AGAIN = "451 4.3.0 Not stored just now, please try again"
# Real mail carries lines far beyond the 998 octets of RFC 5322; refusing it would help nobody.
LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True)
class Options:
    """How to listen. `lmtp`: for a mail server that hands over locally. Times in seconds, sizes in bytes."""

    host: str
    port: int
    lmtp: bool = False
    max_bytes: int = 40 * 1024 * 1024
    max_connections: int = 200
    idle_timeout: float = 300.0
    store_timeout: float = 60.0
    certificate: str = ""
    key: str = ""

    def tls(self) -> ssl.SSLContext | None:
        """The context for STARTTLS, None without a certificate. Raises OSError for files that cannot be used."""
        if not self.certificate:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key or None)
        return context


class Reception:
    """What happens to a mail at the door: the recipient checked, the bytes stored, the sender answered."""

    def __init__(self, store: MailStore, options: Options) -> None:
        self.store, self.options = store, options
        self.in_hand = 0
        self._known = KnownMailboxes()
        self._asking = ThreadPoolExecutor(1, "mail-recipients")

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Announce what we can beyond aiosmtpd's own."""
        session.host_name = hostname
        announced = [r for r in responses[:-1] if not r.startswith("250-AUTH")]  # nobody signs in here
        return [*announced, "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take mail for our own addresses only; say "later" while we cannot know which those are."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        known = self._known.fresh()
        if known is None:
            try:
                known = await asyncio.get_running_loop().run_in_executor(self._asking, self._known.ask)
            except Exception as error:
                log.error("recipients cannot be checked: %s", error)
                return TRY_AGAIN
        if not known.accept(address):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the bytes, and answer once they are stored; LMTP wants an answer for each recipient."""
        self.in_hand += 1
        try:
            answer = await self._take(session, envelope)
        finally:
            self.in_hand -= 1
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if self.options.lmtp else answer

    async def _take(self, session: Session, envelope: Envelope) -> str:
        delivery = Delivery(
            raw=bytes(envelope.original_content or b""),
            source="lmtp" if self.options.lmtp else "smtp",
            envelope_from=envelope.mail_from or "",
            envelope_to=tuple(envelope.rcpt_tos),
        )
        try:
            stored = self.store.submit(delivery)
            await asyncio.wait_for(asyncio.wrap_future(stored), self.options.store_timeout)
        except Busy:
            return "452 4.3.1 Busy, please try again"
        except Exception as error:
            log.warning("a mail from %s was put off: %r", session.peer, error)
            return TRY_AGAIN
        return "250 2.0.0 Stored"

    def close(self) -> None:
        """Let go of the thread that asks for recipients."""
        self._asking.shutdown(wait=False, cancel_futures=True)


class Door(SMTP):
    """One connection; refused when too many are open, and known to the listener that has to end it."""

    line_length_limit = LONGEST_LINE
    listener: "Listener"

    def connection_made(self, transport: Any) -> None:
        if self.listener.register(self, transport):
            super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.listener.forget(self):
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self in self.listener.open else False

    def data_received(self, data: bytes) -> None:
        if self in self.listener.open:
            super().data_received(data)

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours is no fault of the mail's: the sender keeps it and tries again."""
        log.error("a connection failed: %r", error)
        return "451 4.3.0 Something went wrong here, please try again"


class LocalDoor(Door, LMTP):
    """The same, speaking LMTP (RFC 2033)."""


class Listener:
    """Listens, and ends cleanly: what was accepted is stored, what was not stays with its sender."""

    def __init__(self, options: Options, store: MailStore | None = None) -> None:
        self.options = options
        self.store = store or MailStore()
        self.reception = Reception(self.store, options)
        self.open: set[Door] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port listened on (the system's choice where port 0 was asked for)."""
        if self._server is None:
            raise RuntimeError("not listening")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begin to listen. Raises OSError when the address cannot be had."""
        self.store.start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._factory(), self.options.host, self.options.port, backlog=512, reuse_address=True
        )

    def _factory(self) -> Callable[[], Door]:
        kind, tls = (LocalDoor if self.options.lmtp else Door), self.options.tls()
        hostname = socket.getfqdn()

        def door() -> Door:
            made = kind(
                self.reception,
                data_size_limit=self.options.max_bytes,
                enable_SMTPUTF8=True,
                timeout=self.options.idle_timeout,
                tls_context=tls,
                hostname=hostname,
                ident="Parvis",
            )
            made.listener = self
            return made

        return door

    def register(self, door: Door, transport: Any) -> bool:
        """Note a new connection; False (and the connection is turned away) when the house is full."""
        if door in self.open:  # the same one, now speaking TLS
            return True
        if len(self.open) >= self.options.max_connections:
            _turn_away(transport, b"421 4.3.2 Too many connections, please try again\r\n")
            return False
        self.open.add(door)
        return True

    def forget(self, door: Door) -> bool:
        """Note the end of a connection; False for one that was turned away."""
        known = door in self.open
        self.open.discard(door)
        return known

    async def stop(self, grace: float = 6.0) -> bool:
        """Take no new mail, answer for what is in hand, store it; returns whether all of it was stored in time."""
        if self._server is not None:
            self._server.close()
        deadline = asyncio.get_running_loop().time() + grace
        while self.reception.in_hand and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for door in list(self.open):
            if door.transport is not None:
                _turn_away(door.transport, b"421 4.3.2 Closing, please try again\r\n")
        self.reception.close()
        return await asyncio.to_thread(self.store.close, grace)


def _turn_away(transport: Any, words: bytes) -> None:
    with contextlib.suppress(Exception):  # it may be gone already
        transport.write(words)
    transport.close()

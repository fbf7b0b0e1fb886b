"""`parvis mail_listen`: the house's letter box."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.channels.smtp import Listener, Options


class Command(BaseCommand):
    """Listens on PARVIS_SMTP_HOST and PARVIS_SMTP_PORT until told to stop."""

    help = "Take incoming mail by SMTP (or LMTP) and store it; the worker reads it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where and how to listen."""
        parser.add_argument("--host", default=settings.SMTP_HOST, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.SMTP_PORT, help="port to listen on; 0: any free one")
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP, for a mail server on this machine")
        parser.add_argument("--connections", type=int, default=200, help="how many at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; `CommandError` when the address cannot be listened on."""
        chosen = Options(
            host=options["host"],
            port=options["port"],
            lmtp=options["lmtp"],
            max_bytes=settings.PARVIS_MAIL_MAX_BYTES,
            max_connections=options["connections"],
            certificate=settings.SMTP_CERTIFICATE,
            key=settings.SMTP_KEY,
        )
        try:
            asyncio.run(self._listen(chosen))
        except OSError as error:
            raise CommandError(f"Cannot listen for mail on {chosen.host}, port {chosen.port}: {error}") from None

    async def _listen(self, chosen: Options) -> None:
        listener = Listener(chosen)
        await listener.start()
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        protocol = "LMTP" if chosen.lmtp else "SMTP"
        self.stdout.write(f"Listening for mail on {chosen.host}, port {listener.port} ({protocol}).")
        self.stdout.flush()
        await ended.wait()
        if not await listener.stop():
            self.stderr.write("Some mail could not be stored in time; its senders will send it again.")

"""`parvis worker`: everything that happens without anybody asking."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.desk.worker import pumps
from parvis.toolkit.db import background_work
from parvis.toolkit.pumps import pumps_run, pumps_run_once

# Whoever waits for a page comes before letters and figures, where the processor does not suffice for both.
PATIENCE = 5


class Command(BaseCommand):
    """Takes mail in and sends it, watches promises, asks after closing, delivers subscriptions, keeps house."""

    help = "Do the background work: mail in and out, the watch over promises, follow-ups, housekeeping."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` does what is due and ends."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end (for cron)")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; `CommandError` when a pump failed (`--once`) or would not end."""
        if once:
            done, failed = pumps_run_once(pumps())
            self.stdout.write(", ".join(f"{name} {count}" for name, count in done.items()))
            if failed:
                raise CommandError(f"Failed: {', '.join(failed)}. The log above says why.")
            return
        stop = threading.Event()
        os.nice(PATIENCE)
        background_work()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("The worker is at work.")
        self.stdout.flush()
        if not pumps_run(pumps(), stop=stop):
            self.stderr.write("Some work was cut short; it is taken up again at the next start.")

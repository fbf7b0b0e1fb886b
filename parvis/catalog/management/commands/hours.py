"""`parvis hours`: answer questions about opening hours, one JSON object a line."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from parvis.catalog.domain.hours_lines import answer_text


class Command(BaseCommand):
    """Reads standard input, writes one answer per line; exits with 1 in the end if any line could not be answered."""

    help = "Answer lines of JSON about opening hours: when is it due, how long was it open."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Answers line by line, so that it can be used at the end of a pipe."""
        bad = 0
        for raw in sys.stdin.buffer:
            line = raw.decode("utf-8-sig", errors="replace").strip()
            if not line:
                continue
            answer = answer_text(line)
            bad += "error" in answer
            self.stdout.write(json.dumps(answer))
        if bad:
            raise CommandError(f"Lines that could not be answered: {bad}.")

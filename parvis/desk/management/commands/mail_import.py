"""`parvis mail_import PATH`: the mail of years, as history."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.channels.archives import Found, mails_in
from parvis.channels.selectors import states_of_source
from parvis.channels.services import Delivery, mails_store
from parvis.desk.services import mails_take_in

BATCH_MAILS = 200
BATCH_BYTES = 16 * 1024 * 1024
SAY_EVERY = 2.0
STATES = {
    "attached": "in conversations",
    "ignored": "set aside",
    "failed": "not readable",
    "stored": "waiting",
    "parsed": "waiting for their place",
}


class Command(BaseCommand):
    """Stores every mail of an archive, each once however often it is run, then gives them their place.

    History is not greeted and nothing is promised after the fact; `--greet` treats the mails as having just arrived.
    """

    help = "Bring in mail from an mbox, a Maildir, a folder of .eml or a single mail (.gz too); safe to repeat."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, and how to treat it."""
        parser.add_argument("path", type=Path, help="mbox, Maildir, folder of .eml, or one mail")
        parser.add_argument("--greet", action="store_true", help="as new mail: greeted, an answer promised")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, path: Path, greet: bool = False, **options: Any) -> None:
        """Import and say what became of the mails; `CommandError` when nothing is at `path`."""
        # The name tells live mail from history: see `desk.services.intake.HISTORY`.
        source = f"{'file' if greet else 'import'}:{path.resolve().name}"[:120]
        try:
            result = self._store(mails_in(path), source)
        except FileNotFoundError:
            raise CommandError(f"There is nothing at {path}.") from None
        taken = 0
        while count := mails_take_in():
            taken += count
            self._progress(f"{taken} mails given their place…")
        result["states"] = states_of_source(source)
        self._progress("")
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else _said(path, result))

    def _store(self, found: Iterable[Found], source: str) -> dict[str, Any]:
        result: dict[str, Any] = {"read": 0, "new": 0, "repeated": 0, "unreadable": []}
        for batch in _batches(found):
            result["unreadable"] += [{"where": f.where, "error": f.error} for f in batch if f.error]
            readable = [f for f in batch if not f.error]
            stored = mails_store(deliveries=[Delivery(f.raw, source=source) for f in readable])
            result["read"] += len(stored)
            result["new"] += sum(new for __, new in stored)
            self._progress(f"{result['read']} mails read…")
        result["repeated"] = result["read"] - result["new"]
        return result

    _last_said = 0.0

    def _progress(self, text: str) -> None:
        """Tell how far it is, where somebody looks on."""
        if not sys.stderr.isatty():
            return
        if not text or time.monotonic() - self._last_said > SAY_EVERY:
            self._last_said = time.monotonic()
            self.stderr.write(f"\r{text:<40}", ending="\r" if not text else "")


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for mail in found:
        batch.append(mail)
        size += len(mail.raw)
        if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _said(path: Path, result: dict[str, Any]) -> str:
    lines = [f"{result['read']} mails read from {path}: {result['new']} new, {result['repeated']} here already."]
    lines.append(", ".join(f"{n} {STATES[state]}" for state, n in result["states"].items() if n) or "No mail.")
    lines += [f"Could not be opened: {u['where']} ({u['error']})" for u in result["unreadable"]]
    return "\n".join(lines)

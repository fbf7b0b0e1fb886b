"""`parvis mail_parse FILE…`: what Parvis reads in a mail, for whoever wonders why it shows what it shows."""

import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Needs no database. One broken file never stops the others."""

    help = "Read mail files and print one JSON object per line, in order. The file - is standard input."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--envelope-from", help='sender in the SMTP dialogue; "" is the null path of machines')

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per file; exit status 1 when a file could not be opened, 0 otherwise, whatever is in them."""
        unread = 0
        for name in options["files"]:
            answer = described(name, options["envelope_from"])
            unread += "sha256" not in answer
            # ASCII only, so that no terminal, pipe or locale can damage a line.
            self.stdout.write(json.dumps(answer, ensure_ascii=True))
        if unread:
            sys.exit(1)


def described(name: str, envelope_from: str | None = None, standard_input: BinaryIO | None = None) -> dict[str, Any]:
    """The mail in the file ``name`` ("-": standard input) as JSON-ready values, first of all its name."""
    from parvis.channels.domain.mail import parse_mail  # heavy: only this command, not all of them, should load it

    # A name the shell passed in another encoding holds lone surrogates, which no JSON reader would take.
    shown = name.encode("utf-8", "replace").decode("utf-8")
    try:
        raw = (standard_input or sys.stdin.buffer).read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        return {"file": shown, "ok": False, "error": f"cannot be opened: {error.__class__.__name__}"}
    return {"file": shown, **parse_mail(raw, envelope_from=envelope_from).to_json()}

"""`parvis bench_load`: a large database to measure on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.config.bench.load import bench_load
from parvis.kernel.errors import ParvisError


class Command(BaseCommand):
    """Fills an empty database with a large house."""

    help = "Fill an empty database with a large house to measure on (200,000 encounters unless told otherwise)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, from which seed, and whether a demo may go."""
        parser.add_argument("--encounters", type=int, default=200_000, help="about five messages each")
        parser.add_argument("--seed", type=int, default=11, help="another number, another house")
        parser.add_argument("--yes", action="store_true", help="replace the demo in this database")

    def handle(self, *args: Any, encounters: int, seed: int, yes: bool, **options: Any) -> None:
        """Load, telling how far it is; `CommandError` where something else lives."""
        if encounters < 1:
            raise CommandError("At least one encounter, please.")
        try:
            tally = bench_load(encounters=encounters, seed=seed, yes=yes, say=self._say)
        except ParvisError as error:
            raise CommandError(str(error)) from error
        self._say(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in tally.items()))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

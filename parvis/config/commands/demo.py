"""`parvis demo`: a business to try everything on."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.config.demo.load import demo_load, sign_ins
from parvis.kernel.errors import ParvisError


class Command(BaseCommand):
    """Loads *Atelier du Canal*, three months of its life included."""

    help = "Load the demo business, a bicycle workshop with three months of history; --again starts it over."
    requires_system_checks = ()
    sign_in = sign_ins()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--again` wipes a demo that is there; `--seed` tells another story."""
        parser.add_argument("--again", action="store_true", help="delete the demo that is there and play it anew")
        parser.add_argument("--quiet", action="store_true", help="do not say who can sign in")
        parser.add_argument("--seed", type=int, default=7, help="another number, other people and other days")

    def handle(self, *args: Any, again: bool = False, quiet: bool = False, seed: int = 7, **options: Any) -> None:
        """Load and say who can sign in; `CommandError` where another business lives."""
        began = time.monotonic()
        try:
            done = demo_load(again=again, seed=seed, say=self.stdout.write)
        except ParvisError as error:
            raise CommandError("\n".join(filter(None, [str(error), str(error.hint or "")]))) from error
        took = time.monotonic() - began
        self.stdout.write(f"Atelier du Canal is open: {done['encounters']} encounters, {took:.0f} s.")
        if not quiet:
            self.stdout.write(sign_ins())

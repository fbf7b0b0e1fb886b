"""`parvis prepare`: what an installation needs once after it was installed or updated."""

from typing import Any

from django.core.management.base import BaseCommand

from parvis.config.prepare import prepare


class Command(BaseCommand):
    """Migrates the database and collects the static files; safe to repeat."""

    help = "Bring the database and the static files up to date; `parvis run` does it by itself."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, saying what is done; silent when there is nothing to do."""
        prepare(self.stdout.write)

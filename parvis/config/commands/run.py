"""`parvis run`: the whole of Parvis on one machine, in one terminal."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from parvis.config.cli import ParvisUtility
from parvis.config.keep import Plan, become
from parvis.config.ports import PortTaken, require_free
from parvis.config.prepare import prepare
from parvis.config.processes import WebOptions, programs


class Command(BaseCommand):
    """Prepares the installation, then supervises web server, worker and mail listener until Ctrl-C."""

    help = "Start everything on this machine: pages, background work, incoming mail. Ctrl-C stops it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--no-demo` leaves a new installation empty."""
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo business at first start")

    def handle(self, *args: Any, no_demo: bool = False, **options: Any) -> None:
        """Prepare, then become the supervisor; `CommandError` when a port is taken."""
        web = WebOptions.from_environment()
        try:
            require_free(web.host, web.port, variable="PARVIS_PORT", purpose="the web pages")
            require_free(settings.SMTP_HOST, settings.SMTP_PORT, variable="PARVIS_SMTP_PORT", purpose="incoming mail")
        except PortTaken as error:
            raise CommandError(str(error)) from None
        try:
            sign_in = self._prepare(no_demo)
        except KeyboardInterrupt:
            raise CommandError("Stopped before everything was ready; run it again to go on.") from None
        become(Plan(programs(), web.host, web.port, _welcome(sign_in)))

    def _prepare(self, no_demo: bool) -> str:
        """Bring everything up to date; returns how one signs in, where that is no secret."""
        prepare(self._say)
        businesses = apps.get_model("catalog", "Business").objects
        if not no_demo and not businesses.exists():
            self._say("Loading the demo business, three months of it…")
            call_command(ParvisUtility().fetch_command("demo"), quiet=True, stdout=self.stdout)
        house = businesses.first()
        connections.close_all()
        if house is None:
            return "there is no house yet: `parvis init` sets one up"
        return getattr(ParvisUtility().fetch_command("demo"), "sign_in", "") if house.is_demo else ""

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _welcome(sign_in: str) -> str:
    facts = {
        "Parvis is open": f"{settings.BASE_URL}/",
        "Sign in": sign_in,
        "Incoming mail": f"{settings.SMTP_HOST} port {settings.SMTP_PORT} (SMTP)",
        "Data": str(settings.HOME),
        "Stop": "Ctrl-C",
    }
    lines = [""]
    for name, fact in facts.items():
        first, *others = fact.splitlines() or [""]
        if first:
            lines += [f"  {name + ':':<17}{first}", *(" " * 19 + other for other in others)]
    return "\n".join([*lines, ""])

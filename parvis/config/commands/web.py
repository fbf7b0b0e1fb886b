"""`parvis web`: the web server alone, for machines that share the work."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from parvis.config.ports import PortTaken, require_free
from parvis.config.processes import WebOptions


class Command(BaseCommand):
    """Becomes granian; see `WebOptions` for the environment variables."""

    help = "Serve the pages, the portal and the API."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process by granian, so that it receives signals itself; returns only by an error."""
        web = WebOptions.from_environment()
        try:
            require_free(web.host, web.port, variable="PARVIS_PORT", purpose="the web pages")
        except PortTaken as error:
            raise CommandError(str(error)) from None
        argv = web.argv()
        os.execve(argv[0], argv, web.environment())  # noqa: S606 - our own interpreter

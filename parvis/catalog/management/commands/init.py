"""`parvis init`: a new house in an empty database, asked for what only its owner knows."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from parvis.catalog.selectors import business
from parvis.catalog.services import Founder, house_found
from parvis.kernel.errors import ParvisError
from parvis.staff.domain.viewer import Viewer

PASSWORD_VARIABLE = "PARVIS_ADMIN_PASSWORD"


class Command(BaseCommand):
    """Asks for what the options leave open; in a script, give all of them and the password by the environment."""

    help = "Set up a new house: its name, languages, country, first site, mailbox and administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Every question as an option."""
        parser.add_argument("--name", help="what the business is called")
        parser.add_argument("--languages", help="codes, the house's own first: fr,en (default) or en,fr, fr, en")
        parser.add_argument("--country", help="two letters: FR")
        parser.add_argument("--timezone", help="such as Europe/Paris (default: the country's)")
        parser.add_argument("--site", help="name of the first site (default: the business's)")
        parser.add_argument("--mailbox", help="address that customers write to")
        parser.add_argument("--admin-name", help="the first administrator")
        parser.add_argument("--admin-email", help="with which they sign in")
        parser.add_argument("--no-tree", action="store_true", help="without the small starter tree of needs")
        parser.add_argument(
            "--no-input", action="store_true", help=f"ask nothing; the password is ${PASSWORD_VARIABLE}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Asks, checks, founds; changes nothing unless all of it works."""
        if (there := business()) is not None:
            raise CommandError(f"This database already has a house: {there.name}. Nothing was changed.")
        self.asks = not options["no_input"] and sys.stdin.isatty()
        languages = [c.strip() for c in self._ask(options, "languages", "Languages, yours first", "fr,en").split(",")]
        country = self._ask(options, "country", "Country, two letters", "FR").upper()
        given: dict[str, Any] = {
            "name": self._ask(options, "name", "Name of the business"),
            "languages": languages,
            "country": country,
            "timezone": self._ask(options, "timezone", "Time zone", zone_of_country(country)),
            "site_name": self._ask(options, "site", "Name of the first site (empty: the business's)", optional=True),
            "mailbox": self._ask(options, "mailbox", "Address customers write to (empty: none yet)", optional=True),
        }
        founder = Founder(
            name=self._ask(options, "admin_name", "Your name"),
            email=self._ask(options, "admin_email", "Your e-mail address, to sign in with"),
            password=self._password(),
        )
        try:
            house = house_found(
                viewer=Viewer.house(), administrator=founder, starter_tree=not options["no_tree"], **given
            )
        except ParvisError as error:
            raise CommandError(_told(error)) from error
        self.stdout.write(
            self.style.SUCCESS(f"{house.name} is ready. Sign in at {settings.BASE_URL}/ as {founder.email}.")
        )
        self.stdout.write(f"Customers come in by {settings.BASE_URL}/portal/")

    def _ask(
        self, options: dict[str, Any], name: str, question: str, default: str = "", *, optional: bool = False
    ) -> str:
        value = options[name]
        if value is None and self.asks:
            value = input(f"{question}{f' [{default}]' if default else ''}: ")
        value = str(value or "").strip() or default
        if not value and not optional:
            raise CommandError(f"--{name.replace('_', '-')} is needed.")
        return value

    def _password(self) -> str:
        if given := os.environ.get(PASSWORD_VARIABLE):
            return given
        if not self.asks:
            raise CommandError(f"Set {PASSWORD_VARIABLE} to the administrator's password.")
        first = getpass.getpass("Your password (10 characters or more): ")
        if first != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ. Nothing was changed.")
        return first


def zone_of_country(country: str) -> str:
    """The time zone in which most of a country lives, as far as it has one; else the one Parvis comes with."""
    zones = get_global("territory_zones").get(country, [])
    by_capital = {"US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney", "FR": "Europe/Paris"}
    return by_capital.get(country) or (zones[0] if zones and country in Locale("en").territories else "Europe/Paris")


def _told(error: ParvisError) -> str:
    """An error with its fields, for a terminal."""
    fields = [f"  {name}: {text}" for name, texts in error.as_dict().get("fields", {}).items() for text in texts]
    return "\n".join([str(error), *fields, *([str(error.hint)] if error.hint else [])])

"""`parvis token_create`: a key to the API."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import ParvisError
from parvis.staff.api import SCOPES
from parvis.staff.domain.viewer import Viewer
from parvis.staff.selectors import member_by_email
from parvis.staff.services import token_create


class Command(BaseCommand):
    """Make an API token that acts for a member; the secret is printed once."""

    help = "Make an API token that acts for a member, within scopes. The secret is printed once and never kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--member", required=True, metavar="EMAIL", help="whom the token acts for")
        parser.add_argument("--name", default="api", help="what it is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=SCOPES,
            metavar="SCOPE",
            help=f"repeat; all by default: {', '.join(SCOPES)}",
        )
        parser.add_argument("--expires", type=int, metavar="DAYS", help="days it is valid; for ever by default")

    def handle(self, *args: Any, **options: Any) -> None:
        expires = utcnow() + dt.timedelta(days=options["expires"]) if options["expires"] else None
        try:
            __, secret = token_create(
                viewer=Viewer.house(),
                member_id=member_by_email(options["member"]).pk,
                name=options["name"],
                scopes=options["scope"] or SCOPES,
                expires_at=expires,
            )
        except ParvisError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)

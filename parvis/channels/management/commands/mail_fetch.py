"""`parvis mail_fetch`: one round through the mailboxes of PARVIS_IMAP_URL."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from parvis.channels.imap import accounts_fetch
from parvis.channels.models import MailCursor


class Command(BaseCommand):
    """The worker does the same by itself; this is for trying a new account."""

    help = "Fetch new mail by IMAP once; nothing is marked as read or deleted there."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many mails were taken; `CommandError` when none is configured or an account cannot be read."""
        if not settings.IMAP_URLS:
            raise CommandError("Set PARVIS_IMAP_URL to imaps://user:password@host/INBOX first.")
        self.stdout.write(f"{accounts_fetch()} mails fetched.")
        if troubles := [f"{c.source}: {c.error}" for c in MailCursor.objects.exclude(error="")]:
            raise CommandError("\n".join(troubles))

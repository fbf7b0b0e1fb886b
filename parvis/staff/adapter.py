"""How people get in: nobody signs up by themselves; an administrator adds them."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger("parvis.sign_in")


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the front door closed to strangers."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail about signing in, if any can leave; a failure is logged and does not tell whether one was due.

        Not by the outbox, where others of the house could read the link.
        """
        if not settings.MAIL_CONFIGURED:
            log.warning("no mail server is set up: a mail about signing in was not sent")
            return
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.error("a mail about signing in could not be sent: %r", error)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

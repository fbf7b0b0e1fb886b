"""How people get in: nobody signs up by themselves; an administrator adds them."""

import logging
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger("parvis.sign_in")
LONGEST_ACCOUNT = 255  # what axes has room for


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Whose door somebody tries, as axes counts failures: the address given, known here or not; else one's own."""
    given = (credentials or {}).get("email") or request.POST.get("login") or getattr(request.user, "email", "")
    return str(given).strip().lower()[:LONGEST_ACCOUNT]


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the front door closed to strangers."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting of wrong passwords to axes, which counts per account and network address.

        allauth would count them whoever tries: five from anywhere, again and again, would keep a colleague out.
        """

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

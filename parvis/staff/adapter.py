"""How people get in: nobody signs up by themselves; an administrator adds them."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the front door closed to strangers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

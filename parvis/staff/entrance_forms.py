"""allauth's forms without what our pages say better: labels instead of placeholders, one link for lost passwords."""

from typing import Any

from allauth.account import forms as account


class _Plain:
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""


class LoginForm(_Plain, account.LoginForm):
    """Signing in."""


class ReauthenticateForm(_Plain, account.ReauthenticateForm):
    """The password once more."""


class ChangePasswordForm(_Plain, account.ChangePasswordForm):
    """A new password for the old one."""


class ResetPasswordForm(_Plain, account.ResetPasswordForm):
    """Asking for a link."""


class ResetPasswordKeyForm(_Plain, account.ResetPasswordKeyForm):
    """A new password under a link."""

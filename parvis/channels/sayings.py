"""What is stored in short as people read it: why a mail is where it is, why one could not be sent."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parvis.channels.domain.states import OutKind

# Why a mail is where it is: the short words that the desk settles it with.
REASONS = {
    "new": _("The first mail of its matter"),
    "token": _("Recognised by the mark in the mail it answers"),
    "references": _("Recognised by the mails it refers to"),
    "quoted token": _("Recognised by the mark in the text it quotes"),
    "returned": _("A report about a mail of ours"),
    "copy": _("A copy of a mail that came another way"),
    "our own mail": _("A mail of our own that came back to us"),
    "our own address": _("Sent from one of our own addresses"),
    "no sender": _("It names no sender to answer"),
    "auto-reply": _("An automatic answer that belongs to no conversation"),
    "bounce": _("A report of non-delivery about a mail that is not ours"),
    "feedback-report": _("A complaint about a mail that is not ours"),
    "read-receipt": _("A receipt that belongs to no conversation"),
}

# What a conversation says when a mail of ours went wrong; %(address)s is whom it was for.
RETURNED = _("Our mail to %(address)s came back: it was not delivered.")
LATE = _("Our mail to %(address)s is late: their server has not taken it yet.")
UNWANTED = _("%(address)s reported our mail as unwanted.")
UNSENT_SMS = _("Our text message to %(address)s could not be sent.")
UNSENT = _("Our mail to %(address)s could not be sent.")

# The first that fits says it. The text is what `outbox.describe` keeps: the kind of error, then what the server said.
_REFUSALS: list[tuple[str, Promise]] = [
    (r"^SMTPAuthenticationError|\b53[05]\b", _("Our mail server does not accept the user name and password.")),
    (r"^gaierror|Name or service not known|getaddrinfo", _("The name of our mail server cannot be found.")),
    (r"^ConnectionRefusedError", _("Our mail server does not answer at its address.")),
    (r"^(?:TimeoutError|timeout)|timed out", _("Our mail server did not answer in time.")),
    (
        r"^(?:SSL|ssl)|CERTIFICATE",
        _("The connection to our mail server is not secure: its certificate is not accepted."),
    ),
    (
        r"^(?:SMTPServerDisconnected|ConnectionResetError|BrokenPipe|OSError)",
        _("Our mail server broke off the connection."),
    ),
    (r"\b5\.1\.\d|\b5\d\d\b.*(?:unknown|no such|not found|does not exist|invalid)", _("There is no such address.")),
    (r"\b[45]\.2\.2|quota|full", _("Their mailbox is full.")),
    (r"\b5\.3\.4|too (?:big|large)|size", _("The mail is too large for them.")),
    (r"\b5\.7\.\d|spam|policy|blocked|relay", _("The server refuses mail from us.")),
    (r"\b4\d\d\b", _("The server asked us to come back later.")),
    (r"\b5\d\d\b", _("The server refused the mail.")),
]


# The same of text messages, of what `channels.sms` keeps.
_SMS_REFUSALS: list[tuple[str, Promise]] = [
    (r"^Late:", _("It would have come too late, and was not sent.")),
    (r"^Nobody:", _("Whom it was for has been forgotten.")),
    (r"in time|timed out", _("The SMS provider did not answer in time.")),
    (r"^Unreachable", _("The SMS provider cannot be reached.")),
    (r"^HTTP 40[13]\b", _("The SMS provider does not accept our account.")),
    (r"^HTTP 402\b|credit|balance|fund", _("The account with the SMS provider has run out.")),
    (r"^HTTP 404\b", _("The SMS provider does not know this address or account.")),
    (r"^HTTP 429\b", _("The SMS provider asked us to come back later.")),
    (r"^invalid receiver|2121[14]|21614|number|receiver", _("The SMS provider does not write to this number.")),
    (r"^HTTP 5\d\d", _("The SMS provider is in trouble.")),
]


def reason_text(reason: str) -> Promise | str:
    """Why a mail is where it is, for a reader."""
    return REASONS.get(reason, reason)


def refusal_text(error: str, kind: str = OutKind.EMAIL) -> Promise | str:
    """Why a mail (or a message of another `kind`) could not be sent, in a sentence; "" without an error."""
    if not error:
        return ""
    is_sms = kind == OutKind.SMS
    for pattern, words in _SMS_REFUSALS if is_sms else _REFUSALS:
        if re.search(pattern, error, re.IGNORECASE):
            return words
    return _("The SMS provider refused the message.") if is_sms else _("The mail could not be handed over.")

"""Where a mail can stand, coming in and going out."""

from enum import StrEnum


class MailState(StrEnum):
    """Every mail received is in exactly one of these."""

    STORED = "stored"
    PARSED = "parsed"
    ATTACHED = "attached"
    IGNORED = "ignored"
    FAILED = "failed"


class OutKind(StrEnum):
    """What an outgoing message is."""

    EMAIL = "email"
    SMS = "sms"


class OutState(StrEnum):
    """Where an outgoing message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


# What the worker has yet to give its place.
WAITING = (MailState.STORED.value, MailState.PARSED.value)

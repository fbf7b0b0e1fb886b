"""Reading mail: bytes in, one plain value out, whatever the bytes are.

:func:`parse_mail` is the door. It loads the sanitiser and the pattern tables, so import it where it is used.
"""

from .auto import INSTALLATION_HEADER
from .parse import parse_mail
from .values import Address, Attachment, AutoInfo, FailedRecipient, ParsedMail, Segment

__all__ = [
    "INSTALLATION_HEADER",
    "Address",
    "Attachment",
    "AutoInfo",
    "FailedRecipient",
    "ParsedMail",
    "Segment",
    "parse_mail",
]

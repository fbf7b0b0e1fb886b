"""Delivery notices that a sending provider mails as JSON: Amazon SES through SNS, the one in wide use.

Source: Amazon SES Developer Guide, "Notification contents" (notificationType Bounce, Complaint, Delivery).
"""

from __future__ import annotations

import json
import re
from typing import Any

from .bounce import MAX_RECIPIENTS
from .headers import Headers
from .values import AutoInfo, FailedRecipient

_BEGIN = re.compile(r'\{\s*"(?:notificationType|eventType)"\s*:\s*"')
_WHY = "notice of a sending provider (Amazon SES)"
# Mail servers cut long lines and mark where.
_CUT = re.compile(r"!\r?\n[ \t]")


def notice(headers: Headers, text: str) -> AutoInfo | None:
    """What a JSON notice says, None when the mail carries none; an unreadable one is still never answered."""
    begun = _BEGIN.search(text[:2000])
    if begun is None and "x-amz-sns-message-id" not in headers:
        return None
    silent = AutoInfo("auto-reply", False, _WHY)
    if begun is None:
        return silent
    try:
        told, _ = json.JSONDecoder(strict=False).raw_decode(_CUT.sub("", text[begun.start() :]))
    except (ValueError, RecursionError):
        return silent
    kind = str(told.get("notificationType") or told.get("eventType"))
    part = told.get(kind.lower())
    if kind == "Bounce" and isinstance(part, dict):
        return _bounce(part)
    if kind == "Complaint" and isinstance(part, dict):
        found = tuple(FailedRecipient(who, "", "complaint", False) for who, _ in _people(part, "complainedRecipients"))
        return AutoInfo("feedback-report", False, _WHY, found)
    return silent


def _bounce(part: dict[str, Any]) -> AutoInfo:
    permanent = part.get("bounceType") == "Permanent"
    reason = {"NoEmail": "user-unknown", "General": "user-unknown", "MailboxFull": "mailbox-full"}.get(
        str(part.get("bounceSubType")), "expired" if not permanent else "policy"
    )
    recipients = tuple(
        FailedRecipient(who, str(told.get("status") or ("5.0.0" if permanent else "4.0.0")), reason, permanent)
        for who, told in _people(part, "bouncedRecipients")
    )
    return AutoInfo("bounce", False, _WHY, recipients, permanent, not permanent)


def _people(part: dict[str, Any], field: str) -> list[tuple[str, dict[str, Any]]]:
    listed = part.get(field)
    people = [told for told in listed if isinstance(told, dict)] if isinstance(listed, list) else []
    return [(str(told.get("emailAddress", ""))[:320], told) for told in people[:MAX_RECIPIENTS]]

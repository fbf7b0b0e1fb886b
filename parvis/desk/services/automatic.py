"""Letters and text messages the house writes by itself: queued, and part of the thread."""

import datetime as dt
from typing import Any

from parvis.channels.sms import Text, sms_send
from parvis.desk.models import Direction, Purpose
from parvis.desk.services.letters import queue
from parvis.desk.services.messages import Words, message_add
from parvis.ledger.services import Actor


def letter_automatic(
    *,
    key: str,
    event: str,
    purpose: Purpose,
    encounter: Any,
    address: str,
    subject: str,
    text: str,
    references: list[str],
    at: dt.datetime,
    attachments: list[dict[str, Any]] | None = None,
) -> None:
    """Queue a letter marked as automatic and add it to its encounter, inside the caller's transaction or draft."""
    mail = queue(
        key=key,
        encounter=encounter,
        to=[address],
        subject=subject,
        text=text,
        automatic=True,
        references=references,
        attachments=attachments,
    )
    message_add(
        actor=Actor.system(),
        event=event,
        encounter=encounter,
        direction=Direction.OUT,
        purpose=purpose,
        words=Words(text, subject=subject),
        at=at,
        channel="email",
        out_mail=mail,
        recipients={"to": [address]},
    )


def sms_automatic(
    *,
    key: str,
    event: str,
    purpose: Purpose,
    encounter: Any,
    number: str,
    text: str,
    at: dt.datetime,
    not_after: dt.datetime | None = None,
) -> bool:
    """Queue a text message and add it to its encounter, inside the caller's transaction; returns whether.

    Not where no provider is set up, and not twice for one `key`. number: E.164, of a mobile phone.
    """
    row = sms_send(
        text=Text(
            key=key,
            number=number,
            text=text,
            site_id=encounter.site_id,
            encounter_ref=encounter.reference,
            not_after=not_after,
        )
    )
    if row is None:
        return False
    message_add(
        actor=Actor.system(),
        event=event,
        encounter=encounter,
        direction=Direction.OUT,
        purpose=purpose,
        words=Words(row.text),
        at=at,
        channel="sms",
        out_mail=row,
        recipients={"to": [number]},
    )
    return True

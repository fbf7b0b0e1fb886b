"""Adding a message to an encounter: the row, its files, its search entry, its ledger entry."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parvis.channels.services import blobs_store
from parvis.desk.models import SEARCH, Attachment, Direction, Message, Purpose
from parvis.encounters.services import record
from parvis.kernel.text import excerpt, storable
from parvis.ledger.services import Actor
from parvis.toolkit.inserts import row_insert, rows_append

# The house's own standing texts are the same in every encounter: nobody searches for them.
HOUSE_TEXTS = {Purpose.GREETING, Purpose.FOLLOW_UP, Purpose.OPEN_DOOR, Purpose.BOOKING}


@dataclass(frozen=True)
class File:
    """A file that comes or goes with a message."""

    name: str
    type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Words:
    """What is said, as the caller has it."""

    text: str
    subject: str = ""
    quoted: str = ""
    html: str = ""
    files: Sequence[File] = field(default_factory=tuple)


def message_add(
    *,
    actor: Actor,
    event: str,
    encounter: Any,
    direction: Direction,
    words: Words,
    at: dt.datetime,
    channel: str = "",
    purpose: Purpose = Purpose.TALK,
    **fields: Any,
) -> Message:
    """Add a message inside the caller's transaction."""
    message = row_insert(
        Message(
            encounter_id=encounter.pk,
            direction=direction,
            purpose=purpose,
            channel=channel or encounter.channel,
            at=at,
            subject=words.subject[:300],
            text=words.text,
            quoted=words.quoted,
            html=words.html,
            **fields,
        )
    )
    if words.files:
        blobs = blobs_store([f.content for f in words.files])
        rows_append(
            Attachment,
            [
                Attachment(
                    message=message,
                    name=storable(f.name)[:255],
                    type=f.type[:120],
                    size=len(f.content),
                    content_id=f.content_id[:255],
                    inline=f.inline,
                    blob=blob,
                )
                for f, blob in zip(words.files, blobs, strict=True)
            ],
        )
    if purpose not in HOUSE_TEXTS:
        SEARCH.put([(message.pk, f"{words.subject} {words.text}")], fresh=True)
    record(actor, encounter, event, at, message=message.pk, channel=message.channel, purpose=purpose.value)
    return message


def last_line_of(text: str) -> str:
    """The line a list shows of a message."""
    return excerpt(" ".join(text.split()), 140)

"""What a parsed mail is: plain frozen values, ready for the database and for JSON."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

AUTO_KINDS = ("none", "auto-reply", "bounce", "feedback-report", "list", "calendar", "read-receipt")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. name: display name, may be ""; address: as written, without blanks; domain not folded."""

    name: str
    address: str

    @property
    def is_valid(self) -> bool:
        """Whether something could be sent there: local@domain.tld without brackets, quotes or blanks."""
        local, at, domain = self.address.rpartition("@")
        odd = set(self.address) & set('<>()[]",;:\\ \t')
        return bool(at and local and "." in domain.strip(".") and "@" not in local and not odd)

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "address": self.address}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text: a file, an inline picture, an attached mail, a signature.

    name:       never empty: the sender's name without its path, or one made from type and subject.
    type:       media type, lower case, as the sender claims it (do not trust it when serving).
    inline:     shown within the HTML body or meant to be.
    content:    decoded bytes.
    content_id: without angle brackets, "" when none.
    """

    name: str
    type: str
    inline: bool
    content: bytes = field(repr=False)
    content_id: str = ""

    @property
    def size(self) -> int:
        """Bytes of the decoded content."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "size": self.size,
            "inline": self.inline,
            "sha256": self.sha256,
            "content_id": self.content_id,
        }


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """Somebody a bounce or report speaks of.

    status:    enhanced status code (RFC 3463) such as "5.1.1", "" when unknown.
    reason:    one word: user-unknown, host-unknown, moved, mailbox-full, expired, rejected, delivered, …; "" unknown.
    permanent: True when the address itself is dead, False when it may work another day, None when not said.
    """

    address: str
    status: str = ""
    reason: str = ""
    permanent: bool | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "status": self.status,
            "reason": self.reason,
            "permanent": self.permanent,
        }


@dataclass(frozen=True, slots=True)
class AutoInfo:
    """Whether a machine wrote the mail, and whether a machine may answer it.

    kind:        one of :data:`AUTO_KINDS`.
    may_reply:   whether the rules let an automatic answer (acknowledgement, survey) go out; people may always answer.
    answer_read: whether somebody would read it: not at a no-reply address, and nobody waits for one to a mailing.
    reason:      why, in English, for the log and the person who asks.
    recipients:  for bounces and reports: whom they concern.
    permanent:   bounces: True when one of the addresses is dead; False when none is; None when not said.
    temporary:   bounces: whether the sender's server says that it may work later (status 4.x.x).
    original_message_id: Message-ID of the mail of ours that a bounce, report or receipt returns, "" unknown.
    """

    kind: str = "none"
    may_reply: bool = True
    reason: str = "ordinary mail"
    recipients: tuple[FailedRecipient, ...] = ()
    permanent: bool | None = None
    temporary: bool | None = None
    original_message_id: str = ""
    answer_read: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "may_reply": self.may_reply,
            "answer_read": self.answer_read,
            "reason": self.reason,
            "recipients": [recipient.to_json() for recipient in self.recipients],
            "permanent": self.permanent,
            "temporary": self.temporary,
            "original_message_id": self.original_message_id,
        }


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of lines of the text; folded ones are shown on demand. ``lines`` carry no newline."""

    folded: bool
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as the rest of Parvis sees it. All text is valid UTF-8 without NUL.

    ok, error:   False and a sentence when something could not be read; the other fields hold what could.
    sha256, size: of the raw bytes.
    date:        aware, UTC, None when absent or impossible.
    sender:      who wrote (From, else Sender, Reply-To, Return-Path), None when nobody is named.
    senders:     all of From.
    text:        plain text, lines ended by "\\n", no empty lines at its ends.
    html:        sanitised, None when the mail has no HTML.
    segments:    the lines of ``text``, each once, in order: the new part and what is folded.
    headers:     all fields in order, names in lower case, decoded, unfolded.
    delivered_to: addresses of Delivered-To, X-Original-To, Envelope-To and the like, for our reply tokens.
    """

    ok: bool
    error: str
    sha256: str
    size: int
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime | None = None
    sender: Address | None = None
    senders: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str | None = None
    segments: tuple[Segment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    language: str | None = None
    auto: AutoInfo = AutoInfo()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def reply(self) -> str:
        """The lines that are new, in order."""
        return "\n".join(line for segment in self.segments if not segment.folded for line in segment.lines)

    @property
    def quoted(self) -> str:
        """The lines that are folded, in order."""
        return "\n".join(line for segment in self.segments if segment.folded for line in segment.lines)

    def header(self, name: str) -> str:
        """The first field ``name`` (any case), "" when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    def to_json(self) -> dict[str, Any]:
        """All of it but the attachments' content, as values that :func:`json.dumps` takes."""
        return {
            "ok": self.ok,
            "error": self.error or None,
            "sha256": self.sha256,
            "size": self.size,
            "message_id": self.message_id,
            "in_reply_to": self.in_reply_to,
            "references": list(self.references),
            "date": self.date.isoformat() if self.date else None,
            "from": self.sender.to_json() if self.sender else None,
            "reply_to": [address.to_json() for address in self.reply_to],
            "to": [address.to_json() for address in self.to],
            "cc": [address.to_json() for address in self.cc],
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "reply": self.reply,
            "quoted": self.quoted,
            "attachments": [attachment.to_json() for attachment in self.attachments],
            "language": self.language,
            "auto": self.auto.to_json(),
        }

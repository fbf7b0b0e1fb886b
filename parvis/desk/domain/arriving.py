"""What a mail that arrived is to the house. Pure: everything it looks at is passed in."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parvis.channels.domain.mail.values import AutoInfo, ParsedMail

# Marks mail of this software, and of which installation, so that two of them never write to each other for ever.
INSTALLATION_HEADER = "X-Parvis-Installation"
# What machines say to us. It may belong to an encounter; by itself it does not open one.
SAID_BY_MACHINES = frozenset({"auto-reply", "bounce", "feedback-report", "read-receipt"})

_STILL_TRYING = re.compile(
    r"delay(?:ed)?\b|warning|retard|will (?:keep trying|be retried|continue)|no need to (?:resend|retry)|nouvel essai",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sender:
    """Whom to answer; both may be empty."""

    name: str
    address: str


def sender_of(parsed: "ParsedMail") -> Sender:
    """Reply-To where it names one person who can be written to, else who wrote."""
    person = parsed.sender
    if len(parsed.reply_to) == 1 and parsed.reply_to[0].is_valid:
        person = parsed.reply_to[0]
    if person is None:
        return Sender("", "")
    return Sender(person.name or (parsed.sender.name if parsed.sender else ""), person.address)


def judged(parsed: "ParsedMail", auto: "AutoInfo") -> "AutoInfo":
    """The parser's verdict, except that a member of another house who writes by Parvis is a person.

    Everything Parvis sends carries its header; only what it sends by itself is Auto-Submitted as well (RFC 3834, 5).
    """
    submitted = parsed.header("auto-submitted").strip().lower()
    if auto.kind == "auto-reply" and parsed.header(INSTALLATION_HEADER) and submitted in ("", "no"):
        return replace(auto, kind="none", may_reply=True, reason="written by a person in another Parvis")
    return auto


def set_aside(parsed: "ParsedMail", auto: "AutoInfo", sender: Sender, *, own: frozenset[str], installation: str) -> str:
    """Why a mail that belongs to no encounter does not open one; "" if it does. `own`: our addresses, lower case."""
    if parsed.header(INSTALLATION_HEADER) == installation:
        return "our own mail"
    written_by = {a.address.lower() for a in parsed.senders} | {sender.address.lower()}
    if own & written_by:
        return "our own address"
    if not sender.address:
        return "no sender"
    if auto.kind == "auto-reply" and not answers_something(parsed):
        return ""  # a machine's own message, say an order by a shop system: somebody should see it
    return auto.kind if auto.kind in SAID_BY_MACHINES else ""


def answers_something(parsed: "ParsedMail") -> bool:
    """Whether an automatic mail reacts to another one (a notice of absence, a receipt) rather than bringing news."""
    submitted = parsed.header("auto-submitted").strip().lower()
    if submitted.startswith("auto-generated"):
        return bool(parsed.in_reply_to)
    reasons = ("null return path", "is set", "vacation", "phrase", "subject", "auto-replied", "precedence: auto")
    said = parsed.auto.reason.lower()
    return bool(parsed.in_reply_to or parsed.references) or any(reason in said for reason in reasons)


def still_trying(parsed: "ParsedMail", auto: "AutoInfo") -> bool:
    """Whether a report only says that a mail is late, not that it was given up."""
    if not auto.temporary or auto.permanent:
        return False
    return _STILL_TRYING.search(f"{parsed.subject}\n{parsed.text[:3000]}") is not None


def returned_ids(parsed: "ParsedMail") -> list[str]:
    """Where a report may name the mail it returns: ids first, then its words and what it carries along."""
    carried = [
        a.content[:65536].decode("latin-1")
        for a in parsed.attachments
        if a.type.startswith(("message/", "text/rfc822"))
    ]
    return [parsed.auto.original_message_id, parsed.in_reply_to, *parsed.references, parsed.text, *carried]

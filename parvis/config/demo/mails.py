"""Mail as the outside world sends it, bytes and all: from people, from machines, and from nobody sane. Pure."""

import datetime as dt
import html
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from parvis.config.demo.people import Person
from parvis.kernel.clock import to_zone

_DAYS_FR = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS_FR = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."
)  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """The mail of ours that a customer answers."""

    message_id: str
    references: str
    subject: str
    text: str
    sent_at: dt.datetime


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a mail; `type` is "image/png" and the like."""

    name: str
    type: str
    content: bytes


def letter(
    *,
    person: Person,
    to: str,
    subject: str,
    text: str,
    at: dt.datetime,
    number: int,
    zone: str,
    answered: Answered | None = None,
    rich: bool = False,
    files: Sequence[Enclosure] = (),
) -> bytes:
    """A mail from a person, quoting below what it answers, as mail programs do; `rich` adds an HTML part."""
    message = EmailMessage()
    message["From"] = formataddr((person.name, person.mail))
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(to_zone(at, zone))
    host = person.mail.rpartition("@")[2]
    message["Message-ID"] = f"<{int(at.timestamp())}.{number}@{host}>"
    message["User-Agent"] = "Courrier 4.2" if person.language == "fr" else "Mailbird 2.9"
    if answered:
        message["In-Reply-To"] = f"<{answered.message_id}>"
        message["References"] = " ".join(filter(None, [answered.references, f"<{answered.message_id}>"]))
    quoted = _quoted(answered, person.language, zone) if answered else ""
    message.set_content(text + quoted, cte="quoted-printable")
    if rich:
        message.add_alternative(_page(text, quoted), subtype="html", cte="quoted-printable")
    for file in files:
        main, __, sub = file.type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message.as_bytes()


def _quoted(answered: Answered, language: str, zone: str) -> str:
    local = to_zone(answered.sent_at, zone)
    if language == "fr":
        day = f"{_DAYS_FR[local.weekday()]} {local.day} {_MONTHS_FR[local.month - 1]} {local.year}"
        intro = f"Le {day} à {local:%H:%M}, Atelier du Canal <bonjour@atelier-canal.example> a écrit :"
    else:
        intro = f"On {local:%a, %d %b %Y at %H:%M}, Atelier du Canal <bonjour@atelier-canal.example> wrote:"
    return f"\n\n{intro}\n\n" + "\n".join(f"> {line}".rstrip() for line in answered.text.splitlines())


def _page(text: str, quoted: str) -> str:
    paragraphs = "".join(
        "<p>" + html.escape(part).replace("\n", "<br>") + "</p>" for part in text.split("\n\n") if part.strip()
    )
    below = f"<blockquote>{html.escape(quoted).replace(chr(10), '<br>')}</blockquote>" if quoted else ""
    return (
        "<html><head><style>p { font-family: Georgia, serif; color: #333 }</style></head>"
        f'<body bgcolor="#ffffff">{paragraphs}{below}'
        '<img src="https://pixel.tracking.example/open.gif" width="1" height="1" alt=""></body></html>'
    )


def away(*, person: Person, to: str, at: dt.datetime, answered: Answered, zone: str) -> bytes:
    """What a person's mailbox answers by itself while they are away."""
    message = EmailMessage()
    message["From"] = formataddr((person.name, person.mail))
    message["To"] = to
    message["Subject"] = f"Réponse automatique : {answered.subject}"
    message["Date"] = format_datetime(to_zone(at, zone))
    message["Message-ID"] = f"<auto.{int(at.timestamp())}@{person.mail.rpartition('@')[2]}>"
    message["In-Reply-To"] = f"<{answered.message_id}>"
    message["References"] = f"<{answered.message_id}>"
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(
        "Bonjour,\n\nJe suis absent jusqu’à lundi et ne lis pas mes messages. "
        "En cas d’urgence, appelez le standard.\n\n"
        f"{person.name}\n"
    )
    return message.as_bytes()


def bounce(*, address: str, to: str, at: dt.datetime, answered: Answered, zone: str) -> bytes:
    """A delivery report (RFC 3464): the mail we sent to `address` will never arrive."""
    host = address.rpartition("@")[2]
    boundary = f"=_report_{int(at.timestamp())}"
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.{host}>\r\n"
        f"To: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(to_zone(at, zone))}\r\n"
        f"Message-ID: <report.{int(at.timestamp())}@mx.{host}>\r\n"
        f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host mx.{host}.\r\n\r\n"
        f"I'm sorry to have to inform you that your message could not be delivered.\r\n\r\n"
        f"<{address}>: host mx.{host} said: 550 5.1.1 <{address}>: Recipient address rejected: User unknown\r\n\r\n"
        f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.{host}\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: {to}\r\nTo: {address}\r\nSubject: Votre demande\r\nMessage-ID: <{answered.message_id}>\r\n\r\n"
        f"--{boundary}--\r\n"
    ).encode()


def notice(*, to: str, subject: str, text: str, at: dt.datetime, zone: str, kind: str) -> bytes:
    """Mail that no person wrote: kind "newsletter", "away" (an answer to something we never sent), "receipt"."""
    message = EmailMessage()
    message["From"] = formataddr(("Vélo Pro Distribution", "lettre@velo-pro.example"))
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(to_zone(at, zone))
    message["Message-ID"] = f"<{kind}.{int(at.timestamp())}@velo-pro.example>"
    if kind == "newsletter":
        message["List-Id"] = "La lettre Vélo Pro <lettre.velo-pro.example>"
        message["List-Unsubscribe"] = "<mailto:stop@velo-pro.example>"
        message["Precedence"] = "bulk"
    else:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(text)
    return message.as_bytes()


def rubbish(at: dt.datetime) -> bytes:
    """Bytes that a broken machine sends in place of a mail: nothing in them can be read."""
    return b"\x00" * 16 + int(at.timestamp()).to_bytes(8, "big") + bytes(range(128, 256)) * 2

"""Mail as customers and their servers write it, and how it gets into the house."""

from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from parvis.channels.models import OutMail, RawMail
from parvis.channels.services import Delivery, mails_store
from parvis.desk.services import mails_take_in
from parvis.kernel.clock import utcnow

CUSTOMER = "Zoé Martin <zoe@exemple.example>"
HOUSE = "bonjour@canal.example"
_numbers = iter(range(1, 1_000_000))


def letter(
    text: str = "Bonjour, mon vélo grince.\n",
    *,
    sender: str = CUSTOMER,
    to: str = HOUSE,
    subject: str = "Grincement",
    message_id: str = "",
    headers: dict[str, str] | None = None,
) -> EmailMessage:
    """A mail of a customer; a header given as "" is left out."""
    mail = EmailMessage()
    fields = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": format_datetime(utcnow()),
        "Message-ID": message_id or f"<m{next(_numbers)}@exemple.example>",
        **(headers or {}),
    }
    for name, value in fields.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail


def answer_to(
    out: OutMail, text: str, *, quoting: bool = False, references: bool = True, **fields: Any
) -> EmailMessage:
    """A customer's answer to a mail of ours, as a mail program makes it."""
    headers = {"In-Reply-To": f"<{out.message_id}>", "References": f"<{out.message_id}>"} if references else {}
    if quoting:
        quoted = "\n".join(f"> {line}" for line in out.text.splitlines())
        text = f"{text}\n\nOn Mon, 2 Nov 2026 at 10:00, Atelier <{HOUSE}> wrote:\n{quoted}\n"
    return letter(text, subject=f"Re: {out.subject}", headers=headers, **fields)


def report_of(
    out: OutMail, address: str, *, status: str = "5.1.1", action: str = "failed", returned: bool = True
) -> bytes:
    """A delivery report (RFC 3464) about a mail of ours, as a mail server writes it."""
    about = f"Message-ID: <{out.message_id}>\r\nFrom: {out.sender}\r\nTo: {address}\r\nSubject: {out.subject}\r\n"
    tail = f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{about}\r\n" if returned else ""
    delay = action == "delayed"
    return (
        "From: MAILER-DAEMON@mx.exemple.example (Mail Delivery System)\r\n"
        f"To: {HOUSE}\r\n"
        f"Subject: {'Delayed Mail (still being retried)' if delay else 'Undelivered Mail Returned to Sender'}\r\n"
        f"Message-ID: <dsn{next(_numbers)}@mx.exemple.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.exemple.example.\r\n"
        + ("Your message could not be delivered yet; it will be retried.\r\n" if delay else "It was not delivered.\r\n")
        + "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.exemple.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {'451 4.4.1 connection timed out' if delay else '550 5.1.1 User unknown'}\r\n\r\n"
        f"{tail}--b--\r\n"
    ).encode()


def take_in(*mails: EmailMessage | bytes, source: str = "smtp", envelope_from: str = "") -> list[RawMail]:
    """Store mails and give them their place; returns their rows as they stand then."""
    raws = [m if isinstance(m, bytes) else m.as_bytes() for m in mails]
    stored = mails_store(
        deliveries=[Delivery(raw, source=source, envelope_from=envelope_from, envelope_to=(HOUSE,)) for raw in raws]
    )
    while mails_take_in():
        pass
    return [RawMail.objects.get(pk=mail.pk) for mail, __ in stored]

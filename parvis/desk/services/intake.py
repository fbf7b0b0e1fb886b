"""From a stored mail to its place: an encounter it belongs to, a new one, or set aside with the reason."""

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import transaction

from parvis.catalog.selectors import own_addresses
from parvis.channels.models import MailState
from parvis.channels.selectors import mails_waiting
from parvis.channels.services import mail_claim, mail_read, mail_settle
from parvis.customers.services import address_bounced, customer_for_sender
from parvis.desk import events
from parvis.desk.domain.threading import encounter_of_token
from parvis.desk.models import Direction
from parvis.desk.selectors import encounter_of_mails, encounter_thread_facts
from parvis.desk.services.contacts import Contact, contact_receive, customer_spoke
from parvis.desk.services.letters import INSTALLATION_HEADER, thread_key
from parvis.desk.services.messages import File, Words, message_add
from parvis.encounters.services import encounter_lock, link_make
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor

if TYPE_CHECKING:
    from parvis.channels.domain.mail import ParsedMail
    from parvis.channels.models import RawMail

log = logging.getLogger("parvis.intake")

# A customer who writes into a matter closed longer ago than this has a new one, linked to the old.
REOPENS_FOR = dt.timedelta(days=30)
# Mail brought in from an archive is history: nobody is greeted, and nothing is promised after the fact.
HISTORY = "import"
# Automatic mail that belongs to no encounter is set aside instead of opening one.
SET_ASIDE = {"auto-reply", "bounce", "feedback-report", "read-receipt"}


def mails_take_in(*, limit: int = 100) -> int:
    """Take in waiting mails, oldest first; returns how many were dealt with. One mail's trouble is its own."""
    return sum(mail_take_in(mail_id=pk) is not None for pk in mails_waiting(limit))


def mail_take_in(*, mail_id: int) -> str | None:
    """Give one stored mail its place, in one transaction; returns its state, None if somebody else has it.

    Whatever goes wrong is kept on the mail as "failed" with the error; the bytes stay and can be read again.
    """
    try:
        with transaction.atomic():
            mail = mail_claim(mail_id)
            return _place(mail) if mail is not None else None
    except Exception as error:
        log.exception("mail %s could not be taken in", mail_id)
        with transaction.atomic():
            mail = mail_claim(mail_id)
            if mail is None:
                return None
            mail_settle(mail=mail, state=MailState.FAILED, error=f"{type(error).__name__}: {error}"[:4000])
        return MailState.FAILED


def _place(mail: "RawMail") -> str:
    parsed = mail_read(mail)
    if not parsed.ok and not (parsed.text or parsed.subject):
        return _settle(mail, MailState.FAILED, error=parsed.error)
    if parsed.auto.kind == "bounce":
        _note_bounces(parsed)
    encounter_id, how = _thread(parsed)
    sender = _sender(parsed)
    if encounter_id is None:
        if reason := _set_aside(parsed, sender):
            return _settle(mail, MailState.IGNORED, reason=reason)
        return _new(mail, parsed, sender)
    return _into(mail, parsed, sender, encounter_id, how)


def _settle(mail: "RawMail", state: str, reason: str = "", error: str = "") -> str:
    mail_settle(mail=mail, state=state, reason=reason, error=error)
    return state


def _sender(parsed: "ParsedMail") -> tuple[str, str]:
    """Name and address of whom to answer: Reply-To where it names one person, else the sender."""
    person = parsed.reply_to[0] if len(parsed.reply_to) == 1 and parsed.reply_to[0].address else parsed.sender
    if person is None or not person.address:
        return "", ""
    name = person.name or (parsed.sender.name if parsed.sender else "")
    return name, person.address


def _set_aside(parsed: "ParsedMail", sender: tuple[str, str]) -> str:
    if not sender[1]:
        return "no sender"
    if sender[1].lower() in own_addresses():
        return "our own address"
    if parsed.header(INSTALLATION_HEADER) and parsed.auto.kind != "none":
        return "automatic mail of a Parvis"
    return parsed.auto.kind if parsed.auto.kind in SET_ASIDE else ""


def _note_bounces(parsed: "ParsedMail") -> None:
    for recipient in parsed.auto.recipients:
        if recipient.permanent and recipient.address:
            address_bounced(actor=Actor.system(), address=recipient.address)


def _thread(parsed: "ParsedMail") -> tuple[int | None, str]:
    """The encounter by our signed token (in References, recipients or the text it quotes), else by References."""
    ids = [*parsed.references, parsed.in_reply_to]
    addresses = [a.address for a in [*parsed.to, *parsed.cc, *parsed.delivered_to]]
    key = thread_key()
    if (found := encounter_of_token([*reversed(ids), *addresses], key)) and encounter_thread_facts(found):
        return found, "token"
    if found := encounter_of_mails([i for i in ids if i], sender=_sender(parsed)[1]):
        return found, "references"
    if (found := encounter_of_token([parsed.quoted], key)) and encounter_thread_facts(found):
        return found, "quoted token"
    return None, ""


def _when(mail: "RawMail", parsed: "ParsedMail") -> dt.datetime:
    """When the customer spoke: on arrival; for an archive, the mail's own date if it is not in the future."""
    if mail.source.startswith(HISTORY) and parsed.date is not None and parsed.date < utcnow():
        return parsed.date
    return mail.received_at


def _files(parsed: "ParsedMail") -> list[File]:
    return [File(a.name or "", a.type, a.content, a.content_id or "", a.inline) for a in parsed.attachments]


def _message_fields(mail: "RawMail", parsed: "ParsedMail", how: str) -> dict[str, object]:
    return {
        "mail_id": mail.pk,
        "threaded_by": how,
        "automatic": "" if parsed.auto.kind == "none" else parsed.auto.kind,
        "recipients": {"to": [a.address for a in parsed.to], "cc": [a.address for a in parsed.cc]},
    }


def _new(mail: "RawMail", parsed: "ParsedMail", sender: tuple[str, str]) -> str:
    history = mail.source.startswith(HISTORY)
    text = parsed.text if not parsed.reply.strip() else parsed.reply
    contact = Contact(
        channel="email",
        text=text or parsed.subject or "–",
        subject=parsed.subject,
        name=sender[0],
        email=sender[1],
        language=parsed.language or "",
        site_id=mail.site_id,
        touchpoint_id=mail.touchpoint_id,
        greet=parsed.auto.may_reply and not history,
        promise=not history and parsed.auto.kind not in ("list", "calendar"),
        files=_files(parsed),
        references=[*parsed.references, parsed.message_id] if parsed.message_id else [],
    )
    fields = _message_fields(mail, parsed, "new")
    fields |= {"html": parsed.html or "", "quoted": parsed.quoted if parsed.reply.strip() else ""}
    contact_receive(actor=Actor.system(), contact=contact, at=_when(mail, parsed), **fields)
    return _settle(mail, MailState.ATTACHED, reason="new")


def _into(mail: "RawMail", parsed: "ParsedMail", sender: tuple[str, str], encounter_id: int, how: str) -> str:
    facts = encounter_thread_facts(encounter_id)
    if facts is None:
        raise RuntimeError("a thread was found whose encounter is not there")
    at = _when(mail, parsed)
    words = Words(
        parsed.reply if parsed.reply.strip() else parsed.text,
        subject=parsed.subject,
        quoted=parsed.quoted if parsed.reply.strip() else "",
        html=parsed.html or "",
        files=_files(parsed),
    )
    fields = _message_fields(mail, parsed, how) | {"sender_name": sender[0][:200], "sender_address": sender[1][:320]}
    if parsed.auto.kind in SET_ASIDE:
        # Belongs to the story, but nobody spoke: no reopening, no clock, no answer.
        with transaction.atomic():
            message_add(
                actor=Actor.system(),
                event=events.RECEIVED,
                encounter=encounter_lock(encounter_id),
                direction=Direction.IN,
                words=words,
                at=at,
                channel="email",
                **fields,
            )
        return _settle(mail, MailState.ATTACHED, reason=how)
    if facts.closed_at is not None and at - facts.closed_at > REOPENS_FOR:
        return _new_following(mail, parsed, sender, encounter_id)
    customer_id = facts.customer_id
    if sender[1]:
        customer, __ = customer_for_sender(
            actor=Actor.system(), site_id=facts.site_id, email=sender[1], name=sender[0], at=at
        )
        customer_id = customer.pk
    actor = Actor("customer", customer_id)
    customer_spoke(
        actor=actor, encounter_id=encounter_id, words=words, at=at, customer_id=customer_id, channel="email", **fields
    )
    return _settle(mail, MailState.ATTACHED, reason=how)


def _new_following(mail: "RawMail", parsed: "ParsedMail", sender: tuple[str, str], encounter_id: int) -> str:
    from parvis.desk.models import Message

    state = _new(mail, parsed, sender)
    new = Message.objects.select_related("encounter").get(mail_id=mail.pk).encounter
    link_make(actor=Actor.system(), source=new, target=encounter_lock(encounter_id), kind="follows")
    return state

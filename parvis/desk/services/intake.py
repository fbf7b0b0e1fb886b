"""From a stored mail to its place: an encounter it belongs to, a new one, or set aside with the reason."""

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from parvis.catalog.selectors import own_addresses
from parvis.channels.domain.states import MailState
from parvis.channels.selectors import copies_of, ids_in_place, mails_waiting
from parvis.channels.services import mail_attempted, mail_claim, mail_describe, mail_parse, mail_settle
from parvis.customers.services import customer_for_sender
from parvis.desk.domain.arriving import SAID_BY_MACHINES, Sender, judged, sender_of, set_aside
from parvis.desk.domain.threading import encounter_of_token
from parvis.desk.models import Message
from parvis.desk.selectors import encounter_of_mails, encounter_thread_facts
from parvis.desk.services.archive import archive_add, archive_open
from parvis.desk.services.contacts import Contact, contact_receive, customer_spoke
from parvis.desk.services.letters import installation_id, thread_key
from parvis.desk.services.messages import File, Words
from parvis.desk.services.returned import machine_said, mail_returned
from parvis.encounters.services import encounter_lock, link_make
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_email
from parvis.ledger.services import Actor, entries_collected

if TYPE_CHECKING:
    from parvis.channels.domain.mail import ParsedMail
    from parvis.channels.domain.mail.values import AutoInfo
    from parvis.channels.models import RawMail

log = logging.getLogger("parvis.intake")

# A customer who writes into a matter closed longer ago than this has a new one, linked to the old.
REOPENS_FOR = dt.timedelta(days=30)
# Mail brought in from an archive is history: nobody is greeted, and nothing is promised after the fact.
HISTORY = "import"
# A database that is away is no fault of the mail's; one that fails for ever at one mail must not hold up the others.
ATTEMPTS = 5


@dataclass(frozen=True)
class Arrival:
    """A mail that is being given its place, and what is known of it."""

    mail: "RawMail"
    parsed: "ParsedMail"
    auto: "AutoInfo"
    sender: Sender
    maybe_copy: bool = False

    @property
    def history(self) -> bool:
        """Whether it comes from an archive."""
        return self.mail.source.startswith(HISTORY)

    @property
    def by_machine(self) -> bool:
        """Whether it is an answer, report or receipt that a machine wrote."""
        return self.auto.kind in SAID_BY_MACHINES

    @property
    def at(self) -> dt.datetime:
        """When it was said: on arrival; in an archive, the mail's own date if it is not in the future."""
        if self.history and self.parsed.date is not None and self.parsed.date < utcnow():
            return self.parsed.date
        return self.mail.received_at

    def words(self) -> Words:
        """What is new in it, and what it quotes; all of it is new where nothing else is."""
        new, quoted = self.parsed.reply, self.parsed.quoted
        if not new.strip():
            new, quoted = self.parsed.text, ""
        files = [File(a.name, a.type, a.content, a.content_id, a.inline) for a in self.parsed.attachments]
        return Words(new, subject=self.parsed.subject, quoted=quoted, html=self.parsed.html or "", files=files)

    def fields(self, how: str) -> dict[str, Any]:
        """The columns of the message that tell of the mail."""
        to, cc = ([a.address for a in field] for field in (self.parsed.to, self.parsed.cc))
        return {
            "mail_id": self.mail.pk,
            "threaded_by": how,
            "automatic": "" if self.auto.kind == "none" else self.auto.kind,
            "recipients": {"to": to, "cc": cc},
            "sender_name": self.sender.name[:200],
            "sender_address": self.sender.address[:320],
        }


def mails_take_in(*, limit: int = 50) -> int:
    """Take in waiting mails, oldest first; returns how many were dealt with. One mail's trouble is its own.

    Raises the database's error when it does not answer at all: the mails wait.
    """
    # All are read before the first transaction, which on SQLite keeps every other writer waiting.
    read = [(mail, mail_parse(mail)) for mail in mails_waiting(limit)]
    ids = Counter(_message_id(parsed) for __, parsed in read)
    known = ids_in_place(ids) | {message_id for message_id, times in ids.items() if times > 1}
    taken = 0
    for mail, parsed in read:
        auto = judged(parsed, parsed.auto)
        arrival = Arrival(mail, parsed, auto, sender_of(parsed), maybe_copy=_message_id(parsed) in known - {""})
        taken += mail_take_in(arrival=arrival) is not None
    return taken


def _message_id(parsed: "ParsedMail") -> str:
    return parsed.message_id.strip("<>")


def mail_take_in(*, arrival: Arrival) -> str | None:
    """Give a waiting mail its place, in one transaction; returns its state, None if it has to wait or somebody else
    has it.

    Whatever goes wrong is kept on the mail as "failed" with the error; the bytes stay and can be read again.
    """
    mail = arrival.mail
    try:
        with transaction.atomic(), entries_collected():
            if not mail_claim(mail):
                return None
            mail_describe(mail, arrival.parsed)
            return _place(arrival)
    except (OperationalError, InterfaceError) as error:
        log.warning("mail %s waits for the database: %s", mail.pk, error)
        return _failed(mail, error) if mail_attempted(mail=mail) >= ATTEMPTS else None
    except Exception as error:
        log.exception("mail %s could not be taken in", mail.pk)
        return _failed(mail, error)


def _failed(mail: "RawMail", error: Exception) -> str | None:
    said = f"{type(error).__name__}: {error}".replace("\0", "")[:4000]
    with transaction.atomic():
        if not mail_claim(mail):
            return None
        mail_settle(mail=mail, state=MailState.FAILED, error=said)
    return MailState.FAILED.value


def _place(arrival: Arrival) -> str:
    mail, parsed = arrival.mail, arrival.parsed
    if not parsed.ok and not (arrival.sender.address and (parsed.text or parsed.subject or parsed.attachments)):
        return _settle(mail, MailState.FAILED, error=parsed.error)
    if _is_copy(arrival):
        return _settle(mail, MailState.IGNORED, reason="copy")
    if arrival.auto.kind in ("bounce", "feedback-report") and (found := mail_returned(arrival)):
        return _settle(mail, MailState.ATTACHED, reason=found)
    encounter_id, how = _thread(arrival)
    own = _own()
    reason = set_aside(parsed, arrival.auto, arrival.sender, own=own, installation=installation_id())
    if reason and (encounter_id is None or reason == "our own mail"):
        return _settle(mail, MailState.IGNORED, reason=reason)
    if encounter_id is None:
        return _new(arrival)
    by_house = arrival.sender.address.lower() in own
    if arrival.history or by_house:
        archive_add(arrival, encounter_id, how, by_house=by_house)
        return _settle(mail, MailState.ATTACHED, reason=how)
    return _into(arrival, encounter_id, how)


def _settle(mail: "RawMail", state: MailState, reason: str = "", error: str = "") -> str:
    mail_settle(mail=mail, state=state, reason=reason, error=error)
    return state.value


def _own() -> frozenset[str]:
    """The addresses the house writes from: whoever writes from them is no customer."""
    default = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return own_addresses() | {default}


def _is_copy(arrival: Arrival) -> bool:
    """Whether the same mail came before by another way (two of our addresses, a forwarder): same id, sender, words.

    The bytes differ by what servers added on the way; ids alone are not trusted, since some programs repeat them.
    """
    if not arrival.maybe_copy:
        return False
    words = arrival.words()
    same = {"text": words.text, "quoted": words.quoted, "subject": words.subject[:300]}
    return Message.objects.filter(mail_id__in=copies_of(arrival.mail), **same).exists()


def _thread(arrival: Arrival) -> tuple[int | None, str]:
    """The encounter by our signed token (in References, recipients or the text it quotes), else by References."""
    parsed = arrival.parsed
    ids = [i.strip("<>") for i in (*parsed.references, parsed.in_reply_to) if i]
    addresses = [a.address for a in [*parsed.to, *parsed.cc, *parsed.delivered_to]]
    key = thread_key()
    if (found := encounter_of_token([*reversed(ids), *addresses], key)) and encounter_thread_facts(found):
        return found, "token"
    if found := encounter_of_mails(ids, sender=arrival.sender.address):
        return found, "references"
    if (found := encounter_of_token([parsed.text], key)) and encounter_thread_facts(found):
        return found, "quoted token"
    return None, ""


def _new(arrival: Arrival) -> str:
    mail, parsed, words = arrival.mail, arrival.parsed, arrival.words()
    known = is_email(arrival.sender.address)
    contact = Contact(
        channel="email",
        text=words.text or parsed.subject or "–",
        subject=parsed.subject,
        name=arrival.sender.name or ("" if known else arrival.sender.address),
        email=arrival.sender.address if known else "",
        language=parsed.language or "",
        site_id=mail.site_id,
        touchpoint_id=mail.touchpoint_id,
        greet=arrival.auto.may_reply and arrival.auto.answer_read and not arrival.history,
        promise=not arrival.history and arrival.auto.kind in ("none", "calendar"),
        files=words.files,
        references=[i.strip("<>") for i in (*parsed.references, parsed.message_id) if i],
    )
    fields = arrival.fields("new") | {"html": words.html, "quoted": words.quoted}
    encounter, __ = contact_receive(actor=Actor.system(), contact=contact, at=arrival.at, **fields)
    if arrival.history:
        archive_open(encounter, arrival.at)
    return _settle(mail, MailState.ATTACHED, reason="new")


def _into(arrival: Arrival, encounter_id: int, how: str) -> str:
    facts = encounter_thread_facts(encounter_id)
    if facts is None:
        raise RuntimeError("a thread was found whose encounter is not there")
    if arrival.by_machine:
        machine_said(arrival, encounter_id, how)
        return _settle(arrival.mail, MailState.ATTACHED, reason=how)
    if facts.closed_at is not None and arrival.at - facts.closed_at > REOPENS_FOR:
        return _new_following(arrival, encounter_id)
    customer_id = facts.customer_id
    if is_email(arrival.sender.address):
        customer, __ = customer_for_sender(
            actor=Actor.system(),
            site_id=facts.site_id,
            email=arrival.sender.address,
            name=arrival.sender.name,
            at=arrival.at,
        )
        customer_id = customer.pk
    customer_spoke(
        actor=Actor("customer", customer_id),
        encounter_id=encounter_id,
        words=arrival.words(),
        at=arrival.at,
        customer_id=customer_id,
        channel="email",
        **arrival.fields(how),
    )
    return _settle(arrival.mail, MailState.ATTACHED, reason=how)


def _new_following(arrival: Arrival, encounter_id: int) -> str:
    state = _new(arrival)
    new = Message.objects.select_related("encounter").get(mail_id=arrival.mail.pk).encounter
    link_make(actor=Actor.system(), source=new, target=encounter_lock(encounter_id), kind="follows")
    return state

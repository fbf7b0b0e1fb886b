"""Mail out: a row first, the network later, with retry and a visible queue."""

import contextlib
import datetime as dt
import logging
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parvis.channels import events
from parvis.channels.domain.states import OutKind, OutState
from parvis.channels.models import OutMail
from parvis.channels.selectors import blob_content, outbox_visible
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotAllowed, NotFound
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import unit
from parvis.toolkit.inserts import row_insert

log = logging.getLogger("parvis.outbox")

PAUSES = [dt.timedelta(minutes=m) for m in (1, 5, 20, 60, 240, 720)]
CLAIM_LASTS = dt.timedelta(minutes=5)
BATCH = 20


@dataclass(frozen=True)
class Letter:
    """A mail about to be queued. `key` names the occasion, so that the same occasion queues one mail."""

    key: str
    to: Sequence[str]
    sender: str
    subject: str
    text: str
    message_id: str
    site_id: int | None = None
    encounter_ref: str = ""
    cc: Sequence[str] = ()
    reply_to: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Mapping[str, Any]] = ()
    automatic: bool = False
    not_before: dt.datetime | None = None


def letter_queue(*, letter: Letter) -> OutMail:
    """Put a mail into the outbox, inside the transaction of what it tells.

    Raises IntegrityError for a key that is there already: whoever queues has claimed the occasion before.
    """
    now = utcnow()
    at = letter.not_before or now
    mail = OutMail(
        key=letter.key,
        site_id=letter.site_id,
        encounter_ref=letter.encounter_ref,
        to=list(letter.to),
        cc=list(letter.cc),
        sender=letter.sender,
        reply_to=letter.reply_to,
        subject=" ".join(letter.subject.split())[:300],
        text=letter.text,
        html=letter.html,
        headers=dict(letter.headers),
        attachments=list(letter.attachments),
        message_id=letter.message_id,
        automatic=letter.automatic,
        not_before=at,
        next_attempt_at=at,
        created_at=now,
    )
    return row_insert(mail)


def letter_cancel(*, out_mail_id: int) -> bool:
    """Take a mail back if it has not begun to leave. Returns whether that was in time."""
    queued = OutMail.objects.filter(pk=out_mail_id, state=OutState.QUEUED, attempts=0)
    return bool(queued.update(state=OutState.CANCELLED))


def outbox_send(*, now: dt.datetime | None = None) -> tuple[int, int]:
    """Send what is due; returns (sent, failed for now). Does nothing while no mail server is set up.

    Each row is claimed by a conditional update, so that two workers never send it twice; a claim whose worker died
    lapses after five minutes. While the server cannot be reached nothing counts as an attempt: an outage of a day
    costs no mail.
    """
    if not settings.MAIL_CONFIGURED:
        return 0, 0
    now = now or utcnow()
    due = Q(state=OutState.QUEUED) | Q(state=OutState.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    found = OutMail.objects.filter(due, kind=OutKind.EMAIL, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    ids = list(found.values_list("pk", flat=True)[:BATCH])
    connection = None
    sent = 0
    for position, pk in enumerate(ids):
        try:
            connection = connection or _connected()
        except Exception as error:
            _postponed(ids[position:], error, now)
            return sent, len(ids) - sent
        claim = OutMail.objects.filter(due, pk=pk)
        if not claim.update(state=OutState.SENDING, claimed_at=utcnow(), attempts=F("attempts") + 1):
            continue
        mail = OutMail.objects.get(pk=pk)
        try:
            _compose(mail, connection).send()
        except Exception as error:
            log.warning("mail %s to %s failed: %r", mail.pk, mail.to, error)
            _closed(connection)
            connection = None
            _failed(mail, error)
        else:
            _sent(mail)
            sent += 1
    _closed(connection)
    return sent, len(ids) - sent


def _connected() -> Any:
    connection = get_connection()
    connection.open()
    return connection


def _closed(connection: Any) -> None:
    if connection is not None:
        with contextlib.suppress(Exception):  # what was sent is sent, whatever the server says when we leave
            connection.close()


def _postponed(ids: Sequence[int], error: Exception, now: dt.datetime) -> None:
    log.warning("the mail server cannot be reached, %d mails wait: %r", len(ids), error)
    waiting = OutMail.objects.filter(pk__in=ids, state=OutState.QUEUED)
    waiting.update(next_attempt_at=now + PAUSES[0], error=describe(error))


def describe(error: Exception) -> str:
    """An error of sending as it is kept: its kind, and what the server said."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(f"{a}: {code} {_text(text)}" for a, (code, text) in error.recipients.items())
    elif isinstance(error, smtplib.SMTPResponseException):
        said = f"{error.smtp_code} {_text(error.smtp_error)}"
    else:
        said = str(error)
    return f"{type(error).__name__}: {said}".replace("\0", "")[:2000]


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def is_final(error: Exception) -> bool:
    """Whether the server refused this mail for good (a 5xx about it): trying again would only annoy."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, __ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def _compose(mail: OutMail, connection: Any) -> EmailMultiAlternatives:
    headers = {"Message-ID": f"<{mail.message_id}>", **mail.headers}
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.sender,
        mail.to,
        cc=mail.cc,
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for item in mail.attachments:
        message.attach(item["name"], blob_content(item["blob"]), item["type"])
    return message


def _sent(mail: OutMail) -> None:
    with transaction.atomic():
        OutMail.objects.filter(pk=mail.pk).update(state=OutState.SENT, sent_at=utcnow(), error="")
        record(Actor.system(), events.MAIL_SENT, mail)


def _failed(mail: OutMail, error: Exception) -> None:
    left = [] if is_final(error) else PAUSES[mail.attempts - 1 : mail.attempts]
    with transaction.atomic():
        mail.state = OutState.QUEUED if left else OutState.FAILED
        mail.next_attempt_at = utcnow() + (left[0] if left else dt.timedelta())
        mail.error = describe(error)
        mail.save(update_fields=["state", "next_attempt_at", "error"])
        record(Actor.system(), events.MAIL_SEND_FAILED if left else events.MAIL_GIVEN_UP, mail)


def outmail_returned(*, out_mail_id: int, at: dt.datetime) -> None:
    """Note that a mail that left did not arrive."""
    with unit():
        if OutMail.objects.filter(pk=out_mail_id, returned_at=None).update(returned_at=at):
            record(Actor.system(), events.MAIL_RETURNED, OutMail.objects.get(pk=out_mail_id))


def outmail_retry(*, viewer: Viewer, out_mail_id: int) -> OutMail:
    """Try a failed message again at once."""
    mail = _manageable(viewer, out_mail_id)
    with transaction.atomic():
        again = OutMail.objects.filter(pk=mail.pk, state__in=[OutState.FAILED, OutState.QUEUED])
        if not again.update(state=OutState.QUEUED, attempts=0, next_attempt_at=utcnow(), error=""):
            raise Conflict(_("This message is on its way already."))
        record(actor_of(viewer), events.SMS_RETRIED if mail.kind == OutKind.SMS else events.MAIL_RETRIED, mail)
    return mail


def outmail_cancel(*, viewer: Viewer, out_mail_id: int) -> OutMail:
    """Take a waiting or failed message out of the queue for good."""
    mail = _manageable(viewer, out_mail_id)
    with transaction.atomic():
        waiting = OutMail.objects.filter(pk=mail.pk, state__in=[OutState.FAILED, OutState.QUEUED])
        if not waiting.update(state=OutState.CANCELLED):
            raise Conflict(_("This message has left already."))
        record(actor_of(viewer), events.SMS_CANCELLED if mail.kind == OutKind.SMS else events.MAIL_CANCELLED, mail)
    return mail


def _manageable(viewer: Viewer, out_mail_id: int) -> OutMail:
    if not viewer.may(Right.MANAGE_OUTBOX):
        raise NotAllowed(_("Only a lead or a manager changes the outbox."))
    mail = outbox_visible(viewer).filter(pk=out_mail_id).first()
    if mail is None:
        raise NotFound(_("There is no such mail, or it is not yours to see."))
    return mail


def record(actor: Actor, name: str, mail: OutMail) -> None:
    """Write down what happened to an outgoing message, in the caller's transaction."""
    entries_record(actor=actor, facts=[Fact(name, site_id=mail.site_id, data={"out_mail": mail.pk})])

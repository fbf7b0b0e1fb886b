"""Mail in: bytes first, meaning later; every mail in exactly one state."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from parvis.catalog.selectors import touchpoint_for_addresses
from parvis.channels import events
from parvis.channels.models import Blob, MailCounter, MailState, RawBody, RawMail
from parvis.channels.selectors import mail_visible
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import is_postgres

if TYPE_CHECKING:
    from parvis.channels.domain.mail import ParsedMail


@dataclass(frozen=True)
class Delivery:
    """A mail as somebody handed it to us."""

    raw: bytes
    source: str
    envelope_from: str = ""
    envelope_to: Sequence[str] = field(default_factory=tuple)
    at: dt.datetime | None = None


def mails_store(*, deliveries: Sequence[Delivery]) -> list[tuple[RawMail, bool]]:
    """Store mails before anything looks into them, in one transaction; for each its row and whether it is new.

    A mail that came before (the same bytes) is counted again and not stored twice. Once this returns, whoever
    delivered may forget the mail.
    """
    now = utcnow()
    with transaction.atomic():
        stored = [_store(d, now) for d in deliveries]
        for source in {d.source for d in deliveries}:
            count = sum(d.source == source for d in deliveries)
            counter, created = MailCounter.objects.get_or_create(source=source, defaults={"received": count})
            if not created:
                MailCounter.objects.filter(pk=counter.pk).update(received=F("received") + count)
    return stored


def _store(delivery: Delivery, now: dt.datetime) -> tuple[RawMail, bool]:
    digest = hashlib.sha256(delivery.raw).hexdigest()
    mail, created = RawMail.objects.get_or_create(
        sha256=digest,
        defaults={
            "size": len(delivery.raw),
            "source": delivery.source,
            "envelope_from": delivery.envelope_from[:320],
            "envelope_to": [a[:320] for a in delivery.envelope_to],
            "received_at": delivery.at or now,
        },
    )
    if created:
        RawBody.objects.create(mail=mail, content=delivery.raw)
    else:
        RawMail.objects.filter(pk=mail.pk).update(times_received=F("times_received") + 1)
    return mail, created


def mail_claim(mail_id: int) -> RawMail | None:
    """The mail, locked until the transaction ends, if it still waits to be taken in; else None."""
    waiting = RawMail.objects.filter(pk=mail_id, state__in=[MailState.STORED, MailState.PARSED])
    return (waiting.select_for_update(skip_locked=True) if is_postgres() else waiting).first()


def mail_read(mail: RawMail) -> "ParsedMail":
    """Read a stored mail and put what lists show of it on its row (not saved). Never raises, whatever the bytes."""
    from parvis.channels.domain.mail import parse_mail  # heavy: only whoever reads mail loads it

    raw = RawBody.objects.values_list("content", flat=True).get(pk=mail.pk)
    parsed = parse_mail(bytes(raw), envelope_from=mail.envelope_from or None)
    mail.message_id = (parsed.message_id or "")[:512]
    mail.sender = (parsed.sender.address if parsed.sender else "")[:320]
    mail.subject = parsed.subject[:300]
    named = [*parsed.delivered_to, *parsed.to, *parsed.cc]
    touchpoint = touchpoint_for_addresses([*mail.envelope_to, *(a.address for a in named)])
    if touchpoint is not None:
        mail.touchpoint, mail.site_id = touchpoint, touchpoint.site_id
    return parsed


def mail_settle(*, mail: RawMail, state: str, reason: str = "", error: str = "") -> None:
    """Bring a mail into a state. `reason` is a short word of ours, shown translated."""
    mail.state, mail.reason, mail.error = state, reason[:200], error
    mail.attempts += 1
    mail.save()
    name = {MailState.IGNORED: events.MAIL_IGNORED, MailState.FAILED: events.MAIL_FAILED}.get(MailState(state))
    if name:
        entries_record(
            actor=Actor.system(), facts=[Fact(name, site_id=mail.site_id, data={"mail": mail.pk, "reason": reason})]
        )


def mail_reread(*, viewer: Viewer, mail_id: int) -> None:
    """Read a failed or set-aside mail again, say after an update of Parvis."""
    with transaction.atomic():
        mail = mail_visible(viewer, mail_id)
        again = RawMail.objects.filter(pk=mail.pk, state__in=[MailState.FAILED, MailState.IGNORED])
        if again.update(state=MailState.STORED, reason="", error=""):
            fact = Fact(events.MAIL_REREAD, site_id=mail.site_id, data={"mail": mail.pk})
            entries_record(actor=actor_of(viewer), facts=[fact])


def blobs_store(contents: Iterable[bytes]) -> list[Blob]:
    """Keep contents, each once whatever the number of messages that carry it."""
    blobs = []
    for content in contents:
        digest = hashlib.sha256(content).hexdigest()
        blob, __ = Blob.objects.get_or_create(sha256=digest, defaults={"size": len(content), "content": content})
        blobs.append(blob)
    return blobs

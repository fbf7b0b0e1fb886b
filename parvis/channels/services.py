"""Mail in: bytes first, meaning later; every mail in exactly one state."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F

from parvis.catalog.selectors import touchpoint_for_addresses
from parvis.channels import events
from parvis.channels.domain.states import WAITING, MailState
from parvis.channels.models import Blob, MailCounter, RawBody, RawMail
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
    digests = [hashlib.sha256(d.raw).hexdigest() for d in deliveries]
    with transaction.atomic():
        try:
            with transaction.atomic():
                rows, new = _store(deliveries, digests)
        except IntegrityError:  # another process stored one of them between our look and our insert: look again
            rows, new = _store(deliveries, digests)
        for digest, times in Counter(digests).items():
            if repeats := times - (digest in new):
                RawMail.objects.filter(pk=rows[digest].pk).update(times_received=F("times_received") + repeats)
        for source, count in sorted(Counter(d.source for d in deliveries).items()):
            _count(source, count)
    stored = []
    for digest in digests:
        stored.append((rows[digest], digest in new))
        new.discard(digest)
    return stored


def _store(deliveries: Sequence[Delivery], digests: Sequence[str]) -> tuple[dict[str, RawMail], set[str]]:
    """Rows by hash of the bytes, old and new, and the hashes of the new ones."""
    now = utcnow()
    rows = {m.sha256: m for m in RawMail.objects.filter(sha256__in=set(digests))}
    fresh: dict[str, Delivery] = {}
    for delivery, digest in zip(deliveries, digests, strict=True):
        if digest not in rows:
            fresh.setdefault(digest, delivery)
    made = RawMail.objects.bulk_create(
        [
            RawMail(
                sha256=digest,
                size=len(d.raw),
                source=d.source[:120],
                envelope_from=_storable(d.envelope_from),
                envelope_to=[_storable(a) for a in d.envelope_to],
                received_at=d.at or now,
            )
            for digest, d in fresh.items()
        ]
    )
    RawBody.objects.bulk_create([RawBody(mail=m, content=fresh[m.sha256].raw) for m in made])
    return rows | {m.sha256: m for m in made}, set(fresh)


def _storable(address: str) -> str:
    """An address as a client sent it, without what no database stores."""
    return address.encode("utf-8", "replace").decode().replace("\0", "")[:320]


def _count(source: str, count: int) -> None:
    if not MailCounter.objects.filter(pk=source[:120]).update(received=F("received") + count):
        __, created = MailCounter.objects.get_or_create(source=source[:120], defaults={"received": count})
        if not created:
            MailCounter.objects.filter(pk=source[:120]).update(received=F("received") + count)


def mail_claim(mail_id: int) -> RawMail | None:
    """The mail, locked until the transaction ends, if it still waits to be taken in; else None."""
    waiting = RawMail.objects.filter(pk=mail_id, state__in=WAITING)
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

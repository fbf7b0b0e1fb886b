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
from parvis.channels.models import Blob, RawBody, RawMail
from parvis.channels.selectors import mail_visible
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import changed, rows
from parvis.toolkit.inserts import rows_append, rows_insert

if TYPE_CHECKING:
    from parvis.channels.domain.mail import ParsedMail

NULL_PATH = "<>"


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
                found, new = _store(deliveries, digests)
        except IntegrityError:  # another process stored one of them between our look and our insert: look again
            found, new = _store(deliveries, digests)
        for digest, times in Counter(digests).items():
            if repeats := times - (digest in new):
                RawMail.objects.filter(pk=found[digest].pk).update(times_received=F("times_received") + repeats)
        for source, count in sorted(Counter(d.source for d in deliveries).items()):
            _count(source, count)
    stored = []
    for digest in digests:
        stored.append((found[digest], digest in new))
        new.discard(digest)
    return stored


def _store(deliveries: Sequence[Delivery], digests: Sequence[str]) -> tuple[dict[str, RawMail], set[str]]:
    """Rows by hash of the bytes, old and new, and the hashes of the new ones."""
    now = utcnow()
    known = {m.sha256: m for m in _stored(tuple(sorted(set(digests))))}
    fresh: dict[str, Delivery] = {}
    for delivery, digest in zip(deliveries, digests, strict=True):
        if digest not in known:
            fresh.setdefault(digest, delivery)
    made = rows_insert(
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
    rows_append(RawBody, [RawBody(mail=m, content=fresh[m.sha256].raw) for m in made], keyed=True)
    return known | {m.sha256: m for m in made}, set(fresh)


def _stored(digests: tuple[str, ...]) -> list[RawMail]:
    """Those of these bytes that we have. Few ever come twice: only then is more asked than whether they did."""
    marks = ",".join(["%s"] * len(digests))
    ids = rows(f"SELECT id FROM channels_rawmail WHERE sha256 IN ({marks})", digests)  # noqa: S608
    return list(RawMail.objects.filter(pk__in=[pk for (pk,) in ids])) if ids else []


def _storable(address: str) -> str:
    """An address as a client sent it, without what no database stores."""
    return address.encode("utf-8", "replace").decode().replace("\0", "")[:320]


def _count(source: str, count: int) -> None:
    changed(_COUNT, [source[:120], count])


_COUNT = """
    INSERT INTO channels_mailcounter (source, received) VALUES (%s, %s)
    ON CONFLICT (source) DO UPDATE SET received = channels_mailcounter.received + excluded.received
"""


def mail_parse(mail: RawMail) -> "ParsedMail":
    """Read the bytes of a stored mail; needs no lock, and never raises, whatever the bytes are."""
    from parvis.channels.domain.mail import parse_mail  # heavy: only whoever reads mail loads it

    # "<>" is the null path, which a machine uses that wants no answer; nothing means that we were not told.
    path = "" if mail.envelope_from == NULL_PATH else mail.envelope_from or None
    return parse_mail(bytes(mail.body.content), envelope_from=path)


def mail_claim(mail: RawMail) -> bool:
    """Hold a waiting mail until the transaction ends; False if somebody else has taken it in since it was read."""
    mail.attempts += 1
    waiting = RawMail.objects.filter(pk=mail.pk, state__in=WAITING)
    return bool(waiting.update(attempts=F("attempts") + 1))


def mail_describe(mail: RawMail, parsed: "ParsedMail") -> None:
    """Put what lists show of a mail on its row, and the touchpoint it came to. Not saved: `mail_settle` does."""
    mail.message_id = parsed.message_id.strip("<>")[:512]
    mail.sender = (parsed.sender.address if parsed.sender else "").lower()[:320]
    mail.subject = parsed.subject[:300]
    named = [*parsed.delivered_to, *parsed.to, *parsed.cc]
    touchpoint = touchpoint_for_addresses([*mail.envelope_to, *(a.address for a in named)])
    if touchpoint is not None:
        mail.touchpoint_id, mail.site_id = touchpoint.pk, touchpoint.site_id


def mail_settle(*, mail: RawMail, state: MailState, reason: str = "", error: str = "") -> None:
    """Bring a claimed mail into a state. `reason` is a short word of ours, shown translated (`channels.words`)."""
    mail.state, mail.reason, mail.error = state.value, reason[:200], error
    RawMail.objects.filter(pk=mail.pk).update(
        **{name: getattr(mail, name) for name in ("state", "reason", "error", "message_id", "sender", "subject")},
        touchpoint_id=mail.touchpoint_id,
        site_id=mail.site_id,
    )
    name = {MailState.IGNORED: events.MAIL_IGNORED, MailState.FAILED: events.MAIL_FAILED}.get(state)
    if name:
        entries_record(
            actor=Actor.system(), facts=[Fact(name, site_id=mail.site_id, data={"mail": mail.pk, "reason": reason})]
        )


def mail_attempted(*, mail: RawMail) -> int:
    """Note an attempt that failed for reasons that are not the mail's; returns how many there were."""
    RawMail.objects.filter(pk=mail.pk).update(attempts=F("attempts") + 1)
    return RawMail.objects.values_list("attempts", flat=True).get(pk=mail.pk)


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

"""Reads of mail in and mail out, each starting from what the viewer may see."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from parvis.channels.domain.states import WAITING, MailState, OutState
from parvis.channels.models import Blob, MailCounter, MailCursor, OutMail, RawBody, RawMail
from parvis.kernel.errors import NotAllowed, NotFound
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.db import capped_count
from parvis.toolkit.prepared import prepared


def mails_visible(viewer: Viewer) -> QuerySet[RawMail]:
    """Mail received at the viewer's sites, for managers; mail of no known site is for those who see all of them."""
    if not viewer.may(Right.SEE_MAIL_LEDGER):
        raise NotAllowed(_("The mail ledger is for managers."))
    found = RawMail.objects.order_by("-id")
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def mails_found(viewer: Viewer, *, state: str = "", query: str = "") -> QuerySet[RawMail]:
    """Those in a state ("waiting" is both before their place), and of one sender or Message-ID, newest first."""
    found = mails_visible(viewer).select_related("touchpoint")
    if state:
        found = found.filter(state__in=WAITING if state == "waiting" else [state])
    if query:
        found = found.filter(Q(sender=query.lower()) | Q(message_id=query.strip("<>")))
    return found


def mail_waiting_since(viewer: Viewer) -> dt.datetime | None:
    """Since when the oldest mail waits to be read; None if none does. Only for those who see the whole house: what
    is not read yet is of no known site."""
    if viewer.site_ids is not None:
        return None
    waiting = RawMail.objects.filter(state__in=WAITING, attempts=0).order_by("id")
    return waiting.values_list("received_at", flat=True).first()


def accounts_in_trouble(viewer: Viewer) -> list[MailCursor]:
    """Mailboxes elsewhere that cannot be fetched, for those who see the whole house."""
    return list(MailCursor.objects.exclude(error="").order_by("source")[:10]) if viewer.site_ids is None else []


def mail_visible(viewer: Viewer, mail_id: int) -> RawMail:
    """One mail. Raises NotFound."""
    found = mails_visible(viewer).filter(pk=mail_id).first()
    if found is None:
        raise NotFound(_("There is no such mail, or it is not yours to see."), code="no_mail")
    return found


def raw_bytes(viewer: Viewer, mail_id: int) -> bytes:
    """The bytes of a mail as they came."""
    return bytes(RawBody.objects.values_list("content", flat=True).get(pk=mail_visible(viewer, mail_id).pk))


def states_of_source(source: str) -> dict[str, int]:
    """How many mails of one source stand where."""
    rows = RawMail.objects.filter(source=source[:120]).order_by().values_list("state").annotate(n=Count("pk"))
    return {s.value: 0 for s in MailState} | dict(rows)


@dataclass(frozen=True)
class MailTally:
    """The account of mail: what servers handed over, what is stored, and where each stored mail stands.

    `received` counts acceptances; `repeated` those whose bytes we had already. received = stored + repeated, always.
    """

    received: int
    stored: int
    repeated: int
    by_state: dict[str, int]

    @property
    def lost(self) -> int:
        """Must be 0."""
        return self.received - self.stored - self.repeated


def mail_tally(viewer: Viewer) -> MailTally:
    """Count the mail of the house. Time basis: since installation. Over the viewer's sites only, if limited to some."""
    mails = mails_visible(viewer).order_by()
    by_state = dict(mails.values_list("state").annotate(n=Count("pk")))
    stored = sum(by_state.values())
    # Few come twice, and these have an index: adding up all mail would read all of it. (In so many words, since from a
    # parameter SQLite cannot tell that the index holds them all.)
    twice = mails.extra(where=["times_received > 1"])
    handed = stored + (twice.aggregate(n=Sum(F("times_received") - 1))["n"] or 0)
    received = MailCounter.objects.aggregate(n=Sum("received"))["n"] or 0 if viewer.site_ids is None else handed
    return MailTally(received, stored, handed - stored, {s.value: by_state.get(s.value, 0) for s in MailState})


def mails_waiting(limit: int = 50, *, max_bytes: int = 16 * 1024 * 1024) -> list[RawMail]:
    """Mails to be taken in, oldest first, with their bytes; at least one, and not more than memory likes."""
    # State by state, each along the index: asked for both at once, SQLite reads all mail there is.
    waiting = sorted(row for state in WAITING for row in _waiting(state, limit))[:limit]
    ids: list[int] = []
    total = 0
    for pk, size in waiting:
        total += size
        if ids and total > max_bytes:
            break
        ids.append(pk)
    found = RawMail.objects.filter(pk__in=ids, state__in=WAITING).select_related("body").order_by("id")
    return list(found) if ids else []


@prepared
def _waiting(state: str, limit: int) -> QuerySet:
    return RawMail.objects.filter(state=state).order_by("id").values_list("pk", "size")[:limit]


def known_mail_ids(message_ids: list[str]) -> tuple[list[int], list[int]]:
    """Which of these Message-IDs we know: ids of received mails, and of mails we sent."""
    received = RawMail.objects.filter(message_id__in=message_ids).values_list("pk", flat=True)
    sent = OutMail.objects.filter(message_id__in=message_ids).values_list("pk", flat=True)
    return list(received), list(sent)


def ids_in_place(message_ids: Iterable[str]) -> set[str]:
    """Which of these Message-IDs a mail that has its place bears."""
    found = RawMail.objects.filter(message_id__in=set(message_ids), state=MailState.ATTACHED.value)
    return set(found.values_list("message_id", flat=True))


def copies_of(mail: RawMail) -> list[int]:
    """Other mails with the same Message-ID, sender and subject that have their place: perhaps the same mail."""
    found = RawMail.objects.filter(message_id=mail.message_id, sender=mail.sender, subject=mail.subject)
    return list(found.filter(state=MailState.ATTACHED.value).exclude(pk=mail.pk).values_list("pk", flat=True)[:20])


@dataclass(frozen=True)
class SentMail:
    """What is known of a mail or text message that left."""

    pk: int
    recipients: tuple[str, ...]
    automatic: bool
    kind: str


def sent_mail_of(message_ids: list[str], *, out_mail_id: int | None = None) -> SentMail | None:
    """The mail of ours that has one of these Message-IDs, or this id."""
    found = (
        OutMail.objects.filter(pk=out_mail_id) if out_mail_id else OutMail.objects.filter(message_id__in=message_ids)
    )
    row = found.values_list("pk", "to", "cc", "automatic", "kind").first()
    return SentMail(row[0], (*row[1], *row[2]), row[3], row[4]) if row else None


def outbox_visible(viewer: Viewer) -> QuerySet[OutMail]:
    """Outgoing mail of the viewer's sites, newest first."""
    found = OutMail.objects.order_by("-id").select_related("site")
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def outbox_in_view(viewer: Viewer, view: str) -> QuerySet[OutMail]:
    """Outgoing mail that waits ("waiting"), came back ("returned"), or is in the state of that name."""
    found = outbox_visible(viewer)
    if view == "waiting":
        return found.filter(state__in=[OutState.QUEUED.value, OutState.SENDING.value])
    if view == "returned":
        return found.filter(returned_at__isnull=False)
    return found.filter(state=view)


def outbox_counts(viewer: Viewer) -> dict[str, int]:
    """How many mails stand where, each counted up to 100; "returned" are those that left and came back."""
    found = {s.value: capped_count(outbox_visible(viewer).filter(state=s.value)) for s in OutState}
    return found | {"returned": capped_count(outbox_in_view(viewer, "returned"))}


def blob_content(blob_id: int) -> bytes:
    """The content of an attachment. The caller has checked who asks."""
    return bytes(Blob.objects.values_list("content", flat=True).get(pk=blob_id))

"""Reads of conversations, each starting from what the viewer may see."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.channels.places import Place
from parvis.channels.selectors import known_mail_ids
from parvis.desk.models import SEARCH, Attachment, Draft, FollowUp, Message, Presence, Reading
from parvis.encounters.selectors import encounter_visible, encounters_visible
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound
from parvis.kernel.references import reference_of
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared


def messages_of(viewer: Viewer, encounter_id: int) -> QuerySet[Message]:
    """The messages of an encounter in the order they came. Raises NotFound if it is out of sight."""
    encounter_visible(viewer, encounter_id)
    found = Message.objects.filter(encounter_id=encounter_id).select_related("author", "customer", "out_mail")
    return found.prefetch_related("attachments").order_by("id")


def message_visible(viewer: Viewer, message_id: int) -> Message:
    """One message. Raises NotFound alike for none and for one out of sight."""
    found = Message.objects.filter(pk=message_id).select_related("encounter", "out_mail").first()
    if found is None or not viewer.sees_site(found.encounter.site_id):
        raise NotFound(_("There is no such message, or it is not yours to see."), code="no_message")
    return found


def latest_message_id(encounter_id: int, *, direction: str | None = None) -> int:
    """The newest message of an encounter (0 if none)."""
    found = Message.objects.filter(encounter_id=encounter_id)
    if direction is not None:
        found = found.filter(direction=direction)
    return found.order_by("-id").values_list("pk", flat=True).first() or 0


def reply_address(encounter_id: int) -> str:
    """The address the customer last wrote from in this encounter."""
    address = next((address for (address,) in _spoke_from(encounter=encounter_id)), "")
    return address if "@" in address else ""


@prepared
def _spoke_from(encounter: int) -> QuerySet:
    spoken = Message.objects.filter(encounter_id=encounter, direction="in", automatic="").exclude(sender_address="")
    found = spoken.filter(channel__in=["email", "form", "api"]).order_by("-id")
    return found.values_list("sender_address")[:1]


def thread_references(encounter_id: int) -> list[str]:
    """Message-IDs of the thread, oldest first, for the References of the next mail."""
    rows = Message.objects.filter(encounter_id=encounter_id).order_by("id")
    pairs = rows.values_list("mail__message_id", "out_mail__message_id")
    return [received or sent for received, sent in pairs if received or sent]


@dataclass(frozen=True)
class ThreadFacts:
    """What taking in a mail needs to know of the encounter it may belong to."""

    customer_id: int
    site_id: int
    closed_at: dt.datetime | None


def encounter_thread_facts(encounter_id: int) -> ThreadFacts | None:
    """Those facts, or None if there is no such encounter. Without a viewer: for the house's own intake."""
    row = (
        encounters_visible(Viewer.house())
        .filter(pk=encounter_id)
        .values_list("customer_id", "site_id", "closed_at")
        .first()
    )
    return ThreadFacts(*row) if row else None


def encounter_of_mails(message_ids: list[str], *, sender: str) -> int | None:
    """The encounter of a mail that refers to these Message-IDs.

    A mail we sent is known to its recipients only, so its id is proof enough; the id of a mail we received counts only
    when the sender has a part in that encounter already.
    """
    if not message_ids:
        return None
    received, sent = known_mail_ids(message_ids)
    if sent:
        found = Message.objects.filter(out_mail_id__in=sent).order_by("-id").values_list("encounter_id", flat=True)
        if encounter_id := found.first():
            return encounter_id
    for message in Message.objects.filter(mail_id__in=received).order_by("-id")[:20]:
        parties = {message.sender_address, *message.recipients.get("to", []), *message.recipients.get("cc", [])}
        if sender.lower() in {p.lower() for p in parties if p}:
            return message.encounter_id
    return None


def mail_places(viewer: Viewer, mail_ids: Sequence[int]) -> dict[int, Place]:
    """Mail id → the encounter it is in, for those the viewer may see. One query."""
    found = Message.objects.filter(mail_id__in=mail_ids)
    if viewer.site_ids is not None:
        found = found.filter(encounter__site_id__in=viewer.site_ids)
    rows = found.values_list("mail_id", "encounter_id", "encounter__subject")
    return {mail_id: Place(reference_of("E", encounter_id), subject) for mail_id, encounter_id, subject in rows}


def draft_of(viewer: Viewer, encounter_id: int, kind: str = "reply") -> str:
    """What the viewer was writing."""
    found = Draft.objects.filter(encounter_id=encounter_id, member_id=viewer.person, kind=kind)
    return found.values_list("text", flat=True).first() or ""


def read_until(viewer: Viewer, encounter_ids: list[int]) -> dict[int, int]:
    """Encounter id → last message the viewer has read."""
    found = Reading.objects.filter(member_id=viewer.person, encounter_id__in=encounter_ids)
    return dict(found.values_list("encounter_id", "message_id"))


def others_present(viewer: Viewer, encounter_id: int) -> list[Presence]:
    """Colleagues who have the encounter on screen now."""
    from parvis.desk.services.drafts import PRESENT_FOR

    since = utcnow() - PRESENT_FOR
    found = Presence.objects.filter(encounter_id=encounter_id, at__gte=since).exclude(member_id=viewer.person)
    return list(found.select_related("member").order_by("member__name"))


def follow_ups_of(encounter_id: int) -> list[FollowUp]:
    """The follow-up questions of an encounter, newest round first."""
    return _follow_ups(encounter=encounter_id)


@prepared
def _follow_ups(encounter: int) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(encounter_id=encounter).order_by("-round")


@dataclass(frozen=True)
class Hit:
    """A message found, with what a result line shows."""

    message_id: int
    encounter_id: int
    text: str


def conversations_search(
    viewer: Viewer, query: str, *, limit: int = 30, before: int | None = None
) -> tuple[list[Hit], int | None]:
    """Messages with all words of the query (each as a prefix), newest first, one per encounter, of the viewer's sites.

    Returns the hits and the message id to continue `before`, None at the end.
    """
    where, params = "1 = 1", []
    if viewer.site_ids is not None:
        marks = ",".join(["%s"] * len(viewer.site_ids)) or "NULL"
        where, params = f"e.site_id IN ({marks})", sorted(viewer.site_ids)
    join = f"JOIN desk_message m ON m.id = {SEARCH.name}.rowid JOIN encounters_encounter e ON e.id = m.encounter_id"
    columns = "m.id, m.encounter_id, substr(m.text, 1, 400)"
    reach = limit * 3
    rows = SEARCH.hits(query, join=join, where=where, params=params, columns=columns, limit=reach, before=before)
    hits: dict[int, Hit] = {}
    last = None
    for message_id, encounter_id, text in rows:
        if encounter_id not in hits and len(hits) == limit:
            break
        hits.setdefault(encounter_id, Hit(message_id, encounter_id, text))
        last = message_id
    more = len(rows) == reach or (rows and last != rows[-1][0])
    return list(hits.values()), last if more else None


def attachment_visible(viewer: Viewer, attachment_id: int) -> Attachment:
    """One file of a message. Raises NotFound alike for none and for one out of sight."""
    found = Attachment.objects.filter(pk=attachment_id).select_related("message__encounter").first()
    if found is None or not viewer.sees_site(found.message.encounter.site_id):
        raise NotFound(_("There is no such file, or it is not yours to see."), code="no_file")
    return found

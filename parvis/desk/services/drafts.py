"""What a member is writing, has read, and has on screen."""

import datetime as dt
from typing import Any

from django.db import transaction

from parvis.desk.models import Draft, Presence, Reading
from parvis.encounters.selectors import encounter_visible
from parvis.kernel.clock import utcnow
from parvis.staff.domain.viewer import Viewer

PRESENT_FOR = dt.timedelta(seconds=40)


def draft_save(*, viewer: Viewer, encounter_id: int, kind: str, text: str) -> None:
    """Keep what is being written; an empty draft is dropped."""
    encounter_visible(viewer, encounter_id)
    if viewer.member_id is not None:
        draft_put(encounter_id=encounter_id, member_id=viewer.member_id, kind=kind, text=text)


def draft_put(*, encounter_id: int, member_id: int | None, kind: str, text: str) -> None:
    """The same without asking who may: for services that have asked."""
    if member_id is None:
        return
    mine: dict[str, Any] = {"encounter_id": encounter_id, "member_id": member_id, "kind": kind}
    if text.strip():
        Draft.objects.update_or_create(**mine, defaults={"text": text})
    else:
        Draft.objects.filter(**mine).delete()


def reading_mark(*, viewer: Viewer, encounter_id: int, message_id: int) -> None:
    """Remember how far a member has read; never backwards."""
    if viewer.member_id is None:
        return
    mine = {"encounter_id": encounter_id, "member_id": viewer.member_id}
    with transaction.atomic():
        reading, created = Reading.objects.get_or_create(**mine, defaults={"message_id": message_id})
        if not created and reading.message_id < message_id:
            Reading.objects.filter(**mine, message_id__lt=message_id).update(message_id=message_id)


def presence_note(*, viewer: Viewer, encounter_id: int, typing: bool = False) -> None:
    """A member has the encounter on screen, or is typing in it."""
    encounter_visible(viewer, encounter_id)
    if viewer.member_id is not None:
        Presence.objects.update_or_create(
            encounter_id=encounter_id, member_id=viewer.member_id, defaults={"typing": typing, "at": utcnow()}
        )

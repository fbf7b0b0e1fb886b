"""Staff speak: replies with ten seconds to take them back, notes, closing, reopening, renegotiating."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.channels.outbox import letter_cancel
from parvis.customers.selectors import contact_points_of, email_of
from parvis.customers.services import customer_counted
from parvis.desk import events
from parvis.desk.models import Direction, Draft, Message, Purpose
from parvis.desk.selectors import latest_message_id, message_visible, reply_address, thread_references
from parvis.desk.services.contacts import reopened
from parvis.desk.services.follow_up import follow_up_schedule
from parvis.desk.services.letters import house_text, language_of, queue, stated_time
from parvis.desk.services.messages import File, Words, last_line_of, message_add
from parvis.encounters.domain.stages import Event, Progress, Stage, Status
from parvis.encounters.selectors import encounter_visible
from parvis.encounters.services import encounter_advance, encounter_lock, encounter_restore, progress_of
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.promises import services as promises
from parvis.promises.domain.promise import Kind
from parvis.staff.domain.viewer import Viewer
from parvis.staff.selectors import signed_as
from parvis.staff.services import actor_of

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

UNDO_SECONDS = 10


class Then(StrEnum):
    """What a reply leaves behind."""

    STAY = "stay"
    WAIT = "wait"
    CLOSE = "close"


def reply_send(
    *,
    viewer: Viewer,
    encounter_id: int,
    text: str,
    then: Then = Then.STAY,
    channel: str = "email",
    seen_message: int | None = None,
    files: Sequence[File] = (),
    undo_seconds: int = UNDO_SECONDS,
) -> Message:
    """Answer the customer. By mail it leaves after `undo_seconds`; by phone or at the counter it records what was said.

    `seen_message` is the last message the writer had on screen: raises Conflict (code "arrived_meanwhile") if something
    came in since, so that they see it first. Raises Invalid for an empty text, or mail to somebody without an address.
    """
    if not text.strip():
        raise Invalid(_("Write something first."), fields={"text": _("The reply is empty.")})
    with transaction.atomic():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        if seen_message is not None and latest_message_id(encounter.pk, direction=Direction.IN) > seen_message:
            raise Conflict(_("Something arrived while you were writing."), code="arrived_meanwhile")
        actor, now = actor_of(viewer), utcnow()
        undo: dict[str, Any] = {"progress": _snapshot(encounter), "last_line": encounter.last_line}
        address = _address(encounter) if channel == "email" else ""
        message = message_add(
            actor=actor,
            event=events.SENT,
            encounter=encounter,
            direction=Direction.OUT,
            words=Words(text.strip(), files=files),
            at=now,
            channel=channel,
            author_id=viewer.member_id,
            recipients={"to": [address]} if address else {},
        )
        if address:
            leaves = now + dt.timedelta(seconds=undo_seconds)
            message.out_mail_id = _letter(viewer, encounter, message, address, leaves).pk
        undo["owner"], undo["unanswered"] = encounter.owner_id, encounter.unanswered
        encounter_advance(
            actor=actor,
            encounter=encounter,
            event=Event.ASKED if then is Then.WAIT else Event.ANSWERED,
            at=now,
            owner_id=encounter.owner_id or viewer.member_id,
            last_line=last_line_of(text),
            last_activity_at=now,
            unanswered=False,
        )
        undo["settled"] = promises.promises_settle(
            actor=actor, encounter_id=encounter.pk, kinds=[Kind.FIRST_ANSWER, Kind.NEXT_NEWS], at=now
        )
        if then is Then.WAIT:
            promises.promises_pause(actor=actor, encounter_id=encounter.pk, at=now)
        if then is Then.CLOSE and encounter.status != Status.CLOSED:
            undo["settled"] += _close(viewer, encounter, now)
        message.undo = undo if address and undo_seconds else None
        message.save(update_fields=["out_mail", "undo"])
        Draft.objects.filter(encounter_id=encounter.pk, member_id=viewer.person, kind="reply").delete()
    return message


def _snapshot(encounter: "Encounter") -> dict[str, Any]:
    at = progress_of(encounter)
    return {"stage": at.stage, "status": at.status, "reached": at.reached, "reopened": at.reopened}


def _address(encounter: "Encounter") -> str:
    address = reply_address(encounter.pk) or email_of(encounter.customer_id)
    if not address:
        raise Invalid(
            _("This customer has no e-mail address."),
            code="no_address",
            hint=_("Add one to their record, or note the reply as said by phone or at the counter."),
        )
    return address


def _letter(viewer: Viewer, encounter: "Encounter", message: Message, address: str, leaves: dt.datetime) -> Any:
    customer = encounter.customer
    subject, body = house_text(
        "reply", encounter, customer, language_of(customer), text=message.text, member=signed_as(viewer)
    )
    attachments = [{"name": a.name, "type": a.type, "blob": a.blob_id} for a in message.attachments.all()]
    return queue(
        key=f"reply:{message.pk}",
        encounter=encounter,
        to=[address],
        subject=subject,
        text=body,
        references=thread_references(encounter.pk),
        attachments=attachments,
        not_before=leaves,
    )


def reply_take_back(*, viewer: Viewer, message_id: int) -> str:
    """Take a reply back before it leaves: everything stands as before, the text is a draft again. Returns the text.

    Raises Conflict when it has left.
    """
    with transaction.atomic():
        message = message_visible(viewer, message_id)
        encounter = encounter_lock(message.encounter_id)
        undo, out_mail_id = message.undo, message.out_mail_id
        mine = message.author_id == viewer.member_id
        if undo is None or out_mail_id is None or not mine or not letter_cancel(out_mail_id=out_mail_id):
            raise Conflict(_("This reply has left already."), code="left_already")
        actor = actor_of(viewer)
        was, now_closed = undo["progress"], encounter.status == Status.CLOSED
        promises.promises_resume(actor=actor, encounter_id=encounter.pk)
        promises.promises_unsettle(actor=actor, promise_ids=undo["settled"])
        encounter.refresh_from_db()
        if now_closed and was["status"] != Status.CLOSED:
            customer_counted(customer_id=encounter.customer_id, open_change=1)
            encounter.closed_at = None
            encounter.follow_ups.filter(asked_at=None).delete()
        if was["status"] == Status.OPEN:
            encounter.waiting_since = None
        encounter_restore(
            encounter=encounter,
            progress=Progress(Stage(was["stage"]), Status(was["status"]), was["reached"], was["reopened"]),
            owner_id=undo["owner"],
            unanswered=undo["unanswered"],
            last_line=undo["last_line"],
        )
        from parvis.desk.services.drafts import draft_put
        from parvis.encounters.services import record

        record(actor, encounter, events.TAKEN_BACK, message=message.pk)
        text = message.text
        draft_put(encounter_id=encounter.pk, member_id=viewer.member_id, kind="reply", text=text)
        _forget(message)
    return text


def _forget(message: Message) -> None:
    from parvis.desk.models import SEARCH

    SEARCH.drop([message.pk])
    message.delete()


def note_add(*, viewer: Viewer, encounter_id: int, text: str, files: Sequence[File] = ()) -> Message:
    """A note for colleagues; the customer never sees it. Raises Invalid for an empty one."""
    if not text.strip():
        raise Invalid(_("Write something first."), fields={"text": _("The note is empty.")})
    with transaction.atomic():
        encounter = encounter_visible(viewer, encounter_id)
        note = message_add(
            actor=actor_of(viewer),
            event=events.NOTED,
            encounter=encounter,
            direction=Direction.NOTE,
            words=Words(text.strip(), files=files),
            at=utcnow(),
            author_id=viewer.member_id,
        )
        Draft.objects.filter(encounter_id=encounter.pk, member_id=viewer.person, kind="note").delete()
    return note


def conversation_close(*, viewer: Viewer, encounter_id: int) -> "Encounter":
    """The work is done: promises are settled, the follow-up question scheduled. Raises Conflict if closed."""
    with transaction.atomic():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        _close(viewer, encounter, utcnow())
    return encounter


def _close(viewer: Viewer, encounter: "Encounter", at: dt.datetime) -> list[int]:
    actor = actor_of(viewer)
    encounter_advance(
        actor=actor,
        encounter=encounter,
        event=Event.CLOSED,
        at=at,
        last_activity_at=at,
        unanswered=False,
        owner_id=encounter.owner_id or viewer.member_id,
    )
    customer_counted(customer_id=encounter.customer_id, open_change=-1)
    follow_up_schedule(encounter=encounter, at=at)
    return promises.promises_settle(
        actor=actor, encounter_id=encounter.pk, kinds=[Kind.FIRST_ANSWER, Kind.RESOLUTION, Kind.NEXT_NEWS], at=at
    )


def conversation_reopen(*, viewer: Viewer, encounter_id: int) -> "Encounter":
    """Take a closed encounter up again. Raises Conflict if it is open."""
    with transaction.atomic():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        now = utcnow()
        encounter_advance(
            actor=actor_of(viewer), encounter=encounter, event=Event.REOPENED, at=now, last_activity_at=now
        )
        reopened(encounter, now)
    return encounter


def conversation_wait(*, viewer: Viewer, encounter_id: int) -> "Encounter":
    """The house waits for the customer: promised spans stand still."""
    with transaction.atomic():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        if encounter.status == Status.CLOSED:
            raise Conflict(_("This encounter is closed."), hint=_("Reopen it first."))
        actor, now = actor_of(viewer), utcnow()
        encounter_advance(actor=actor, encounter=encounter, event=Event.ASKED, at=now)
        promises.promises_pause(actor=actor, encounter_id=encounter.pk, at=now)
    return encounter


def promise_renegotiate(*, viewer: Viewer, promise_id: int, due_at: dt.datetime, reason: str) -> Any:
    """Move a promise, and tell the customer with the reason: by mail if they have an address, else a note to tell them.

    Raises Conflict if the promise is no longer open, Invalid without a reason or for a time that has passed.
    """
    with transaction.atomic():
        new = promises.promise_renegotiate(viewer=viewer, promise_id=promise_id, due_at=due_at, reason=reason)
        old = new.replaces
        encounter = encounter_lock(new.encounter_id)
        subject, text = renegotiation_text(
            encounter, old_due=old.due_at, new_due=new.due_at, reason=reason, member=viewer.name
        )
        address = reply_address(encounter.pk) or email_of(encounter.customer_id)
        mail = None
        if address:
            mail = queue(
                key=f"renegotiation:{new.pk}",
                encounter=encounter,
                to=[address],
                subject=subject,
                text=text,
                references=thread_references(encounter.pk),
            )
        message_add(
            actor=actor_of(viewer),
            event=events.SENT,
            encounter=encounter,
            direction=Direction.OUT if mail else Direction.NOTE,
            purpose=Purpose.RENEGOTIATION,
            words=Words(text, subject=subject),
            at=utcnow(),
            channel="email" if mail else "phone",
            author_id=viewer.member_id,
            out_mail=mail,
            recipients={"to": [address]} if mail else {},
        )
    return new


def renegotiation_text(
    encounter: "Encounter", *, old_due: dt.datetime, new_due: dt.datetime, reason: str, member: str
) -> tuple[str, str]:
    """Subject and text of what a customer is told when a promise moves, in their language and the site's time."""
    zone, language = encounter.site.timezone, language_of(encounter.customer)
    return house_text(
        "renegotiation",
        encounter,
        encounter.customer,
        language,
        due=stated_time(new_due, zone, language),
        old_due=stated_time(old_due, zone, language),
        reason=reason.strip(),
        member=member,
    )


def can_be_reached(encounter: "Encounter") -> dict[str, list[str]]:
    """By what means the customer of an encounter can be reached: {"email": [...], "phone": [...]}."""
    found: dict[str, list[str]] = {"email": [], "phone": []}
    for point in contact_points_of(encounter.customer_id):
        found[point.kind].append(point.value)
    return found

"""What of a conversation its customer may see, and how promises read to the one they were made to."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parvis.channels.selectors import blob_content
from parvis.desk.models import Attachment, Direction, Message, Purpose
from parvis.desk.portal.tokens import link_invalid
from parvis.desk.selectors import messages_of
from parvis.desk.services.letters import stated_time, zone_of
from parvis.kernel.clock import utcnow
from parvis.promises.domain.promise import Kind, State
from parvis.promises.selectors import promises_of_encounter, urgency_of
from parvis.staff.domain.viewer import Viewer

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

# Written by the house itself. Their words greet by the name on record, which is no business of somebody who merely
# typed that person's address into the form: a line says that they were sent.
_OWN_WORDS = {
    Purpose.GREETING.value: "mail",
    Purpose.RENEGOTIATION.value: "refresh",
    Purpose.OPEN_DOOR.value: "door",
}


def conversation_shown(encounter: "Encounter", token: str) -> list[dict[str, Any]]:
    """The messages as the partial `message` draws them, oldest first; no notes, nothing still to be taken back."""
    now = utcnow()
    shown = [m for m in messages_of(Viewer.house(), encounter.pk) if _is_shown(m, now)]
    return [_as_shown(message, encounter, token) for message in shown]


def _is_shown(message: Message, now: dt.datetime) -> bool:
    if message.direction == Direction.NOTE or message.automatic:
        return False
    # A reply within its ten seconds has not been sent yet.
    mail = message.out_mail
    return not (message.undo and mail is not None and mail.state == "queued" and mail.not_before > now)


def _as_shown(message: Message, encounter: "Encounter", token: str) -> dict[str, Any]:
    outgoing = message.direction == Direction.OUT
    if outgoing and message.purpose in _OWN_WORDS:
        return {
            "kind": "system",
            "id": message.pk,
            "at": message.at,
            "text": _own_line(message.purpose),
            "channel": _OWN_WORDS[message.purpose],
        }
    if outgoing and message.purpose == Purpose.FOLLOW_UP:
        text = _("We asked whether anything was forgotten.")
        return {"kind": "system", "id": message.pk, "at": message.at, "text": text, "channel": "help-circle"}
    author = message.author.name if outgoing and message.author else _("Us") if outgoing else _writer(message)
    return {
        "kind": "reply" if outgoing else "customer",
        "id": message.pk,
        "key": f"{message.direction}{message.author_id or ''}",
        "author": author,
        "at": message.at,
        "text": message.text,
        "quoted": message.quoted,
        "attachments": [
            {"name": a.name, "size": a.size, "url": reverse("request_file", args=[token, a.pk])}
            for a in message.attachments.all()
        ],
    }


def _writer(message: Message) -> str:
    return message.sender_name or message.sender_address or _("You")


def _own_line(purpose: str) -> str:
    match purpose:
        case Purpose.GREETING:
            return _("We confirmed that your message arrived.")
        case Purpose.RENEGOTIATION:
            return _("We told you about a new time.")
    return _("You told us that all is well. Our door stays open.")


def attachment_of(encounter: "Encounter", attachment_id: int) -> tuple[Attachment, bytes]:
    """A file that this customer may have, with its content. Raises NotFound alike for none and for another's."""
    found = Attachment.objects.filter(pk=attachment_id, message__encounter_id=encounter.pk).select_related("message")
    attachment = found.first()
    if attachment is None:
        raise link_invalid()
    message = messages_of(Viewer.house(), encounter.pk).filter(pk=attachment.message_id).first()
    if message is None or not _is_shown(message, utcnow()):
        raise link_invalid()
    return attachment, blob_content(attachment.blob_id)


@dataclass(frozen=True)
class PromiseLine:
    """A promise in plain words. `state` is that of a chip; `reason` is why a time was moved."""

    text: str
    state: str
    due_at: dt.datetime
    reason: str = ""


def promises_shown(encounter: "Encounter", language: str) -> list[PromiseLine]:
    """What was promised for this request and holds or was settled; withdrawn and replaced promises are left out."""
    zone, now = zone_of(encounter), utcnow()
    lines = []
    for promise in promises_of_encounter(Viewer.house(), encounter.pk):
        if promise.state in (State.VOID, State.RENEGOTIATED):
            continue
        moved = getattr(promise, "replaces", None)
        due = stated_time(promise.due_at, zone, language)
        state = urgency_of(promise, now)
        # A customer is not shown how close we cut it.
        state = "on_time" if state == "at_risk" else state
        lines.append(
            PromiseLine(_promise_words(promise, state, due), state, promise.due_at, moved.reason if moved else "")
        )
    return lines


def _promise_words(promise: Any, state: str, due: str) -> str:
    what = _what(promise)
    match state:
        case "kept":
            return _("%(what)s: done, as promised.") % {"what": what}
        case "late" | "broken" if promise.settled_at is None:
            return _("%(what)s: promised by %(due)s, and late. We are sorry, and we are on it.") % {
                "what": what,
                "due": due,
            }
        case "broken":
            return _("%(what)s: done, but later than promised. We are sorry.") % {"what": what}
        case "paused":
            return _("%(what)s: the time stands still until we hear from you.") % {"what": what}
    return _("%(what)s: by %(due)s.") % {"what": what, "due": due}


def _what(promise: Any) -> str:
    words = {
        Kind.FIRST_ANSWER: _("An answer"),
        Kind.RESOLUTION: _("A solution"),
        Kind.CALL_BACK: _("A call back"),
        Kind.NEXT_NEWS: _("News"),
        Kind.DELIVERY: _("Delivery"),
        Kind.AMOUNT: _("The price"),
        Kind.WAIT: _("Your turn at the counter"),
    }
    what = words.get(promise.kind, _("Our word"))
    return f"{what} ({promise.note})" if promise.note else what

"""What a thread shows: its last messages with the lines between them, each ready for the template."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.conf import settings
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from parvis.catalog.selectors import business
from parvis.desk.inbox import CHANNEL_ICONS
from parvis.desk.models import Attachment, Direction, Message, Purpose
from parvis.desk.story import story_of
from parvis.kernel.clock import utcnow
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.drawn import drawn
from parvis.toolkit.prepared import prepared

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

PAGE = 30
# A thread fetched again shows at most this many messages at once; more come by "earlier".
REFRESH_AT_MOST = 200
_KINDS = {Direction.IN: "customer", Direction.OUT: "reply", Direction.NOTE: "note"}


@dataclass(frozen=True)
class Thread:
    """A stretch of a thread. `earlier`: load what came before this message; 0 when this is the beginning."""

    items: list[dict[str, Any]]
    first: int
    last: int
    earlier: int


def thread_of(viewer: Viewer, encounter: "Encounter", *, before: int | None = None, since: int | None = None) -> Thread:
    """The last messages of an encounter the caller has read through a selector; or those `before` one, or `since` one.

    A handful of queries, however many messages.
    """
    size = PAGE if since is None else REFRESH_AT_MOST
    bounds = {name: number for name, number in (("before", before), ("since", since)) if number is not None}
    newest = _with_files(_newest(size + 1, encounter=encounter.pk, **bounds))
    more = len(newest) > size or (since is not None and _has_before(encounter.pk, since))
    shown = newest[:size][::-1]
    first, last = (shown[0].pk, shown[-1].pk) if shown else (before or 0, 0)
    begins = min(m.at for m in shown) if shown and more else None
    ends = _begin_of(before) if before is not None else None
    items = [message_item(viewer, m) for m in shown] + story_of(viewer, encounter.pk, since=begins, until=ends)
    for item in items:
        item["version"] = f"{crc32(repr(sorted(item.items())).encode()):x}"
        item["drawn"] = drawn("desk/item.html", {"item": dict(item), "earlier_only": before is not None})
    return Thread(sorted(items, key=_order), first, last, first if more else 0)


def _order(item: dict[str, Any]) -> tuple[Any, int, int]:
    """By time; at the same instant a beginning, then what was said, then what followed from it."""
    return item["at"], item.get("rank", 0), 0 if item["kind"] == "system" else item["id"]


@prepared
def _newest(size: int, encounter: int, before: int | None = None, since: int | None = None) -> QuerySet[Message]:
    found = Message.objects.filter(encounter_id=encounter).select_related("author", "customer", "out_mail")
    if before is not None:
        found = found.filter(pk__lt=before)
    if since is not None:
        found = found.filter(pk__gte=since)
    # The formatted text can be megabytes, and is fetched by the frame that shows it.
    heavy = ("html", "undo", "out_mail__text", "out_mail__html", "out_mail__headers", "out_mail__attachments")
    formatted = Case(When(html="", then=Value(False)), default=Value(True), output_field=BooleanField())
    return found.defer(*heavy).annotate(formatted=formatted).order_by("-id")[:size]


def _with_files(messages: list[Message]) -> list[Message]:
    """The same messages, their files at hand as `files`."""
    files: dict[int, list[Attachment]] = {message.pk: [] for message in messages}
    for file in _files(messages=tuple(files)):
        files[file.message_id].append(file)
    for message in messages:
        message.files = files[message.pk]  # type: ignore[attr-defined]
    return messages


@prepared
def _files(messages: tuple[int, ...]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(message_id__in=messages)


def _has_before(encounter_id: int, message_id: int) -> bool:
    return Message.objects.filter(encounter_id=encounter_id, pk__lt=message_id).exists()


def _begin_of(message_id: int) -> Any:
    return Message.objects.filter(pk=message_id).values_list("at", flat=True).first()


def message_item(viewer: Viewer, message: Message) -> dict[str, Any]:
    """A message as `desk/item.html` wants it."""
    author, key = _author(message)
    formatted = message.formatted  # type: ignore[attr-defined]
    item = {
        "kind": _KINDS[Direction(message.direction)],
        "id": message.pk,
        "author": author,
        "key": key,
        "at": message.at,
        "text": message.text,
        "quoted": message.quoted,
        "attachments": [
            _file(a)
            for a in message.files  # type: ignore[attr-defined]
            if not (a.inline and formatted)
        ],
        "channel": CHANNEL_ICONS.get(message.channel, "message"),
        "channel_label": _channel_label(message),
        "aside": _aside(message),
        "purpose": "" if message.purpose == Purpose.TALK else message.get_purpose_display(),
        "frame": reverse("message_html", args=[message.pk]) if formatted else "",
        "delivery": delivery_of(viewer, message),
    }
    if item["frame"]:
        item["html"] = render_to_string("desk/message_body.html", {"message": item})
    return item


def _author(message: Message) -> tuple[str, Any]:
    if message.direction == Direction.IN:
        name = str(message.customer) if message.customer else message.sender_name or message.sender_address
        return name or _("Unknown sender"), message.customer_id or name
    if message.author is not None:
        return message.author.name, message.author_id
    house = business()
    return (house.name if house else "Parvis"), "house"


def _file(attachment: Any) -> dict[str, Any]:
    return {"name": attachment.name, "url": reverse("attachment", args=[attachment.pk]), "size": attachment.size}


def _channel_label(message: Message) -> str:
    if message.direction == Direction.NOTE:
        return _("to be told to the customer") if message.purpose == Purpose.RENEGOTIATION else ""
    said = {
        "phone": _("by phone"),
        "counter": _("at the counter"),
        "form": _("by the web form"),
        "api": _("by the API"),
    }
    if message.channel == "sms" and message.direction == Direction.OUT:
        return _("by SMS to %(number)s") % {"number": ", ".join(message.recipients.get("to", []))}
    if message.channel != "email":
        return said.get(message.channel, "")
    if message.direction == Direction.OUT:
        return _("by e-mail to %(address)s") % {"address": ", ".join(message.recipients.get("to", []))}
    return _("by e-mail from %(address)s") % {"address": message.sender_address}


def _aside(message: Message) -> list[tuple[str, str]]:
    """What is told quietly about a mail: (icon, words) of how it found its way here, and of what kind it is."""
    found = []
    reasons = {
        "token": _("placed here by our reference"),
        "quoted token": _("placed here by our reference in the text it quotes"),
        "references": _("placed here as an answer to our mail"),
    }
    if message.threaded_by in reasons:
        found.append(("link", reasons[message.threaded_by]))
    if message.automatic and message.channel != "sms":
        found.append(("robot", automatic_words(message.automatic)))
    return found


def automatic_words(kind: str) -> str:
    """The kind of an automatic mail, in the reader's words."""
    words = {
        "auto-reply": _("automatic reply"),
        "bounce": _("delivery failed: this mail came back"),
        "feedback-report": _("complaint about a mail of ours"),
        "read-receipt": _("read receipt"),
        "list": _("mailing list"),
        "bulk": _("bulk mail"),
        "calendar": _("calendar invitation"),
    }
    return words.get(kind, _("automatic mail"))


def delivery_of(viewer: Viewer, message: Message) -> dict[str, Any] | None:
    """How an outgoing mail stands; None for what is no mail.

    `undo`: it can be taken back by this viewer, until `leaves`.
    """
    mail = message.out_mail
    if mail is None:
        return None
    mine = message.author_id is not None and message.author_id == viewer.member_id
    held = mail.state == "queued" and not mail.attempts
    return {
        "mail": mail.pk,
        "message": message.pk,
        "state": mail.state,
        "leaves": mail.not_before if held and mail.not_before > utcnow() else None,
        "undo": held and mine and mail.not_before > utcnow(),
        "retries": mail.next_attempt_at if mail.state == "queued" and mail.attempts else None,
        "no_server": mail.kind == "email" and not settings.MAIL_CONFIGURED,
        "error": mail.error[:200] if mail.state in ("queued", "failed") else "",
        "sent_at": mail.sent_at,
    }


def newest_incoming(items: Iterable[dict[str, Any]]) -> int:
    """The newest message of the customer among items (0 if none)."""
    return max((item["id"] for item in items if item["kind"] == "customer"), default=0)

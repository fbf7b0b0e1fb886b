"""The API of encounters and their messages."""

from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema, Status

from parvis.catalog.selectors import need_by_slug, site_by_slug, site_get
from parvis.customers.api import Who
from parvis.customers.selectors import customer_pk_of, organisation_pk_of
from parvis.desk.selectors import messages_of
from parvis.desk.services import (
    Contact,
    contact_open,
    conversation_close,
    conversation_reopen,
    encounter_describe,
    note_add,
    promise_renegotiate,
    reply_send,
)
from parvis.desk.services.conversation import Then
from parvis.encounters.domain.stages import Initiative, Nature
from parvis.encounters.selectors import encounter_by_reference, encounters_in_view
from parvis.encounters.services import encounter_assign
from parvis.kernel.errors import Invalid
from parvis.kernel.references import reference_of
from parvis.promises.api import PromiseOut
from parvis.promises.api import shown as promise_shown
from parvis.promises.selectors import promise_by_reference
from parvis.staff.api import Token, viewer_of
from parvis.staff.selectors import member_by_email, team_by_name
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Long, Reference, Size, Text
from parvis.toolkit.pagination import keyset_page

router = Router(tags=["encounters"])
READ, WRITE = Token("encounters:read"), Token("encounters:write")
View = Literal["mine", "unassigned", "at_risk", "waiting", "all"]


class Named(Schema):
    """A thing and its name."""

    reference: str
    name: str


class EncounterOut(Schema):
    """An encounter. `due_at` and `due_kind` are those of its nearest open promise."""

    reference: str
    subject: str
    status: str
    stage: str
    channel: str
    initiative: str
    nature: str
    priority: int
    customer: Named
    organisation: Named | None
    site: str
    need: str | None
    owner: str | None
    unanswered: bool
    last_line: str
    opened_at: Instant
    last_activity_at: Instant
    closed_at: Instant | None
    due_at: Instant | None
    due_kind: str


class EncounterPage(Schema):
    """A page of encounters."""

    items: list[EncounterOut]
    next_cursor: str | None


def shown(e: Any) -> dict[str, Any]:
    """An encounter row (with what a list row joins) as the API shows it."""
    site = site_get(e.site_id)
    organisation = e.organisation
    return {
        "reference": e.reference,
        "subject": e.subject,
        "status": e.status,
        "stage": e.stage,
        "channel": e.channel,
        "initiative": e.initiative,
        "nature": e.nature,
        "priority": e.priority,
        "customer": {"reference": e.customer.reference, "name": e.customer.name},
        "organisation": {"reference": organisation.reference, "name": organisation.name} if organisation else None,
        "site": site.slug if site else "",
        "need": e.need.slug if e.need else None,
        "owner": e.owner.email if e.owner else None,
        "unanswered": e.unanswered,
        "last_line": e.last_line,
        "opened_at": e.opened_at,
        "last_activity_at": e.last_activity_at,
        "closed_at": e.closed_at,
        "due_at": e.due_at,
        "due_kind": e.due_kind,
    }


@router.get("", auth=READ, response={200: EncounterPage, **PROBLEMS})
def encounters_list(
    request: HttpRequest,
    view: View = "all",
    status: Literal["open", "waiting", "closed"] | None = None,
    customer: Annotated[Reference | None, Query()] = None,
    site: Annotated[Line | None, Query()] = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Encounters in the order of a saved view: the latest first, or in "at_risk" the most urgent first."""
    found, order = encounters_in_view(viewer_of(request), view)
    found = _filtered(found, status, customer, site)
    page = keyset_page(found, order, cursor=cursor, size=limit)
    return {"items": [shown(e) for e in page.rows], "next_cursor": page.next_cursor}


def _filtered(found: QuerySet, status: str | None, customer: str | None, site: str | None) -> QuerySet:
    if status is not None:
        found = found.filter(status=status)
    if customer is not None:
        found = found.filter(customer_id=customer_pk_of(customer))
    if site is not None:
        found = found.filter(site_id=site_by_slug(site).pk)
    return found


class EncounterIn(Given):
    """A first contact."""

    customer: Who
    text: Long
    subject: Line = ""
    organisation: Reference | None = None
    site: Annotated[Line | None, Field(description="slug")] = None
    need: Annotated[Line | None, Field(description="slug")] = None
    owner: Annotated[Line | None, Field(description="e-mail of a member")] = None
    initiative: Initiative = Initiative.CUSTOMER
    nature: Nature = Nature.SERVICE
    greet: Annotated[bool, Field(description="write to the customer at once, saying by when an answer comes")] = True


class EncounterOpened(Schema):
    """What opening an encounter led to."""

    reference: str
    customer: str
    due_at: Instant | None
    due_kind: str


@router.post("", auth=WRITE, response={201: EncounterOpened, **PROBLEMS})
def encounter_create(request: HttpRequest, body: EncounterIn) -> Status[dict[str, Any]]:
    """Open an encounter: the customer is recognised or created, an answer is promised, a greeting goes out."""
    who = body.customer
    contact = Contact(
        channel="api",
        text=body.text,
        subject=body.subject,
        name=who.name,
        email=who.email.strip(),
        phone=who.phone.strip(),
        language=who.language,
        customer_id=customer_pk_of(who.reference) if who.reference else None,
        organisation_id=organisation_pk_of(body.organisation) if body.organisation else None,
        site_id=site_by_slug(body.site).pk if body.site else None,
        need_id=need_by_slug(body.need).pk if body.need else None,
        owner_id=member_by_email(body.owner).pk if body.owner else None,
        initiative=body.initiative,
        nature=body.nature,
        greet=body.greet,
    )
    encounter, __ = contact_open(viewer=viewer_of(request), contact=contact)
    return Status(
        201,
        {
            "reference": encounter.reference,
            "customer": reference_of("C", encounter.customer_id),
            "due_at": encounter.due_at,
            "due_kind": encounter.due_kind,
        },
    )


@router.get("/{reference}", auth=READ, response={200: EncounterOut, **PROBLEMS})
def encounter_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One encounter."""
    return shown(encounter_by_reference(viewer_of(request), reference))


class AttachmentOut(Schema):
    """A file of a message."""

    name: str
    type: str
    size: int


class MessageOut(Schema):
    """What somebody said: `text` is new, `quoted` is what it quotes."""

    id: int
    direction: str
    purpose: str
    channel: str
    at: Instant
    subject: str
    text: str
    quoted: str
    author: str | None
    sender: str
    attachments: list[AttachmentOut]


class MessagePage(Schema):
    """A page of messages, oldest first."""

    items: list[MessageOut]
    next_cursor: str | None


def _message(m: Any) -> dict[str, Any]:
    return {
        "id": m.pk,
        "direction": m.direction,
        "purpose": m.purpose,
        "channel": m.channel,
        "at": m.at,
        "subject": m.subject,
        "text": m.text,
        "quoted": m.quoted,
        "author": m.author.email if m.author else None,
        "sender": m.sender_address,
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in m.attachments.all()],
    }


@router.get("/{reference}/messages", auth=READ, response={200: MessagePage, **PROBLEMS})
def messages_list(
    request: HttpRequest, reference: Reference, cursor: Cursor = None, limit: Size = 50
) -> dict[str, Any]:
    """The conversation, oldest first, notes included."""
    encounter = encounter_by_reference(viewer_of(request), reference)
    found = messages_of(viewer_of(request), encounter.pk)
    page = keyset_page(found, ["id"], cursor=cursor, size=limit)
    return {"items": [_message(m) for m in page.rows], "next_cursor": page.next_cursor}


class ReplyIn(Given):
    """A reply and what it leaves behind."""

    text: Long
    then: Then = Then.STAY
    channel: Literal["email", "phone", "counter"] = "email"


@router.post("/{reference}/reply", auth=WRITE, response={201: MessageOut, **PROBLEMS})
def reply_create(request: HttpRequest, reference: Reference, body: ReplyIn) -> Status[dict[str, Any]]:
    """Answer the customer; mail leaves at once."""
    viewer = viewer_of(request)
    encounter = encounter_by_reference(viewer, reference)
    message = reply_send(
        viewer=viewer,
        encounter_id=encounter.pk,
        text=body.text,
        then=body.then,
        channel=body.channel,
        undo_seconds=0,
    )
    return Status(201, _message(message))


class NoteIn(Given):
    """A note for colleagues."""

    text: Long


@router.post("/{reference}/note", auth=WRITE, response={201: MessageOut, **PROBLEMS})
def note_create(request: HttpRequest, reference: Reference, body: NoteIn) -> Status[dict[str, Any]]:
    """Leave a note; the customer never sees it."""
    viewer = viewer_of(request)
    encounter = encounter_by_reference(viewer, reference)
    return Status(201, _message(note_add(viewer=viewer, encounter_id=encounter.pk, text=body.text)))


class AssignIn(Given):
    """Into whose hands; nothing puts it back into the common pool."""

    owner: Annotated[Line | None, Field(description="e-mail of a member")] = None
    team: Annotated[Line | None, Field(description="name of a team")] = None


@router.post("/{reference}/assign", auth=WRITE, response={200: EncounterOut, **PROBLEMS})
def encounter_hand(request: HttpRequest, reference: Reference, body: AssignIn) -> dict[str, Any]:
    """Give an encounter to a member and/or a team."""
    viewer = viewer_of(request)
    encounter_assign(
        viewer=viewer,
        encounter_id=encounter_by_reference(viewer, reference).pk,
        owner_id=member_by_email(body.owner).pk if body.owner else None,
        team_id=team_by_name(body.team).pk if body.team else None,
    )
    return shown(encounter_by_reference(viewer, reference))


class ClassifyIn(Given):
    """What an encounter is about; what is left out stays as it is."""

    need: Annotated[Line | None, Field(description="slug")] = None
    nature: Nature | None = None
    priority: Annotated[int | None, Field(ge=1, le=3)] = None
    subject: Annotated[Text | None, Field(min_length=1, max_length=200)] = None


@router.post("/{reference}/classify", auth=WRITE, response={200: EncounterOut, **PROBLEMS})
def encounter_sort(request: HttpRequest, reference: Reference, body: ClassifyIn) -> dict[str, Any]:
    """Say what it is about; naming the need is understanding it."""
    viewer = viewer_of(request)
    changes: dict[str, Any] = body.dict(exclude_none=True)
    if not changes:
        raise Invalid(_("Say what to change."), code="nothing_to_change")
    if need := changes.pop("need", None):
        changes["need_id"] = need_by_slug(need).pk
    if "nature" in changes:
        changes["nature"] = body.nature.value if body.nature else ""
    encounter = encounter_by_reference(viewer, reference)
    encounter_describe(viewer=viewer, encounter_id=encounter.pk, **changes)
    return shown(encounter_by_reference(viewer, reference))


@router.post("/{reference}/close", auth=WRITE, response={200: EncounterOut, **PROBLEMS})
def encounter_end(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """The work is done: the follow-up question is scheduled."""
    viewer = viewer_of(request)
    conversation_close(viewer=viewer, encounter_id=encounter_by_reference(viewer, reference).pk)
    return shown(encounter_by_reference(viewer, reference))


@router.post("/{reference}/reopen", auth=WRITE, response={200: EncounterOut, **PROBLEMS})
def encounter_take_up(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Take a closed encounter up again."""
    viewer = viewer_of(request)
    conversation_reopen(viewer=viewer, encounter_id=encounter_by_reference(viewer, reference).pk)
    return shown(encounter_by_reference(viewer, reference))


promises_router = Router(tags=["promises"])


class RenegotiateIn(Given):
    """A new time and the reason the customer is told."""

    due_at: Instant
    reason: Annotated[Text, Field(min_length=1, max_length=300)]


@promises_router.post("/{reference}/renegotiate", auth=Token("promises:write"), response={201: PromiseOut, **PROBLEMS})
def promise_move(request: HttpRequest, reference: Reference, body: RenegotiateIn) -> Status[dict[str, Any]]:
    """Replace an open promise by one for another time; the customer is told, with the reason."""
    viewer = viewer_of(request)
    old = promise_by_reference(viewer, reference)
    new = promise_renegotiate(viewer=viewer, promise_id=old.pk, due_at=body.due_at, reason=body.reason)
    return Status(201, promise_shown(new))

"""The API of webhooks, for administrators."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from parvis.staff.api import Token
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Reference, Size, Text
from parvis.toolkit.db import unit
from parvis.toolkit.pagination import keyset_page
from parvis.webhooks.catalogue import CATALOGUE
from parvis.webhooks.models import Delivery, Endpoint
from parvis.webhooks.selectors import authorise, deliveries_of, endpoint_by_reference, endpoints_visible
from parvis.webhooks.services import (
    delivery_resend,
    endpoint_add,
    endpoint_change,
    endpoint_remove,
    endpoint_switch,
    failed_resend,
    ping_queue,
    secret_rotate,
)

router = Router(tags=["webhooks"])
READ, WRITE = Token("webhooks:read"), Token("webhooks:write")
Names = Annotated[
    list[Line], Field(max_length=100, description="names of `GET /webhooks/events`; none: all, also those to come")
]
Url = Annotated[Text, Field(max_length=500, examples=["https://example.com/parvis"])]
Description = Annotated[Text, Field(max_length=200)]
State = Literal["queued", "sending", "delivered", "failed"]


class EventOut(Schema):
    """An event that endpoints can be told of, and what its data shows."""

    name: str
    description: str
    subject: str


class WebhookOut(Schema):
    """An endpoint. `off_because`: "person", "gone" or "failing" while it is told nothing."""

    reference: str
    url: str
    description: str
    events: list[str]
    active: bool
    off_because: str
    failing_since: Instant | None
    taken_at: Instant | None
    created_at: Instant


class WebhookSecret(WebhookOut):
    """An endpoint with its secret, which is told this once."""

    secret: str


class DeliveryOut(Schema):
    """A message on its way to an endpoint; `id` is its webhook-id."""

    id: str
    event: str
    at: Instant
    state: str
    attempts: int
    next_attempt_at: Instant | None
    status: int | None
    error: str
    milliseconds: int | None
    ended_at: Instant | None


class DeliveryPage(Schema):
    """A page of messages, the newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None


class Resent(Schema):
    """How many messages were queued once more."""

    count: int


def shown(row: Endpoint) -> dict[str, Any]:
    """An endpoint as the API shows it."""
    same = ("reference", "url", "description", "events", "off_because", "failing_since", "taken_at", "created_at")
    return {**{n: getattr(row, n) for n in same}, "active": row.is_active}


def delivery_shown(row: Delivery) -> dict[str, Any]:
    """A message as the API shows it."""
    same = ("event", "at", "state", "attempts", "status", "error", "milliseconds", "ended_at")
    waits = row.next_at if row.state == "queued" else None
    return {**{n: getattr(row, n) for n in same}, "id": row.message_id, "next_attempt_at": waits}


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined]


def _pk(request: HttpRequest, reference: str) -> int:
    return endpoint_by_reference(_viewer(request), reference).pk


@router.get("", auth=READ, response={200: list[WebhookOut], **PROBLEMS})
def webhooks_list(request: HttpRequest) -> list[dict[str, Any]]:
    """All endpoints (a house has twenty at most)."""
    return [shown(row) for row in endpoints_visible(_viewer(request))]


@router.get("/events", auth=READ, response={200: list[EventOut], **PROBLEMS})
def webhook_events(request: HttpRequest) -> list[dict[str, str]]:
    """The events that endpoints can be told of."""
    authorise(_viewer(request))
    return [{"name": e.name, "description": str(e.text), "subject": e.subject.value} for e in CATALOGUE.values()]


class WebhookIn(Given):
    """A new endpoint."""

    url: Url
    description: Description = ""
    events: Names = []


@router.post("", auth=WRITE, response={201: WebhookSecret, **PROBLEMS})
def webhook_create(request: HttpRequest, body: WebhookIn) -> Status[dict[str, Any]]:
    """Tell an address of events from now on. The secret is in this answer and in no other."""
    row, secret = endpoint_add(viewer=_viewer(request), url=body.url, description=body.description, wanted=body.events)
    return Status(201, {**shown(row), "secret": secret})


@router.get("/{reference}", auth=READ, response={200: WebhookOut, **PROBLEMS})
def webhook_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One endpoint."""
    return shown(endpoint_by_reference(_viewer(request), reference))


class WebhookChange(Given):
    """What is to be different; what is left out stays as it is."""

    url: Url | None = None
    description: Description | None = None
    events: Names | None = None
    active: bool | None = None


@router.patch("/{reference}", auth=WRITE, response={200: WebhookOut, **PROBLEMS})
def webhook_change(request: HttpRequest, reference: Reference, body: WebhookChange) -> dict[str, Any]:
    """Change an endpoint, or switch it off or on; what waited is then tried at once."""
    viewer, pk = _viewer(request), _pk(request, reference)
    changes: dict[str, Any] = body.dict(exclude_none=True)
    active = changes.pop("active", None)
    with unit():
        row = endpoint_change(viewer=viewer, endpoint_id=pk, **changes)
        if active is not None:
            row = endpoint_switch(viewer=viewer, endpoint_id=pk, on=active)
    return shown(row)


@router.delete("/{reference}", auth=WRITE, response={204: None, **PROBLEMS})
def webhook_remove(request: HttpRequest, reference: Reference) -> Status[None]:
    """Remove an endpoint with everything that was on its way."""
    endpoint_remove(viewer=_viewer(request), endpoint_id=_pk(request, reference))
    return Status(204, None)


@router.post("/{reference}/rotate", auth=WRITE, response={200: WebhookSecret, **PROBLEMS})
def webhook_rotate(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Exchange the secret, which is in this answer and in no other. The old one signs too for 24 hours."""
    row, secret = secret_rotate(viewer=_viewer(request), endpoint_id=_pk(request, reference))
    return {**shown(row), "secret": secret}


@router.post("/{reference}/test", auth=WRITE, response={202: DeliveryOut, **PROBLEMS})
def webhook_test(request: HttpRequest, reference: Reference) -> Status[dict[str, Any]]:
    """Queue a test event, `ping`. Its delivery says a moment later what came of it; it is tried once."""
    return Status(202, delivery_shown(ping_queue(viewer=_viewer(request), endpoint_id=_pk(request, reference))))


@router.get("/{reference}/deliveries", auth=READ, response={200: DeliveryPage, **PROBLEMS})
def webhook_deliveries(
    request: HttpRequest, reference: Reference, state: State | None = None, cursor: Cursor = None, limit: Size = 50
) -> dict[str, Any]:
    """What was and will be sent, the newest first; kept for thirty days."""
    found = deliveries_of(_viewer(request), _pk(request, reference), state or "")
    page = keyset_page(found, ["-id"], cursor=cursor, size=limit)
    return {"items": [delivery_shown(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.post("/{reference}/deliveries/resend", auth=WRITE, response={202: Resent, **PROBLEMS})
def webhook_resend_failed(request: HttpRequest, reference: Reference) -> Status[dict[str, int]]:
    """Send everything that was given up once more."""
    return Status(202, {"count": failed_resend(viewer=_viewer(request), endpoint_id=_pk(request, reference))})


@router.post("/{reference}/deliveries/{message}/resend", auth=WRITE, response={202: DeliveryOut, **PROBLEMS})
def webhook_resend(request: HttpRequest, reference: Reference, message: Reference) -> Status[dict[str, Any]]:
    """Send one message once more, with the same id."""
    row = delivery_resend(viewer=_viewer(request), endpoint_id=_pk(request, reference), message_id=message)
    return Status(202, delivery_shown(row))

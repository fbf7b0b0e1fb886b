"""The API of promises. Making and moving one tells the customer, so those two live with the desk's services."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from parvis.encounters.selectors import encounter_by_reference
from parvis.kernel.references import reference_of
from parvis.promises.domain.promise import Kind
from parvis.promises.selectors import promise_by_reference, promises_at_risk, promises_visible, urgency_of, why
from parvis.promises.services import Term, promise_keep, promise_make, promise_void
from parvis.staff.api import Token
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Reference, Size, Text
from parvis.toolkit.pagination import keyset_page

router = Router(tags=["promises"])
READ, WRITE = Token("promises:read"), Token("promises:write")


class PromiseOut(Schema):
    """A promise. `urgency` is how it looks now: on_time, at_risk, late, paused, or how it ended."""

    reference: str
    encounter: str
    customer: str
    kind: str
    state: str
    urgency: str
    note: str
    made_at: Instant
    due_at: Instant
    business_seconds: int | None
    amount_minor: int | None
    currency: str
    settled_at: Instant | None
    reason: str


class PromisePage(Schema):
    """A page of promises."""

    items: list[PromiseOut]
    next_cursor: str | None


def shown(p: Any) -> dict[str, Any]:
    """A promise row as the API shows it."""
    names = ("reference", "kind", "state", "note", "made_at", "due_at", "business_seconds", "amount_minor", "currency")
    return {
        **{n: getattr(p, n) for n in (*names, "settled_at", "reason")},
        "encounter": reference_of("E", p.encounter_id),
        "customer": reference_of("C", p.customer_id),
        "urgency": urgency_of(p),
    }


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined]


@router.get("", auth=READ, response={200: PromisePage, **PROBLEMS})
def promises_list(
    request: HttpRequest,
    view: Literal["at_risk", "all"] = "all",
    state: Literal["open", "kept", "broken", "renegotiated", "void"] | None = None,
    encounter: Reference | None = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Promises, the newest first; at risk: those to act on now, the most urgent first."""
    viewer = _viewer(request)
    found = promises_at_risk(viewer) if view == "at_risk" else promises_visible(viewer)
    if state is not None:
        found = found.filter(state=state)
    if encounter is not None:
        found = found.filter(encounter_id=encounter_by_reference(viewer, encounter).pk)
    order = ["due_at", "id"] if view == "at_risk" else ["-id"]
    page = keyset_page(found, order, cursor=cursor, size=limit)
    return {"items": [shown(p) for p in page.rows], "next_cursor": page.next_cursor}


class PromiseIn(Given):
    """A promise to make on an encounter: by when, or for an amount, how much at most."""

    encounter: Reference
    kind: Kind
    due_at: Instant
    note: Annotated[Text, Field(max_length=200)] = ""
    amount_minor: Annotated[int | None, Field(ge=0, le=10**12)] = None
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""


@router.post("", auth=WRITE, response={201: PromiseOut, **PROBLEMS})
def promise_new(request: HttpRequest, body: PromiseIn) -> Status[dict[str, Any]]:
    """Record what a customer was promised."""
    viewer = _viewer(request)
    encounter = encounter_by_reference(viewer, body.encounter)
    term = Term(body.kind.value, None, body.due_at, body.note, body.amount_minor, body.currency)
    return Status(201, shown(promise_make(viewer=viewer, encounter_id=encounter.pk, term=term)))


@router.get("/{reference}", auth=READ, response={200: PromiseOut, **PROBLEMS})
def promise_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One promise."""
    return shown(promise_by_reference(_viewer(request), reference))


class SpanOut(Schema):
    """A stretch of time and whether it counts."""

    start: Instant
    end: Instant
    counted: bool
    reason: str
    name: str


class WhyOut(Schema):
    """Why a promise is due when it is due."""

    promise: PromiseOut
    spans: list[SpanOut]


@router.get("/{reference}/why", auth=READ, response={200: WhyOut, **PROBLEMS})
def promise_why(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """The counted and uncounted spans between making and due time; none for a promise of a stated time."""
    viewer = _viewer(request)
    promise, spans = why(viewer, promise_by_reference(viewer, reference).pk)
    lines = [
        {"start": s.start, "end": s.end, "counted": s.counted, "reason": s.reason.value, "name": s.name} for s in spans
    ]
    return {"promise": shown(promise), "spans": lines}


@router.post("/{reference}/keep", auth=WRITE, response={200: PromiseOut, **PROBLEMS})
def promise_done(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """It was done."""
    viewer = _viewer(request)
    return shown(promise_keep(viewer=viewer, promise_id=promise_by_reference(viewer, reference).pk))


class ReasonIn(Given):
    """Why."""

    reason: Annotated[Text, Field(min_length=1, max_length=300)]


@router.post("/{reference}/void", auth=WRITE, response={200: PromiseOut, **PROBLEMS})
def promise_drop(request: HttpRequest, reference: Reference, body: ReasonIn) -> dict[str, Any]:
    """It no longer applies."""
    viewer = _viewer(request)
    found = promise_by_reference(viewer, reference)
    return shown(promise_void(viewer=viewer, promise_id=found.pk, reason=body.reason))

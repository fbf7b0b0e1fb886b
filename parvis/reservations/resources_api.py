"""The API of resources and of the times when they are away."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from parvis.kernel.references import reference_of
from parvis.reservations.api import READ, WRITE, Key
from parvis.reservations.models import Absence, Resource
from parvis.reservations.selectors import absence_visible, absences_visible, resource_visible, resources_visible
from parvis.reservations.services.setting_up import absence_add, absence_remove
from parvis.staff.api import viewer_of
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Size, Text
from parvis.toolkit.pagination import keyset_page

resources_router = Router(tags=["bookings"])
absences_router = Router(tags=["bookings"])


class ResourceShown(Schema):
    """Somebody or something that is booked. `capacity`: how many at once; `max_party`: null where nothing limits it."""

    id: int
    site: int
    name: str
    kind: Literal["person", "room", "table", "machine", "pool"]
    capacity: int
    min_party: int
    max_party: int | None
    public: Annotated[bool, Field(description="customers may choose it")]
    active: bool


class ResourcePage(Schema):
    """A page of resources."""

    items: list[ResourceShown]
    next_cursor: str | None


def _resource(row: Resource) -> dict[str, Any]:
    same = ("site_id", "name", "kind", "capacity", "min_party", "max_party")
    found = {name.removesuffix("_id"): getattr(row, name) for name in same}
    return {"id": row.pk, **found, "public": row.is_public, "active": row.is_active}


@resources_router.get("", auth=READ, response={200: ResourcePage, **PROBLEMS})
def resources_list(
    request: HttpRequest,
    site: Key | None = None,
    kind: Literal["person", "room", "table", "machine", "pool"] | None = None,
    active: Annotated[bool | None, Query(description="only those in use, or only the others")] = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Resources at the sites of the token, in the order they were added. Seats of sessions are none."""
    found = resources_visible(viewer_of(request))
    given = {"site_id": site, "kind": kind, "is_active": active}
    found = found.filter(**{name: value for name, value in given.items() if value is not None})
    page = keyset_page(found, ["id"], cursor=cursor, size=limit)
    return {"items": [_resource(r) for r in page.rows], "next_cursor": page.next_cursor}


@resources_router.get("/{resource_id}", auth=READ, response={200: ResourceShown, **PROBLEMS})
def resource_get(request: HttpRequest, resource_id: Key) -> dict[str, Any]:
    """One resource."""
    return _resource(resource_visible(viewer_of(request), resource_id))


class AbsenceOut(Schema):
    """A time when a resource is away. `from_calendar`: read from another calendar, and changed there."""

    id: int
    resource: int
    starts_at: Instant
    ends_at: Instant
    reason: str
    from_calendar: bool


class AbsencePage(Schema):
    """A page of absences."""

    items: list[AbsenceOut]
    next_cursor: str | None


class AbsenceNoted(AbsenceOut):
    """An absence just noted. `bookings`: those it hits, which stay until somebody moves them."""

    bookings: list[str]


class AbsenceIn(Given):
    """When somebody or something is away, and why (for staff only)."""

    resource: Key
    starts_at: Instant
    ends_at: Instant
    reason: Annotated[Text, Field(max_length=120)] = ""


def _absence(row: Absence) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("starts_at", "ends_at", "reason")}
    return {"id": row.pk, "resource": row.resource_id, **same, "from_calendar": bool(row.source)}


@absences_router.get("", auth=READ, response={200: AbsencePage, **PROBLEMS})
def absences_list(
    request: HttpRequest,
    resource: Key | None = None,
    since: Annotated[Instant | None, Query(description="ending after")] = None,
    until: Annotated[Instant | None, Query(description="starting before")] = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Absences at the sites of the token, in the order of their starts."""
    found = absences_visible(viewer_of(request))
    given = {"resource_id": resource, "ends_at__gt": since, "starts_at__lt": until}
    found = found.filter(**{name: value for name, value in given.items() if value is not None})
    page = keyset_page(found, ["starts_at", "id"], cursor=cursor, size=limit)
    return {"items": [_absence(a) for a in page.rows], "next_cursor": page.next_cursor}


@absences_router.post("", auth=WRITE, response={201: AbsenceNoted, **PROBLEMS})
def absence_create(request: HttpRequest, body: AbsenceIn) -> Status[dict[str, Any]]:
    """Note an absence: one's own, or anybody's for who may assign others. Bookings it hits are named, and stay."""
    viewer = viewer_of(request)
    resource = resource_visible(viewer, body.resource)
    row, hit = absence_add(
        viewer=viewer, resource_id=resource.pk, starts_at=body.starts_at, ends_at=body.ends_at, reason=body.reason
    )
    return Status(201, {**_absence(row), "bookings": [reference_of("B", b.pk) for b in hit]})


@absences_router.get("/{absence_id}", auth=READ, response={200: AbsenceOut, **PROBLEMS})
def absence_get(request: HttpRequest, absence_id: Key) -> dict[str, Any]:
    """One absence."""
    return _absence(absence_visible(viewer_of(request), absence_id))


@absences_router.delete("/{absence_id}", auth=WRITE, response={204: None, **PROBLEMS})
def absence_delete(request: HttpRequest, absence_id: Key) -> Status[None]:
    """The resource is there after all. 409 for a time that another calendar says."""
    absence_remove(viewer=viewer_of(request), absence_id=absence_id)
    return Status(204, None)

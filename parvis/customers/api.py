"""The API of customers and organisations."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema, Status

from parvis.catalog.selectors import site_by_slug, sites
from parvis.customers.selectors import (
    contact_points_of,
    customer_pk_of,
    customer_visible,
    customers_search,
    customers_visible,
    organisation_pk_of,
    organisation_visible,
    organisations_visible,
)
from parvis.customers.services import contact_point_add, customer_change, customer_create, organisation_create
from parvis.kernel.errors import Invalid
from parvis.staff.api import Token
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Long, Reference, Size, Text
from parvis.toolkit.pagination import keyset_page

customers_router = Router(tags=["customers"])
organisations_router = Router(tags=["organisations"])
READ, WRITE = Token("customers:read"), Token("customers:write")
Language = Literal["", "fr", "en"]


class CustomerOut(Schema):
    """A customer and how well the house knows them."""

    reference: str
    name: str
    language: str
    matters: str
    encounter_count: int
    open_count: int
    first_seen_at: Instant
    last_seen_at: Instant


class ContactPointOut(Schema):
    """An address or a number."""

    kind: str
    value: str
    bounced: bool


class CustomerFull(CustomerOut):
    """A customer with addresses and numbers."""

    contact_points: list[ContactPointOut]


class CustomerPage(Schema):
    """A page of customers, last seen first."""

    items: list[CustomerOut]
    next_cursor: str | None


def _customer(c: Any) -> dict[str, Any]:
    names = ("reference", "name", "language", "matters", "encounter_count", "open_count")
    return {n: getattr(c, n) for n in (*names, "first_seen_at", "last_seen_at")}


def _full(c: Any) -> dict[str, Any]:
    points = contact_points_of(c.pk)
    shown = [{"kind": p.kind, "value": p.value, "bounced": p.bounced_at is not None} for p in points]
    return {**_customer(c), "contact_points": shown}


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined]


@customers_router.get("", auth=READ, response={200: CustomerPage, **PROBLEMS})
def customers_list(request: HttpRequest, q: Line = "", cursor: Cursor = None, limit: Size = 50) -> dict[str, Any]:
    """Customers, last seen first; with `q`, those whose name, address or number starts with its words."""
    if q.strip():
        if cursor is not None:
            raise Invalid(
                _("A search has one page: leave the cursor out."), fields={"cursor": _("A search has one page.")}
            )
        hits, __ = customers_search(_viewer(request), q, limit=limit)
        return {"items": [_customer(c) for c in hits], "next_cursor": None}
    page = keyset_page(customers_visible(_viewer(request)), ["-last_seen_at", "-id"], cursor=cursor, size=limit)
    return {"items": [_customer(c) for c in page.rows], "next_cursor": page.next_cursor}


class Who(Given):
    """A customer: one we know, by reference, or whoever has this address or number."""

    reference: Reference | None = None
    name: Annotated[Line, Field(max_length=160)] = ""
    email: Annotated[Text, Field(max_length=254)] = ""
    phone: Annotated[Text, Field(max_length=40)] = ""
    language: Literal["", "fr", "en"] = ""


class CustomerIn(Given):
    """A new customer, known at a site."""

    name: Annotated[Text, Field(min_length=1, max_length=160)]
    emails: Annotated[list[Annotated[Text, Field(max_length=254)]], Field(max_length=10)] = []
    phones: Annotated[list[Annotated[Text, Field(max_length=40)]], Field(max_length=10)] = []
    language: Language = ""
    site: Annotated[Line | None, Field(description="slug")] = None


@customers_router.post("", auth=WRITE, response={201: CustomerFull, **PROBLEMS})
def customer_new(request: HttpRequest, body: CustomerIn) -> Status[dict[str, Any]]:
    """Add a customer."""
    viewer = _viewer(request)
    site = site_by_slug(body.site) if body.site else sites(viewer).first()
    if site is None or not viewer.sees_site(site.pk):
        raise Invalid(_("Choose a site you work at."), code="no_site")
    customer = customer_create(
        actor=actor_of(viewer),
        site_id=site.pk,
        name=body.name,
        emails=body.emails,
        phones=body.phones,
        language=body.language,
        country=site.country,
    )
    return Status(201, _full(customer))


@customers_router.get("/{reference}", auth=READ, response={200: CustomerFull, **PROBLEMS})
def customer_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One customer; a record that was merged answers with the one it was merged into."""
    return _full(customer_visible(_viewer(request), customer_pk_of(reference)))


class CustomerChange(Given):
    """What to change; what is left out stays as it is."""

    name: Annotated[Text | None, Field(min_length=1, max_length=160)] = None
    language: Language | None = None
    matters: Long | None = None


@customers_router.patch("/{reference}", auth=WRITE, response={200: CustomerFull, **PROBLEMS})
def customer_edit(request: HttpRequest, reference: Reference, body: CustomerChange) -> dict[str, Any]:
    """Change a customer."""
    changes = body.dict(exclude_none=True)
    if not changes:
        raise Invalid(_("Say what to change."), code="nothing_to_change")
    return _full(customer_change(viewer=_viewer(request), customer_id=customer_pk_of(reference), **changes))


class ContactPointIn(Given):
    """An address or a number to add."""

    kind: Literal["email", "phone"]
    value: Annotated[Text, Field(max_length=254)]


@customers_router.post("/{reference}/contact_points", auth=WRITE, response={201: CustomerFull, **PROBLEMS})
def customer_reach(request: HttpRequest, reference: Reference, body: ContactPointIn) -> Status[dict[str, Any]]:
    """Add an address or a number to a customer."""
    viewer, customer_id = _viewer(request), customer_pk_of(reference)
    contact_point_add(viewer=viewer, customer_id=customer_id, kind=body.kind, value=body.value)
    return Status(201, _full(customer_visible(viewer, customer_id)))


class OrganisationOut(Schema):
    """An institution with one central account."""

    reference: str
    name: str
    domain: str
    notes: str


class OrganisationPage(Schema):
    """A page of organisations by name."""

    items: list[OrganisationOut]
    next_cursor: str | None


def _organisation(o: Any) -> dict[str, Any]:
    return {"reference": o.reference, "name": o.name, "domain": o.domain, "notes": o.notes}


@organisations_router.get("", auth=READ, response={200: OrganisationPage, **PROBLEMS})
def organisations_list(request: HttpRequest, cursor: Cursor = None, limit: Size = 50) -> dict[str, Any]:
    """Organisations by name."""
    page = keyset_page(organisations_visible(_viewer(request)), ["name", "id"], cursor=cursor, size=limit)
    return {"items": [_organisation(o) for o in page.rows], "next_cursor": page.next_cursor}


class OrganisationIn(Given):
    """A new organisation."""

    name: Annotated[Text, Field(min_length=1, max_length=160)]
    domain: Annotated[Text, Field(max_length=120, description="mail domain: whoever writes from it is a contact")] = ""
    notes: Long = ""


@organisations_router.post("", auth=WRITE, response={201: OrganisationOut, **PROBLEMS})
def organisation_new(request: HttpRequest, body: OrganisationIn) -> Status[dict[str, Any]]:
    """Add an organisation."""
    made = organisation_create(viewer=_viewer(request), name=body.name, domain=body.domain, notes=body.notes)
    return Status(201, _organisation(made))


@organisations_router.get("/{reference}", auth=READ, response={200: OrganisationOut, **PROBLEMS})
def organisation_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One organisation."""
    return _organisation(organisation_visible(_viewer(request), organisation_pk_of(reference)))

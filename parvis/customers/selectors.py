"""Reads of customers, each starting from what the viewer may see."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.customers.domain.recognition import is_newcomer, is_regular
from parvis.customers.models import SEARCH, Affiliation, ContactKind, ContactPoint, Customer, CustomerSite, Organisation
from parvis.kernel.contact import is_mobile, normalise_email, parse_phone
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import rows
from parvis.toolkit.prepared import prepared

# What is typed of a number: digits, and what people put between them.
_NUMBER = re.compile(r"[\d\s.+()/-]*\d[\d\s.+()/-]*")


def contact_key(kind: str, value: str, country: str = "FR") -> str:
    """The form in which two spellings of one address or number are the same; "" for what is neither."""
    if kind == ContactKind.EMAIL:
        return normalise_email(value)
    try:
        phone = parse_phone(value, country)
    except Invalid:
        return ""
    return phone.e164 if phone.possible else ""


def customers_visible(viewer: Viewer) -> QuerySet[Customer]:
    """Customers known at one of the viewer's sites; merged and erased records are out of sight."""
    found = Customer.objects.filter(merged_into=None, erased_at=None)
    if viewer.site_ids is None:
        return found
    known = CustomerSite.objects.filter(customer=OuterRef("pk"), site_id__in=viewer.site_ids)
    return found.filter(Exists(known))


def customer_visible(viewer: Viewer, customer_id: int) -> Customer:
    """One customer (the record it was merged into, if any). Raises NotFound alike for none and for one out of sight."""
    found = _one(viewer, pk=customer_id)
    if not found:
        merged = rows("SELECT merged_into_id FROM customers_customer WHERE id = %s", [customer_id])
        found = _one(viewer, pk=merged[0][0]) if merged and merged[0][0] else []
    if not found:
        raise NotFound(_("There is no such customer, or they are not yours to see."), code="no_customer")
    return found[0]


@prepared
def _one(viewer: Viewer, pk: int) -> QuerySet[Customer]:
    return customers_visible(viewer).filter(pk=pk)


def customers_by_contact(*, email: str = "", phone: str = "", country: str = "FR") -> list[Customer]:
    """Everyone with this address or number, whoever asks, last seen first. For recognition, not for lists."""
    kind, key = ("email", contact_key("email", email)) if email else ("phone", contact_key("phone", phone, country))
    return _with(kind, key=key) if key else []


def customer_met(viewer: Viewer, *, email: str = "", phone: str = "", country: str = "FR") -> Customer | None:
    """The one customer in the viewer's sight with this address, or else this number; None where several share it."""
    for given in ({"email": email}, {"phone": phone}):
        if any(given.values()) and (ids := [c.pk for c in customers_by_contact(**given, country=country)]):
            found = list(customers_visible(viewer).filter(pk__in=ids)[:2])
            return found[0] if len(found) == 1 else None
    return None


@prepared
def _with(kind: str, key: str) -> QuerySet[Customer]:
    found = Customer.objects.filter(contact_points__kind=kind, contact_points__key=key)
    return found.filter(merged_into=None, erased_at=None).order_by("-last_seen_at")[:10]


def organisations_visible(viewer: Viewer) -> QuerySet[Organisation]:
    """Organisations known at one of the viewer's sites."""
    found = Organisation.objects.all()
    if viewer.site_ids is None:
        return found
    known = Organisation.sites.through.objects.filter(organisation=OuterRef("pk"), site_id__in=viewer.site_ids)
    return found.filter(Exists(known))


def organisation_visible(viewer: Viewer, organisation_id: int) -> Organisation:
    """One organisation. Raises NotFound."""
    found = organisations_visible(viewer).filter(pk=organisation_id).select_related("account_owner").first()
    if found is None:
        raise NotFound(_("There is no such organisation, or it is not yours to see."), code="no_organisation")
    return found


def organisation_id_for_address(address: str) -> int | None:
    """The organisation whose mail domain an address has."""
    domain = address.rpartition("@")[2]
    if not domain:
        return None
    found = rows("SELECT id FROM customers_organisation WHERE domain = %s ORDER BY id LIMIT 1", [domain])
    return found[0][0] if found else None


def organisation_id_of(customer: Customer, address: str = "") -> int | None:
    """The organisation a customer speaks for, if it is just one: else the agent chooses.

    One who is only being created, from this address, speaks for the organisation that has it.
    """
    if customer._state.adding:
        return organisation_id_for_address(contact_key(ContactKind.EMAIL, address))
    sql = "SELECT organisation_id FROM customers_affiliation WHERE customer_id = %s LIMIT 2"
    found = rows(sql, [customer.pk])
    return found[0][0] if len(found) == 1 else None


def contact_points_of(customer_id: int) -> list[ContactPoint]:
    """Addresses and numbers of a customer, oldest first."""
    return _points(customer=customer_id)


@prepared
def _points(customer: int) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(customer_id=customer)


def email_of(customer_id: int) -> str:
    """The address to write to: the oldest that does not bounce; "" if there is none."""
    alive = [p for p in contact_points_of(customer_id) if p.kind == ContactKind.EMAIL and p.bounced_at is None]
    return alive[0].value if alive else ""


def mobile_of(customer_id: int) -> str:
    """The number to send text messages to, as E.164: the oldest of a mobile phone; "" if there is none."""
    numbers = (p.key for p in contact_points_of(customer_id) if p.kind == ContactKind.PHONE and p.bounced_at is None)
    return next((key for key in numbers if key.startswith("+") and is_mobile(key)), "")


def affiliations_of(customer_id: int) -> list[Affiliation]:
    """For whom a customer speaks."""
    return _affiliations(customer=customer_id)


@prepared
def _affiliations(customer: int) -> QuerySet[Affiliation]:
    return Affiliation.objects.filter(customer_id=customer).select_related("organisation")


def contacts_of(viewer: Viewer, organisation_id: int) -> list[Affiliation]:
    """The people of an organisation whom the viewer may see."""
    visible = customers_visible(viewer).filter(affiliations__organisation_id=organisation_id)
    found = Affiliation.objects.filter(organisation_id=organisation_id, customer__in=visible)
    return list(found.select_related("customer").order_by("customer__sort_key"))


def customer_search_text(customer: Customer, points: Sequence[ContactPoint]) -> str:
    """What a customer is found by: name, addresses, and numbers as digits, with and without their country."""
    numbers = [digits for p in points if p.kind == ContactKind.PHONE for digits in _digits(p.key)]
    addresses = [p.value for p in points if p.kind == ContactKind.EMAIL]
    return " ".join([customer.name, *addresses, *numbers])


def _digits(key: str) -> tuple[str, str]:
    at_home = parse_phone(key, parse_phone(key).country or None).display
    return key.lstrip("+"), "".join(c for c in at_home if c.isdigit())


def is_digits(text: str) -> bool:
    """Whether a text is nothing but digits and what people put between them."""
    return bool(_NUMBER.fullmatch(text))


def _terms(query: str) -> str:
    """The query with a number typed in groups put together: "06 12 34" finds 0612345678, and so does "+33 6 12 34"."""
    if not is_digits(query):
        return query
    return "".join(c for c in query if c.isdigit()).removeprefix("00")


def customers_search(
    viewer: Viewer, query: str, *, limit: int = 20, before: int | None = None
) -> tuple[list[Customer], int | None]:
    """Customers the viewer may see whose name, address or number starts with the words of the query.

    The newest records are taken, those seen last come first. Returns them and the customer id to continue `before`,
    None at the end.
    """
    where, params = "c.merged_into_id IS NULL AND c.erased_at IS NULL", []
    if viewer.site_ids is not None:
        marks = ",".join(["%s"] * len(viewer.site_ids)) or "NULL"
        where += (
            " AND EXISTS (SELECT 1 FROM customers_customersite k"  # noqa: S608
            f" WHERE k.customer_id = c.id AND k.site_id IN ({marks}))"
        )
        params = sorted(viewer.site_ids)
    join = f"JOIN customers_customer c ON c.id = {SEARCH.name}.rowid"
    rows = SEARCH.hits(
        _terms(query), join=join, where=where, params=params, columns="c.id", limit=limit + 1, before=before
    )
    ids = [pk for (pk,) in rows[:limit]]
    by_id = Customer.objects.prefetch_related("contact_points", "affiliations__organisation").in_bulk(ids)
    found = sorted(by_id.values(), key=lambda c: c.last_seen_at, reverse=True)
    return found, ids[-1] if len(rows) > limit else None


@dataclass(frozen=True)
class Recognition:
    """What whoever serves a customer should know before they ask (F6, T5)."""

    encounter_count: int
    open_count: int
    since: dt.datetime
    last_seen_at: dt.datetime
    is_newcomer: bool
    is_regular: bool
    matters: str


def recognition_of(customer: Customer) -> Recognition:
    """How often, since when, what matters to them, what is open."""
    return Recognition(
        encounter_count=customer.encounter_count,
        open_count=customer.open_count,
        since=customer.first_seen_at,
        last_seen_at=customer.last_seen_at,
        is_newcomer=is_newcomer(customer.encounter_count),
        is_regular=is_regular(customer.encounter_count),
        matters=customer.matters,
    )


def customer_pk_of(reference: str) -> int:
    """The primary key a customer's reference stands for. Raises NotFound for one that cannot be ours."""
    return Customer.pk_of(reference)


def organisation_pk_of(reference: str) -> int:
    """The same for an organisation."""
    return Organisation.pk_of(reference)

"""The only way to write customers and organisations."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import sites
from parvis.customers import events
from parvis.customers.models import (
    SEARCH,
    Affiliation,
    ContactKind,
    ContactPoint,
    Customer,
    CustomerSite,
    Organisation,
)
from parvis.customers.selectors import (
    contact_key,
    customer_search_text,
    customer_visible,
    customers_by_contact,
    organisation_id_for_address,
    organisation_visible,
)
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_email, match_key
from parvis.kernel.errors import Invalid
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import changed, claim_key, lock_rows, rows, unit
from parvis.toolkit.drafts import at_writing, written
from parvis.toolkit.inserts import row_insert, rows_append


def customer_for_sender(
    *,
    actor: Actor,
    site_id: int,
    email: str = "",
    phone: str = "",
    name: str = "",
    language: str = "",
    country: str = "FR",
    at: dt.datetime | None = None,
) -> tuple[Customer, bool]:
    """The customer behind an address or number, created if nobody has it; and whether they are new.

    Several people can share an address: the one whose name fits is taken, else the one seen last. Raises Invalid when
    there is nothing to know anybody by.
    """
    if not (email or phone or name):
        raise Invalid(_("Give a name, an e-mail address or a phone number."), code="nobody")

    def compose() -> tuple[Customer, bool]:
        found = customers_by_contact(email=email, phone=phone, country=country)
        if found:
            customer = _best(found, name)
            known_at_make(customer_id=customer.pk, site_id=site_id)
            return customer, False
        if email or phone:
            at_writing(lambda: _still_nobody(email, phone, country))
        return customer_create(
            actor=actor,
            site_id=site_id,
            name=name,
            emails=[email] if email else [],
            phones=[phone] if phone else [],
            language=language,
            country=country,
            at=at,
        ), True

    return written(compose)


def _still_nobody(email: str, phone: str, country: str) -> bool:
    """Whether an address or number is still nobody's, and stays so until the transaction ends."""
    claim_key(f"customer:{email.lower() or phone}")
    return not customers_by_contact(email=email, phone=phone, country=country)


def _best(found: list[Customer], name: str) -> Customer:
    key = match_key(name) if name else ""
    return next((c for c in found if key and c.sort_key == key), found[0])


def customer_create(
    *,
    actor: Actor,
    site_id: int,
    name: str,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
    language: str = "",
    country: str = "FR",
    at: dt.datetime | None = None,
) -> Customer:
    """A new customer, known at a site. An address at an organisation's domain makes them one of its contacts.

    Raises Invalid for an address that is none.
    """
    at = at or utcnow()
    points = [_point("email", e, country) for e in emails] + [_point("phone", p, country) for p in phones]

    def compose() -> Customer:
        customer = row_insert(
            Customer(
                name=name.strip()[:160],
                sort_key=match_key(name)[:160],
                language=language,
                first_seen_at=at,
                last_seen_at=at,
            )
        )
        for point in points:
            point.customer = customer
        rows_append(ContactPoint, points)
        rows_append(CustomerSite, [CustomerSite(customer=customer, site_id=site_id)])
        addresses = [p.key for p in points if p.kind == ContactKind.EMAIL]
        organisations = {o for address in addresses if (o := organisation_id_for_address(address))}
        rows_append(Affiliation, [Affiliation(customer=customer, organisation_id=o) for o in organisations])
        _record(actor, customer, events.CREATED, site_id=site_id)
        SEARCH.put([(customer.pk, customer_search_text(customer, points))], fresh=True)
        return customer

    return written(compose)


def _point(kind: str, value: str, country: str) -> ContactPoint:
    value = value.strip()
    if kind == ContactKind.EMAIL and not is_email(value):
        raise Invalid(
            _("“%(value)s” is not an e-mail address.") % {"value": value[:60]},
            fields={"email": _("Write it as name@example.com.")},
        )
    key = contact_key(kind, value, country)
    if not key:
        raise Invalid(
            _("“%(value)s” is not a phone number.") % {"value": value[:60]},
            fields={"phone": _("Write it with its area or country code.")},
        )
    return ContactPoint(kind=kind, value=value[:254], key=key[:254])


def _affiliate_by_domain(customer: Customer, points: list[ContactPoint]) -> None:
    for point in points:
        if point.kind == ContactKind.EMAIL and (organisation_id := organisation_id_for_address(point.key)):
            Affiliation.objects.get_or_create(customer=customer, organisation_id=organisation_id)


def known_at_make(*, customer_id: int, site_id: int) -> None:
    """From now on, staff of this site see the customer (and the organisations they speak for). Within a draft."""
    known = "SELECT 1 FROM customers_customersite WHERE site_id = %s AND customer_id = %s"
    if not rows(known, [site_id, customer_id]):
        at_writing(lambda: changed(_KNOWN, [customer_id, site_id]) + changed(_SPEAKS_FOR, [site_id, customer_id]) >= 0)


_KNOWN = "INSERT INTO customers_customersite (customer_id, site_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_SPEAKS_FOR = """
    INSERT INTO customers_organisation_sites (organisation_id, site_id)
    SELECT organisation_id, %s FROM customers_affiliation WHERE customer_id = %s ON CONFLICT DO NOTHING
"""


def customer_opened(*, customer: Customer, at: dt.datetime) -> None:
    """Count an encounter that is being opened, within its draft; when it is written they must still be there."""
    if customer._state.adding:
        customer.encounter_count += 1
        customer.open_count += 1
    else:
        seen = connection.ops.adapt_datetimefield_value(at)
        at_writing(lambda: changed(_OPENED, [seen, customer.pk]) == 1)


_OPENED = """
    UPDATE customers_customer SET encounter_count = encounter_count + 1, open_count = open_count + 1, last_seen_at = %s
    WHERE id = %s AND merged_into_id IS NULL AND erased_at IS NULL
"""


def customer_change(*, viewer: Viewer, customer_id: int, **changes: Any) -> Customer:
    """Change `name`, `language` or `matters` (what matters to this person)."""
    allowed = {"name", "language", "matters"}
    if unknown := set(changes) - allowed:
        raise Invalid(_("This cannot be changed here."), fields=dict.fromkeys(unknown, ""))
    with unit():
        [customer] = lock_rows(Customer.objects.all(), [customer_visible(viewer, customer_id).pk])
        for field, value in changes.items():
            setattr(customer, field, value.strip())
        customer.sort_key = match_key(customer.name)[:160]
        customer.save()
        _record(actor_of(viewer), customer, events.CHANGED, fields=sorted(changes))
        _reindex(customer)
    return customer


def contact_point_add(*, viewer: Viewer, customer_id: int, kind: str, value: str, country: str = "FR") -> ContactPoint:
    """Add an address or number. Raises Invalid for one that is none."""
    with unit():
        customer = customer_visible(viewer, customer_id)
        point = _point(kind, value, country)
        point, created = ContactPoint.objects.get_or_create(
            customer=customer, kind=kind, key=point.key, defaults={"value": point.value}
        )
        if created:
            _affiliate_by_domain(customer, [point])
            _record(actor_of(viewer), customer, events.CONTACT_POINT_ADDED, kind=kind)
            _reindex(customer)
    return point


def contact_point_remove(*, viewer: Viewer, contact_point_id: int) -> None:
    """Remove an address or number."""
    with unit():
        point = ContactPoint.objects.select_related("customer").filter(pk=contact_point_id).first()
        if point is None:
            return
        customer = customer_visible(viewer, point.customer_id)
        point.delete()
        _record(actor_of(viewer), customer, events.CONTACT_POINT_REMOVED, kind=point.kind)
        _reindex(customer)


def address_bounced(*, actor: Actor, address: str, at: dt.datetime | None = None) -> int:
    """Note that mail to this address fails for good. Returns how many records carry it."""
    at = at or utcnow()
    points = ContactPoint.objects.filter(kind="email", key=contact_key("email", address), bounced_at=None)
    with unit():
        found = list(points.select_related("customer"))
        points.update(bounced_at=at)
        for point in found:
            _record(actor, point.customer, events.BOUNCED)
    return len(found)


def customer_counted(*, customer_id: int, open_change: int = 0, at: dt.datetime | None = None) -> None:
    """Keep the recognition figures: encounters open, last seen."""
    sql = (
        "UPDATE customers_customer SET open_count = open_count + %s, last_seen_at = COALESCE(%s, last_seen_at) "
        "WHERE id = %s"
    )
    seen = connection.ops.adapt_datetimefield_value(at) if at is not None else None
    changed(sql, [open_change, seen, customer_id])


def organisation_create(
    *,
    viewer: Viewer,
    name: str,
    domain: str = "",
    notes: str = "",
    account_owner_id: int | None = None,
    site_ids: Iterable[int] = (),
) -> Organisation:
    """A new organisation, known at the viewer's sites; customers writing from its domain are its contacts.

    Raises Invalid without a name.
    """
    with unit():
        organisation = Organisation.objects.create(
            name=_organisation_name(name), domain=_domain(domain), notes=notes, account_owner_id=account_owner_id
        )
        # Whoever sees every site founds it for all of them.
        everywhere = viewer.site_ids if viewer.site_ids is not None else sites().values_list("pk", flat=True)
        organisation.sites.set(list(site_ids) or list(everywhere))
        _affiliate_writers(organisation)
        _record_organisation(actor_of(viewer), organisation, events.ORGANISATION_CREATED)
    return organisation


def _organisation_name(name: str) -> str:
    if not name.strip():
        raise Invalid(_("An organisation needs a name."), fields={"name": _("Give its name.")})
    return name.strip()


def _domain(text: str) -> str:
    """A mail domain however it is given: "@Lycee.example", "https://lycee.example/"."""
    return text.strip().lower().rpartition("@")[2].rpartition("//")[2].partition("/")[0].removeprefix("www.")


def _affiliate_writers(organisation: Organisation) -> None:
    if organisation.domain:
        points = ContactPoint.objects.filter(kind="email", key__endswith=f"@{organisation.domain}")
        ids = set(points.values_list("customer_id", flat=True))
        Affiliation.objects.bulk_create(
            [Affiliation(customer_id=pk, organisation=organisation) for pk in ids], ignore_conflicts=True
        )


def organisation_change(*, viewer: Viewer, organisation_id: int, **changes: Any) -> Organisation:
    """Change `name`, `domain`, `notes` or `account_owner_id`. Raises Invalid for an empty name or another field."""
    allowed = {"name", "domain", "notes", "account_owner_id"}
    if unknown := set(changes) - allowed:
        raise Invalid(_("This cannot be changed here."), fields=dict.fromkeys(unknown, ""))
    if "name" in changes:
        changes["name"] = _organisation_name(changes["name"])
    if "domain" in changes:
        changes["domain"] = _domain(changes["domain"])
    with unit():
        organisation = organisation_visible(viewer, organisation_id)
        moved = changes.get("domain", organisation.domain) != organisation.domain
        for field, value in changes.items():
            setattr(organisation, field, value)
        organisation.save()
        if moved:
            _affiliate_writers(organisation)
        _record_organisation(actor_of(viewer), organisation, events.ORGANISATION_CHANGED, fields=sorted(changes))
    return organisation


def affiliation_make(*, viewer: Viewer, customer_id: int, organisation_id: int, role: str = "") -> Affiliation:
    """A customer speaks for an organisation, in a role; said again, the role changes."""
    customer, organisation = customer_visible(viewer, customer_id), organisation_visible(viewer, organisation_id)
    with unit():
        affiliation, __ = Affiliation.objects.update_or_create(
            customer=customer, organisation=organisation, defaults={"role": role.strip()[:80]}
        )
        _record(actor_of(viewer), customer, events.AFFILIATED, organisation=organisation.pk)
    return affiliation


def affiliation_end(*, viewer: Viewer, customer_id: int, organisation_id: int) -> None:
    """A customer no longer speaks for an organisation."""
    customer = customer_visible(viewer, customer_id)
    with unit():
        if Affiliation.objects.filter(customer=customer, organisation_id=organisation_id).delete()[0]:
            _record(actor_of(viewer), customer, events.UNAFFILIATED, organisation=organisation_id)


def _reindex(customer: Customer) -> None:
    SEARCH.put([(customer.pk, customer_search_text(customer, list(customer.contact_points.all())))])


def _record(actor: Actor, customer: Customer, name: str, site_id: int | None = None, **data: Any) -> None:
    entries_record(actor=actor, facts=[Fact(name, customer_id=customer.pk, site_id=site_id, data=data)])


def _record_organisation(actor: Actor, organisation: Organisation, name: str, **data: Any) -> None:
    entries_record(actor=actor, facts=[Fact(name, data={"organisation": organisation.pk, **data})])

"""One record out of two, two again out of one, and none: the part of merging and erasing that belongs to customers.

Encounters and promises stand above this context: `desk.services.merge` calls these and moves what is theirs, in one
transaction. Everything here expects both rows locked and the caller to have asked who may.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.customers import events
from parvis.customers.models import SEARCH, Affiliation, ContactPoint, Customer, CustomerSite, Merge
from parvis.customers.selectors import customer_search_text
from parvis.kernel.clock import parse_instant, utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.toolkit.db import lock_rows

MERGED_MEANWHILE = _("One of these records was merged or erased meanwhile.")


def customers_lock(*ids: int) -> list[Customer]:
    """The rows, locked until the transaction ends, in the order asked for. Raises Conflict if one has gone."""
    found = {c.pk: c for c in lock_rows(Customer.objects.all(), ids)}
    if len(found) < len(set(ids)):
        raise Conflict(_("One of these records is no longer there."))
    return [found[pk] for pk in ids]


def customer_absorb(*, actor: Actor, kept: Customer, absorbed: Customer) -> Merge:
    """Move addresses, organisations and sites of one locked record into another and journal what moved.

    Raises Invalid for a record and itself, Conflict when one is merged or erased already.
    """
    if kept.pk == absorbed.pk:
        raise Invalid(_("A record cannot be merged with itself."))
    if any(c.merged_into_id or c.erased_at for c in (kept, absorbed)):
        raise Conflict(MERGED_MEANWHILE, hint=_("Reload the list of duplicates."))
    moved: dict[str, Any] = {
        "points": _points_move(kept, absorbed),
        "affiliations": _affiliations_move(kept, absorbed),
        "sites": _sites_share(kept, absorbed),
        "kept": _remembered(kept),
        "absorbed": _remembered(absorbed),
        # Records merged into the one absorbed now lead straight to the one kept.
        "repointed": list(Customer.objects.filter(merged_into=absorbed).values_list("pk", flat=True)),
    }
    Customer.objects.filter(pk__in=moved["repointed"]).update(merged_into=kept)
    kept.name, kept.sort_key = (kept.name, kept.sort_key) if kept.name else (absorbed.name, absorbed.sort_key)
    kept.language = kept.language or absorbed.language
    kept.matters = "\n".join(dict.fromkeys(text for text in (kept.matters, absorbed.matters) if text))
    moved["matters"] = kept.matters
    kept.first_seen_at = min(kept.first_seen_at, absorbed.first_seen_at)
    kept.last_seen_at = max(kept.last_seen_at, absorbed.last_seen_at)
    absorbed.merged_into = kept
    _save(kept, absorbed)
    SEARCH.drop([absorbed.pk])
    _record(actor, events.MERGED, kept, absorbed)
    return Merge.objects.create(
        kept=kept, absorbed=absorbed, moved=moved, by_id=actor.id if actor.kind == "member" else None
    )


def _remembered(customer: Customer) -> dict[str, str]:
    return {
        "name": customer.name,
        "sort_key": customer.sort_key,
        "language": customer.language,
        "matters": customer.matters,
        "first_seen_at": customer.first_seen_at.isoformat(),
        "last_seen_at": customer.last_seen_at.isoformat(),
    }


def _points_move(kept: Customer, absorbed: Customer) -> dict[str, Any]:
    """Addresses change hands; one that the kept record has already is dropped, and remembered."""
    own = {(p.kind, p.key) for p in kept.contact_points.all()}
    points = list(absorbed.contact_points.all())
    twins = [p for p in points if (p.kind, p.key) in own]
    moving = [p.pk for p in points if (p.kind, p.key) not in own]
    ContactPoint.objects.filter(pk__in=[p.pk for p in twins]).delete()
    ContactPoint.objects.filter(pk__in=moving).update(customer=kept)
    dropped = [{"kind": p.kind, "value": p.value, "key": p.key, "label": p.label} for p in twins]
    return {"moved": moving, "dropped": dropped}


def _affiliations_move(kept: Customer, absorbed: Customer) -> dict[str, Any]:
    own = set(kept.affiliations.values_list("organisation_id", flat=True))
    found = list(absorbed.affiliations.all())
    twins = [a for a in found if a.organisation_id in own]
    moving = [a.pk for a in found if a.organisation_id not in own]
    Affiliation.objects.filter(pk__in=[a.pk for a in twins]).delete()
    Affiliation.objects.filter(pk__in=moving).update(customer=kept)
    return {"moved": moving, "dropped": [{"organisation": a.organisation_id, "role": a.role} for a in twins]}


def _sites_share(kept: Customer, absorbed: Customer) -> list[int]:
    """From now on the kept record is known wherever the absorbed one was; returns the sites that are new to it."""
    own = set(kept.known_at.values_list("site_id", flat=True))
    new = [pk for pk in absorbed.known_at.values_list("site_id", flat=True) if pk not in own]
    CustomerSite.objects.bulk_create([CustomerSite(customer=kept, site_id=pk) for pk in new])
    return new


def merge_note(*, merge: Merge, **moved: Any) -> None:
    """Add to the journal what a higher context moved."""
    merge.moved = {**merge.moved, **moved}
    merge.save(update_fields=["moved"])


def customer_release(*, actor: Actor, merge: Merge, kept: Customer, absorbed: Customer) -> None:
    """Undo `customer_absorb`: each gets back what was theirs; what was added to the kept record since stays there.

    Raises Conflict when this merge was undone already, or when the kept record has itself been merged since.
    """
    if merge.undone_at is not None or absorbed.merged_into_id is None:
        raise Conflict(_("These records are apart already."))
    if kept.merged_into_id is not None:
        raise Conflict(_("The record has been merged again since."), hint=_("Take the later merge apart first."))
    moved = merge.moved
    ContactPoint.objects.filter(pk__in=moved["points"]["moved"], customer=kept).update(customer=absorbed)
    _points_recreate(kept, absorbed, moved["points"]["dropped"])
    Affiliation.objects.filter(pk__in=moved["affiliations"]["moved"], customer=kept).update(customer=absorbed)
    for row in moved["affiliations"]["dropped"]:
        if kept.affiliations.filter(organisation_id=row["organisation"]).exists():
            Affiliation.objects.get_or_create(
                customer=absorbed, organisation_id=row["organisation"], defaults={"role": row["role"]}
            )
    Customer.objects.filter(pk__in=moved["repointed"], merged_into=kept).update(merged_into=absorbed)
    _give_back(kept, moved)
    absorbed.merged_into = None
    absorbed.last_seen_at = parse_instant(moved["absorbed"]["last_seen_at"])
    _save(kept, absorbed)
    merge.undone_at = utcnow()
    merge.save(update_fields=["undone_at"])
    SEARCH.put([(absorbed.pk, customer_search_text(absorbed, list(absorbed.contact_points.all())))])
    _record(actor, events.UNMERGED, kept, absorbed)


def _points_recreate(kept: Customer, absorbed: Customer, dropped: list[dict[str, str]]) -> None:
    """Addresses both had: back to both, unless somebody removed them since; a bounce is a bounce for both."""
    for row in dropped:
        twin = kept.contact_points.filter(kind=row["kind"], key=row["key"]).first()
        if twin is not None:
            ContactPoint.objects.get_or_create(
                customer=absorbed,
                kind=row["kind"],
                key=row["key"],
                defaults={"value": row["value"], "label": row["label"], "bounced_at": twin.bounced_at},
            )


def _give_back(kept: Customer, moved: dict[str, Any]) -> None:
    """The kept record as it was, where nobody changed it since."""
    was, other = moved["kept"], moved["absorbed"]
    if kept.matters == moved["matters"]:
        kept.matters = was["matters"]
    if not was["name"] and kept.name == other["name"]:
        kept.name, kept.sort_key = was["name"], was["sort_key"]
    if not was["language"] and kept.language == other["language"]:
        kept.language = ""
    kept.first_seen_at = parse_instant(was["first_seen_at"])
    kept.last_seen_at = parse_instant(was["last_seen_at"])


def sites_leave(*, customer: Customer, site_ids: list[int]) -> None:
    """A record is no longer known at these sites: they only knew the other half of an undone merge."""
    CustomerSite.objects.filter(customer=customer, site_id__in=site_ids).delete()


def customer_figures_set(*, customer: Customer, encounters: int, open_: int, last_at: dt.datetime | None) -> None:
    """Put the recognition figures right after encounters changed hands; `last_at` only moves last seen forward."""
    customer.encounter_count, customer.open_count = encounters, open_
    if last_at is not None:
        customer.last_seen_at = max(customer.last_seen_at, last_at)
    customer.save(update_fields=["encounter_count", "open_count", "last_seen_at"])


def customer_forget(*, actor: Actor, customer: Customer, at: dt.datetime) -> None:
    """Remove everything personal of a locked record and of those merged into it; rows and ledger entries stay.

    The ledger holds ids and facts only, so the figures of the house remain true.
    """
    everyone = [customer, *Customer.objects.filter(merged_into=customer)]
    ids = [c.pk for c in everyone]
    with transaction.atomic():
        ContactPoint.objects.filter(customer_id__in=ids).delete()
        Affiliation.objects.filter(customer_id__in=ids).delete()
        # Journals remember addresses and names: an erased person cannot be taken apart again.
        Merge.objects.filter(kept_id__in=ids, undone_at=None).update(undone_at=at)
        Merge.objects.filter(kept_id__in=ids).update(moved={})
        Merge.objects.filter(absorbed_id__in=ids).update(moved={})
        Customer.objects.filter(pk__in=ids).update(name="", sort_key="", matters="", language="", erased_at=at)
        SEARCH.drop(ids)
        entries_record(actor=actor, at=at, facts=[Fact(events.ERASED, customer_id=pk) for pk in ids])


def _save(*customers: Customer) -> None:
    for customer in customers:
        customer.save()
        if customer.merged_into_id is None:
            SEARCH.put([(customer.pk, customer_search_text(customer, list(customer.contact_points.all())))])


def _record(actor: Actor, name: str, kept: Customer, absorbed: Customer) -> None:
    facts = [Fact(name, customer_id=kept.pk, data={"absorbed": absorbed.pk})]
    entries_record(actor=actor, facts=facts)

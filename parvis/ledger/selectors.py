"""Readings of the ledger, in an order that loses nothing."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from parvis.ledger.models import Entry, Failure, Position, Subscription
from parvis.toolkit.prepared import prepared


def _settled(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Without the entries of transactions that older, still open ones could yet precede (PostgreSQL)."""
    if connection.vendor != "postgresql":
        return entries
    return entries.extra(where=["xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"])


def entries_after(position: Position, *, limit: int = 200) -> list[Entry]:
    """Up to `limit` entries after (xid, id), in commit-safe order.

    On PostgreSQL an id can become visible after a higher one; the order is therefore (transaction, id), and entries of
    transactions newer than the oldest open one wait.
    """
    if connection.vendor == "postgresql":
        return list(_following(position)[:limit])
    # There every xid is 0, and of a pair SQLite takes the first half to the index and all rows to the second.
    return _after(limit, pk=position[1])


def heads_after(position: Position, *, limit: int) -> list[tuple[int, int, str]]:
    """The same entries as (xid, id, name), for whoever wants few of them."""
    if connection.vendor == "postgresql":
        return list(_following(position).values_list("xid", "id", "name")[:limit])
    return _heads(limit, pk=position[1])


def _following(position: Position) -> QuerySet[Entry]:
    after = Entry.objects.extra(where=["(xid, id) > (%s, %s)"], params=list(position))
    return _settled(after).order_by("xid", "id")


@prepared
def _after(limit: int, pk: int) -> QuerySet[Entry]:
    return Entry.objects.filter(pk__gt=pk).order_by("pk")[:limit]


@prepared
def _heads(limit: int, pk: int) -> QuerySet[Entry, tuple[int, int, str]]:
    return Entry.objects.filter(pk__gt=pk).order_by("pk").values_list("xid", "id", "name")[:limit]


def positions() -> dict[str, Position]:
    """How far each subscription has come, by its name."""
    return {name: (xid, entry_id) for name, xid, entry_id in _positions()}


@prepared
def _positions() -> QuerySet[Subscription, tuple[str, int, int]]:
    return Subscription.objects.values_list("name", "xid", "entry_id")


def last_position() -> Position:
    """The newest settled position: where a reader starts that wants only what is to come."""
    return _settled(Entry.objects.all()).order_by("-xid", "-id").values_list("xid", "id").first() or (0, 0)


def timeline(
    *, encounter_id: int | None = None, customer_ids: Iterable[int] | None = None, site_ids: Iterable[int] | None
) -> QuerySet[Entry]:
    """Entries of one encounter or customer that the viewer may see, newest first.

    `customer_ids` are those of all records of one person; `site_ids` is what the viewer may see (None: all). What
    belongs to no site (the record itself was changed) is told to whoever sees the customer.
    """
    entries = Entry.objects.order_by("-id")
    if encounter_id is not None:
        entries = entries.filter(encounter_id=encounter_id)
    if customer_ids is not None:
        entries = entries.filter(customer_id__in=list(customer_ids))
    if site_ids is not None:
        entries = entries.filter(Q(site_id__in=list(site_ids)) | Q(site_id=None))
    return entries


def audit(
    *,
    site_ids: Iterable[int] | None,
    actor_id: int | None = None,
    names: Iterable[str] | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    encounter_id: int | None = None,
    customer_id: int | None = None,
) -> QuerySet[Entry]:
    """Entries narrowed by who (a member's id), what kind, when [since, until) and whom they concern, newest first.

    Entries of no site are for those who see all of them (`site_ids` None).
    """
    entries = Entry.objects.order_by("-id")
    if site_ids is not None:
        entries = entries.filter(site_id__in=list(site_ids))
    if actor_id is not None:
        entries = entries.filter(actor_kind="member", actor_id=actor_id)
    if names is not None:
        entries = entries.filter(name__in=list(names))
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    if encounter_id is not None:
        entries = entries.filter(encounter_id=encounter_id)
    if customer_id is not None:
        entries = entries.filter(customer_id=customer_id)
    return entries


def failures_open() -> QuerySet[Failure]:
    """Reactions that have not succeeded yet, those given up first."""
    return Failure.objects.filter(resolved_at=None).select_related("entry").order_by("next_attempt_at", "pk")

"""Readings of the ledger, in an order that loses nothing."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from parvis.ledger.models import Entry, Failure

Position = tuple[int, int]


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
    xid, pk = position
    where = ["(xid, id) > (%s, %s)"]
    return list(_settled(Entry.objects.extra(where=where, params=[xid, pk])).order_by("xid", "id")[:limit])  # noqa: S610


def last_position() -> Position:
    """The newest settled position: where a reader starts that wants only what is to come."""
    return _settled(Entry.objects.all()).order_by("-xid", "-id").values_list("xid", "id").first() or (0, 0)


def timeline(
    *, encounter_id: int | None = None, customer_id: int | None = None, site_ids: Iterable[int] | None
) -> QuerySet[Entry]:
    """Entries of one encounter or customer, newest first; `site_ids` is what the viewer may see (None: all)."""
    entries = Entry.objects.order_by("-id")
    if encounter_id is not None:
        entries = entries.filter(encounter_id=encounter_id)
    if customer_id is not None:
        entries = entries.filter(customer_id=customer_id)
    if site_ids is not None:
        entries = entries.filter(site_id__in=list(site_ids))
    return entries


def failures_open() -> QuerySet[Failure]:
    """Reactions that have not succeeded yet, those given up first."""
    return Failure.objects.filter(resolved_at=None).select_related("entry").order_by("next_attempt_at", "pk")

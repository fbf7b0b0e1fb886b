"""Writing to the ledger, always inside the transaction of the change it tells."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction

from parvis.kernel.clock import utcnow
from parvis.ledger.models import Entry, Failure, Position, Subscription
from parvis.ledger.triggers import CREATE, DROP
from parvis.toolkit.db import changed, is_postgres, rows, units
from parvis.toolkit.inserts import rows_append

RETRY_PAUSES = [dt.timedelta(seconds=s) for s in (10, 60, 600, 3600)]
BATCH = 200
# How long reactions keep the database to themselves: on SQLite nobody else writes meanwhile.
PORTION_SECONDS = 0.02


@dataclass(frozen=True)
class Actor:
    """Who did it: a member of staff, a customer, a partner, an API token, or the house itself."""

    kind: str  # member | customer | partner | token | system
    id: int | None = None

    @classmethod
    def system(cls) -> "Actor":
        """The house itself: the watch, the greeting, the mail pump."""
        return cls("system")


@dataclass(frozen=True)
class Fact:
    """An entry about to be written."""

    name: str
    encounter_id: int | None = None
    customer_id: int | None = None
    site_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _NewEntry:
    """A row of `Entry` to be: making a model instance costs ten times as much, and nobody would look at it."""

    at: dt.datetime
    name: str
    actor_kind: str
    actor_id: int | None
    site_id: int | None
    customer_id: int | None
    encounter_id: int | None
    data: dict[str, Any]


_collecting = threading.local()


@contextmanager
def entries_collected() -> Iterator[None]:
    """Write the entries recorded inside as one statement at the end: for services that record several changes.

    Nested, the outermost one writes. Nothing is written when the block fails: its transaction fails with it.
    """
    if getattr(_collecting, "entries", None) is not None:
        yield
        return
    _collecting.entries = []
    try:
        yield
        rows_append(Entry, _collecting.entries)
    finally:
        _collecting.entries = None


def entries_record(*, actor: Actor, facts: Iterable[Fact], at: dt.datetime | None = None) -> None:
    """Append one entry per fact, in one statement. Raises RuntimeError outside a transaction and a draft."""
    if units.draft is None and not connection.in_atomic_block:
        raise RuntimeError("A ledger entry belongs to the transaction of the change it records.")
    at = at or utcnow()
    entries = [
        _NewEntry(at, f.name, actor.kind, actor.id, f.site_id, f.customer_id, f.encounter_id, f.data) for f in facts
    ]
    collected = getattr(_collecting, "entries", None)
    if collected is not None and units.draft is None:
        collected.extend(entries)
    else:
        # Never with keys given out ahead: whoever reads the ledger goes by the order in which it was written.
        rows_append(Entry, entries)


Handler = Callable[[Entry], None]
_handlers: dict[str, tuple[frozenset[str], Handler]] = {}


def subscribe(subscription: str, names: Iterable[str]) -> Callable[[Handler], Handler]:
    """Register a reaction to entries called `names`. Used in `handlers.py` of higher contexts."""

    def register(handler: Handler) -> Handler:
        _handlers[subscription] = (frozenset(names), handler)
        return handler

    return register


def subscriptions_deliver() -> int:
    """Give each subscription the entries it has not seen; return how many were handled.

    An entry is handled at least once, in order, in the transaction that moves the position. A handler that fails
    does not hold up the entries behind it: the failure is kept and tried again apart.
    """
    from parvis.ledger.selectors import heads_after, positions

    known, heads, handled = positions(), {}, 0
    passed: dict[tuple[Position, Position], list[str]] = {}
    for name, (wanted, handler) in sorted(_handlers.items()):
        at = known.get(name, (0, 0))
        if at not in heads:
            heads[at] = heads_after(at, limit=BATCH)
        if name in known and not any(entry_name in wanted for *__, entry_name in heads[at]):
            if heads[at]:
                passed.setdefault((at, heads[at][-1][:2]), []).append(name)
        else:
            handled += _catch_up(name, wanted, handler)
    for (at, to), names in passed.items():
        handled += len(heads[at]) * _pass(names, at, to)
    return handled + _retry()


def subscriptions_skip() -> None:
    """Let every subscription begin after what the ledger holds now: for history that is brought in from elsewhere."""
    from parvis.ledger.selectors import last_position

    xid, entry_id = last_position()
    for name in _handlers:
        Subscription.objects.update_or_create(name=name, defaults={"xid": xid, "entry_id": entry_id})


def entries_adopt() -> bool:
    """Take over entries that another PostgreSQL cluster wrote (a dump was restored); returns whether there were any.

    They are known by transaction ids that this cluster has not reached yet. Readers would hear nothing new before it
    has, so those entries become the oldest of all, in the order of their ids. A reader that had not come to the end
    goes on at the first entry it lacked, and may hear of a few once more.
    """
    if not is_postgres():
        return False
    with transaction.atomic():
        if not rows("SELECT max(xid) >= pg_current_xact_id()::text::bigint FROM ledger_entry", [])[0][0]:
            return False
        changed("LOCK TABLE ledger_entry, ledger_subscription IN EXCLUSIVE MODE", [])
        changed(_ADOPT_POSITIONS, [])
        for statement in DROP["postgresql"]:
            changed(statement, [])
        changed("UPDATE ledger_entry SET xid = 0 WHERE xid > 0", [])
        for statement in CREATE["postgresql"]:
            changed(statement, [])
    return True


_ADOPT_POSITIONS = """
    UPDATE ledger_subscription s SET xid = 0, entry_id = COALESCE(
        (SELECT min(e.id) - 1 FROM ledger_entry e WHERE (e.xid, e.id) > (s.xid, s.entry_id)),
        (SELECT max(e.id) FROM ledger_entry e), 0)
"""


def _pass(names: list[str], at: Position, to: Position) -> int:
    """What is nothing to these subscriptions is behind them, unless somebody else has moved them meanwhile."""
    unmoved = Subscription.objects.filter(name__in=names, xid=at[0], entry_id=at[1])
    return unmoved.update(xid=to[0], entry_id=to[1], updated_at=utcnow())


def _catch_up(name: str, wanted: frozenset[str], handler: Handler) -> int:
    """Up to BATCH entries, in portions short enough for those who write meanwhile; returns how many were handled."""
    handled, more = 0, True
    while more and handled < BATCH:
        done, more = _deliver(name, wanted, handler, limit=BATCH - handled)
        handled += done
    return handled


def _deliver(name: str, wanted: frozenset[str], handler: Handler, *, limit: int) -> tuple[int, bool]:
    """One transaction: as many entries as PORTION_SECONDS allow, one at least; how many, and whether more are known."""
    from parvis.ledger.selectors import heads_after

    with transaction.atomic():
        Subscription.objects.get_or_create(name=name)
        position = Subscription.objects.select_for_update().get(name=name)
        # Most of what happens is nothing to most subscriptions: only what is wanted is read whole.
        heads = heads_after((position.xid, position.entry_id), limit=limit)
        entries = Entry.objects.in_bulk([pk for __, pk, entry_name in heads if entry_name in wanted])
        done, ends = 0, time.monotonic() + PORTION_SECONDS
        for position.xid, position.entry_id, __ in heads:
            if entry := entries.get(position.entry_id):
                _handle(name, handler, entry)
            done += 1
            if time.monotonic() > ends:
                break
        if done:
            position.save(update_fields=["xid", "entry_id", "updated_at"])
        return done, done < len(heads)


def _handle(name: str, handler: Handler, entry: Entry) -> None:
    try:
        with transaction.atomic():
            handler(entry)
    except DatabaseError as error:
        if connection.needs_rollback:
            raise
        _fail(name, entry, error)
    except Exception as error:
        _fail(name, entry, error)


def _fail(name: str, entry: Entry, error: Exception) -> None:
    Failure.objects.create(
        subscription=name, entry=entry, error=repr(error)[:4000], next_attempt_at=utcnow() + RETRY_PAUSES[0]
    )


def _retry() -> int:
    handled = 0
    for failure in Failure.objects.filter(resolved_at=None, next_attempt_at__lte=utcnow()).order_by("pk")[:BATCH]:
        if failure.subscription not in _handlers:
            continue
        try:
            with transaction.atomic():
                _handlers[failure.subscription][1](failure.entry)
                failure.resolved_at, failure.next_attempt_at = utcnow(), None
                failure.save()
            handled += 1
        except Exception as error:
            left = RETRY_PAUSES[failure.attempts : failure.attempts + 1]
            failure.attempts += 1
            failure.error = repr(error)[:4000]
            failure.next_attempt_at = utcnow() + left[0] if left else None
            failure.save()
    return handled


def failure_retry(*, failure_id: int) -> None:
    """Put a failure that was given up back in line, at an administrator's word."""
    Failure.objects.filter(pk=failure_id, resolved_at=None).update(attempts=1, next_attempt_at=utcnow())

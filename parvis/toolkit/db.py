"""What differs between the two databases, in one place."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction


class Units(threading.local):
    """What this thread is at: whether in a service's transaction, and the draft it composes (`toolkit/drafts.py`)."""

    open = False
    draft: Any = None


units = Units()


@contextmanager
def unit() -> Iterator[None]:
    """The transaction of a service. Services called within it join it without a savepoint: what fails, fails them all.

    Where a failure is to be survived (one of many mails), the caller opens a `transaction.atomic()` of its own around.
    While a draft is composed there is no transaction yet.
    """
    if units.draft is not None:
        yield
        return
    if units.open and connection.in_atomic_block:
        try:
            yield
        except BaseException:
            connection.needs_rollback = True
            raise
        return
    units.open = True
    try:
        with transaction.atomic():
            yield
    finally:
        units.open = False


def is_postgres() -> bool:
    """Whether the default connection speaks to PostgreSQL (else: SQLite)."""
    return connection.vendor == "postgresql"


def background_work() -> None:
    """Say that this process writes without anybody waiting for it: on SQLite, others go first from now on."""
    if not is_postgres():
        from parvis.toolkit.sqlite3.base import Gate

        Gate.background = True


class CurrentTransactionId(models.Func):
    """The id of the writing transaction on PostgreSQL, 0 on SQLite (where one writer at a time keeps order anyway)."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        if connection.vendor == "postgresql":
            return "(pg_current_xact_id()::text::bigint)", []
        return "0", []


def run_sql(statements: dict[str, Sequence[str]], reverse: dict[str, Sequence[str]]) -> Any:
    """A migration operation that runs the statements of the vendor at hand (`sqlite` or `postgresql`)."""
    from django.db import migrations

    def runner(by_vendor: dict[str, Sequence[str]]) -> Any:
        def run(apps: Any, schema_editor: Any) -> None:
            for statement in by_vendor[schema_editor.connection.vendor]:
                schema_editor.execute(statement)

        return run

    return migrations.RunPython(runner(statements), runner(reverse))


def lock_rows(queryset: models.QuerySet, ids: Iterable[int] | None = None) -> list[Any]:
    """Lock rows in id order (so that two callers never wait for each other) and return them.

    On SQLite the IMMEDIATE transaction already holds the only write lock.
    """
    if ids is not None:
        queryset = queryset.filter(pk__in=list(ids))
    queryset = queryset.order_by("pk")
    return list(queryset.select_for_update(of=("self",)) if is_postgres() else queryset)


def capped_count(queryset: models.QuerySet, cap: int = 100) -> int:
    """Count rows, but never look at more than `cap` of them: a badge says "99+" rather than scan a table."""
    return queryset.order_by().values("pk")[:cap].count()


def claim_key(key: str) -> None:
    """Hold `key` until the transaction ends, so that two callers cannot both find something missing and create it.

    SQLite has one writer at a time already. Call inside a transaction.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def statistics_refresh(growth: float = 1.25) -> int:
    """Tell SQLite's planner what its tables hold by now, those that grew; PostgreSQL sees to that itself.

    All rows of a table are looked at, since from samples the planner takes wrong indexes; that keeps writers waiting
    for about a second per million rows, a table at a time. Returns how many tables were looked at.
    """
    if is_postgres():
        return 0
    looked = 0
    with connection.cursor() as cursor:
        known = _rows_known(cursor)
        for table in connection.introspection.django_table_names(only_existing=True):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT max(rowid) FROM {quoted}")  # noqa: S608 - our own table's name
            now = cursor.fetchone()[0] or 0
            if now > growth * known.get(table, 0) and now > _WORTH_STATISTICS:
                cursor.execute(f"ANALYZE {quoted}")
                looked += 1
    return looked


# A table of fewer rows is read whole as quickly as by an index.
_WORTH_STATISTICS = 500


def _rows_known(cursor: Any) -> dict[str, int]:
    """How many rows each table had when it was last looked at."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if cursor.fetchone() is None:
        return {}
    cursor.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
    return dict(cursor.fetchall())


def rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a SELECT written by hand: for hot paths, where building it costs more than running it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def db_instant(instant: Any) -> Any:
    """An instant as this database takes it in SQL written by hand."""
    return connection.ops.adapt_datetimefield_value(instant)


def changed(sql: str, params: Sequence[Any]) -> int:
    """Run a change written by hand, for the same places; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount

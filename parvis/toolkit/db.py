"""What differs between the two databases, in one place."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models, transaction


def unit() -> transaction.Atomic:
    """A transaction for a service: joins the caller's without a savepoint, since a service that fails fails them all.

    Where a failure is to be survived (one of many mails), the caller opens a `transaction.atomic()` of its own.
    """
    return transaction.atomic(savepoint=False)


def is_postgres() -> bool:
    """Whether the default connection speaks to PostgreSQL (else: SQLite)."""
    return connection.vendor == "postgresql"


class CurrentTransactionId(models.Func):
    """The id of the writing transaction on PostgreSQL, 0 on SQLite (where one writer at a time keeps order anyway)."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
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

"""Rows by the hundred thousand into either database, by the fastest road each has.

SQLite: one prepared statement per table, large transactions, and no waiting for the disk while it lasts. PostgreSQL:
COPY. Both take tuples; columns that are not given take the model's default.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import NOT_PROVIDED, Model

from parvis.toolkit.db import is_postgres, statistics_refresh
from parvis.toolkit.search import SearchIndex

Row = Sequence[Any]
_EPOCH = dt.date(1970, 1, 1).toordinal()


class Table:
    """A model's table, filled from tuples of the columns named in `given`; ids included."""

    def __init__(self, model: type[Model], given: Sequence[str]) -> None:
        fields = [f for f in model._meta.local_concrete_fields if f.db_default is NOT_PROVIDED]
        by_name = {f.attname: f for f in fields}
        if unknown := set(given) - set(by_name):
            raise ValueError(f"{model.__name__} has no {sorted(unknown)}")
        rest = [f for f in fields if f.attname not in given]
        self.name = model._meta.db_table
        self.columns = [str(f.column) for f in [*(by_name[name] for name in given), *rest]]
        self._rest = tuple(_plain(f.get_db_prep_save(f.get_default(), connection)) for f in rest)

    def put(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        rest = self._rest
        copy_rows(self.name, self.columns, ((*row, *rest) for row in rows))


def _plain(value: Any) -> Any:
    """A default as either driver takes it: JSON as text."""
    return json.dumps(value.obj) if hasattr(value, "obj") else value


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Append rows of plain values to a table."""
    quoted = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        if is_postgres():
            with cursor.cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            # Below Django's wrapper, which would rewrite the statement and format every value again.
            raw = connection.connection.cursor()
            raw.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', rows)  # noqa: S608


def index_texts(index: SearchIndex, documents: Iterable[tuple[int, str]]) -> None:
    """Index texts that are folded words already."""
    if not is_postgres():
        copy_rows(index.name, ["rowid", "body"], documents)
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS bench_texts (rowid bigint, body text)")
        copy_rows("bench_texts", ["rowid", "body"], documents)
        cursor.execute(
            f"INSERT INTO {index.name} SELECT rowid, to_tsvector('simple', body) FROM bench_texts"  # noqa: S608
        )
        cursor.execute("TRUNCATE bench_texts")


def instant(seconds: float) -> str:
    """An instant (seconds since 1970) as either database takes it for one in UTC; its own session's zone."""
    day, second = divmod(int(seconds), 86_400)
    return f"{_day(day)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return str(dt.date.fromordinal(_EPOCH + number))


@contextmanager
def hurry(indexes: Sequence[SearchIndex]) -> Iterator[None]:
    """While it lasts nothing waits for the disk (SQLite), and search indexes are built at the end (PostgreSQL).

    A power cut in the middle loses the database being loaded, which is why only an empty one is loaded.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            cursor.execute("SET maintenance_work_mem = '256MB'")
            for index in indexes:
                cursor.execute(f"DROP INDEX IF EXISTS {index.name}_body")
        yield
        with connection.cursor() as cursor:
            for index in indexes:
                cursor.execute(f"CREATE INDEX {index.name}_body ON {index.name} USING gin (body)")
            cursor.execute("RESET synchronous_commit")
        return
    with connection.cursor() as cursor:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000"):
            cursor.execute(f"PRAGMA {pragma}")
    yield
    with connection.cursor() as cursor:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-2000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")


def finish(models: Sequence[type[Model]]) -> None:
    """Let the database know what it now holds: sequences behind the ids given, statistics for its planner."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)") if connection.get_autocommit() else cursor.execute("ANALYZE")
    statistics_refresh()


def in_batches(total: int, size: int) -> Iterator[range]:
    """Ranges that cover 0 … total-1."""
    for start in range(0, total, size):
        yield range(start, min(start + size, total))

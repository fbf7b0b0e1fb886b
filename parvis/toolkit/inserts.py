"""The SQL of an INSERT, without compiling it anew each time.

Django builds every INSERT from scratch, which costs several times what the database takes to run it. Here the statement
is built once per model and number of rows; values still go through each field's own preparation.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, connections, models

# Of these every value that a service may give is one that both databases take.
_PLAIN = {
    models.CharField,
    models.TextField,
    models.BooleanField,
    models.IntegerField,
    models.BigIntegerField,
    models.BigAutoField,
    models.ForeignKey,
}


def insertion(rows: Sequence[models.Model], *, keyed: bool) -> tuple[str, list[Any]]:
    """The INSERT of new rows of one model, and its values. `keyed` rows have their primary keys already.

    For models with an automatic key and without multi-table inheritance; no signals are sent. Columns with a database
    default are left to the database.
    """
    database = connections[connection.alias]  # `connection` itself looks its thread up at every use
    columns = _columns(type(rows[0]), keyed)
    values = [
        getattr(row, name) if prepare is None else prepare(row, database) for row in rows for name, prepare in columns
    ]
    return _statement(type(rows[0]), len(rows), keyed, database.vendor), values


def returning(model: type[models.Model]) -> str:
    """What to add to an INSERT to be told the keys."""
    return f" RETURNING {connection.ops.quote_name(str(model._meta.pk.column))}"


@lru_cache(maxsize=64)
def _columns(model: type[models.Model], keyed: bool) -> list[tuple[str, Callable[..., Any] | None]]:
    """Each attribute to be written, and what makes of it a value of the database; None if it goes there as it is."""
    return [(f.attname, None if type(f) in _PLAIN else _preparation(f)) for f in _fields(model, keyed)]


def _preparation(field: Any) -> Callable[..., Any]:
    return lambda row, database: field.get_db_prep_save(field.pre_save(row, True), database)


@lru_cache(maxsize=64)
def _fields(model: type[models.Model], keyed: bool) -> list[Any]:
    no_default = models.fields.NOT_PROVIDED
    fields = model._meta.local_concrete_fields
    return [f for f in fields if (keyed or not f.primary_key) and f.db_default is no_default]


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], count: int, keyed: bool, vendor: str) -> str:
    quote, fields = connection.ops.quote_name, _fields(model, keyed)
    columns = ", ".join(quote(f.column) for f in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([marks] * count)}"  # noqa: S608

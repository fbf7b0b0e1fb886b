"""The SQL of an INSERT, without compiling it anew each time.

Django builds every INSERT from scratch, which costs several times what the database takes to run it. Here the statement
is built once per model and number of rows; values still go through each field's own preparation.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

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


def insertion(model: type[models.Model], rows: Sequence[Any], *, keyed: bool) -> tuple[str, list[Any]]:
    """The INSERT of new rows of a model, and its values. `keyed` rows have their primary keys already.

    Rows are instances of the model, or of anything with the same attributes. For models with an automatic key and
    without multi-table inheritance; no signals are sent. Columns with a database default are left to the database.
    """
    database = connections[DEFAULT_DB_ALIAS]  # `connection` itself looks its thread up at every use
    columns = _columns(model, keyed)
    values = [
        getattr(row, name) if prepare is None else prepare(row, database) for row in rows for name, prepare in columns
    ]
    return _statement(model, len(rows), keyed, database.vendor), values


def returning(model: type[models.Model]) -> str:
    """What to add to an INSERT to be told the keys."""
    return f" RETURNING {connection.ops.quote_name(str(model._meta.pk.column))}"


def mark_written(rows: Sequence[models.Model]) -> None:
    """Let rows know that they are in the database."""
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache(maxsize=64)
def _columns(model: type[models.Model], keyed: bool) -> list[tuple[str, Callable[..., Any] | None]]:
    """Each attribute to be written, and what makes of it a value of the database; None if it goes there as it is."""
    return [(f.attname, None if type(f) in _PLAIN else _preparation(f)) for f in _fields(model, keyed)]


def _preparation(field: Any) -> Callable[..., Any]:
    if type(field) is models.DateTimeField and not (field.auto_now or field.auto_now_add):
        return lambda row, database: _instant(getattr(row, field.attname), database)
    if type(field) is models.JSONField and field.encoder is None:
        return lambda row, database: _json(getattr(row, field.attname), database)
    return lambda row, database: field.get_db_prep_save(field.pre_save(row, True), database)


def _instant(value: dt.datetime | None, database: Any) -> Any:
    """An instant as `DateTimeField` has it. The rows of one change name the same one a dozen times."""
    return None if value is None else _adapted(value, database.ops)


@lru_cache(maxsize=64)
def _adapted(value: dt.datetime, operations: Any) -> Any:
    return operations.adapt_datetimefield_value(value)


def _json(value: Any, database: Any) -> Any:
    """JSON as `JSONField` has it; most fields hold nothing yet."""
    if database.vendor == "sqlite" and not value and isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return None if value is None else database.ops.adapt_json_value(value, None)


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

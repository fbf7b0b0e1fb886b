"""Inserting rows on hot paths: at once, or with the draft that is being composed (`toolkit/drafts.py`)."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models

from parvis.toolkit.db import units
from parvis.toolkit.insertion import insertion, mark_written, returning
from parvis.toolkit.keys import keys_take

M = TypeVar("M", bound=models.Model)


def rows_insert(rows: Sequence[M]) -> list[M]:
    """Insert new rows of one model in one statement and give them their primary keys, in order.

    Within a draft they get the keys at once and are written with it.
    """
    if not rows:
        return []
    model = type(rows[0])
    if units.draft is not None:
        keys = keys_take(model._meta.db_table, len(rows), ahead=not units.draft.within)
        units.draft.keep(model, rows, keyed=True)
    else:
        sql, values = insertion(model, rows, keyed=False)
        with connection.cursor() as cursor:
            cursor.execute(sql + returning(model), values)
            # Neither engine promises the order of RETURNING, but keys are given out in the order of the rows.
            keys = sorted(key for (key,) in cursor.fetchall())
        mark_written(rows)
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
    return list(rows)


def row_insert(row: M) -> M:
    """The same for one row."""
    return rows_insert([row])[0]


def rows_append(model: type[models.Model], rows: Sequence[Any], *, keyed: bool = False) -> None:
    """Insert new rows (or anything with a row's attributes) that have their keys, or whose keys nobody wants to know.

    These the database gives as it writes them.
    """
    if not rows:
        return
    if units.draft is not None:
        units.draft.keep(model, rows, keyed=keyed)
        return
    with connection.cursor() as cursor:
        cursor.execute(*insertion(model, rows, keyed=keyed))

"""Keyset pagination: a page costs the same at the start of a list and a million rows further."""

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import Invalid

M = TypeVar("M", bound=Model)
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Page(Generic[M]):
    """A page of rows and the cursor of the next one (None at the end)."""

    rows: list[M]
    next_cursor: str | None


def _encode(values: list[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, dt.datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, fields: list[str], model: type[Model]) -> list[Any]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(fields):
            raise ValueError(cursor)
        columns: list[Any] = [model._meta.get_field(f) for f in fields]
        values = [column.to_python(v) for column, v in zip(columns, raw, strict=True)]
        if any(v is None or (isinstance(v, int) and abs(v) > MAX_INTEGER) for v in values):
            raise ValueError(cursor)
        return [_instant(v) if isinstance(v, dt.datetime) else v for v in values]
    except Exception as error:
        raise Invalid(_("This page link is not valid. Start again from the first page."), code="bad_cursor") from error


def _instant(value: dt.datetime) -> dt.datetime:
    # Ours name their zone; at the calendar's ends, an hour of offset leads out of it.
    if value.tzinfo is None:
        raise ValueError(value)
    return value.astimezone(dt.UTC)


def keyset_page(queryset: QuerySet[M], order: list[str], *, cursor: str | None = None, size: int = 50) -> Page[M]:
    """A page of `queryset` ordered by `order` ("-field" descends), after `cursor`.

    `order` must end in a unique field and every field must be non-null and run in one direction, so that
    the row comparison can use an index. Raises Invalid for a cursor that this list did not make.
    """
    descending = order[0].startswith("-")
    fields = [name.lstrip("-") for name in order]
    if cursor:
        values = _decode(cursor, fields, queryset.model)
        op = "lt" if descending else "gt"
        # field0 <= v0 first: a plain range condition that both planners turn into an index seek.
        after = Q(**{f"{fields[0]}__{op}e": values[0]})
        strictly = Q()
        for i, field in enumerate(fields):
            equal = dict(zip(fields[:i], values[:i], strict=True))
            strictly |= Q(**equal, **{f"{field}__{op}": values[i]})
        queryset = queryset.filter(after & strictly)
    return page_of(list(queryset.order_by(*order)[: size + 1]), order, size)


def page_of(rows: list[M], order: list[str], size: int) -> Page[M]:
    """The page that the first `size` of these rows make; a further one means that there are more."""
    last = rows[size - 1] if len(rows) > size else None
    fields = [name.lstrip("-") for name in order]
    return Page(rows[:size], _encode([getattr(last, f) for f in fields]) if last is not None else None)

"""Queries built once and asked often.

Building a query and turning it into SQL costs Django several times what the database takes to answer a small one. Here
that is done once per shape; afterwards only the values change.

    _spoken = prepared(lambda viewer, *, ids, since: Message.objects.filter(encounter_id__in=ids, at__gte=since))
    rows = _spoken(viewer, ids=(1, 2, 3), since=utcnow())

Positional arguments are the shape: hashable, and part of the key. Keyword arguments are values, which may differ each
time: integers, instants, texts to be equalled, or tuples of them (another length is another shape).
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import QuerySet

AT_MOST = 500
_INTEGER = 8_100_000_000_000_000_000
_INSTANT = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """A function of the same arguments that returns the rows of the query set that `build` returns.

    `build` must do nothing but build: it is called once per shape, with stand-ins for the values, each of which must
    come into the query as it is. Rows are what the query set yields: models, dictionaries, tuples; nothing is
    prefetched. Raises TypeError for a value that cannot be one.
    """

    def rows(*shape: Hashable, **values: Any) -> list[Any]:
        statement = _once(build, shape, values, _query)
        return list(statement.rows(values)) if statement else []

    return rows


def counts_prepared(build: Callable[..., Mapping[str, QuerySet]], cap: int = 100) -> Callable[..., dict[str, int]]:
    """The same for how many rows each of several query sets holds, counted to `cap` at most, in one query."""

    def counts(*shape: Hashable, **values: Any) -> dict[str, int]:
        names, template = _once(build, shape, values, lambda b, s, v: _counts(b, s, v, cap))
        counted = template.fetch(values)[0][: len(names)] if template else (0,) * len(names)
        return dict(zip(names, counted, strict=True))

    return counts


def _once(build: Any, shape: tuple[Hashable, ...], values: dict[str, Any], make: Callable[..., Any]) -> Any:
    lengths = tuple(len(v) if isinstance(v, tuple) else None for v in values.values())
    key = (build, shape, tuple(values), lengths, connection.vendor)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make(build, shape, values)
    with _lock:
        _kept[key] = made
        while len(_kept) > AT_MOST:
            _kept.popitem(last=False)
    return made


def _query(build: Callable[..., QuerySet], shape: tuple[Hashable, ...], values: dict[str, Any]) -> "_Query | None":
    stand_ins = _StandIns(values)
    queryset = build(*shape, **stand_ins.given)
    compiler = queryset.query.get_compiler(connection.alias)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:  # nothing can match, so there is nothing to ask
        return None
    compiler.connection = _unconnected()
    converters = compiler.get_converters([column for column, *__ in compiler.select[: compiler.col_count]])
    return _Query(queryset, compiler, _Template(sql, params, stand_ins.places(params)), converters)


@cache
def _unconnected() -> Any:
    """A connection that never connects: what is kept must not keep the connection of the thread that made it."""
    return connections.create_connection(connection.alias)


def _counts(build: Any, shape: tuple[Hashable, ...], values: dict[str, Any], cap: int) -> Any:
    stand_ins = _StandIns(values)
    parts, params, names = [], [], []
    for name, queryset in build(*shape, **stand_ins.given).items():
        names.append(name)
        try:
            sql, own = queryset.order_by().values("pk")[:cap].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) counted)")  # noqa: S608 - Django's own SQL
        params += own
    if not params:
        return names, None
    return names, _Template("SELECT " + ", ".join(parts), params, stand_ins.places(params))


class _StandIns:
    """Values of the right types that can be found again among a statement's parameters."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._found: dict[Any, tuple[str, int | None]] = {}
        self.given = {
            name: tuple(self._make(name, v, place) for place, v in enumerate(value))
            if isinstance(value, tuple)
            else self._make(name, value, None)
            for name, value in values.items()
        }

    def _make(self, name: str, value: Any, place: int | None) -> Any:
        number = len(self._found)
        made: Any
        if isinstance(value, dt.datetime):
            made = _INSTANT + dt.timedelta(microseconds=number)
        elif isinstance(value, str):
            made = f"\ue000{number}\ue000"
        elif isinstance(value, int):
            made = _INTEGER + number
        else:
            raise TypeError(f"{name} cannot be a value of a prepared query: {value!r}")
        self._found[_adapted(made)] = (name, place)
        return made

    def places(self, params: Sequence[Any]) -> list[tuple[str, int | None] | None]:
        """For each parameter the value that it stands for. Raises TypeError when a value is in none as it is."""
        places = [self._found.get(p) if isinstance(p, Hashable) else None for p in params]
        lost = {name for name, _ in self._found.values()} - {place[0] for place in places if place is not None}
        if lost:
            raise TypeError(f"a prepared query does not take these values as they are: {', '.join(sorted(lost))}")
        return places


def _adapted(value: Any) -> Any:
    """A value as it stands among a statement's parameters on this database."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, dt.datetime) else value


@dataclass(frozen=True, slots=True)
class _Template:
    """A statement, its parameters, and which of them are values."""

    sql: str
    params: Sequence[Any]
    places: Sequence[tuple[str, int | None] | None]

    def fetch(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows with these values."""
        params = [
            fixed if at is None else _adapted(values[at[0]] if at[1] is None else values[at[0]][at[1]])
            for fixed, at in zip(self.params, self.places, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class _Query:
    """A query set, its compiler and what its columns are converted by, to make of rows what the query set yields."""

    queryset: QuerySet
    compiler: Any
    template: _Template
    converters: dict[int, Any]

    def rows(self, values: Mapping[str, Any]) -> Iterator[Any]:
        """Ask with these values. The copies keep threads apart: Django notes things on what it is given."""
        fetched = self.template.fetch(values)
        if not fetched:
            return iter(())
        queryset, query, compiler = map(_shallow, (self.queryset, self.queryset.query, self.compiler))
        compiler.connection, compiler.query = connections[connection.alias], query
        compiler.get_converters = lambda expressions: self.converters
        compiler.execute_sql = lambda *args, **options: [fetched]
        query.get_compiler = lambda *args, **options: compiler
        queryset._query = query
        return iter(queryset._iterable_class(queryset))


def _shallow(thing: Any) -> Any:
    """A copy that shares everything inside. (`copy.copy` of a query set would ask it first.)"""
    made = object.__new__(type(thing))
    made.__dict__.update(thing.__dict__)
    return made

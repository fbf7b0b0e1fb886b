"""The rate of the database alone: the rows that a service wrote, written again by bare SQL, as often as time allows.

The statements are taken down while the service runs once. Repeated, every key, and every value that must be unique, is
put anew, so that the rows are as valid as the first ones; keys that the service takes ahead are taken ahead here too.
Each repetition is one transaction with the same durability as the server's.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import connection, connections, transaction

from parvis.toolkit.db import is_postgres
from parvis.toolkit.keys import keys_take

_INSERT = re.compile(r'\s*INSERT INTO "?(\w+)"? \(([^)]*)\)', re.I)
_UPDATE = re.compile(r'\s*UPDATE "?(\w+)"?', re.I)
# Whose key stands in a column of this name; the search tables count by the key of what they index.
_KEY_OF = {
    "customer_id": "customers_customer",
    "encounter_id": "encounters_encounter",
    "message_id": "desk_message",
    "out_mail_id": "channels_outmail",
    "mail_id": "channels_rawmail",
}
_ROW_OF = {"desk_search": "desk_message", "customers_search": "customers_customer"}
# Columns of single rows; the last only lest all writers wait for one row, which different customers do not.
_UNIQUE = {("channels_outmail", "key"), ("channels_rawmail", "sha256"), ("toolkit_ratewindow", "bucket")}
_fresh = count(1)


@dataclass
class Statement:
    """A write as it went to the database: its table, and the columns it fills (none for an UPDATE)."""

    sql: str
    params: list[Any]
    table: str
    columns: list[str] = field(default_factory=list)

    @property
    def returns_key(self) -> bool:
        """Whether the database answers with the key of a new row."""
        return bool(self.columns) and self.sql.rstrip().lower().endswith('"id"')


@contextmanager
def taken_down() -> Iterator[list[Statement]]:
    """The writes made inside, on this thread's connection."""
    found: list[Statement] = []

    def take(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if insert := _INSERT.match(sql):
            columns = [c.strip().strip('"') for c in insert[2].split(",")]
            found.append(Statement(_bare(sql), list(params), insert[1], columns))
        elif (update := _UPDATE.match(sql)) and update[1] != "sqlite_sequence":
            found.append(Statement(_bare(sql), list(params), update[1]))
        return result

    with connection.execute_wrapper(take):
        yield found


def _bare(sql: str) -> str:
    """A statement as the driver itself takes it."""
    return sql if is_postgres() else sql.replace("%s", "?")


class Repeater:
    """Writes the rows of `statements` again and again."""

    def __init__(self, statements: list[Statement]) -> None:
        self._statements = statements

    def run(self, *, seconds: float, workers: int, together: int = 1, durable: bool = False) -> float:
        """Repetitions per second; `together` of them share one transaction. `durable`: as mail is stored (SQLite)."""
        done, errors = [0] * workers, list[Exception]()
        until = time.perf_counter() + seconds

        def work(number: int) -> None:
            try:
                _set_durability(durable)
                while time.perf_counter() < until:
                    ahead = [self._keys_ahead() for _n in range(together)]
                    with transaction.atomic():
                        for given in ahead:
                            self.once(given)
                    done[number] += together
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return sum(done) / (time.perf_counter() - began)

    def _keys_ahead(self) -> "Given":
        """New keys for the rows that were written with theirs."""
        keyed = [s for s in self._statements if "id" in s.columns]
        return {(s.table, key): keys_take(s.table)[0] for s in keyed for key in s.params[:: len(s.columns)]}

    def once(self, given: "Given") -> None:
        """Write the rows once, in the caller's transaction."""
        fresh = f"bare-{next(_fresh)}-{time.time_ns()}"
        cursor = connection.connection.cursor()
        for statement in self._statements:
            cursor.execute(statement.sql, _anew(statement, given, fresh))
            if statement.returns_key:
                given[statement.table, None] = cursor.fetchall()[-1][0]
        cursor.close()


# The new key for an old one of a table; for None, the latest of those that the database gave out itself.
Given = dict[tuple[str, int | None], int]


def _anew(statement: Statement, given: Given, fresh: str) -> list[Any]:
    """The values of a statement with the keys given out this time, and its unique ones changed."""

    def key(table: str, old: Any) -> Any:
        return given.get((table, old), given.get((table, None), old))

    params = list(statement.params)
    if not statement.columns:  # UPDATE … WHERE id = the last value
        params[-1] = key(statement.table, params[-1])
        return params
    for place, value in enumerate(params):
        column = statement.columns[place % len(statement.columns)]
        if column == "id":
            params[place] = key(statement.table, value)
        elif column == "rowid":
            params[place] = key(_ROW_OF.get(statement.table, ""), value)
        elif (statement.table, column) in _UNIQUE and place < len(statement.columns):
            params[place] = fresh[:64]
        elif (statement.table, column) == ("desk_message", "mail_id"):
            params[place] = key("channels_rawmail", None)  # a mail has one place: copies of it have none
        elif column in _KEY_OF and isinstance(value, int):
            params[place] = key(_KEY_OF[column], value)
    return params


def _set_durability(durable: bool) -> None:
    with connection.cursor() as cursor:
        if not is_postgres() and durable:
            cursor.execute("PRAGMA synchronous=FULL")

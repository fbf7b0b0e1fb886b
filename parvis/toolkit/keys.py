"""Primary keys given out before the rows are written, so that rows can name each other without asking the database.

A process takes them from the table's own sequence, a block at a time: no key is ever given twice, and what the database
numbers itself afterwards is higher. Those a process has not used when it ends are lost, which leaves a gap.
"""

import threading
from collections import defaultdict, deque

from parvis.toolkit.db import is_postgres, rows

BLOCK = 100
_pools: defaultdict[str, deque[int]] = defaultdict(deque)
_popping, _filling = threading.Lock(), threading.Lock()


def keys_take(table: str, count: int = 1, *, ahead: bool = True) -> list[int]:
    """As many new keys of a table, ascending; a later call in the same thread gives higher ones.

    Within a transaction not `ahead`: what is reserved in one that fails is given out again, so nothing of it is kept.
    """
    if not ahead:
        return _reserve(table, count)
    if taken := _pop(table, count):
        return taken
    with _filling:  # one at a time, so that blocks come in order
        while not (taken := _pop(table, count)):
            block = _reserve(table, max(BLOCK, count))
            with _popping:
                _pools[table].extend(block)
    return taken


def keys_forget() -> None:
    """Drop what was taken ahead: the tables were emptied and their sequences began anew."""
    with _popping:
        _pools.clear()


def _pop(table: str, count: int) -> list[int]:
    with _popping:
        pool = _pools[table]
        return [pool.popleft() for _n in range(count)] if len(pool) >= count else []


def _reserve(table: str, count: int) -> list[int]:
    if is_postgres():
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return sorted(key for (key,) in rows(sql, [table, count]))
    found = rows("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
    if not found:  # no row was ever in this table
        found = rows("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s) RETURNING seq", [table, count])
    last = found[0][0]
    return list(range(last - count + 1, last + 1))

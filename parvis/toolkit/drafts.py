"""Think first, write after: what a service writes is gathered, and written when everything has been worked out.

    encounter = written(compose)

While `compose` runs it reads and thinks and holds no lock: rows given to `rows_insert` get their keys and are kept. All
of it is then written by a few statements in one short transaction, on SQLite together with what other threads of this
process have ready at that moment.

What `compose` has read may have changed by then. What it relies on it says by `at_writing`: a step taken within the
transaction, before any row. If a step answers False nothing is written and `compose` is called once more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models

from parvis.toolkit.commits import Commits
from parvis.toolkit.db import is_postgres, unit, units
from parvis.toolkit.insertion import insertion, mark_written
from parvis.toolkit.keys import keys_forget

ATTEMPTS = 10
T = TypeVar("T")
_commits = Commits()


class Stale(RuntimeError):
    """Something changed between reading and writing."""


@dataclass
class Draft:
    """What is to be written in one go: steps first, then rows by model and whether they have keys, then statements."""

    within: bool  # a transaction that is open already
    steps: list[Callable[[], bool]] = field(default_factory=list)
    rows: dict[tuple[type[models.Model], bool], list[Any]] = field(default_factory=dict)
    statements: list[tuple[str, Sequence[Any]]] = field(default_factory=list)

    def keep(self, model: type[models.Model], rows: Sequence[Any], *, keyed: bool) -> None:
        """Have rows of a model written, as they will stand when all is composed."""
        self.rows.setdefault((model, keyed), []).extend(rows)

    def close(self) -> None:
        """All is composed: make of the rows what the database takes, which needs no lock either."""
        self.statements[:0] = [insertion(m, rows, keyed=keyed) for (m, keyed), rows in self.rows.items()]

    def write(self) -> None:
        """Take the steps, then write the rows, within a transaction. Raises Stale before anything is written."""
        if not all(step() for step in self.steps):
            raise Stale
        with unit(), connection.cursor() as cursor:
            for sql, values in self.statements:
                cursor.execute(sql, values)

    def settle(self) -> None:
        """All is written: the rows are no longer new."""
        for (__, keyed), rows in self.rows.items():
            if keyed:
                mark_written(rows)


def written(compose: Callable[[], T]) -> T:
    """Call `compose`, write what it gathered, and return what it returned. Within another draft it is part of that.

    Raises what `compose` raises, and the database's error when what it gathered cannot be written.
    """
    if units.draft is not None:
        return compose()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _written_once(compose)
        except Stale:
            if attempt == ATTEMPTS:
                raise
        except IntegrityError:
            # Only the keys of tables that were emptied meanwhile are worth another attempt.
            if connection.in_atomic_block or attempt > 1:
                raise
            keys_forget()
    raise AssertionError("unreachable")


def _written_once(compose: Callable[[], T]) -> T:
    draft = units.draft = Draft(connection.in_atomic_block)
    try:
        made = compose()
        draft.close()
    finally:
        units.draft = None
    if draft.within:
        draft.write()
    elif is_postgres():  # has many writers, and lets their commits share a flush by itself
        with unit():
            draft.write()
    else:
        _commits.run(draft.write)
    draft.settle()
    return made


def at_writing(step: Callable[[], bool]) -> None:
    """Take a step within the transaction that writes the draft; False: compose it anew. Only while composing."""
    if units.draft is None:
        raise RuntimeError("There is no draft: call this within `written`.")
    units.draft.steps.append(step)

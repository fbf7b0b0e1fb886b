"""Full-text search that answers alike on SQLite (FTS5) and PostgreSQL (tsvector, GIN).

Texts are folded and cut into words in Python (`parvis.kernel.text.fold`) before they reach either engine, so that
accents, ligatures and hyphens behave the same. Hits come newest first: with the document id as row id, a frequent word
costs no more than a rare one, because neither engine has to rank every match.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, migrations, transaction

from parvis.kernel.text import fold
from parvis.toolkit.db import is_postgres, run_sql, units

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
MAX_WORD = 64
MAX_TERMS = 8
# Of so many documents all are looked at; of more, the newest are soon found by walking backwards.
FEW = 2000
REMEMBERED = 5000
_frequent: set[tuple[Any, ...]] = set()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [w[:MAX_WORD] for w in _WORD.findall(fold(text))]


def spans(text: str) -> list[tuple[int, int, str]]:
    """The words of a text as (start, end, folded word), to show where a search found what."""
    return [(m.start(), m.end(), fold(m[0])[:MAX_WORD]) for m in _WORD.finditer(text)]


@dataclass(frozen=True)
class SearchIndex:
    """One index: a table of (document id, words). `name` is the table's."""

    name: str

    def migration(self) -> migrations.RunPython:
        """The operation that creates the table, and drops it in reverse."""
        drop = [f"DROP TABLE IF EXISTS {self.name}"]
        return run_sql(
            {
                "sqlite": [
                    f"CREATE VIRTUAL TABLE {self.name} USING fts5(body, tokenize='unicode61 remove_diacritics 2')"
                ],
                "postgresql": [
                    f"CREATE TABLE {self.name} (rowid bigint PRIMARY KEY, body tsvector NOT NULL)",
                    f"CREATE INDEX {self.name}_body ON {self.name} USING gin (body)",
                ],
            },
            {"sqlite": drop, "postgresql": drop},
        )

    def put(self, documents: Iterable[tuple[int, str]], *, fresh: bool = False) -> None:
        """Index (id, text) pairs. `fresh` promises that these ids are new, which saves a delete; only such documents
        are written with a draft, if one is being composed.
        """
        rows = [(pk, " ".join(words(text))) for pk, text in documents]
        if not rows:
            return
        if not fresh:
            self.drop([pk for pk, _ in rows])
        value = "to_tsvector('simple', %s)" if is_postgres() else "%s"
        sql = f"INSERT INTO {self.name} (rowid, body) VALUES (%s, {value})"  # noqa: S608
        if fresh and units.draft is not None:
            units.draft.statements.extend((sql, row) for row in rows)
            return
        with connection.cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(sql, rows[0])
            else:
                cursor.executemany(sql, rows)

    def drop(self, ids: Sequence[int]) -> None:
        """Forget documents."""
        if ids:
            marks = ",".join(["%s"] * len(ids))
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {self.name} WHERE rowid IN ({marks})", list(ids))  # noqa: S608

    def condition(self, query: str) -> tuple[str, list[Any]] | None:
        """SQL condition and parameters for all words of `query`, each as a prefix; None if it has no word."""
        terms = words(query)[:MAX_TERMS]
        if not terms:
            return None
        if is_postgres():
            return f"{self.name}.body @@ to_tsquery('simple', %s)", [" & ".join(f"'{t}':*" for t in terms)]
        return f"{self.name} MATCH %s", [" ".join(f'"{t}"*' for t in terms)]

    def hits(
        self,
        query: str,
        *,
        join: str,
        where: str,
        params: Sequence[Any],
        columns: str,
        limit: int,
        before: int | None,
    ) -> list[tuple[Any, ...]]:
        """Rows of `columns` for matching documents, newest id first.

        `join` is SQL joined to the index (aliased by its own name) and `where` a condition with `params`: the caller's
        permission filter, applied before anything is counted or cut. `before` continues after a document id.
        """
        found = self.condition(query)
        if found is None:
            return []
        match, values = found
        few = self._few(match, values) if is_postgres() else None
        if few is not None:
            match, values = f"{self.name}.rowid = ANY(%s)", [few]
        sql = f"SELECT {columns} FROM {self.name} {join} WHERE {match} AND {where}"  # noqa: S608
        values = [*values, *params]
        if before is not None:
            sql += f" AND {self.name}.rowid < %s"
            values.append(before)
        sql += f" ORDER BY {self.name}.rowid DESC LIMIT %s"
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, limit])
            return cursor.fetchall()

    def _few(self, match: str, values: Sequence[Any]) -> list[int] | None:
        """On PostgreSQL: all documents that match, if they are few; None when there are too many to list.

        Of the beginning of a word its planner assumes that one document in two hundred has it, walks from the newest
        document backwards, and for a rare word reads them all. The index is therefore asked first, unless this process
        knows already that these words are frequent: that they stay.
        """
        asked = (self.name, *values)
        if asked in _frequent:
            return None
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"SELECT rowid FROM {self.name} WHERE {match} LIMIT {FEW + 1}", values)  # noqa: S608
            found = [pk for (pk,) in cursor.fetchall()]
        if len(found) <= FEW:
            return found
        if len(_frequent) < REMEMBERED:
            _frequent.add(asked)
        return None

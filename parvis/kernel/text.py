"""Text as people search it and as lists show it."""

from __future__ import annotations

import re
import unicodedata

# Letters that no decomposition takes apart but that people type without the stroke or the ligature.
_LETTERS = {
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ƀ": "b", "ı": "i",
    "þ": "th", "ŋ": "n", "ĸ": "k", "ƶ": "z",
}  # fmt: skip
_SIGNS = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u02b9\u02bb\u2032`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u00ad\u034f\u200b\u200c\u200d\u2060\ufeff", ""),
}
# Marks of class 7 (nukta), 8 (kana voicing) and 9 (virama) make another letter: they are no accents.
_KEPT_CLASSES = frozenset({0, 7, 8, 9})
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """The form in which text is compared and searched: no accents, no case, plain apostrophes and dashes.

    Used alike when indexing and when asking, on SQLite FTS5 and on PostgreSQL, so both find the same.
    Folding twice changes nothing. Method: NFKD, casefold, one table for marks and special letters (œ, æ, ø,
    ł, đ…), NFC.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    # U+00B4 decomposes into a blank and a mark, so it must become an apostrophe before.
    plain = unicodedata.normalize("NFKD", text.replace("\u00b4", "'")).casefold()
    return unicodedata.normalize("NFC", plain.translate(_FOLDING))


def storable(text: str) -> str:
    """A text as every database takes it: without NUL. What no form checks goes through here."""
    return text.replace("\0", "")


def excerpt(text: str, n: int = 140) -> str:
    """At most ``n`` characters of ``text`` on one line, cut between words where possible, with an ellipsis."""
    line = _BLANKS.sub(" ", text[: 8 * n + 400]).strip()
    if len(line) <= n:
        return line
    cut = line[: max(n - 1, 0)]
    space = cut.rfind(" ")
    # A word longer than a third of the room (a URL, a language without blanks) is cut rather than dropped.
    if line[len(cut)] != " " and space >= 2 * n // 3:
        cut = cut[:space]
    return cut.rstrip(" ,;:.-–—") + "…"


def first_line(text: str) -> str:
    """The first line of ``text`` that is not blank, trimmed; empty when there is none."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


class _Folding(dict[int, str]):
    """What becomes of each character. Unicode is asked when one first occurs: of a million most never do."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        made = character if code < _FIRST_MARK or unicodedata.combining(character) in _KEPT_CLASSES else ""
        if len(self) < _REMEMBERED:
            self[code] = made
        return made


_FIRST_MARK, _REMEMBERED = 0x300, 10_000
_FOLDING = _Folding({ord(key): value for key, value in (_LETTERS | _SIGNS).items()})

"""Names of people: one key for many spellings, and a guess at what is given name and what is family name.

Guesses are for greeting and sorting. The name as its owner writes it is kept beside them, always.
"""

from __future__ import annotations

import re
import unicodedata

from ..text import fold

_WORDS = re.compile(r"\w+")
_BRACKETS = re.compile(r"<[^>]*>|\([^)]*\)|\[[^\]]*\]|(?:^|(?<=\s))[\"“«„][^\"”»“]+[\"”»“](?=\s|,|$)")
_TITLES = frozenset(
    [
        "m",
        "mm",
        "mr",
        "mrs",
        "ms",
        "mme",
        "mmes",
        "mlle",
        "mlles",
        "mgr",
        "mx",
        "dr",
        "dre",
        "drs",
        "docteur",
        "docteure",
        "doctor",
        "pr",
        "prof",
        "professeur",
        "professeure",
        "professor",
        "maitre",
        "me",
        "monsieur",
        "messieurs",
        "madame",
        "mesdames",
        "mademoiselle",
        "miss",
        "mister",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "reverend",
        "hon",
        "herr",
        "frau",
        "sr",
        "sra",
        "srta",
        "sig",
        "signor",
        "signora",
        "don",
        "dona",
    ]
)
# Titles that go with a given name ("Sir Gerald"); after all others a lone name is a family name ("Mme Dupont").
_GIVEN_TITLES = frozenset(["sir", "dame", "lord", "lady", "don", "dona"])
# Short forms that are also names or initials count as titles only as they are usually written.
_EXACT_TITLES = {"m": ("M.", "M"), "me": ("Me",), "sr": ("Sr.",), "don": (), "dame": ("Dame",)}
_SUFFIXES = frozenset(
    [
        "jr",
        "junior",
        "sr",
        "senior",
        "ii",
        "iii",
        "iv",
        "esq",
        "esquire",
        "md",
        "phd",
        "dds",
        "dvm",
        "cpa",
        "cfa",
        "cfp",
        "clu",
        "lutc",
        "mba",
        "msc",
        "ba",
        "bsc",
        "ma",
        "qc",
        "kc",
        "mp",
        "obe",
        "mbe",
        "cbe",
        "rn",
        "pe",
        "jd",
        "llb",
        "llm",
        "fils",
        "pere",
        "msced",
    ]
)
# Family names too ("Jack Ma", "Ba"): suffixes only when written in capitals or with dots, behind a whole name.
_CAPITAL_SUFFIXES = frozenset(["ma", "ba", "md", "mp", "pe", "rn", "jd", "mba", "qc", "kc", "v", "i"])
_PARTICLES = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "da",
        "das",
        "do",
        "dos",
        "di",
        "del",
        "della",
        "delle",
        "degli",
        "dei",
        "la",
        "le",
        "les",
        "lo",
        "van",
        "von",
        "vander",
        "vom",
        "zu",
        "zum",
        "zur",
        "ter",
        "ten",
        "te",
        "der",
        "den",
        "af",
        "av",
        "st",
        "st.",
        "saint",
        "sainte",
        "mac",
        "mc",
        "bin",
        "ibn",
        "ben",
        "bint",
        "al",
        "el",
        "abu",
        "abou",
        "ait",
        "ould",
        "y",
    ]
)


def match_key(name: str) -> str:
    """One key for the spellings of one name: ``dupont jean`` for ``Jean DUPONT``, ``Dupont, Jean``, ``dupont jéan``.

    Accents, case, order, hyphens, kinds of blanks and apostrophes, brackets and a leading title do not count. An equal
    key is a reason to ask whether two people are one, no proof: ``Paul Martin`` and ``Martin Paul`` share theirs.
    """
    words = _WORDS.findall(fold(_without_extras(name)).replace("'", ""))
    while len(words) > 2 and words[0] in _TITLES - _GIVEN_TITLES:
        words = words[1:]
    return " ".join(sorted(words))


def split_name(display: str) -> tuple[str, str]:
    """Given and family name, as written, either of them empty when it cannot be told.

    Reads ``Dupont, Jean``, ``DUPONT Jean`` and ``Jean DUPONT`` (capitals are the family name), particles (``Jean de La
    Fontaine``, ``Marie Le Goff``), and otherwise takes the last word as family name. Titles, brackets, nicknames and
    suffixes (Jr., III, PhD) are left out. A lone word is a given name, after a title or in capitals a family name. An
    e-mail address has no name in it.
    """
    text = _without_extras(display)
    if "@" in text:
        return "", ""
    title, words = _untitled([part.split() for part in text.split(",")])
    parts = [part for part in words if part]
    parts = parts[:1] + [part for part in parts[1:] if not all(map(_is_suffix, part))]
    if not parts:
        return "", ""
    if len(parts) > 1:
        return " ".join(_unsuffixed(parts[1])), " ".join(_unsuffixed(parts[0]))
    given, family = _split_words(_unsuffixed(parts[0]), title)
    return " ".join(given), " ".join(family)


def initials(name: str) -> str:
    """One or two capital letters for an avatar: ``JD`` for ``DUPONT Jean-Marc``; empty when there is no letter."""
    given, family = split_name(name)
    both = [given.split(), [word for word in family.split() if not word.islower()] or family.split()]
    letters = [_first_letter(words[0]) for words in both if words]
    return "".join(letters) or _first_letter(_without_extras(name))


def _split_words(words: list[str], title: str) -> tuple[list[str], list[str]]:
    if len(words) == 1:
        is_family = (title and title not in _GIVEN_TITLES) or _is_capitals(words[0])
        return ([], words) if is_family else (words, [])
    by_capitals = _split_by_capitals(words)
    if by_capitals:
        return by_capitals
    cut = len(words) - 1
    # "Velasquez y Garcia" is one family name; the word before the particle counts only for "y".
    for index in range(1, len(words) - 1):
        if fold(words[index]).rstrip("'") in _PARTICLES:
            cut = index - 1 if fold(words[index]) == "y" and index > 1 else index
            break
    return words[:cut], words[cut:]


def _split_by_capitals(words: list[str]) -> tuple[list[str], list[str]] | None:
    """The split of ``DUPONT Jean`` and ``Jean de LA TOUR``; None when capitals do not tell."""
    capitals = [_is_capitals(word) for word in words]
    if all(capitals) or not any(capitals):
        return None
    first, last = capitals.index(True), len(words) - capitals[::-1].index(True)
    while first > 0 and words[first - 1].islower() and fold(words[first - 1]) in _PARTICLES:
        first -= 1
    if last == len(words) and first > 0:
        return words[:first], words[first:]
    if first == 0 and last < len(words) and all(capitals[i] or words[i].islower() for i in range(last)):
        return words[last:], words[:last]
    return None


def _is_capitals(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    # "JP", "J.P." and "J.-C." are initials of given names; "LE" and "NG" are taken for names.
    if len(letters) < 2 or "." in word or not word.isupper():
        return False
    return len(letters) > 2 or any(char in "AEIOUY" for char in fold(word).upper())


def _untitled(parts: list[list[str]]) -> tuple[str, list[list[str]]]:
    title = ""
    for words in parts:
        while len(words) > 1 and _is_title(words[0]):
            title = title or fold(words.pop(0)).rstrip(".")
    return title, parts


def _is_title(word: str) -> bool:
    key = fold(word).rstrip(".")
    return word in _EXACT_TITLES[key] if key in _EXACT_TITLES else key in _TITLES


def _is_suffix(word: str) -> bool:
    key = fold(word).replace(".", "")
    if key in _CAPITAL_SUFFIXES:
        return word.isupper() or "." in word
    return key in _SUFFIXES


def _unsuffixed(words: list[str]) -> list[str]:
    keep = len(words)
    while keep > 2 and _is_suffix(words[keep - 1]):
        keep -= 1
    return words[:keep]


def _without_extras(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    bare = " ".join(_BRACKETS.sub(" ", text).split()).strip(" ,;\"'“”«»")
    # A name that is all brackets is still a name.
    return bare or " ".join(re.sub(r"[<>()\[\]\"“”«»„]", " ", text).split())


def _first_letter(text: str) -> str:
    return next((char.upper()[:1] for char in text if char.isalnum()), "")

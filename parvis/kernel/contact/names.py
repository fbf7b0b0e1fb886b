"""Names of people: one key for many spellings, and a guess at what is given name and what is family name.

Guesses are for greeting and sorting. The name as its owner writes it is kept beside them, always.
"""

from __future__ import annotations

import re
import unicodedata

from ..text import fold

_WORDS = re.compile(r"\w+")
_BRACKETS = re.compile(r"<[^>]*>|\([^)]*\)|\[[^\]]*\]|(?:^|(?<=\s))[\"“«„][^\"”»“]+[\"”»“](?=\s|,|$)")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    "m mm mr mrs ms mme mmes mlle mlles mgr mx dr dre drs docteur docteure doctor pr prof professeur professeure "
    "professor maitre me monsieur messieurs madame mesdames mademoiselle miss mister sir dame lord lady queen rev "
    "reverend hon herr frau sr sra srta sig signor signora"
)
# Titles that go with a given name ("Sir Gerald"); after all others a lone name is a family name ("Mme Dupont").
_GIVEN_TITLES = _set("sir dame lord lady queen")
# Short ones that are also names, initials or words count only as they are usually written.
_EXACT_TITLES = {"m": ("M.", "M"), "me": ("Me",), "sr": ("Sr.",), "dame": ("Dame",)}
_SUFFIXES = _set(
    "jr junior sr senior ii iii iv esq esquire md phd dds dvm cpa cfa cfp clu lutc mba msc msced ba bsc ma qc kc mp "
    "obe mbe cbe rn pe jd llb llm fils pere v i"
)
# Names and initials too ("Jack Ma"): suffixes only when written in capitals or with dots.
_CAPITAL_SUFFIXES = _set("ma ba md mp pe rn jd mba qc kc v i")
_PARTICLES = _set(
    "de du des d da das do dos di del della delle degli dei la le les lo van von vander vom zu zum zur ter ten te der "
    "den af av st st. saint sainte mac mc bin ibn ben bint al el abu abou ait ould y"
)
_AND = _set("and et & und y e")


def match_key(name: str) -> str:
    """One key for the spellings of one name: ``dupont jean`` for ``Jean DUPONT``, ``Dupont, Jean``, ``dupont jéan``.

    Accents, case, order, hyphens, kinds of blanks and apostrophes, brackets and a leading title do not count. An equal
    key is a reason to ask whether two people are one, no proof: ``Paul Martin`` and ``Martin Paul`` share theirs.
    """
    text = _without_extras(name)
    _title, parts = _untitled([part.split() for part in text.split(",")])
    # A family name alone would be the key of the whole family: there the title stays.
    bare = " ".join(word for part in parts for word in part)
    words = _WORDS.findall(fold(bare if " " in bare else text).replace("'", ""))
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
        return " ".join(_unsuffixed(parts[1], 1)), " ".join(_unsuffixed(parts[0], 1))
    given, family = _split_words(_unsuffixed(parts[0], 2), title)
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
    if fold(words[0]) in _PARTICLES and _begins_family(words, title):
        return [], words
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


def _begins_family(words: list[str], title: str) -> bool:
    """Whether a first particle has no given name before it: ``de La Fayette``, ``Mme DE LA TOUR``."""
    if words[0].islower() and words[1][:1].isupper() and not _split_by_capitals(words):
        return True
    return bool(title) and title not in _GIVEN_TITLES and all(map(_is_capitals, words))


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
            word = fold(words.pop(0)).rstrip(".")
            title = title or word
            # "M. et Mme Dupont"
            if len(words) > 2 and words[0].lower() in _AND and _is_title(words[1]):
                words.pop(0)
    return title, parts


def _is_title(word: str) -> bool:
    key = fold(word).rstrip(".")
    return word in _EXACT_TITLES[key] if key in _EXACT_TITLES else key in _TITLES


def _is_suffix(word: str) -> bool:
    key = fold(word).replace(".", "")
    if key in _CAPITAL_SUFFIXES:
        return word.isupper() or "." in word
    return key in _SUFFIXES


def _unsuffixed(words: list[str], least: int) -> list[str]:
    keep = len(words)
    # Behind a given name a single letter is an initial, behind a whole name a numeral.
    while keep > least and _is_suffix(words[keep - 1]) and (least > 1 or len(words[keep - 1]) > 1):
        keep -= 1
    return words[:keep]


def _without_extras(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    bare = " ".join(_BRACKETS.sub(" ", text).split()).strip(' ,;"“”«»')
    if bare[:1] == bare[-1:] == "'":
        bare = bare[1:-1]
    # A name that is all brackets is still a name.
    return bare or " ".join(re.sub(r"[<>()\[\]\"“”«»„]", " ", text).split())


def _first_letter(text: str) -> str:
    return next((char.upper()[:1] for char in text if char.isalnum()), "")

"""Readable references made from row numbers: nothing to store, nothing to collide.

The number is scattered over the space of its length by an affine map with an inverse, so that neighbours do
not look alike and a slip of the pen seldom names another row. A reference is not a secret: public links
carry tokens.
"""

from parvis.kernel.errors import NotFound
from parvis.kernel.ids import ALPHABET, normalise_reference
from parvis.kernel.phrases import Phrase as _

BASE = len(ALPHABET)
SHORTEST = 5
LONGEST = 12  # 26^12 is the last that fits into a database's 64-bit integer
# Near the golden ratio of each space and odd, not a multiple of 13: coprime to 26^n, so multiplication can
# be undone.
_FACTOR = 0.6180339887


def _factor(space: int) -> int:
    factor = int(space * _FACTOR) | 1
    return factor if factor % 13 else factor + 2


def reference_of(prefix: str, number: int) -> str:
    """The reference of row `number` (≥ 1): `reference_of("E", 42)` → "E-…", five characters for the first
    11.8 million.
    """
    offset, length = number, SHORTEST
    while offset >= BASE**length:
        offset -= BASE**length
        length += 1
    space = BASE**length
    value = offset * _factor(space) % space
    body = ""
    for _i in range(length):
        value, digit = divmod(value, BASE)
        body = ALPHABET[digit] + body
    return f"{prefix}-{body}"


def number_of(reference: str, prefix: str) -> int:
    """The row number of a reference as somebody typed it. Raises NotFound if it names no row of this kind."""
    head, body = normalise_reference(reference, prefix).split("-")
    if head != prefix or not SHORTEST <= len(body) <= LONGEST:
        raise NotFound(_("There is nothing with the reference “%(text)s”.", text=reference[:40]))
    value = 0
    for character in body:
        value = value * BASE + ALPHABET.index(character)
    space = BASE ** len(body)
    offset = value * pow(_factor(space), -1, space) % space
    return offset + sum(BASE**n for n in range(SHORTEST, len(body)))

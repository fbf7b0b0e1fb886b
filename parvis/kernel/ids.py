"""References that people read aloud, and tokens that nobody guesses."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

from .errors import Invalid
from .phrases import Phrase as _

# Digits and consonants only. No vowels, no Y: no words by accident. None of I L O U B S Z: they look like
# digits or each other when printed small or written by hand, so what is read wrongly can be put right
# without guessing.
ALPHABET = "0123456789CDFGHJKMNPQRTVWX"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "U": "V"})
_BODY = re.compile(f"[{ALPHABET}]{{3,}}")
_NOISE = re.compile(r"[\s#\[\]().:]+")
_DASHES = re.compile(r"[-_\u2010-\u2015\u2212]+")


def normalise_reference(text: str, prefix: str | None = None) -> str:
    """The canonical form of a reference as people type, print and say it: ``" e 7k3fo"`` -> ``"E-7K3F0"``.

    Puts right case, blanks, brackets, other dashes, a missing dash, and letters that stand for look-alike
    digits. Without ``prefix`` and without a dash the first letter is taken as the prefix; with ``prefix``,
    it may be missing. Raises Invalid when no reference can be made of it.
    """
    clean = _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    parts = [part for part in _DASHES.split(clean) if part]
    if prefix is not None:
        head, body = prefix.upper(), _without_prefix(parts, prefix.upper())
    elif len(parts) > 1:
        head, body = parts[0], "".join(parts[1:])
    else:
        head, body = clean[:1], "".join(parts)[1:]
    body = body.translate(_READ_AS)
    if not (head.isascii() and head.isalpha() and _BODY.fullmatch(body)):
        raise Invalid(_("“%(text)s” is not a reference.", text=text.strip()[:40]), code="bad_reference")
    return f"{head}-{body}"


def new_token() -> str:
    """A secret of 192 random bits, 32 URL-safe characters, for links and keys. Store its ``token_hash``."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """SHA-256 of a token, 64 hex digits: what the database keeps and looks up.

    A fast hash is right here, unlike for passwords: the token is random and long, so there is nothing to
    try out.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def _without_prefix(parts: list[str], prefix: str) -> str:
    if len(parts) > 1 and parts[0] == prefix:
        return "".join(parts[1:])
    return "".join(parts).removeprefix(prefix)

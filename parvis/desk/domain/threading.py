"""Which encounter a mail belongs to, by our signed token or by References; never by subject. Pure: the key is given."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from parvis.kernel.errors import NotFound
from parvis.kernel.ids import ALPHABET
from parvis.kernel.references import number_of, reference_of

SIGNATURE = 9  # characters of 26: 42 bits, and a wrong guess only reaches an encounter as a stranger's message
_TOKEN = re.compile(rf"\bE-([{ALPHABET}]{{5,9}})\.([{ALPHABET}]{{{SIGNATURE}}})\b", re.IGNORECASE)


def thread_token(encounter_id: int, key: bytes) -> str:
    """The token of an encounter, `E-7K3F9.XXXXXXXXX`: its reference and a keyed signature of it."""
    reference = reference_of("E", encounter_id)
    return f"{reference}.{_sign(reference, key)}"


def _sign(reference: str, key: bytes) -> str:
    number = int.from_bytes(hmac.digest(key, reference.encode(), hashlib.sha256)[:16], "big")
    characters = []
    for _i in range(SIGNATURE):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(characters)


def encounter_of_token(texts: Iterable[str], key: bytes) -> int | None:
    """The encounter named by the first token in `texts` whose signature is ours; forged ones are passed over."""
    for text in texts:
        for body, signature in _TOKEN.findall(text):
            reference = f"E-{body.upper()}"
            if hmac.compare_digest(_sign(reference, key), signature.upper()):
                try:
                    return number_of(reference, "E")
                except NotFound:
                    continue
    return None

"""One line about a person, as somebody at a counter types it: "Zoé Martin 06 12 34 56 78 zoe@exemple.example"."""

import re
from dataclasses import dataclass

from parvis.kernel.contact import is_email, normalise_email, parse_phone
from parvis.kernel.errors import Invalid

_MAIL = re.compile(r"<?[^\s<>,;()]+@[^\s<>,;()]+>?")
# A number begins with a plus, a bracket or a digit and goes on over blanks, dots, dashes and slashes.
_NUMBER = re.compile(r"(?<!\w)(?:\+|\()?\d[\d\s./()\u00a0\u202f-]{4,}\d(?!\w)")
_EDGES = " \t,;:/|–—-()<>"


@dataclass(frozen=True)
class Who:
    """What a line says of a person; what it does not say is empty. `phone` is as typed."""

    name: str = ""
    phone: str = ""
    email: str = ""


def read_who(line: str, country: str) -> Who:
    """Name, number and address in a line, in any order. `country`: ISO code for numbers without a prefix.

    What looks like a number and cannot be one stays with the name, so that nothing typed is lost.
    """
    rest, email, phone = " ".join(line.split()), "", ""
    for match in _MAIL.finditer(rest):
        address = normalise_email(match[0].strip("<>."))
        if is_email(address):
            email, rest = address, f"{rest[: match.start()]} {rest[match.end() :]}"
            break
    for match in _NUMBER.finditer(rest):
        if _possible(match[0], country):
            phone, rest = _unbracketed(match[0]), f"{rest[: match.start()]} {rest[match.end() :]}"
            break
    return Who(" ".join(rest.split()).strip(_EDGES), phone, email)


def _unbracketed(number: str) -> str:
    """The number without a bracket around the whole of it; one around an area code stays."""
    return number if ")" in number else number.lstrip("(")


def _possible(text: str, country: str) -> bool:
    try:
        return parse_phone(text, country).possible
    except Invalid:
        return False

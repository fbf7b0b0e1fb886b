"""Phone numbers, by the rules of every country (the library phonenumbers, loaded when first needed)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ..errors import Invalid
from ..phrases import Phrase as _
from .emails import INVISIBLE


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number that could be read.

    e164:      ``+33612345678``, what is stored, compared and dialled; without the extension.
    display:   as people of the given country write it: ``06 12 34 56 78`` at home, ``+33 6 12 34 56 78`` from abroad.
    valid:     such numbers are given out. ``possible``: at least its length is right.
    extension: digits behind the number, or empty.
    country:   ISO code of where it belongs, or empty (free phone, satellite, unknown).
    """

    e164: str
    display: str
    valid: bool
    possible: bool
    extension: str = ""
    country: str = ""


class PhoneMatch(StrEnum):
    """How surely two texts are one number."""

    CERTAIN = "certain"
    """The same number, country and extension included: people may be joined on it."""
    LIKELY = "likely"
    """The same digits, the country, area or extension left out on one side: ask a person."""
    NO = "no"


@lru_cache(maxsize=4096)
def parse_phone(text: str, country: str | None = None) -> Phone:
    """The number in ``text``, however it is written (blanks, dots, ``(0)``, ``00``, ``tel:``, letters, extensions).

    country: ISO code of where it was written down; without it, only international numbers can be read.
    Raises Invalid when there is no number in it; one that is merely too short or unknown comes back as not valid.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberFormat

    home, plain = (country or "").strip().upper() or None, _plain(text)
    # Without a country there is no prefix for calls abroad to recognise; 00 is by far the commonest.
    if home is None and plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        number = phonenumbers.parse(plain, home)
    except phonenumbers.NumberParseException as error:
        raise Invalid(
            _("“%(text)s” is not a phone number.", text=text.strip()[:40]),
            code="bad_phone",
            hint=_("Write it with its country, like +33 1 23 45 67 89."),
        ) from error
    region = phonenumbers.region_code_for_number(number)
    form = PhoneNumberFormat.NATIONAL if region and region == home else PhoneNumberFormat.INTERNATIONAL
    return Phone(
        e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        display=phonenumbers.format_number(number, form),
        valid=phonenumbers.is_valid_number(number),
        possible=phonenumbers.is_possible_number(number),
        extension=number.extension or "",
        country=region if region and region.isalpha() else "",
    )


def is_mobile(e164: str) -> bool:
    """Whether a number (E.164) can be one of a mobile phone; where a country does not tell them apart, it can."""
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def phone_match(one: str, other: str, country: str | None = None) -> PhoneMatch:
    """How surely the two texts are the same number; what is no number matches nothing.

    With ``country``, numbers without a prefix are read as numbers of that country; without it they are at most LIKELY.
    """
    import phonenumbers

    kind = phonenumbers.is_number_match(_full(one, country), _full(other, country))
    if kind == phonenumbers.MatchType.EXACT_MATCH:
        return PhoneMatch.CERTAIN
    if kind in (phonenumbers.MatchType.NSN_MATCH, phonenumbers.MatchType.SHORT_NSN_MATCH):
        return PhoneMatch.LIKELY
    return PhoneMatch.NO


def phones_match(one: str, other: str, country: str | None = None) -> bool:
    """Whether the two are certainly the same number, so that two people may be joined on it."""
    return phone_match(one, other, country) is PhoneMatch.CERTAIN


def _full(text: str, country: str | None) -> str:
    if country is None:
        return _plain(text)
    try:
        phone = parse_phone(text, country)
    except Invalid:
        return _plain(text)
    return f"{phone.e164} ext. {phone.extension}" if phone.extension else phone.e164


def _plain(text: str) -> str:
    # Narrow blanks and no-break hyphens of good typesetting, marks of direction of address books: the library knows
    # them not, or not all.
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()

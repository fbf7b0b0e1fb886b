"""Values by which people are reached and recognised: e-mail addresses, phone numbers, names."""

from .emails import is_email, normalise_email
from .names import initials, match_key, split_name
from .phones import Phone, PhoneMatch, is_mobile, parse_phone, phone_match, phones_match

__all__ = [
    "Phone",
    "PhoneMatch",
    "initials",
    "is_email",
    "is_mobile",
    "match_key",
    "normalise_email",
    "parse_phone",
    "phone_match",
    "phones_match",
    "split_name",
]

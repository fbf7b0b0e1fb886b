"""Lengths of text messages, by 3GPP TS 23.038: worked out by hand, none by the code."""

import pytest

from parvis.kernel.contact import is_mobile
from parvis.kernel.sms import sms_length, sms_plain


@pytest.mark.parametrize(
    ("text", "units", "segments", "is_gsm"),
    [
        ("", 0, 0, True),
        ("a" * 160, 160, 1, True),
        ("a" * 161, 161, 2, True),
        ("é à ù è ì ò Ç £ ñ ß", 19, 1, True),
        ("€" * 80, 160, 1, True),
        ("€" * 81, 162, 2, True),
        ("a" * 152 + "€" + "a" * 152, 306, 3, True),  # the euro sign is not cut: 152, 2 + 151, 1
        ("a" * 306, 306, 2, True),
        ("ç" * 70, 70, 1, False),
        ("ê" * 71, 71, 2, False),
        ("🚲" * 35, 70, 1, False),
        ("ê" + "a" * 65 + "🚲" + "a" * 66, 134, 3, False),  # nor is a pair of surrogates
    ],
)
def test_a_text_is_counted_as_the_network_counts(text: str, units: int, segments: int, is_gsm: bool) -> None:
    length = sms_length(text)
    assert (length.units, length.segments, length.is_gsm) == (units, segments, is_gsm)


def test_typesetting_is_made_plain_and_letters_stay() -> None:
    plain = sms_plain("  L’atelier :\u00a0« à 14\u202fh » – ça… \n ok ")
    assert plain == 'L\'atelier : " à 14 h " - ça...\nok'
    assert sms_length(plain).foreign == "ç"


@pytest.mark.parametrize(
    ("number", "mobile"),
    [("+33612345678", True), ("+33142345678", False), ("+12015550123", True), ("+33800123456", False), ("06", False)],
)
def test_a_mobile_phone_is_told_from_others(number: str, mobile: bool) -> None:
    assert is_mobile(number) is mobile

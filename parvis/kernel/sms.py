"""How long a text message is as the network counts: in GSM 7-bit units, in UTF-16 once a sign is not of that set."""

from dataclasses import dataclass

# 3GPP TS 23.038, 6.2.1: the default alphabet, and its extension, whose signs count twice.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = "\f^{}\\[~]|€"
_UNITS = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_DOUBLE, 2)
# Good typesetting that would more than halve what fits into a message, and that nobody misses on a phone.
_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-", "‑": "-",
        "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u00ad": "", "\u200b": "", "\t": " ",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Length:
    """What a text costs to send.

    units:    7-bit units, or UTF-16 code units where `is_gsm` is false.
    segments: how many messages it takes: 160 units fit into one alone (70 in UTF-16), 153 (67) into each of several.
    foreign:  the signs that are not of the GSM set, each once, in order of appearance.
    """

    units: int
    segments: int
    is_gsm: bool
    foreign: str


def sms_plain(text: str) -> str:
    """The text as it is sent: typographic quotes, dashes and spaces as phones write them, no blank at either end."""
    return "\n".join(line.strip() for line in text.translate(_PLAIN).strip().splitlines())


def sms_length(text: str) -> Length:
    """How the network counts a text, as it stands."""
    foreign = "".join(dict.fromkeys(sign for sign in text if sign not in _UNITS))
    if foreign:
        widths, alone, each = [len(sign.encode("utf-16-be")) // 2 for sign in text], 70, 67
    else:
        widths, alone, each = [_UNITS[sign] for sign in text], 160, 153
    units = sum(widths)
    return Length(units, _segments(widths, each) if units > alone else min(units, 1), not foreign, foreign)


def _segments(widths: list[int], each: int) -> int:
    """Messages of `each` units: what counts twice is never cut in two."""
    count, filled = 1, 0
    for width in widths:
        if filled + width > each:
            count, filled = count + 1, 0
        filled += width
    return count

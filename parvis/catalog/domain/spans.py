"""Lengths of time as a manager writes them: "2 h", "1 h 30", "45 min". Pure."""

from __future__ import annotations

import re

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

_LENGTH = re.compile(
    r"(?:(?P<hours>\d{1,4}(?:[.,]\d{1,2})?)\s*h(?:ours?|eures?|rs?)?)?\s*(?:(?P<minutes>\d{1,5})\s*(?:m|mn|min|minutes?)?)?",
    re.IGNORECASE,
)


def minutes_of(text: str) -> int | None:
    """Minutes of "2 h", "1 h 30", "1,5 h", "90" or "90 min"; None for an empty text. Raises Invalid for others."""
    clean = " ".join(str(text or "").split())
    if not clean:
        return None
    match = _LENGTH.fullmatch(clean)
    if not match or not (match["hours"] or match["minutes"]):
        raise Invalid(_("Write it like 2 h, 1 h 30 or 45 min."), code="bad_length")
    hours = float((match["hours"] or "0").replace(",", "."))
    return round(hours * 60) + int(match["minutes"] or 0)


def length_text(minutes: int | None) -> str:
    """The same in the way `minutes_of` reads back: "2 h", "1 h 30", "45 min"; "" for None."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"

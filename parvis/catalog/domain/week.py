"""Opening hours as a person writes them: read, checked, put in order. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from parvis.kernel.business_hours import WEEKDAYS
from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

MINUTES = 24 * 60
_TIME = re.compile(r"\s*(\d{1,2})\s*(?:[:hH.]\s*(\d{2})?)?\s*(?::\d{2})?\s*")

Span = list[str]


def hours_checked(week: Mapping[str, Any]) -> dict[str, list[Span]]:
    """`{"mon": [["9h", "12:30"], …], …}` with times as HH:MM, spans in order, days in order, closed days left out.

    Raises Invalid, with the day in `fields` ("hours_mon"), for times that are none or spans that overlap.
    """
    if unknown := set(week) - set(WEEKDAYS):
        raise Invalid(_("“%(day)s” is not a day of the week.", day=sorted(unknown)[0]), code="bad_hours")
    checked = {day: spans_checked(week.get(day) or [], field=f"hours_{day}") for day in WEEKDAYS}
    return {day: spans for day, spans in checked.items() if spans}


def spans_checked(spans: Iterable[Sequence[str]], *, field: str) -> list[Span]:
    """The spans of one day in order. Raises Invalid with `field` for times that are none, or spans that overlap."""
    found = sorted((_span(pair, field) for pair in spans), key=lambda span: span[0])
    for (start, end), (later, __) in pairwise(found):
        if later < end:
            raise _bad(field, _("%(one)s and %(other)s overlap.", one=_said(start, end), other=_text(later)))
    if found and found[-1][1] > found[0][0] + MINUTES:
        raise _bad(
            field, _("%(one)s runs into the next day’s %(other)s.", one=_said(*found[-1]), other=_text(found[0][0]))
        )
    return [[_text(start), _text(end % MINUTES or MINUTES)] for start, end in found]


def _span(pair: Sequence[str], field: str) -> tuple[int, int]:
    if isinstance(pair, str) or len(pair) != 2:
        raise _bad(field, _("Opening hours are pairs such as 09:00 and 17:30."))
    start, end = (_minutes(text, field) for text in pair)
    if start == MINUTES:
        start = 0
    if start == end != 0:
        raise _bad(field, _("Opening and closing at the same time, %(text)s, is not clear.", text=_text(start)))
    return start, end if end > start else end + MINUTES


def _minutes(text: Any, field: str) -> int:
    match = _TIME.fullmatch(str(text or ""))
    minutes = int(match[1]) * 60 + int(match[2] or 0) if match else -1
    if match is None or int(match[2] or 0) > 59 or not 0 <= minutes <= MINUTES:
        raise _bad(field, _("“%(text)s” is not a time of day such as 09:30.", text=str(text or "")[:20]))
    return minutes


def _text(minutes: int) -> str:
    if minutes != MINUTES:
        minutes %= MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _said(start: int, end: int) -> str:
    return f"{_text(start)}–{_text(end)}"


def _bad(field: str, message: Any) -> Invalid:
    return Invalid(message, code="bad_hours", fields={field: message})

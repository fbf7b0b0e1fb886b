"""The types of values: dates, times, spans, texts (RFC 5545 §3.3). Each raises ValueError for what is none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from .model import When

_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?\s*([Zz]?)")
_SPAN = re.compile(
    r"([+-]?)P(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.IGNORECASE
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(?::?(\d\d))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def when_of(text: str, zone: tzinfo | None = None) -> When:
    """A DATE or DATE-TIME (§3.3.4, §3.3.5). ``Z`` means UTC, else the clock of ``zone``, None being floating.

    A minute of 60 seconds is taken as its last second; times may leave out the seconds, as some programs do.
    """
    text = text.strip()
    if found := _TIME.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        midnight = hour == 24 and not minute and not second
        moment = datetime(year, month, day, 0 if midnight else hour, minute, min(second, 59))  # noqa: DTZ001
        moment += timedelta(days=midnight)
        return moment.replace(tzinfo=UTC if found[7] else zone)
    if found := _DATE.fullmatch(text):
        return date(*(int(part) for part in found.groups()))
    raise ValueError("no date or time")


def span_of(text: str) -> timedelta:
    """A DURATION (§3.3.6), which may be negative."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        raise ValueError("no duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError("too long") from error
    return -span if found[1] == "-" else span


def offset_of(text: str) -> timedelta:
    """An offset from UTC (§3.3.14), less than a day."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None:
        raise ValueError("no offset")
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if span >= timedelta(days=1):
        raise ValueError("offset of a day or more")
    return -span if found[1] == "-" else span


def text_of(raw: str) -> str:
    """The text behind the escapes of §3.3.11; a backslash before anything else goes."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], raw)


def texts_of(raw: str) -> tuple[str, ...]:
    """The texts of a list divided by commas (§3.1.1)."""
    return tuple(text for part in _split_texts(raw) if (text := text_of(part).strip()))


def _split_texts(raw: str) -> list[str]:
    parts, current, escaped = [], "", False
    for sign in raw:
        if sign == "," and not escaped:
            parts.append(current)
            current = ""
            continue
        current += sign
        escaped = sign == "\\" and not escaped
    return [*parts, current]


def text_out(text: str) -> str:
    """The text with the escapes of §3.3.11; control characters, which no line may hold, go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and sign != "\x7f"))
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return text


def span_out(span: timedelta) -> str:
    """A DURATION: ``P1DT2H``; whole seconds."""
    total = round(span.total_seconds())
    sign, total = ("-" if total < 0 else ""), abs(total)
    days, rest = divmod(total, 86_400)
    hours, minutes, seconds = rest // 3_600, rest // 60 % 60, rest % 60
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return (
        f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock or not days else ''}{'' if clock or days else '0S'}"
    )


def offset_out(span: timedelta) -> str:
    """An offset from UTC: ``+0100``, with seconds only where there are some."""
    total = int(span.total_seconds())
    sign, total = ("-" if total < 0 else "+"), abs(total)
    text = f"{sign}{total // 3_600:02}{total // 60 % 60:02}"
    return text + (f"{total % 60:02}" if total % 60 else "")


def when_out(when: When) -> str:
    """``20260329``, ``20260329T013000`` or, in UTC, with a Z."""
    if not isinstance(when, datetime):
        return f"{when.year:04}{when.month:02}{when.day:02}"
    text = f"{when.year:04}{when.month:02}{when.day:02}T{when.hour:02}{when.minute:02}{when.second:02}"
    return text + ("Z" if when.tzinfo is UTC else "")

"""A time as somebody says it over the counter: "15h", "15:30", "tomorrow 9", "lundi 10h", "in 2 h". Pure."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from parvis.kernel.text import fold

_DAYS = {
    **dict.fromkeys(("today", "aujourd'hui", "auj"), 0),
    **dict.fromkeys(("tomorrow", "demain", "dem", "tom"), 1),
    **dict.fromkeys(("apres-demain", "apres demain"), 2),
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon lundi lun", "tuesday tue mardi mar", "wednesday wed mercredi mer", "thursday thu jeudi jeu",
         "friday fri vendredi ven", "saturday sat samedi sam", "sunday sun dimanche dim")
    )
    for name in names.split()
}  # fmt: skip
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:\s*[h:.]\s*(?P<minute>\d{2})?)?\s*(?P<half>am|pm|h)?")
_NOON = {"noon": "12:00", "midi": "12:00"}
_SPAN = re.compile(
    r"(?:(?:in|dans|sous)\s+|\+\s*)(?:(?P<hours>\d{1,3})\s*(?:hours?|heures?|h)\s*)?"
    r"(?:(?P<minutes>\d{1,3})\s*(?:minutes?|mins?|mn|m)?)?"
)
_WORDS = re.compile(r"\b(?:at|by|before|a|vers|avant|pour|le|on|this|ce)\b")
NOT_BEFORE = dt.time(9)


def parse_when(text: str, *, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The instant that `text` means for somebody who speaks at `now` in `zone`; None when it cannot be told.

    A time alone is today's, or tomorrow's when it has passed; a day alone is that day at nine; a weekday is the next
    one. English and French, accents left out or not. The answer is aware, in `zone`, later than `now`.
    """
    plain = " ".join(fold(text).split())
    if span := _SPAN.fullmatch(plain):
        hours, minutes = int(span["hours"] or 0), int(span["minutes"] or 0)
        return now.astimezone(zone) + dt.timedelta(hours=hours, minutes=minutes) if hours or minutes else None
    for word, digits in _NOON.items():
        plain = re.sub(rf"\b{word}\b", digits, plain)
    ahead, weekday, plain = _day_of(plain)
    clock = _clock(" ".join(_WORDS.sub(" ", plain).split()))
    local = now.astimezone(zone)
    if clock is None or (clock is NOT_BEFORE and ahead is None and weekday is None):
        return None
    day = local.date() + dt.timedelta(days=ahead or 0)
    if weekday is not None:
        day += dt.timedelta(days=(weekday - local.weekday()) % 7)
    found = dt.datetime.combine(day, clock, tzinfo=zone)
    if found <= now and weekday is not None:
        found = dt.datetime.combine(day + dt.timedelta(days=7), clock, tzinfo=zone)
    elif found <= now and ahead is None:
        found = dt.datetime.combine(day + dt.timedelta(days=1), clock, tzinfo=zone)
    return found if found > now else None


def _day_of(plain: str) -> tuple[int | None, int | None, str]:
    """Days ahead or weekday, and the rest of the text."""
    for word in sorted(_DAYS, key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain):
            return _DAYS[word], None, plain.replace(word, " ", 1)
    for word in re.findall(r"[a-z]+", plain):
        if word in _WEEKDAYS:
            return None, _WEEKDAYS[word], re.sub(rf"\b{word}\b", " ", plain, count=1)
    return None, None, plain


def _clock(rest: str) -> dt.time | None:
    """The time of day, NOT_BEFORE itself when none is named, None when what is there is no time."""
    if not rest:
        return NOT_BEFORE
    match = _TIME.fullmatch(rest)
    if not match:
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None

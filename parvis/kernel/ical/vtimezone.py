"""A VTIMEZONE (RFC 5545 §3.6.5) for an IANA zone over the years in which a calendar uses it.

Its changes are listed one by one: that is right for zones whose rule is no rule, like Africa/Casablanca, too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .values import offset_out, when_out

_HORIZON = 10  # Years told beyond the first use of an endless series; readers know the zone by its name anyway.
_STEP = timedelta(days=6)


def vtimezone(zone: ZoneInfo, first: date, last: date | None) -> list[str]:
    """The lines of the zone's definition, from the year of ``first`` to that of ``last`` (None: an endless series)."""
    start = min(max(first.year - 1, 2), 9990)
    end = max(start + 2, (first.year + _HORIZON if last is None else last.year) + 1)
    return list(_lines(zone, start, min(end, 9998)))


@lru_cache(maxsize=256)
def _lines(zone: ZoneInfo, start: int, end: int) -> tuple[str, ...]:
    base = datetime(start, 1, 1, tzinfo=UTC)
    groups: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    before = base.astimezone(zone)
    offset = before.utcoffset() or timedelta()
    groups[(offset, offset, before.tzname() or "", False)] = [base.replace(tzinfo=None) + offset]
    for instant in _changes(zone, base, datetime(end, 1, 1, tzinfo=UTC)):
        old = (instant - timedelta(seconds=1)).astimezone(zone).utcoffset() or timedelta()
        new = instant.astimezone(zone)
        key = (old, new.utcoffset() or timedelta(), new.tzname() or "", bool(new.dst()))
        groups.setdefault(key, []).append(instant.replace(tzinfo=None) + old)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone.key}"]
    for (earlier, later, name, summer), moments in groups.items():
        kind = "DAYLIGHT" if summer else "STANDARD"
        lines += [f"BEGIN:{kind}", f"DTSTART:{when_out(moments[0])}"]
        lines += [f"TZOFFSETFROM:{offset_out(earlier)}", f"TZOFFSETTO:{offset_out(later)}", f"TZNAME:{name}"]
        lines += [f"RDATE:{when_out(moment)}" for moment in moments[1:]]
        lines.append(f"END:{kind}")
    return (*lines, "END:VTIMEZONE")


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """The instants at which the offset changes, to the second; none lasts less than six days."""
    found = []
    low = start
    while low < end:
        high = low + _STEP
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            found.append(_bisected(zone, low, high))
        low = high
    return found


def _bisected(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high

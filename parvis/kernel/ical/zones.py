"""Time zones of calendars: IANA names, the names Windows gives them, and definitions of their own (RFC 5545 §3.6.5).

The IANA database wins over what a file says about a zone that it knows. Definitions of a file hold for that file only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice

from parvis.kernel.clock import zone as iana_zone
from parvis.kernel.errors import Invalid

from .lines import Component, Line, Notes
from .recur import Budget, Rule, clock_times, on_clock, rule_of
from .values import offset_of, text_of, when_of

_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
# Of a zone that a file defines, the changes between these years are known; outside them its offset stays.
_SINCE, _UNTIL = datetime(1970, 1, 1), datetime(2101, 1, 1)  # noqa: DTZ001
_MAX_CHANGES = 2_000
_MAX_OBSERVANCES = 500
_UTC_NAMES = {"UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT", "COORDINATED UNIVERSAL TIME"}


class Zones:
    """The zones that one file uses, by TZID."""

    def __init__(self, definitions: list[Component], notes: Notes) -> None:
        self._notes = notes
        self._budget = Budget(steps=1_000_000, seconds=3.0)
        self._known: dict[str, tzinfo | None] = {}
        self._defined: dict[str, Component] = {}
        for component in definitions:
            self._defined.setdefault(_bare(component.text("TZID")), component)

    def get(self, tzid: str, line: int = 0) -> tzinfo | None:
        """The zone of that TZID; None, once noted as ``unknown_zone``, leaves the time floating."""
        name = _bare(tzid)
        if name not in self._known:
            self._known[name] = self._find(name)
            if self._known[name] is None:
                self._notes.add("unknown_zone", "TZID", tzid, line)
        return self._known[name]

    def _find(self, name: str) -> tzinfo | None:
        known = named_zone(name)
        if known is None and (component := self._defined.get(name)) is not None:
            return named_zone(component.text("X-LIC-LOCATION")) or _defined_zone(component, self._notes, self._budget)
        return known


def _bare(tzid: str) -> str:
    return text_of(tzid).strip().strip('"').strip()


@lru_cache(maxsize=512)
def named_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name, also behind a prefix such as ``/freeassociation.sourceforge.net/``, or of a name of
    Windows (CLDR windowsZones); None when nobody knows it.
    """
    if name.upper() in _UTC_NAMES:
        return UTC
    pieces = name.strip("/").split("/")
    for start in range(max(0, len(pieces) - 3), len(pieces)) if name.startswith("/") else (0,):
        candidate = "/".join(pieces[start:])
        if _IANA.fullmatch(candidate):
            try:
                return iana_zone(candidate)
            except Invalid:
                continue
    return _windows_zone(name)


def _windows_zone(name: str) -> tzinfo | None:
    from babel.core import get_global  # Reads a file of its own: only who meets such a name pays for it.

    city = get_global("windows_zone_mapping").get(name)
    return iana_zone(city) if city else None


class OwnZone(tzinfo):
    """A zone as a file defines it, by its changes between 1970 and 2100."""

    def __init__(self, name: str, observances: list[_Observance], budget: Budget) -> None:
        self._name = name
        found = sorted(
            ((moment - seen.before, seen) for seen in observances for moment in seen.moments(budget)),
            key=lambda change: change[0],
        )
        self._instants = [instant for instant, _ in found]
        self._changes = [seen for _, seen in found]
        # On the clock a change comes where its offsets say so: for the earlier and the later reading (PEP 495).
        self._clock = [[instant + choose(seen.before, seen.after) for instant, seen in found] for choose in (max, min)]

    def _at(self, index: int) -> tuple[timedelta, str]:
        if index:
            return self._changes[index - 1].after, self._changes[index - 1].name
        return self._changes[0].before, self._changes[0].name

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """The offset at a clock time; the earlier of two readings unless ``fold`` is set."""
        if dt is None:
            return None
        return self._at(bisect_right(self._clock[dt.fold], dt.replace(tzinfo=None, fold=0)))[0]

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not told: files say which observance is daylight time, but nothing here depends on it."""
        return None if dt is None else timedelta(0)

    def tzname(self, dt: datetime | None) -> str | None:
        """The name of the observance, or of the zone."""
        if dt is None:
            return self._name
        index = bisect_right(self._clock[dt.fold], dt.replace(tzinfo=None, fold=0))
        return self._at(index)[1] or self._name

    def fromutc(self, dt: datetime) -> datetime:
        """The clock time of an instant, with ``fold`` set in the second of two equal hours."""
        instant = dt.replace(tzinfo=None)
        index = bisect_right(self._instants, instant)
        moment = instant + self._at(index)[0]
        again = index > 0 and moment < self._instants[index - 1] + self._changes[index - 1].before
        return moment.replace(tzinfo=self, fold=1 if again else 0)

    def __repr__(self) -> str:
        return f"OwnZone({self._name!r})"


class _Observance:
    """STANDARD or DAYLIGHT: from when on, and again when, which offset changes into which."""

    def __init__(self, start: datetime, before: timedelta, after: timedelta, name: str) -> None:
        self.start, self.before, self.after, self.name = start, before, after, name
        self.rules: list[Rule] = []
        self.dates: list[datetime] = []

    def moments(self, budget: Budget) -> set[datetime]:
        """The clock times of the change."""
        found = {self.start, *self.dates}
        for rule in self.rules:
            # The UNTIL of an observance is in UTC, its changes on the clock that ends (§3.6.5).
            end = rule.until
            if isinstance(end, datetime) and end.tzinfo is not None:
                end = end.replace(tzinfo=None) + self.before
            bound = replace(rule, until=on_clock(end, None))
            times = clock_times(bound, self.start, max(self.start, _SINCE), _UNTIL, budget)
            found.update(islice(times, _MAX_CHANGES))
        return found


def _defined_zone(component: Component, notes: Notes, budget: Budget) -> tzinfo | None:
    observances = []
    for child in component.children[:_MAX_OBSERVANCES]:
        if child.name in ("STANDARD", "DAYLIGHT"):
            try:
                observances.append(_observance(child, notes))
            except (ValueError, OverflowError) as error:
                notes.add("bad_value", child.name, str(error))
    if not observances:
        return None
    zone = OwnZone(_bare(component.text("TZID")), observances, budget)
    if budget.spent:
        notes.add("cut_short", "VTIMEZONE", component.text("TZID"))
    return zone


def _observance(component: Component, notes: Notes) -> _Observance:
    start = _clock_time(component.text("DTSTART"))
    before, after = offset_of(component.text("TZOFFSETFROM")), offset_of(component.text("TZOFFSETTO"))
    found = _Observance(start, before, after, text_of(component.text("TZNAME")))
    for line in component.all("RRULE"):
        found.rules += _rule(line, notes)
    for line in component.all("RDATE")[:_MAX_CHANGES]:
        for part in filter(str.strip, line.value.split(",")):
            try:
                found.dates.append(_clock_time(part.split("/")[0]))
            except ValueError:
                notes.add("bad_value", "RDATE", part, line.number)
    return found


def _rule(line: Line, notes: Notes) -> list[Rule]:
    try:
        return [rule_of(line.value)[0]]
    except ValueError:
        notes.add("bad_rule", "RRULE", line.value, line.number)
        return []


def _clock_time(text: str) -> datetime:
    when = when_of(text)
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001
    when = when.replace(tzinfo=None)
    # Room for offsets below the least date there is.
    return max(when, datetime(1, 1, 3))  # noqa: DTZ001

"""Reading a calendar (RFC 5545): everything that can be understood, and a list of what could not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import TypeVar

from .lines import Component, Line, Notes, components_of
from .model import EVENT, JOURNAL, TODO, Alarm, Calendar, Event, Extra, Period, When
from .recur import Rule, rule_of
from .values import span_of, text_of, texts_of, when_of
from .zones import Zones, named_zone

MAX_EVENTS = 100_000
MAX_DATES = 20_000  # RDATE and EXDATE of one event.
MAX_ALARMS = 100

_T = TypeVar("_T")


def events_of(source: str | bytes) -> Calendar:
    """The calendar in that text, or in bytes as they came; never raises.

    Several VCALENDAR in a row are read as one, and so are events without one around them. What is damaged is left out
    and noted in ``problems``; an event whose start cannot be read stays, without a start.
    """
    notes = Notes()
    root = components_of(source, notes)
    calendars = [child for child in root.children if child.name == "VCALENDAR"] or [root]
    found = [child for calendar in calendars for child in _inner(calendar)]
    if calendars != [root]:
        found += [child for other in root.children if other.name != "VCALENDAR" for child in _with(other)]
    zone_name = next(filter(None, (calendar.text("X-WR-TIMEZONE") for calendar in calendars)), "")
    reader = _Reader(Zones([child for child in found if child.name == "VTIMEZONE"], notes), zone_name, notes)
    events = [child for child in found if child.name in (EVENT, TODO, JOURNAL)]
    if len(events) > MAX_EVENTS:
        notes.add("too_many", "events", str(len(events)))
    return Calendar(
        events=tuple(reader.event(child) for child in events[:MAX_EVENTS]),
        periods=tuple(p for child in found if child.name == "VFREEBUSY" for p in reader.periods(child)),
        name=text_of(next(filter(None, (c.text("X-WR-CALNAME") or c.text("NAME") for c in calendars)), "")),
        method=calendars[0].text("METHOD").upper(),
        zone=zone_name if reader.home else "",
        problems=tuple(notes.problems),
    )


def _inner(component: Component) -> Iterator[Component]:
    """All components inside, in order; not recursive, so that deep nesting cannot exhaust the stack."""
    waiting = list(reversed(component.children))
    while waiting:
        child = waiting.pop()
        yield child
        if child.name not in (EVENT, TODO, JOURNAL, "VTIMEZONE"):
            waiting.extend(reversed(child.children))


def _with(component: Component) -> Iterator[Component]:
    yield component
    if component.name not in (EVENT, TODO, JOURNAL, "VTIMEZONE"):
        yield from _inner(component)


class _Reader:
    """Turns components into values, with the zones of their file."""

    def __init__(self, zones: Zones, home: str, notes: Notes) -> None:
        self.zones, self.notes = zones, notes
        # Google shows floating times and times in UTC on the clock of the calendar, and repeats them on it.
        self.home = named_zone(home) if home else None

    def event(self, found: Component) -> Event:
        """One event; whatever cannot be read of it is left out and noted."""
        start, end, nominal = self._span(found)
        identity = self._whens(found, "RECURRENCE-ID")
        ranges = [line.params.get("RANGE", "").upper() for line in found.all("RECURRENCE-ID")]
        return Event(
            uid=_text(found, "UID").strip(),
            kind=found.name,
            start=start,
            end=end,
            summary=_text(found, "SUMMARY"),
            description=_text(found, "DESCRIPTION"),
            location=_text(found, "LOCATION"),
            status=found.text("STATUS").upper(),
            transparency=found.text("TRANSP").upper(),
            organizer=_address(found.text("ORGANIZER")),
            attendees=tuple(_address(line.value) for line in found.all("ATTENDEE") if line.value.strip()),
            categories=tuple(text for line in found.all("CATEGORIES") for text in texts_of(line.value)),
            url=found.text("URL"),
            sequence=self._number(found, "SEQUENCE", -1),
            stamp=self._stamp(found),
            recurrence_id=identity[0].start if identity else None,
            this_and_future=bool(identity) and ranges[0] == "THISANDFUTURE",
            nominal=nominal,
            rules=self._rules(found, "RRULE"),
            excluded_rules=self._rules(found, "EXRULE"),
            extras=tuple(self._whens(found, "RDATE")),
            excluded=tuple(extra.start for extra in self._whens(found, "EXDATE")),
            alarms=tuple(self._alarms(found)),
        )

    def periods(self, found: Component) -> Iterator[Period]:
        """The periods of a VFREEBUSY; floating ones count as UTC, in which they have to be (§3.8.2.6)."""
        for line in found.all("FREEBUSY"):
            for part in filter(str.strip, line.value.split(",")):
                extra = self._try("FREEBUSY", line, partial(self._period, line), part)
                if extra is None or not isinstance(extra.start, datetime) or not isinstance(extra.end, datetime):
                    continue
                start, end = (_utc(when) for when in (extra.start, extra.end))
                yield Period(start, end, line.params.get("FBTYPE", "BUSY").upper())

    def _span(self, found: Component) -> tuple[When | None, When | None, timedelta | None]:
        start = self._when(found, "DTSTART")
        end = self._when(found, "DUE" if found.name == TODO else "DTEND") if found.name != JOURNAL else None
        length = self._length(found)
        where = found.text("UID") or found.text("SUMMARY") or found.name
        if start is None:
            start = end if found.name == TODO else None
            if found.name == EVENT:
                self.notes.add("no_start", where)
            return start, end, None
        if end is not None:
            start, end = _alike(start, end)
            if _before(end, start):
                self.notes.add("end_before_start", where, found.text("DTEND"))
                start, end = end, start
            return start, end, None
        if length is not None:
            if length < timedelta(0):
                self.notes.add("end_before_start", where, found.text("DURATION"))
                return start, start, None
            if not isinstance(start, datetime) and length % timedelta(days=1):
                start = datetime(start.year, start.month, start.day)  # noqa: DTZ001
            try:
                return start, plus(start, length), length
            except OverflowError:
                self.notes.add("bad_value", "DURATION", found.text("DURATION"))
                return start, start, None
        if found.name == EVENT and not isinstance(start, datetime):
            try:
                return start, start + timedelta(days=1), None
            except OverflowError:
                return start, start, None
        return start, start, None

    def _length(self, found: Component) -> timedelta | None:
        line = found.first("DURATION")
        return self._try("DURATION", line, span_of, line.value) if line else None

    def _when(self, found: Component, name: str) -> When | None:
        whens = self._whens(found, name)
        return whens[0].start if whens else None

    def _whens(self, found: Component, name: str) -> list[Extra]:
        """All dates, times and periods in the lines of that name."""
        answer: list[Extra] = []
        for line in found.all(name):
            for part in filter(str.strip, line.value.split(",")):
                if len(answer) >= MAX_DATES:
                    self.notes.add("too_many", name, found.text("UID"), line.number)
                    return answer
                extra = self._try(name, line, partial(self._period, line), part)
                answer += [extra] if extra is not None else []
        return answer

    def _period(self, line: Line, text: str) -> Extra:
        first, slash, last = text.partition("/")
        start = self._moment(first, line)
        if not slash:
            return Extra(start)
        if last.strip()[:1].upper() in ("P", "+", "-"):
            return Extra(start, plus(start, span_of(last)))
        return Extra(*_alike(start, self._moment(last, line)))

    def _moment(self, text: str, line: Line) -> When:
        tzid = line.params.get("TZID")
        zone = self.zones.get(tzid, line.number) if tzid else None
        when = when_of(text, zone)
        if self.home is not None and isinstance(when, datetime) and (when.tzinfo is None or when.tzinfo is UTC):
            return when.replace(tzinfo=self.home) if when.tzinfo is None else when.astimezone(self.home)
        return when

    def _stamp(self, found: Component) -> datetime | None:
        line = found.first("DTSTAMP")
        when = self._try("DTSTAMP", line, when_of, line.value) if line else None
        return _utc(when) if isinstance(when, datetime) else None

    def _rules(self, found: Component, name: str) -> tuple[Rule, ...]:
        rules = []
        for line in found.all(name):
            try:
                rule, odd = rule_of(line.value)
            except (ValueError, OverflowError):
                if line.value.strip():
                    self.notes.add("bad_rule", name, line.value, line.number)
                continue
            for part in odd:
                self.notes.add("bad_rule", name, part, line.number)
            rules.append(rule)
        return tuple(dict.fromkeys(rules))

    def _alarms(self, found: Component) -> Iterator[Alarm]:
        for child in [child for child in found.children if child.name == "VALARM"][:MAX_ALARMS]:
            line = child.first("TRIGGER")
            trigger = self._try("TRIGGER", line, _trigger_of, line.value) if line else None
            if line is None or trigger is None:
                continue
            every = self._length(child)
            yield Alarm(
                trigger=trigger,
                action=child.text("ACTION").upper() or "DISPLAY",
                description=_text(child, "DESCRIPTION"),
                from_end=line.params.get("RELATED", "").upper() == "END",
                repeat=min(self._number(child, "REPEAT", 0), 100) if every else 0,
                every=every,
            )

    def _number(self, found: Component, name: str, default: int) -> int:
        line = found.first(name)
        number = self._try(name, line, lambda text: int(text[:12]), line.value.strip()) if line else None
        return default if number is None else number

    def _try(self, name: str, line: Line, read: Callable[[str], _T], text: str) -> _T | None:
        try:
            return read(text)
        except (ValueError, OverflowError):
            self.notes.add("bad_value", name, text, line.number)
            return None


def plus(start: When, span: timedelta) -> When:
    """``start`` and a nominal span: days by the calendar, the rest by the watch (§3.3.6)."""
    if not isinstance(start, datetime) or start.tzinfo is None or not span % timedelta(days=1):
        return start + span
    days = timedelta(days=span.days if span >= timedelta(0) else -(-span).days)
    return ((start + days).astimezone(UTC) + (span - days)).astimezone(start.tzinfo)


def _trigger_of(text: str) -> timedelta | datetime:
    if text.strip()[:1].upper() in ("P", "+", "-"):
        return span_of(text)
    when = when_of(text)
    if not isinstance(when, datetime):
        raise ValueError("an alarm needs a time")
    return _utc(when)


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _alike(start: When, end: When) -> tuple[When, When]:
    """Both dates, both floating or both aware: what one of them lacks it takes from the other."""
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        return start, end
    start, end = (_at_midnight(when) for when in (start, end))
    zone: tzinfo | None = start.tzinfo or end.tzinfo
    return tuple(when if when.tzinfo else when.replace(tzinfo=zone) for when in (start, end))  # type: ignore[return-value]


def _at_midnight(when: When) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001


def _before(one: date, other: date) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime) and one.tzinfo is not None:
        return _utc(one) < _utc(other)
    return one < other


def _text(found: Component, name: str) -> str:
    line = found.first(name)
    return text_of(line.value) if line else ""


def _address(raw: str) -> str:
    raw = raw.strip()
    return raw[7:] if raw[:7].lower() == "mailto:" else raw

"""Writing calendars (RFC 5545): folded, escaped, with the zones they need and, when sent, a METHOD (RFC 5546)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .model import CANCELLED, EVENT, TODO, Alarm, Event, When
from .values import span_out, text_out, when_out
from .vtimezone import vtimezone

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
_WIDTH = 75


def calendar_text(
    events: Iterable[Event],
    *,
    stamp: datetime,
    name: str = "",
    method: str = "",
    product: str = "-//Parvis//Parvis//EN",
) -> str:
    """The events as a calendar, lines ended by CRLF and folded at 75 octets (§3.1).

    stamp:  aware; the DTSTAMP of events that have none (§3.8.7.2).
    name:   of the calendar, as programs show it.
    method: PUBLISH, REQUEST or CANCEL; CANCEL calls every event off. Events that are sent get a SEQUENCE.
    Times in an IANA zone keep it, with a VTIMEZONE; those of any other zone are written in UTC. Raises Invalid for an
    event without UID or start, and for a series in a zone without a name, which UTC would not repeat rightly.
    """
    written = list(events)
    for event in written:
        _check(event)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{text_out(product)}", "CALSCALE:GREGORIAN"]
    lines += [f"METHOD:{method}"] if method else []
    lines += [f"NAME:{text_out(name)}", f"X-WR-CALNAME:{text_out(name)}"] if name else []
    for zone, whens in sorted(_zones(written).items(), key=lambda found: found[0].key):
        endless = any(e.rules and _zone_of(e.start) == zone for e in written)
        lines += vtimezone(zone, min(whens), None if endless else max(whens))
    for event in written:
        lines += _event_lines(event, stamp, method)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def fold(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, cut between characters; all but the first begin with a blank (§3.1)."""
    start = width = 0
    for at, sign in enumerate(line):
        size = len(sign.encode("utf-8", "replace"))
        if width + size > _WIDTH:
            yield (" " if start else "") + line[start:at]
            start, width = at, 1
        width += size
    yield (" " if start else "") + line[start:]


def _check(event: Event) -> None:
    if not event.uid.strip():
        raise Invalid(_("An event of a calendar needs an identifier."), code="no_uid")
    if event.start is None and event.kind == EVENT:
        raise Invalid(_("An event of a calendar needs a start."), code="no_start")
    start = event.start
    named = not isinstance(start, datetime) or start.tzinfo in (None, UTC) or _zone_of(start) is not None
    if event.rules and not named:
        raise Invalid(_("A series needs a time zone with a name."), code="unnamed_zone")


def _event_lines(event: Event, stamp: datetime, method: str) -> Iterator[str]:
    yield f"BEGIN:{event.kind}"
    yield f"UID:{text_out(event.uid)}"
    yield f"DTSTAMP:{when_out((event.stamp or stamp).astimezone(UTC))}"
    if event.sequence >= 0 or method:
        yield f"SEQUENCE:{max(event.sequence, 0)}"
    if event.recurrence_id is not None:
        yield _when("RECURRENCE-ID" + (";RANGE=THISANDFUTURE" if event.this_and_future else ""), event.recurrence_id)
    yield from _times(event)
    yield from _texts(event, method)
    for alarm in event.alarms:
        yield from _alarm_lines(alarm, event.summary)
    yield f"END:{event.kind}"


def _times(event: Event) -> Iterator[str]:
    if event.start is not None:
        yield _when("DTSTART", event.start)
    if event.nominal is not None:
        yield f"DURATION:{span_out(event.nominal)}"
    elif event.end is not None and event.kind in (EVENT, TODO):
        yield _when("DUE" if event.kind == TODO else "DTEND", event.end)
    for rule in event.rules:
        yield f"RRULE:{rule.text()}"
    for rule in event.excluded_rules:
        yield f"EXRULE:{rule.text()}"
    for extra in event.extras:
        yield _when("RDATE", extra.start) if extra.end is None else _period(extra.start, extra.end)
    for when in event.excluded:
        yield _when("EXDATE", when)


def _texts(event: Event, method: str) -> Iterator[str]:
    status = CANCELLED if method == CANCEL else event.status
    for name, text in (
        ("SUMMARY", event.summary),
        ("DESCRIPTION", event.description),
        ("LOCATION", event.location),
        ("STATUS", status),
        ("TRANSP", event.transparency),
    ):
        if text:
            yield f"{name}:{text_out(text)}"
    if event.categories:
        yield "CATEGORIES:" + ",".join(text_out(text) for text in event.categories)
    if event.url:
        yield f"URL:{_bare(event.url)}"
    if event.organizer:
        yield f"ORGANIZER:{_mailto(event.organizer)}"
    for address in event.attendees:
        yield f"ATTENDEE:{_mailto(address)}"


def _alarm_lines(alarm: Alarm, summary: str) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield f"ACTION:{text_out(alarm.action)}"
    if isinstance(alarm.trigger, datetime):
        yield f"TRIGGER;VALUE=DATE-TIME:{when_out(alarm.trigger.astimezone(UTC))}"
    else:
        yield f"TRIGGER{';RELATED=END' if alarm.from_end else ''}:{span_out(alarm.trigger)}"
    if alarm.repeat and alarm.every:
        yield f"REPEAT:{alarm.repeat}"
        yield f"DURATION:{span_out(alarm.every)}"
    # To be shown, an alarm needs a description (§3.6.6).
    if text := alarm.description or (summary if alarm.action == "DISPLAY" else ""):
        yield f"DESCRIPTION:{text_out(text)}"
    yield "END:VALARM"


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f").strip()


def _mailto(address: str) -> str:
    address = _bare(address)
    return f"mailto:{address}" if "@" in address and ":" not in address else address


def _when(name: str, when: When) -> str:
    if not isinstance(when, datetime):
        return f"{name};VALUE=DATE:{when_out(when)}"
    zone = _zone_of(when)
    return f"{name};TZID={zone.key}:{when_out(when)}" if zone else f"{name}:{when_out(_in_utc(when))}"


def _period(start: When, end: When) -> str:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return _when("RDATE", start)
    zone = _zone_of(start)
    last = end.astimezone(zone) if zone else _in_utc(end)
    value = f"{when_out(start if zone else _in_utc(start))}/{when_out(last)}"
    return f"RDATE;VALUE=PERIOD{f';TZID={zone.key}' if zone else ''}:{value}"


def _in_utc(when: datetime) -> datetime:
    return when if when.tzinfo is None else when.astimezone(UTC)


def _zone_of(when: When | None) -> ZoneInfo | None:
    """The zone to write the time in. The second of two equal hours can only be written in UTC."""
    if not isinstance(when, datetime) or not isinstance(when.tzinfo, ZoneInfo) or not when.tzinfo.key:
        return None
    return None if when.fold or when.tzinfo.key == "UTC" else when.tzinfo


def _zones(events: list[Event]) -> dict[ZoneInfo, list[date]]:
    """The zones that are written, with the days they are used on."""
    found: dict[ZoneInfo, list[date]] = {}
    for event in events:
        extras = [when for extra in event.extras for when in (extra.start, extra.end)]
        for when in (event.start, event.end, event.recurrence_id, *extras, *event.excluded):
            if isinstance(when, datetime) and (zone := _zone_of(when)) is not None:
                found.setdefault(zone, []).append(when.date())
    return found

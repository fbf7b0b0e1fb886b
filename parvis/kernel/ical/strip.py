"""A calendar without what it tells: only when something happens, nothing of what it is (RFC 5545).

Whoever keeps other people's calendars to know when they are busy needs no titles, places or guests; what is not kept
cannot leak.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256

from .lines import Component, Line, Notes, components_of

_OF_EVENTS = {
    "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP",
    "SEQUENCE",
}  # fmt: skip
_OF_ZONES = {"TZID", "X-LIC-LOCATION", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"}
_PARAMS = ("TZID", "VALUE", "RANGE", "FBTYPE")
_DEEPEST = 4


def bare(source: str | bytes, *, skip: Callable[[str], bool] = lambda uid: False) -> str:
    """The same calendar with its times only, as text that `read.events_of` understands.

    skip: which events to leave out, by their UID. UIDs are replaced by hashes: many hold an address of mail.
    The text stays the same while the times do: stamps that servers renew with every answer are dropped, unless two
    versions of one event stand in the file. Never raises.
    """
    root = components_of(source, Notes())
    events = [c for c in _all(root) if c.name == "VEVENT"]
    versions = Counter(_identity(event) for event in events)
    zone = next((c.text("X-WR-TIMEZONE") for c in root.children if c.text("X-WR-TIMEZONE")), "")
    lines = ["BEGIN:VCALENDAR", *([f"X-WR-TIMEZONE:{zone}"] if zone else [])]
    for component in _all(root):
        if component.name == "VTIMEZONE":
            lines += _zone(component)
        elif component.name == "VFREEBUSY":
            lines += ["BEGIN:VFREEBUSY", *map(_written, component.all("FREEBUSY")), "END:VFREEBUSY"]
        elif component.name == "VEVENT" and not skip(component.text("UID")):
            lines += _event(component, stamped=versions[_identity(component)] > 1)
    return "\n".join([*lines, "END:VCALENDAR", ""])


def _all(component: Component, depth: int = 0) -> Iterator[Component]:
    for child in component.children:
        yield child
        if depth < _DEEPEST and child.name not in ("VEVENT", "VTIMEZONE"):
            yield from _all(child, depth + 1)


def _identity(event: Component) -> tuple[str, str]:
    return event.text("UID"), event.text("RECURRENCE-ID")


def _event(event: Component, *, stamped: bool) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    if uid := event.text("UID"):
        yield f"UID:{sha256(uid.encode('utf-8', 'replace')).hexdigest()[:32]}"
    for line in event.lines:
        if line.name in _OF_EVENTS or (stamped and line.name == "DTSTAMP"):
            yield _written(line)
    yield "END:VEVENT"


def _zone(zone: Component) -> Iterator[str]:
    yield "BEGIN:VTIMEZONE"
    yield from (_written(line) for line in zone.lines if line.name in _OF_ZONES)
    for part in zone.children:
        if part.name in ("STANDARD", "DAYLIGHT"):
            yield f"BEGIN:{part.name}"
            yield from (_written(line) for line in part.lines if line.name in _OF_ZONES)
            yield f"END:{part.name}"
    yield "END:VTIMEZONE"


def _written(line: Line) -> str:
    params = "".join(f';{name}="{_quoted(line.params[name])}"' for name in _PARAMS if name in line.params)
    return f"{line.name}{params}:{' '.join(line.value.split())}"


def _quoted(value: str) -> str:
    return value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")

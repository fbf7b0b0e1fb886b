"""What calendars are made of, as plain values (RFC 5545 §3.6).

A point in time is a ``date`` (all day), an aware ``datetime``, or a naive ``datetime`` (floating: the clock of whoever
looks, §3.3.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .recur import Rule

When = date | datetime

EVENT, TODO, JOURNAL = "VEVENT", "VTODO", "VJOURNAL"
CANCELLED = "CANCELLED"
TRANSPARENT = "TRANSPARENT"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be used, in words for machines: the caller puts it into the reader's language.

    code:   ``encoding`` · ``too_large`` · ``too_many`` · ``bad_line`` · ``unbalanced`` · ``bad_value`` · ``bad_rule`` ·
            ``unknown_zone`` · ``no_start`` · ``end_before_start`` · ``cut_short``
    where:  the property, component or UID concerned.
    detail: what stood there, at most 80 characters.
    line:   of the unfolded text, from 1; 0 when it concerns no single line.
    """

    code: str
    where: str = ""
    detail: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """A reminder (§3.6.6): ``trigger`` is an instant in UTC, or a span relative to the start (or to the end)."""

    trigger: timedelta | datetime
    action: str = "DISPLAY"
    description: str = ""
    from_end: bool = False
    repeat: int = 0
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A further start (RDATE, §3.8.5.2) with its own end when it was given as a period."""

    start: When
    end: When | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT, VTODO or VJOURNAL: a single event, the master of a series, or the change of one instance.

    start:            None when the calendar gave none that can be read.
    end:              exclusive; for a to-do its due time. Filled from DURATION, or by the defaults of §3.6.1.
    nominal:          the length as calendar days and clock time (DURATION), else instances last exactly end − start.
    recurrence_id:    the start that the changed instance had (§3.8.4.4); None for masters.
    this_and_future:  the change holds for all later instances too.
    sequence:         -1 when the calendar gave none.
    """

    uid: str = ""
    kind: str = EVENT
    start: When | None = None
    end: When | None = None
    summary: str = ""
    description: str = ""
    location: str = ""
    status: str = ""
    transparency: str = ""
    organizer: str = ""
    attendees: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    url: str = ""
    sequence: int = -1
    stamp: datetime | None = None
    recurrence_id: When | None = None
    this_and_future: bool = False
    nominal: timedelta | None = None
    rules: tuple[Rule, ...] = ()
    excluded_rules: tuple[Rule, ...] = ()
    extras: tuple[Extra, ...] = ()
    excluded: tuple[When, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def all_day(self) -> bool:
        """It is given in dates, without times."""
        return self.start is not None and not isinstance(self.start, datetime)

    @property
    def recurs(self) -> bool:
        """It has, or once had, a pattern of its own."""
        return bool(self.rules or self.extras or self.excluded or self.excluded_rules)

    @property
    def cancelled(self) -> bool:
        """It is called off."""
        return self.status == CANCELLED

    @property
    def blocks(self) -> bool:
        """It takes up time: neither called off nor transparent (§3.8.2.7)."""
        return not self.cancelled and self.transparency != TRANSPARENT


@dataclass(frozen=True, slots=True)
class Period:
    """Time published as taken or free by a VFREEBUSY (§3.8.2.6), in UTC."""

    start: datetime
    end: datetime
    kind: str = "BUSY"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything read from one file, and what could not be read of it.

    zone: the IANA name that X-WR-TIMEZONE gave, or empty.
    """

    events: tuple[Event, ...] = ()
    periods: tuple[Period, ...] = ()
    name: str = ""
    method: str = ""
    zone: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event at one of its times. ``recurrence_id`` is the start it has in its series."""

    event: Event
    start: When
    end: When
    recurrence_id: When | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """An alarm that goes off at the instant ``at`` for an occurrence."""

    at: datetime
    alarm: Alarm
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Expansion:
    """Occurrences in order of their starts; ``problems`` says what was cut short. Whoever must not miss one (to book,
    say) asks ``complete`` first.
    """

    occurrences: tuple[Occurrence, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Nothing was left out."""
        return not self.problems

    def __iter__(self) -> Iterator[Occurrence]:
        return iter(self.occurrences)

    def __len__(self) -> int:
        return len(self.occurrences)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one question may cost, whatever a stranger's calendar says.

    occurrences: returned at most. steps: periods of rules looked at. seconds: of work.
    """

    occurrences: int = 20_000
    steps: int = 400_000
    seconds: float = 3.0

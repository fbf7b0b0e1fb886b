"""When events happen: the occurrences of a calendar, its busy times and its reminders (RFC 5545 §3.8.4, §3.8.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from parvis.kernel.intervals import Interval, clip, merge

from .model import EVENT, TODO, Calendar, Event, Expansion, Limits, Occurrence, Problem, Reminder, When
from .recur import Budget
from .series import Series

_DAY = timedelta(days=1)
_ROOM = timedelta(hours=30)  # A zone may leave out a whole day, as Pacific/Apia did.


class Window:
    """A question's [start, end), held against times of every kind.

    Bounds that are aware are instants: dates and floating times are placed on the clock of ``zone``. Bounds that are
    naive are clock times, held against the clock of each event.
    """

    def __init__(self, start: When, end: When, zone: tzinfo | None = None) -> None:
        self.start, self.end = (_midnight(bound) for bound in (start, end))
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise ValueError("one bound has a time zone and the other has none")
        self.aware = self.start.tzinfo is not None
        self.zone = zone or self.start.tzinfo
        if self.aware:
            self.start, self.end = self.start.astimezone(UTC), self.end.astimezone(UTC)

    def place(self, when: When) -> datetime:
        """The time as something that can be compared with the bounds."""
        moment = _midnight(when)
        if not self.aware:
            return moment.replace(tzinfo=None)
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def holds(self, start: When, end: When) -> bool:
        """Whether something from ``start`` to ``end`` (or at an instant) is going on within."""
        try:
            first, last = self.place(start), self.place(end)
        except OverflowError:
            return False
        if first >= last:
            return self.start <= first < self.end or self.start == first == self.end
        if self.start == self.end:
            return first <= self.start < last
        return first < self.end and self.start < last

    def clock(self, zone: tzinfo | None) -> tuple[datetime, datetime]:
        """The bounds on the clock of a zone (None: dates and floating times), with room for its changes."""
        if not self.aware:
            return self.start, self.end
        zone = zone or self.zone
        room = timedelta(0) if zone is UTC else _ROOM
        low, high = (_on_clock(bound, zone) for bound in (self.start, self.end))
        return _shift(low, -room), _shift(high, room)


def occurrences(
    calendar: Calendar,
    start: When,
    end: When,
    *,
    zone: tzinfo | None = None,
    kinds: Sequence[str] = (EVENT,),
    limits: Limits | None = None,
) -> Expansion:
    """What is going on in [start, end), by start; cancelled instances are given too, with their status.

    start, end: aware instants, or naive clock times (a date is its midnight) that are held against the clock of each
                event. zone: where dates and floating times are placed; the zone of ``start`` unless given.
    kinds:      of components: VEVENT, VTODO, VJOURNAL.
    Raises ValueError when only one of the bounds is aware. Ends at the ``limits``, and says so in ``problems``.
    """
    limits = limits or Limits()
    window, budget = Window(start, end, zone), Budget(limits.steps, limits.seconds)
    found: list[Occurrence] = []
    for series in _series(calendar.events, kinds):
        for occurrence in series.occurrences(window, budget):
            found.append(occurrence)
            if len(found) > limits.occurrences:
                return _ordered(found[:-1], window, Problem("cut_short", "occurrences", series.uid))
        if budget.spent:
            return _ordered(found, window, Problem("cut_short", "work", series.uid))
    return _ordered(found, window)


def busy(
    calendar: Calendar, start: datetime, end: datetime, *, zone: tzinfo | None = None, limits: Limits | None = None
) -> tuple[list[Interval], tuple[Problem, ...]]:
    """The time taken within [start, end), both aware, as merged intervals in UTC; and what was cut short.

    Cancelled and transparent events take none, nor do to-dos; an all-day event whose end is its start takes the day.
    Periods of a VFREEBUSY count unless they are FREE. Raises ValueError for naive bounds.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("busy times are asked between instants")
    window = Window(start, end, zone)
    expansion = occurrences(calendar, start - _DAY, end, zone=window.zone, limits=limits)
    taken: list[Interval] = [(p.start, p.end) for p in calendar.periods if p.kind != "FREE"]
    for occurrence in expansion:
        if occurrence.event.blocks:
            last = occurrence.end
            if not isinstance(last, datetime) and last == occurrence.start and last < date.max:
                last += _DAY
            taken.append((window.place(occurrence.start), window.place(last)))
    return clip(merge(taken), window.start, window.end), expansion.problems


def reminders(
    calendar: Calendar, start: When, end: When, *, zone: tzinfo | None = None, limits: Limits | None = None
) -> tuple[list[Reminder], tuple[Problem, ...]]:
    """The alarms (§3.6.6) that go off in [start, end), by time; bounds as for `occurrences`. And what was cut short."""
    window = Window(start, end, zone)
    kinds = (EVENT, TODO)
    events = [event for series in _series(calendar.events, kinds) for event in series.current() if event.alarms]
    spans = [span for event in events for alarm in event.alarms for span in _spans(alarm.trigger, alarm)]
    found: list[Reminder] = []
    for event in events:
        found += [reminder for reminder in _absolute(event) if window.holds(reminder.at, reminder.at)]
    if not spans:
        return sorted(found, key=lambda reminder: reminder.at), ()
    longest = max((_length(event) for event in events), default=timedelta())
    low, high = _shift(window.start, -max(spans) - longest - _DAY), _shift(window.end, -min(spans) + _DAY)
    expansion = occurrences(calendar, low, high, zone=window.zone, kinds=kinds, limits=limits)
    for occurrence in expansion:
        found += [reminder for reminder in _relative(occurrence, window) if window.holds(reminder.at, reminder.at)]
    return sorted(found, key=lambda reminder: window.place(reminder.at)), expansion.problems


def _spans(trigger: timedelta | datetime, alarm: object) -> list[timedelta]:
    if isinstance(trigger, datetime):
        return []
    repeat, every = getattr(alarm, "repeat", 0), getattr(alarm, "every", None)
    return [trigger, trigger + repeat * every] if every else [trigger]


def _absolute(event: Event) -> Iterator[Reminder]:
    if event.start is None or event.end is None:
        return
    occurrence = Occurrence(event, event.start, event.end, event.recurrence_id)
    for alarm in event.alarms:
        if isinstance(alarm.trigger, datetime):
            for turn in range(alarm.repeat + 1):
                yield Reminder(alarm.trigger + turn * (alarm.every or timedelta()), alarm, occurrence)


def _relative(occurrence: Occurrence, window: Window) -> Iterator[Reminder]:
    for alarm in occurrence.event.alarms:
        if not isinstance(alarm.trigger, timedelta):
            continue
        base = _midnight(occurrence.end if alarm.from_end else occurrence.start)
        zone = base.tzinfo or (window.zone if window.aware else None)
        for turn in range(alarm.repeat + 1):
            span = alarm.trigger + turn * (alarm.every or timedelta())
            if zone is None:
                yield Reminder(base + span, alarm, occurrence)
            else:
                yield Reminder((base.replace(tzinfo=zone).astimezone(UTC) + span).astimezone(zone), alarm, occurrence)


def _length(event: Event) -> timedelta:
    if event.start is None or event.end is None:
        return timedelta()
    return abs(_midnight(event.end).replace(tzinfo=None) - _midnight(event.start).replace(tzinfo=None))


def _series(events: Iterable[Event], kinds: Sequence[str]) -> Iterator[Series]:
    """Events of one UID belong together; one without a UID stands alone."""
    groups: dict[object, list[Event]] = {}
    for number, event in enumerate(events):
        if event.kind in kinds:
            groups.setdefault((event.kind, event.uid or number), []).append(event)
    return (Series(group) for group in groups.values())


def _ordered(found: list[Occurrence], window: Window, *problems: Problem) -> Expansion:
    return Expansion(tuple(sorted(found, key=lambda one: (window.place(one.start), one.event.uid))), problems)


def _midnight(when: When) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time())


def _on_clock(instant: datetime, zone: tzinfo | None) -> datetime:
    try:
        return instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return instant.replace(tzinfo=None)


def _shift(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        edge = datetime.max if span > timedelta() else datetime.min  # noqa: DTZ901
        return edge.replace(tzinfo=moment.tzinfo)

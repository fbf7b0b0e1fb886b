"""The events of one UID: a master with its pattern, and the instances that were changed (RFC 5545 §3.8.4.4, §3.8.5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from .model import Event, Occurrence, When
from .read import plus
from .recur import Budget, Rule, clock_times, on_clock

if TYPE_CHECKING:
    from .expand import Window

# How an instance is known: by its instant, its clock time or its date.
Key = tuple[str, object]

_EVER = datetime.max.replace(microsecond=0)  # noqa: DTZ901
_UNKNOWN = datetime.min.replace(tzinfo=UTC)


class Series:
    """Answers when the events of one UID happen."""

    def __init__(self, events: list[Event]) -> None:
        self.uid = events[0].uid
        self.master: Event | None = None
        self.changed: dict[Key, Event] = {}
        for event in events:
            if event.recurrence_id is None and event.start is not None:
                self.master = event if self.master is None or _newer(event, self.master) else self.master
        start = self.master.start if self.master else None
        self.zone: tzinfo | None = start.tzinfo if isinstance(start, datetime) else None
        for event in events:
            if event.recurrence_id is not None:
                key = self._known(event.recurrence_id)
                if key not in self.changed or _newer(event, self.changed[key]):
                    self.changed[key] = event
        self._lasting_changes = sorted(
            ((self._clock(event.recurrence_id), event) for event in self.changed.values() if _goes_on(event)),
            key=lambda pair: pair[0],
        )
        self._excluded = {self._known(when) for when in self.master.excluded} if self.master else set()
        self._own_ends = {
            self._clock(extra.start): extra.end
            for extra in (self.master.extras if self.master else ())
            if extra.end is not None
        }

    def occurrences(self, window: Window, budget: Budget) -> Iterator[Occurrence]:
        """What of the series goes on in the window, in no order; ends early when the budget is spent."""
        if self.master is not None:
            yield from self._regular(self.master, window, budget)
        for event in self.changed.values():
            if event.start is None or event.end is None or event.recurrence_id is None:
                continue
            if not window.holds(event.start, event.end) or self._known(event.recurrence_id) in self._excluded:
                continue
            if not self._outdated(event, budget):
                yield Occurrence(event, event.start, event.end, event.recurrence_id)

    def _regular(self, master: Event, window: Window, budget: Budget) -> Iterator[Occurrence]:
        low, high = self._reach(master, window)
        seen: set[object] = set()
        for clock, keys in self._starts(master, low, high, budget):
            if any(key in self.changed for key in keys) or keys[0] in seen:
                continue
            seen.add(keys[0])
            try:
                occurrence = self._instance(master, clock)
            except OverflowError:
                continue
            if window.holds(occurrence.start, occurrence.end):
                yield occurrence

    def _starts(
        self, master: Event, low: datetime, high: datetime, budget: Budget
    ) -> Iterator[tuple[datetime, tuple[Key, ...]]]:
        """The clock times of the pattern within [low, high] that no exception takes out, and what they are known by."""
        first = self._clock(master.start)
        barred: set[datetime] = set()
        for rule in master.excluded_rules:
            barred.update(clock_times(self._bound(rule), first, low, high, budget))
        for clock in self._all_starts(master, first, low, high, budget):
            if clock in barred or not budget.step():
                continue
            keys = self._keys(master, clock)
            if keys and not any(key in self._excluded for key in keys):
                yield clock, keys

    def _all_starts(
        self, master: Event, first: datetime, low: datetime, high: datetime, budget: Budget
    ) -> Iterator[datetime]:
        rules = [self._bound(rule) for rule in master.rules]
        ends = [rule.until for rule in rules]
        # The start belongs to the series (§3.8.5.3), unless everything ended before it.
        over = bool(ends) and all(isinstance(end, datetime) and end < first for end in ends)
        given = {self._clock(extra.start) for extra in master.extras} | (set() if over else {first})
        yield from sorted(clock for clock in given if low <= clock <= high)
        for rule in rules:
            for clock in clock_times(rule, first, low, high, budget):
                if clock not in given:
                    yield clock

    def _bound(self, rule: Rule) -> Rule:
        return replace(rule, until=on_clock(rule.until, self.zone)) if rule.until else rule

    def _reach(self, master: Event, window: Window) -> tuple[datetime, datetime]:
        """The clock times whose instances may touch the window."""
        low, high = window.clock(self.zone)
        lasting = [event for _, event in self._lasting_changes]
        moves = [self._move(event) for event in lasting]
        longest = max(_length(event) for event in (master, *lasting))
        for clock, end in self._own_ends.items():
            longest = max(longest, self._clock(end) - clock)
        low = _moved(low, -longest - max([timedelta(), *moves]))
        return low, _moved(high, -min([timedelta(), *moves]))

    def _instance(self, master: Event, clock: datetime) -> Occurrence:
        original = self._placed(master, clock)
        number = bisect_right(self._lasting_changes, clock, key=lambda pair: pair[0])
        event = self._lasting_changes[number - 1][1] if number else master
        start = original
        if event is not master:
            start = self._placed(event, clock + self._move(event), self.zone)
        end = self._own_ends.get(clock) if event is master else None
        return Occurrence(event, start, end if end is not None else _end(event, start), original)

    def _move(self, event: Event) -> timedelta:
        return self._clock(event.start) - self._clock(event.recurrence_id)

    def _placed(self, event: Event, clock: datetime, zone: tzinfo | None = None) -> When:
        if event.all_day:
            return clock.date()
        zone = self.zone or zone
        # By way of UTC, so that a time in a gap becomes one that exists: with the offset before the gap (§3.3.5).
        return clock.replace(tzinfo=zone).astimezone(UTC).astimezone(zone) if zone else clock

    def _keys(self, master: Event, clock: datetime) -> tuple[Key, ...]:
        try:
            when = self._placed(master, clock)
        except OverflowError:
            return ()
        if not isinstance(when, datetime):
            return ("day", when), ("clock", clock)
        known: tuple[Key, ...] = ("clock", clock), ("day", clock.date())
        return (_key(when), *known) if when.tzinfo else known

    def _known(self, when: When) -> Key:
        """What a RECURRENCE-ID or EXDATE names; in a series of days, whatever program wrote a time, its day."""
        if isinstance(when, datetime) and self.master is not None and self.master.all_day:
            return "day", when.date()
        return _key(when)

    def current(self) -> list[Event]:
        """The revisions that hold: the master and the changed instances."""
        return ([self.master] if self.master else []) + list(self.changed.values())

    def _clock(self, when: When | None) -> datetime:
        """The time on the clock of the series."""
        if when is None:
            return datetime.min  # noqa: DTZ901
        if not isinstance(when, datetime):
            return datetime.combine(when, time())
        if when.tzinfo is not None and self.zone is not None:
            try:
                return when.astimezone(self.zone).replace(tzinfo=None)
            except OverflowError:
                pass
        clock = when.replace(tzinfo=None)
        return datetime.combine(clock, time()) if self.master and self.master.all_day else clock

    def _outdated(self, event: Event, budget: Budget) -> bool:
        """A change older than the master, for a start that the master gave up, and with a pattern of its own: a remnant
        of an earlier series.
        """
        if self.master is None or not event.recurs or event.sequence >= self.master.sequence:
            return False
        clock = self._clock(event.recurrence_id)
        low, high = _moved(clock, -timedelta(days=1)), _moved(clock, timedelta(days=1))
        wanted = self._known(event.recurrence_id or clock)
        return not any(wanted in keys for _, keys in self._starts(self.master, low, high, budget))


def _newer(one: Event, other: Event) -> bool:
    """A later revision (RFC 5546 §2.1.5): the higher SEQUENCE, then the later DTSTAMP."""
    return (one.sequence, one.stamp or _UNKNOWN) > (other.sequence, other.stamp or _UNKNOWN)


def _goes_on(event: Event) -> bool:
    return event.this_and_future and event.start is not None and event.end is not None


def _key(when: When) -> Key:
    if not isinstance(when, datetime):
        return "day", when
    if when.tzinfo is None:
        return "clock", when
    try:
        return "instant", when.astimezone(UTC)
    except OverflowError:
        return "clock", when.replace(tzinfo=None)


def _end(event: Event, start: When) -> When:
    """The end of an instance: as many days or as long by the watch as the event itself (§3.8.5.3)."""
    if event.start is None or event.end is None:
        return start
    if event.nominal is not None:
        return plus(start, event.nominal)
    first, last = event.start, event.end
    if not isinstance(start, datetime) or start.tzinfo is None:
        return start + (last - first)
    if isinstance(first, datetime) and isinstance(last, datetime) and first.tzinfo is not None:
        span = last.astimezone(UTC) - first.astimezone(UTC)
        return (start.astimezone(UTC) + span).astimezone(last.tzinfo)
    return start + _length(event)


def _length(event: Event) -> timedelta:
    """The length by the clock, with some room for what a change of the clock adds."""
    start, end = (
        when if isinstance(when, datetime) else datetime.combine(when, time())
        for when in (event.start, event.end)
        if when is not None
    )
    span = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return max(span, timedelta())


def _moved(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return _EVER if span > timedelta() else datetime.min  # noqa: DTZ901

"""From clock times to instants: the open spans of a calendar, one local date at a time, in UTC.

An edge of a span is **the first instant at which the clocks of the zone show that time or later**. So a
span that begins in the hour that spring skips begins at the jump, a span within that hour is empty, and in
the hour that autumn repeats the first showing counts. Days of 23, 24, 25 hours and half-hour shifts come
out of this one rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from ..clock import parse_instant, zone
from ..errors import Invalid
from ..intervals import Interval, clip, merge, subtract
from ..phrases import Phrase as _
from .calendar import DAY, Calendar, Spans

ONE_DAY = timedelta(days=1)
# Sums walk day by day; nobody is promised anything for the next century, and a slip (year 0001) must not
# walk there.
HORIZON = timedelta(days=36_525)
_KEPT_DAYS = 4_000


class NeverOpen(Invalid):
    """The calendar does not open any more after the given instant."""

    default_code = "never_open"


class Days:
    """The dates of one calendar, expanded when asked for and then kept; shared by ``days_of``."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.zone = zone(calendar.tz)
        self.holidays = dict(calendar.holidays)
        self.special = dict(calendar.special_hours)
        self.breaks = dict(calendar.breaks)
        self._open: dict[date, tuple[Interval, ...]] = {}

    def local_date(self, instant: datetime) -> date:
        """The date whose midnights, as ``bounds`` gives them, enclose that instant (UTC)."""
        clock = instant.astimezone(self.zone)
        day = clock.date()
        # Clocks set back across midnight show the old date again; the new one has begun all the same.
        return day + ONE_DAY if clock.fold and self.instant(day + ONE_DAY) <= instant else day

    def instant(self, day: date, seconds: int = 0) -> datetime:
        """The first instant, in UTC, at which the clocks show ``seconds`` after midnight of ``day``, or
        later.
        """
        clock = datetime.combine(day, time()) + timedelta(seconds=seconds)
        here = clock.replace(tzinfo=self.zone)
        before, after = (here.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        if before >= after:
            return (clock - before).replace(tzinfo=UTC)
        return self._jump((clock - after).replace(tzinfo=UTC), (clock - before).replace(tzinfo=UTC))

    def bounds(self, day: date) -> Interval:
        """Midnight to midnight; empty for a date that the zone skipped."""
        return self.instant(day), self.instant(day + ONE_DAY)

    def spans(self, day: date) -> Spans:
        """What begins on ``day``, before breaks, in seconds of its clocks."""
        special = self.special.get(day)
        if special is not None:
            return special
        return () if day in self.holidays else self.calendar.hours[day.weekday()]

    def instants(self, day: date, spans: Spans) -> list[Interval]:
        """Clock spans of ``day`` as intervals in UTC, not merged."""
        return [(self.instant(day, start), self.instant(day, end)) for start, end in spans]

    def scheduled(self, day: date) -> list[Interval]:
        """What is open between the midnights of ``day``, before breaks: its own spans and the night before."""
        own, night = self.spans(day), [span for span in self.spans(day - ONE_DAY) if span[1] > DAY]
        found = merge(self.instants(day, own) + self.instants(day - ONE_DAY, tuple(night)))
        return clip(found, *self.bounds(day)) if night or any(end > DAY for _start, end in own) else found

    def pauses(self, day: date) -> list[Interval]:
        """The breaks that touch ``day``, as intervals in UTC."""
        return [span for at in (day - ONE_DAY, day) if at in self.breaks for span in self.instants(at, self.breaks[at])]

    def open_on(self, day: date) -> tuple[Interval, ...]:
        """The open intervals between the midnights of ``day``, in order, in UTC."""
        known = self._open.get(day)
        if known is None:
            taken = self.pauses(day) if self.breaks else []
            found = self.scheduled(day)
            known = tuple(subtract(found, taken) if taken else found)
            if len(self._open) >= _KEPT_DAYS:
                self._open.clear()
            self._open[day] = known
        return known

    def open_from(self, at: datetime) -> Iterator[Interval]:
        """Open intervals that end after ``at`` (UTC), the first cut to it, without end.

        Touching ones are not joined. Raises NeverOpen when no more come, Invalid beyond HORIZON.
        """
        day, last = self.local_date(at), self._last_day(at)
        while day <= last:
            for start, end in self.open_on(day):
                if end > at:
                    yield (start if start > at else at), end
            day += ONE_DAY
        if any(self.calendar.hours):
            raise too_far()
        raise NeverOpen(_("These opening hours never open after %(at)s.", at=at.isoformat()))

    def _last_day(self, at: datetime) -> date:
        # The dates of holidays and breaks end, so weekly hours always come back; without them only special
        # dates open.
        if any(self.calendar.hours):
            return self.local_date(at + HORIZON)
        return max((day for day, spans in self.special.items() if spans), default=date.min) + ONE_DAY

    def _jump(self, low: datetime, high: datetime) -> datetime:
        # The offset changes once in (low, high]; zones change at whole seconds.
        offset = high.astimezone(self.zone).utcoffset()
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            if middle.astimezone(self.zone).utcoffset() == offset:
                high = middle
            else:
                low = middle
        return high


@lru_cache(maxsize=256)
def days_of(calendar: Calendar) -> Days:
    """The shared expansion of a calendar; equal calendars share one."""
    return Days(calendar)


def to_utc(instant: datetime) -> datetime:
    """An aware instant in UTC. Raises Invalid for naive ones and outside of the years that zones can shift."""
    utc = instant if instant.tzinfo is UTC else parse_instant(instant)
    if not 2 <= utc.year <= 9_800:
        raise too_far()
    return utc


def too_far() -> Invalid:
    """The error for times that no sum should walk to."""
    return Invalid(_("This is more than a century away."), code="too_far")

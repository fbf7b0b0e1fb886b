"""Busy times out of another calendar: what is read of it, how far ahead, and what is refused."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.kernel.ical.expand import busy
from parvis.kernel.ical.model import Limits
from parvis.kernel.ical.read import events_of
from parvis.kernel.intervals import Interval

MOST_BYTES = 2 * 1024 * 1024
MOST_SPANS = 5_000
BEHIND, AHEAD = dt.timedelta(days=30), dt.timedelta(days=396)  # shown in the calendar; kept free from bookings
LIMITS = Limits(occurrences=30_000, steps=400_000, seconds=3.0)

EVERY, JITTER = dt.timedelta(minutes=15), dt.timedelta(minutes=3)
LONGEST_PAUSE = dt.timedelta(hours=6)
FILE_EVERY = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Busy:
    """What a calendar says: merged spans in UTC; a zone it names that nobody knows; and how much was unreadable."""

    spans: tuple[Interval, ...]
    unknown_zone: str = ""
    unread: int = 0


def calendar_checked(source: bytes) -> bytes:
    """The bytes, if they are a whole calendar of bearable length. Raises Invalid in words."""
    if len(source) > MOST_BYTES:
        raise Invalid(_("This calendar is too long: at most 2 MB are read."), code="too_long")
    known = source[:4096].replace(b"\x00", b"").upper()
    if b"BEGIN:VCALENDAR" not in known:
        raise Invalid(
            _("This is no calendar. It takes the address for subscribing, or a file that ends with .ics."),
            code="no_calendar",
        )
    if b"END:VCALENDAR" not in source[-4096:].replace(b"\x00", b"").upper():
        raise Invalid(_("This calendar breaks off in the middle."), code="cut_off")
    return source


def busy_of(text: str, *, tz: str, now: dt.datetime) -> Busy:
    """The busy times of a calendar from a month ago until thirteen months ahead.

    tz:  IANA zone in which whole days and times without a zone are taken.
    Raises Invalid when it costs more than a calendar may: half of somebody's busy times would be worse than old ones.
    """
    place = zone(tz)
    today = dt.datetime.combine(now.astimezone(place).date(), dt.time(), tzinfo=place)
    calendar = events_of(text)
    spans, cut = busy(calendar, today - BEHIND, today + AHEAD, zone=place, limits=LIMITS)
    found = tuple((a, b) for a, b in spans if a < b)
    codes = [p.code for p in calendar.problems]
    if cut or len(found) > MOST_SPANS or "too_many" in codes or "cut_short" in codes:
        raise Invalid(_("This calendar holds more events than can be taken over."), code="too_many")
    unknown = next((p.detail for p in calendar.problems if p.code == "unknown_zone"), "")
    return Busy(found, unknown, sum(code not in ("unknown_zone", "encoding") for code in codes))


def next_due(now: dt.datetime, *, failures: int, by_file: bool, chance: float) -> dt.datetime:
    """When to ask again; `chance` from [0, 1) spreads calendars, so that one server is not asked for all at once."""
    if by_file:
        return now + FILE_EVERY
    pause = min(EVERY * 2 ** min(failures, 8), LONGEST_PAUSE)
    return now + pause + JITTER * chance

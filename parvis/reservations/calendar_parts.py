"""What a calendar is drawn of, as plain values: columns, blocks, shades. Positions are classes of calendar.css.

The policy on content forbids styles in tags; `h9 m30 d1 n15` places something at 9:30 for an hour and a quarter.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parvis.reservations.domain.lanes import lanes
from parvis.reservations.domain.rules import Unit
from parvis.reservations.models import Booking, BookingState, Session
from parvis.toolkit.bilingual import in_language

DAY_MINUTES = 24 * 60
MOST_LANES = 8
# Lower than this, a block could not be read or hit.
SHORTEST = 20
ICONS = {
    "held": "clock-pause",
    "confirmed": "calendar-check",
    "late": "hourglass",
    "arrived": "door-enter",
    "done": "circle-check",
    "no_show": "user-off",
    "cancelled": "calendar-off",
    "expired": "clock-off",
}
LATE = gettext_lazy("Late")
STATES: dict[str, Any] = {**dict(BookingState.choices), "late": LATE}


@dataclass(frozen=True)
class Stretch:
    """Part of a day in minutes after midnight on the clocks of the house."""

    begin: int
    end: int

    @property
    def css(self) -> str:
        """Its place, as classes."""
        length = max(self.end - self.begin, 0)
        return f"h{self.begin // 60} m{self.begin % 60} d{length // 60} n{length % 60}"

    def within(self, begin: int, end: int) -> "Stretch":
        """What of it lies between two minutes; nothing of it is a minute at the nearer end."""
        low = min(max(self.begin, begin), end)
        return Stretch(low, max(min(self.end, end), low))


def stretch_of(begin: dt.datetime, end: dt.datetime, day: dt.date, place: dt.tzinfo) -> Stretch:
    """The part of a local day that an interval covers; the interval must touch the day."""
    first, last = begin.astimezone(place), end.astimezone(place)
    start = 0 if first.date() < day else first.hour * 60 + first.minute
    stop = DAY_MINUTES if last.date() > day else last.hour * 60 + last.minute
    return Stretch(start, max(stop, start))


@dataclass(frozen=True)
class Shade:
    """A time at which a column cannot be booked, and why: "closed" or "away". `hours`: as a list tells it."""

    at: Stretch
    kind: str
    text: str
    hours: str = ""


@dataclass(frozen=True)
class Block:
    """A visit (or a session with its seats) as one column shows it."""

    key: str
    reference: str
    session_id: int | None
    name: str
    what: str
    start: dt.datetime
    end: dt.datetime
    at: Stretch
    state: str
    party: int = 1
    marks: tuple[str, ...] = ()
    note: str = ""
    seats: str = ""
    all_day: str = ""
    movable: bool = False
    again: bool = False
    step: int = 15
    lane: tuple[int, int] = (0, 1)

    @property
    def icon(self) -> str:
        return "school" if self.session_id else ICONS[self.state]

    @property
    def state_label(self) -> str:
        return "" if self.session_id else str(STATES[self.state])

    @property
    def css(self) -> str:
        """Its place, as classes; more than eight side by side share the last lane."""
        width = min(self.lane[1], MOST_LANES)
        return f"{self.at.css} ln{min(self.lane[0], width - 1)} of{width}"

    @property
    def size(self) -> str:
        """How much there is room for: "s" one line, "m" two, "l" more."""
        length = self.at.end - self.at.begin
        return "s" if length < 35 else "m" if length < 55 else "l"


@dataclass
class Column:
    """A resource on a day."""

    key: str
    title: str
    sub: str
    icon: str
    day: dt.date
    resource_id: int | None
    is_today: bool = False
    away: str = ""
    shades: list[Shade] = field(default_factory=list)
    soft: list[Stretch] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    all_day: list[Block] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        """Whether a list of the day has nothing to tell of it."""
        return not self.own and not any(shade.kind == "away" for shade in self.shades)

    @property
    def own(self) -> int:
        """Visits that no column before this one shows."""
        return sum(not b.again for b in [*self.blocks, *self.all_day])

    def arrange(self) -> None:
        """Put blocks that overlap side by side."""
        self.blocks.sort(key=lambda b: (b.start, b.key))
        spans = [(b.at.begin, max(b.at.end, b.at.begin + SHORTEST)) for b in self.blocks]
        self.blocks = [replace(b, lane=lane) for b, lane in zip(self.blocks, lanes(spans), strict=True)]


def state_of(booking: Booking, now: dt.datetime) -> str:
    """How a booking stands, "late" for one that should be here by now."""
    grace = dt.timedelta(minutes=booking.offering.grace_minutes)
    if booking.state == BookingState.CONFIRMED and booking.starts_at + grace < now:
        return "late"
    return str(booking.state)


def block_of(booking: Booking, key: str, day: dt.date, place: dt.tzinfo, now: dt.datetime, *, again: bool) -> Block:
    """A booking in one column on one day."""
    customer, row = booking.customer, booking.offering
    start, end = booking.starts_at.astimezone(place), booking.ends_at.astimezone(place)
    is_night = row.unit == Unit.NIGHT
    return Block(
        key=key,
        reference=booking.reference,
        session_id=None,
        name=str(customer) if customer else _("Somebody decides"),
        what=in_language(row.name),
        start=start,
        end=end,
        at=stretch_of(booking.starts_at, booking.ends_at, day, place),
        state=state_of(booking, now),
        party=booking.party,
        marks=_marks(customer),
        note=booking.note,
        all_day=_stay(start, end, day) if is_night or start.date() != end.date() else "",
        movable=booking.state in ("held", "confirmed") and row.unit == Unit.SLOT and start.date() == end.date(),
        again=again,
        step=row.step_minutes if row.step_minutes % 5 == 0 else 5,
    )


def _marks(customer: Any) -> tuple[str, ...]:
    if customer is None:
        return ()
    return (
        *(("regular",) if customer.is_regular else ("new",) if customer.is_newcomer else ()),
        *(("matters",) if customer.matters else ()),
    )


def _stay(start: dt.datetime, end: dt.datetime, day: dt.date) -> str:
    if start.date() == day:
        return _("from %(time)s") % {"time": f"{start:%H:%M}"}
    if end.date() == day:
        return _("back at %(time)s") % {"time": f"{end:%H:%M}"}
    return _("all day")


def session_block(session: Session, key: str, day: dt.date, place: dt.tzinfo, sold: int) -> Block:
    """A planned date with its seats."""
    seats = _("%(sold)s of %(all)s seats") % {"sold": sold, "all": session.resource.capacity}
    return Block(
        key=key,
        reference="",
        session_id=session.pk,
        name=in_language(session.offering.name),
        what=session.note,
        start=session.starts_at.astimezone(place),
        end=session.ends_at.astimezone(place),
        at=stretch_of(session.starts_at, session.ends_at, day, place),
        state="confirmed",
        seats=seats,
    )


@dataclass(frozen=True)
class Board:
    """Columns side by side over the hours that are worth showing."""

    columns: Sequence[Column]
    first_hour: int
    last_hour: int
    now: Stretch | None

    @property
    def hours(self) -> list[tuple[int, str]]:
        """The hours of the scale, each with its place."""
        return [(h, Stretch(h * 60, h * 60 + 60).css) for h in range(self.first_hour, self.last_hour)]

    @property
    def has_all_day(self) -> bool:
        return any(c.all_day for c in self.columns)

    @property
    def is_closed(self) -> bool:
        """Whether nothing of it is ever open."""
        all_of_it = (self.first_hour * 60, self.last_hour * 60)
        closed = ({(s.at.begin, s.at.end) for s in c.shades if s.kind == "closed"} for c in self.columns)
        return all(all_of_it in spans for spans in closed)

    @property
    def count(self) -> int:
        """How many visits are shown."""
        return sum(c.own for c in self.columns)

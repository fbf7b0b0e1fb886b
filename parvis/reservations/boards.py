"""The calendar of a site: a day with a column for each resource, a week of one of them, a month in numbers.

A board costs four statements, whatever it shows: bookings, sessions, what sessions take, absences.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.opening import reason_of
from parvis.kernel.business_hours import Reason, explain
from parvis.kernel.clock import zone
from parvis.reservations.calendar_parts import (
    DAY_MINUTES,
    Block,
    Board,
    Column,
    Shade,
    Stretch,
    block_of,
    session_block,
    stretch_of,
)
from parvis.reservations.domain.rules import Unit
from parvis.reservations.domain.slots import day_bounds
from parvis.reservations.models import Absence, Booking, Claim, Resource, Session
from parvis.reservations.selectors import bookings_between
from parvis.reservations.supply import calendar_of_resource, supply
from parvis.staff.domain.viewer import Viewer

KIND_ICONS = {"person": "user", "room": "door", "table": "users", "machine": "tool", "pool": "package"}
USUAL_HOURS = (8, 18)
MOST_BOOKINGS = 1000
ONE_DAY = dt.timedelta(days=1)


def resources_of(site_id: int) -> list[Resource]:
    """What can be booked at a site, in its order."""
    found = [r for r in supply().resources.values() if r.site_id == site_id]
    return sorted(found, key=lambda r: (r.position, r.pk))


@dataclass(frozen=True)
class Frame:
    """The place and days at which somebody looks."""

    viewer: Viewer
    site: Any
    first: dt.date
    last: dt.date
    now: dt.datetime

    @property
    def place(self) -> dt.tzinfo:
        return zone(self.site.timezone)

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        return day_bounds(self.first, self.last, self.site.timezone)

    @property
    def days(self) -> list[dt.date]:
        return [self.first + ONE_DAY * n for n in range((self.last - self.first).days + 1)]

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.place).date()


@dataclass(frozen=True)
class Found:
    """What is on between the frame's days."""

    bookings: Sequence[Booking]
    sessions: Sequence[Session]
    rooms: dict[int, list[int]]
    absences: dict[int, list[Absence]]

    def sold(self, session_id: int) -> int:
        """Seats taken in a session."""
        taking = ("held", "confirmed", "arrived", "done", "no_show")
        return sum(b.party for b in self.bookings if b.session_id == session_id and b.state in taking)


def day_board(viewer: Viewer, site: Any, day: dt.date, *, now: dt.datetime) -> Board:
    """A day: a column for each resource, and one for what stands on none of them, if there is any."""
    frame = Frame(viewer, site, day, day, now)
    found, resources = _found(frame, resources_of(site.pk)), resources_of(site.pk)
    columns = [_column(frame, r, day, found) for r in resources]
    other = Column("other", _("Without a resource"), "", "point", day, None)
    seen: set[str] = set()
    known = {r.pk: c for r, c in zip(resources, columns, strict=True)}
    for booking in found.bookings:
        if booking.session_id is None:
            _place(frame, booking, [known[pk] for pk in booking.placed if pk in known] or [other], seen)
    for session in found.sessions:
        rooms = [known[pk] for pk in found.rooms.get(session.pk, []) if pk in known]
        _place_session(frame, session, found.sold(session.pk), rooms or [other])
    if other.blocks or other.all_day:
        columns.append(other)
    return _board(frame, columns)


def week_board(viewer: Viewer, site: Any, day: dt.date, resource: Resource | None, *, now: dt.datetime) -> Board:
    """The week around a day: a column a day, of one resource or (None) of the whole site."""
    monday = day - ONE_DAY * day.weekday()
    frame = Frame(viewer, site, monday, monday + ONE_DAY * 6, now)
    found = _found(frame, [resource] if resource else [])
    columns = [_day_column(frame, resource, d, found) for d in frame.days]
    seen: set[str] = set()
    for booking in found.bookings:
        if booking.session_id is None and (resource is None or resource.pk in booking.placed):
            _place(frame, booking, columns, seen)
    for session in found.sessions:
        if resource is None or resource.pk in found.rooms.get(session.pk, []):
            _place_session(frame, session, found.sold(session.pk), columns)
    return _board(frame, columns)


def _found(frame: Frame, resources: Sequence[Resource]) -> Found:
    begin, end = frame.bounds
    bookings = bookings_between(frame.viewer, begin, end, site_id=frame.site.pk)
    live = [
        b for b in bookings[:MOST_BOOKINGS] if not (b.state == "held" and b.held_until and b.held_until <= frame.now)
    ]
    sessions = list(sessions_between_days(frame.site.pk, begin, end))
    rooms: dict[int, list[int]] = defaultdict(list)
    taken = Claim.objects.filter(session_id__in=[s.pk for s in sessions]) if sessions else Claim.objects.none()
    for session_id, resource_id in taken.values_list("session_id", "resource_id"):
        rooms[session_id].append(resource_id)
    away: dict[int, list[Absence]] = defaultdict(list)
    ids = [r.pk for r in resources]
    for absence in Absence.objects.filter(resource_id__in=ids, ends_at__gt=begin, starts_at__lt=end):
        away[absence.resource_id].append(absence)
    return Found(live, sessions, rooms, away)


def sessions_between_days(site_id: int, begin: dt.datetime, end: dt.datetime) -> QuerySet[Session]:
    """Planned dates of a site that touch [begin, end), cancelled ones left out."""
    found = Session.objects.filter(offering__site_id=site_id, starts_at__lt=end, ends_at__gt=begin, cancelled_at=None)
    return found.select_related("offering", "resource")


def _column(frame: Frame, resource: Resource, day: dt.date, found: Found) -> Column:
    sub = _("%(n)s at once") % {"n": resource.capacity} if resource.capacity > 1 else ""
    icon = KIND_ICONS.get(resource.kind, "point")
    column = Column(f"r{resource.pk}", resource.name, sub, icon, day, resource.pk, is_today=day == frame.today)
    column.shades = [*_closed(frame, resource, day), *_away(frame, found.absences.get(resource.pk, ()), day)]
    return column


def _day_column(frame: Frame, resource: Resource | None, day: dt.date, found: Found) -> Column:
    title = date_format(day, pgettext("a column of the week", "D j"))
    special = reason_of(frame.site, day)
    pk = resource.pk if resource else None
    column = Column(f"d{day:%Y%m%d}", title, special, "", day, pk, is_today=day == frame.today)
    absences = found.absences.get(pk, ()) if pk else ()
    column.shades = [*_closed(frame, resource, day), *_away(frame, absences, day)]
    return column


def _closed(frame: Frame, resource: Resource | None, day: dt.date) -> Iterable[Shade]:
    """When a resource (None: the site) is closed, with the reason where it is not just the week's."""
    like = resource or Resource(site_id=frame.site.pk)
    calendar = calendar_of_resource(like, day, day)
    if calendar is None:
        return
    begin, end = day_bounds(day, day, frame.site.timezone)
    special = reason_of(frame.site, day)
    for span in explain(calendar, begin, end):
        if not span.counted:
            text = special if span.reason in (Reason.HOLIDAY, Reason.SPECIAL) and special else ""
            text = text or span.name or pgettext("a time in the calendar", "Closed")
            yield Shade(stretch_of(span.start, span.end, day, frame.place), "closed", text)


def _away(frame: Frame, absences: Iterable[Absence], day: dt.date) -> Iterable[Shade]:
    begin, end = day_bounds(day, day, frame.site.timezone)
    for absence in absences:
        if absence.starts_at < end and absence.ends_at > begin:
            text = _("Away: %(reason)s") % {"reason": absence.reason} if absence.reason else _("Away")
            if absence.source:
                text = _("Busy (from %(calendar)s)") % {"calendar": absence.reason}
            first, last = (
                t.astimezone(frame.place) for t in (max(absence.starts_at, begin), min(absence.ends_at, end))
            )
            whole = (first, last) == (begin, end)
            hours = "" if whole else f"{first:%H:%M} – {last:%H:%M}"
            yield Shade(stretch_of(absence.starts_at, absence.ends_at, day, frame.place), "away", text, hours)


def _place(frame: Frame, booking: Booking, columns: Iterable[Column], seen: set[str]) -> None:
    """Draw a booking in the columns it touches; all but the first are marked as seen already."""
    for column in columns:
        begin, end = day_bounds(column.day, column.day, frame.site.timezone)
        if not (booking.starts_at < end and booking.ends_at > begin):
            continue
        again = booking.reference in seen
        key = f"{booking.reference}-{column.key}"
        block = block_of(booking, key, column.day, frame.place, frame.now, again=again)
        (column.all_day if block.all_day else column.blocks).append(block)
        column.soft += _kept_free(booking, block, column)
        seen.add(booking.reference)


def _kept_free(booking: Booking, block: Block, column: Column) -> Iterable[Stretch]:
    """The minutes kept free around a visit: before it, with setting up, and after it."""
    offer = supply().offers.get(booking.offering_id)
    if (
        block.all_day
        or offer is None
        or offer.row.unit != Unit.SLOT
        or booking.state not in ("held", "confirmed", "arrived")
    ):
        return
    mine = next((n.buffers for n in offer.needs if column.resource_id in n.resource_ids), None)
    if mine is None:
        return
    if before := mine.before + mine.setup:
        yield Stretch(max(block.at.begin - before, 0), block.at.begin)
    if mine.after:
        yield Stretch(block.at.end, min(block.at.end + mine.after, DAY_MINUTES))


def _place_session(frame: Frame, session: Session, sold: int, columns: Iterable[Column]) -> None:
    for column in columns:
        begin, end = day_bounds(column.day, column.day, frame.site.timezone)
        if session.starts_at < end and session.ends_at > begin:
            key = f"s{session.pk}-{column.key}"
            column.blocks.append(session_block(session, key, column.day, frame.place, sold))


def _board(frame: Frame, columns: Sequence[Column]) -> Board:
    for column in columns:
        column.arrange()
    first, last = _hours(columns)
    for column in columns:
        column.shades = [replace(s, at=s.at.within(first * 60, last * 60)) for s in column.shades]
    local = frame.now.astimezone(frame.place)
    minute = local.hour * 60 + local.minute
    shown = frame.first <= local.date() <= frame.last and first * 60 <= minute < last * 60
    return Board(columns, first, last, Stretch(minute, minute + 1) if shown else None)


def _hours(columns: Iterable[Column]) -> tuple[int, int]:
    """From the first hour at which anything is open or booked to the last, with an hour around."""
    begins, ends = [], []
    for column in columns:
        closed = sorted((s.at for s in column.shades if s.kind == "closed"), key=lambda s: s.begin)
        if not any(s.begin == 0 and s.end == DAY_MINUTES for s in closed):
            begins.append(closed[0].end if closed and closed[0].begin == 0 else 0)
            ends.append(closed[-1].begin if closed and closed[-1].end == DAY_MINUTES else DAY_MINUTES)
        begins += [b.at.begin for b in column.blocks]
        ends += [b.at.end for b in column.blocks]
    if not begins:
        return USUAL_HOURS
    return max((min(begins) - 30) // 60, 0), min(-(-(max(ends) + 30) // 60), 24)

"""The second step: the days and times to choose from, as the template draws them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.opening import day_words
from parvis.desk.portal.booking.asking import Ask, value_of
from parvis.desk.portal.booking.words import WHY, clock_told, headed, same_clocks, seats_words, zone_words
from parvis.kernel.clock import zone
from parvis.reservations.availability import MOST_DAYS, Slot
from parvis.reservations.choosing import Day, Why, days_offered, first_offered, is_stay
from parvis.reservations.domain.rules import Unit, window
from parvis.reservations.supply import Offer

WEEK = 7
# From which hour on, on the clocks shown, a part of the day begins.
NOON, EVENING = 12, 18
FEW = 5


@dataclass(frozen=True)
class Cell:
    """A day of the strip or the calendar. `url`: "" where there is nothing to look at."""

    day: dt.date
    name: str
    title: str
    url: str
    free: bool
    current: bool
    outside: bool = False
    taken: bool = False


@dataclass(frozen=True)
class Time:
    """A start as a button: what it sends and says; `beside`: the same on other clocks; `full`: told, not sold."""

    value: str
    text: str
    title: str
    beside: str = ""
    seats: str = ""
    few: bool = False
    full: bool = False


@dataclass(frozen=True)
class Group:
    """Times under a heading: a part of the day, a month."""

    name: str
    icon: str
    times: list[Time]


@dataclass
class Chooser:
    """Everything the second step shows. `kind`: slot | night | session."""

    kind: str
    heading: str = ""
    days: list[Cell] = field(default_factory=list)
    before: str = ""
    after: str = ""
    chosen: str = ""
    groups: list[Group] = field(default_factory=list)
    why: str = ""
    next_url: str = ""
    next_text: str = ""
    clocks: str = ""
    clocks_other: str = ""
    clocks_url: str = ""
    names: list[str] = field(default_factory=list)


def chooser_of(
    offer: Offer, ask: Ask, *, now: dt.datetime, but_booking: int | None = None, but_start: dt.datetime | None = None
) -> Chooser:
    """What can be chosen, for what is asked. `but_booking`: the booking that is to be moved, from `but_start`."""
    look = _Look(offer, ask, now, but_booking, but_start)
    if offer.row.unit == Unit.SESSION:
        return _sessions(look)
    return _months(look) if is_stay(offer) else _weeks(look)


class _Look:
    """What is asked, with the days that can be looked at."""

    def __init__(
        self, offer: Offer, ask: Ask, now: dt.datetime, but_booking: int | None, but_start: dt.datetime | None
    ) -> None:
        self.offer, self.ask, self.now, self.but_booking, self.but_start = offer, ask, now, but_booking, but_start
        self.tz = ask.clocks(offer)
        self.today = now.astimezone(zone(self.tz)).date()
        self.last = max(self.today, window(offer.terms, now)[1].astimezone(zone(self.tz)).date())

    def days(self, first: dt.date, last: dt.date) -> list[Day]:
        return days_offered(
            self.offer, first, max(first, last), self.ask.asked(but_booking=self.but_booking),
            now=self.now, tz=self.tz, moving=self.but_booking is not None,
        )  # fmt: skip

    def first_shown(self) -> dt.date | None:
        return min(max(self.ask.first, self.today), self.last) if self.ask.first else None

    def next_after(self, last: dt.date) -> Day | None:
        if last >= self.last:
            return None
        return first_offered(self.days(last + dt.timedelta(days=1), last + dt.timedelta(days=MOST_DAYS)))

    def clocks_told(self, found: Chooser, at: dt.datetime) -> None:
        """Whose clocks these are, and the way to the others where they differ."""
        found.clocks = zone_words(self.tz)
        other = self.offer.tz
        if self.tz != other and not same_clocks(self.tz, other, at):
            found.clocks_other = zone_words(other)
            found.clocks_url = self.ask.query(tz=other)


# A week of times ---------------------------------------------------------------------------------------------------
def _weeks(look: _Look) -> Chooser:
    first = look.first_shown()
    if first is None:
        ahead = look.days(look.today, look.today + dt.timedelta(days=MOST_DAYS))
        soonest = first_offered(ahead)
        first = look.today + dt.timedelta(days=(soonest.day - look.today).days // WEEK * WEEK if soonest else 0)
        days = [d for d in ahead if first <= d.day < first + dt.timedelta(days=WEEK)]
    else:
        days = look.days(first, first + dt.timedelta(days=WEEK - 1))
    found = Chooser("slot", heading=_span_heading(days[0].day, days[-1].day))
    chosen = _chosen(days, look.ask.day)
    found.days = [_cell(d, look, chosen, first) for d in days]
    found.before = look.ask.query(first=max(look.today, first - dt.timedelta(days=WEEK)), day=None)
    found.before = found.before if first > look.today else ""
    after = first + dt.timedelta(days=WEEK)
    found.after = look.ask.query(first=after, day=None) if after <= look.last else ""
    found.chosen = headed(day_words(chosen.day))
    found.groups = _parts(chosen.slots, look)
    _nothing(found, chosen, days, look)
    look.clocks_told(found, chosen.slots[0].start if chosen.slots else look.now)
    return found


def _nothing(found: Chooser, chosen: Day, days: Sequence[Day], look: _Look) -> None:
    """Why a day offers nothing, and where the next free time is."""
    if chosen.slots or chosen.why is None:
        return
    found.why = str(WHY[chosen.why])
    later = next((d for d in days if d.day > chosen.day and d.slots), None) or look.next_after(days[-1].day)
    if later is not None:
        same = any(d.day == later.day for d in days)
        first = look.ask.first if same else later.day
        found.next_url = look.ask.query(first=first, day=later.day)
        found.next_text = _next_words(later, look)


def _next_words(day: Day, look: _Look) -> str:
    if is_stay(look.offer):
        return _("The next free day is %(day)s") % {"day": day_words(day.day)}
    time = clock_told(day.slots[0].start.astimezone(zone(look.tz)))
    return _("The next free time is %(day)s at %(time)s") % {"day": day_words(day.day), "time": time}


def _chosen(days: Sequence[Day], wish: dt.date | None) -> Day:
    asked = next((d for d in days if d.day == wish), None)
    return asked or first_offered(days) or days[0]


def _cell(day: Day, look: _Look, chosen: Day | None, first: dt.date, outside: bool = False) -> Cell:
    told = day_words(day.day)
    title = told if day.slots else f"{told}: {WHY[day.why]}" if day.why else told
    return Cell(
        day.day,
        date_format(day.day, "D"),
        title,
        look.ask.query(first=first, day=day.day) if day.slots else "",
        bool(day.slots),
        chosen is not None and day.day == chosen.day,
        outside,
        day.why in (Why.TAKEN, Why.LIMIT, Why.WAITING),
    )


def _parts(slots: Iterable[Slot], look: _Look) -> list[Group]:
    """Morning, afternoon, evening."""
    names = [
        (pgettext("part of the day", "Morning"), "sun-high"),
        (pgettext("part of the day", "Afternoon"), "sun"),
        (pgettext("part of the day", "Evening"), "moon"),
    ]
    times: list[list[Time]] = [[], [], []]
    twice = _twice(slots, look.tz)
    for slot in slots:
        if slot.start == look.but_start:
            continue
        local = slot.start.astimezone(zone(look.tz))
        part = 0 if local.hour < NOON else 1 if local.hour < EVENING else 2
        times[part].append(_time(slot, look, twice))
    return [Group(name, icon, found) for (name, icon), found in zip(names, times, strict=True) if found]


def _twice(slots: Iterable[Slot], tz: str) -> set[str]:
    """The clock times that come twice, on the day the clocks go back."""
    told = [clock_told(s.start.astimezone(zone(tz))) for s in slots]
    return {t for t in told if told.count(t) > 1}


def _time(slot: Slot, look: _Look, twice: set[str]) -> Time:
    local = slot.start.astimezone(zone(look.tz))
    text = clock_told(local)
    beside = local.strftime("%Z") if text in twice else ""
    if not same_clocks(look.tz, look.offer.tz, slot.start):
        there = slot.start.astimezone(zone(look.offer.tz))
        beside = _("%(time)s in %(place)s") % {"time": clock_told(there), "place": zone_words(look.offer.tz)}
    seats = look.offer.row.seats
    left = seats - slot.seats_taken if seats > 1 and slot.seats_taken else 0
    return Time(
        value_of(slot.start, slot.session_id),
        text,
        f"{day_words(local.date())}, {text}",
        beside,
        seats_words(left) if left else "",
        0 < left <= FEW,
    )


# A month of arrivals -----------------------------------------------------------------------------------------------
def _months(look: _Look) -> Chooser:
    first = look.first_shown()
    if first is None:
        soonest = look.next_after(look.today - dt.timedelta(days=1))
        first = soonest.day if soonest else look.today
    month = first.replace(day=1)
    begin = month - dt.timedelta(days=month.weekday())
    after = (month + dt.timedelta(days=32)).replace(day=1)
    end = after + dt.timedelta(days=(7 - after.weekday()) % 7 - 1)
    known = {d.day: d for d in look.days(max(begin, look.today), end)}
    days = [
        known.get(begin + dt.timedelta(days=n)) or begin + dt.timedelta(days=n) for n in range((end - begin).days + 1)
    ]
    within = [d for d in known.values() if month <= d.day < after]
    chosen = _chosen(within, look.ask.day) if within else None
    found = Chooser("night", heading=headed(date_format(month, "F Y")))
    inside = lambda day: month <= day < after  # noqa: E731
    found.days = [
        _cell(d, look, chosen, month, outside=not inside(d.day)) if isinstance(d, Day) else _gone(d, not inside(d))
        for d in days
    ]
    found.names = [date_format(begin + dt.timedelta(days=n), "D") for n in range(WEEK)]
    found.before = look.ask.query(first=_month_before(month), day=None) if month > look.today else ""
    found.after = look.ask.query(first=after, day=None) if after <= look.last else ""
    if chosen is not None:
        _stay(found, chosen, look)
        _nothing(found, chosen, within, look)
    found.clocks = zone_words(look.tz)
    return found


def _month_before(month: dt.date) -> dt.date:
    return (month - dt.timedelta(days=1)).replace(day=1)


def _gone(day: dt.date, outside: bool) -> Cell:
    return Cell(day, date_format(day, "D"), day_words(day), "", False, False, outside)


def _stay(found: Chooser, chosen: Day, look: _Look) -> None:
    for slot in chosen.slots[:1]:
        begin, end = (at.astimezone(zone(look.tz)) for at in (slot.start, slot.end))
        told = {"day": day_words(begin.date()), "time": clock_told(begin)}
        leave = {"day": day_words(end.date()), "time": clock_told(end)}
        found.chosen = _("From %(day)s, %(time)s") % told
        until = _("until %(day)s, %(time)s") % leave
        found.groups = [Group("", "", [Time(value_of(slot.start, None), found.chosen, until)])]


# Dates of sessions -------------------------------------------------------------------------------------------------
def _sessions(look: _Look) -> Chooser:
    first = look.first_shown() or look.today
    days = look.days(first, first + dt.timedelta(days=MOST_DAYS))
    found = Chooser("session")
    months: dict[str, list[Time]] = {}
    for day in days:
        for slot in sorted([*day.slots, *day.full], key=lambda s: s.start):
            if slot.start == look.but_start:
                continue
            name = headed(date_format(day.day, "F Y"))
            months.setdefault(name, []).append(_date(slot, look, full=slot in day.full))
    found.groups = [Group(name, "", times) for name, times in months.items()]
    after = first + dt.timedelta(days=MOST_DAYS + 1)
    found.before = look.ask.query(first=None, day=None) if first > look.today else ""
    found.after = look.ask.query(first=after) if after <= look.last else ""
    if not any(d.slots for d in days):
        found.why = _("Every date is full.") if months else _("No dates are planned at the moment.")
    starts = [s.start for d in days for s in (*d.slots, *d.full)]
    look.clocks_told(found, starts[0] if starts else look.now)
    return found


def _date(slot: Slot, look: _Look, *, full: bool) -> Time:
    begin, end = (at.astimezone(zone(look.tz)) for at in (slot.start, slot.end))
    left = slot.places * look.ask.party
    beside = ""
    if not same_clocks(look.tz, look.offer.tz, slot.start):
        there = slot.start.astimezone(zone(look.offer.tz))
        beside = _("%(time)s in %(place)s") % {"time": clock_told(there), "place": zone_words(look.offer.tz)}
    return Time(
        value_of(slot.start, slot.session_id),
        headed(day_words(begin.date())),
        f"{clock_told(begin)} – {clock_told(end)}",
        beside,
        _("Full") if full else seats_words(left) if look.ask.party == 1 else _("Room for you"),
        not full and left <= FEW,
        full,
    )


def _span_heading(first: dt.date, last: dt.date) -> str:
    """ "23–29 November", "30 November – 6 December"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {date_format(last, 'F')}"
    form = pgettext("day and month", "j F")
    return f"{date_format(first, form)} – {date_format(last, form)}"

"""The days on which clocks change, in four zones, both ways: starts, buffers, stays, dates and reminders.

Paris and New York change by an hour, Lord Howe by half of one, Casablanca for the month of Ramadan.
"""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from parvis.catalog.models import Business, Touchpoint
from parvis.channels.models import OutMail
from parvis.desk.handlers import booking_follow
from parvis.desk.services.bookings import bookings_remind
from parvis.ledger.models import Entry
from parvis.reservations.availability import Asked, Slot, free_only, slots_between
from parvis.reservations.errors import Taken
from parvis.reservations.services.setting_up import session_plan
from parvis.reservations.supply import Offer
from tests.booking import ANNA, HOUSE, House, book, hold

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
# zone, day, hours that day has, and the clock just before the change
CHANGES = [
    ("Europe/Paris", "2031-03-30", 23, "01:30"),
    ("Europe/Paris", "2031-10-26", 25, "01:30"),
    ("America/New_York", "2031-03-09", 23, "01:30"),
    ("America/New_York", "2031-11-02", 25, "00:30"),
    ("Africa/Casablanca", "2026-02-15", 25, "01:30"),
    ("Africa/Casablanca", "2026-03-22", 23, "01:30"),
    ("Australia/Lord_Howe", "2031-04-06", 24.5, "01:00"),
    ("Australia/Lord_Howe", "2031-10-05", 23.5, "01:30"),
]
everywhere = pytest.mark.parametrize(("tz", "day", "hours", "before"), CHANGES)


def local(tz: str, day: str, clock: str, days: int = 0) -> dt.datetime:
    """A time by the clocks of the house, the first where it comes twice."""
    moment = dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), tzinfo=ZoneInfo(tz))
    return (moment + days * DAY).astimezone(dt.UTC)


def week_before(tz: str, day: str) -> dt.datetime:
    """When everybody asks."""
    return local(tz, day, "12:00", -7)


def free(offer: Offer, tz: str, day: str, days: int = 0, **asked: int) -> list[Slot]:
    """What is free on a day."""
    date = dt.date.fromisoformat(day) + days * DAY
    return free_only(slots_between(offer, date, date, Asked(**asked), now=week_before(tz, day)))


@everywhere
def test_every_start_of_the_day_is_sold_once_and_none_is_missing(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    offer = house.offering(house.resource(), duration_minutes=30, step_minutes=30)
    found = [slot.start for slot in free(offer, tz, day)]
    assert len(found) == len(set(found)) == hours * 2
    assert found[0] == local(tz, day, "00:00")
    assert {later - earlier for earlier, later in pairwise(found)} == {30 * MINUTE}
    for start in found:
        book(offer, start, now=week_before(tz, day))
    assert free(offer, tz, day) == []


@everywhere
def test_the_hour_that_comes_twice_is_two_hours(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    offer = house.offering(house.resource(), duration_minutes=30, step_minutes=30)
    shown = [slot.start.astimezone(ZoneInfo(tz)) for slot in free(offer, tz, day)]
    twice = [s for s in shown if s.fold]
    assert len(twice) == max(0, (hours - 24) * 2)
    for second in twice:
        book(offer, second.astimezone(dt.UTC), now=week_before(tz, day))
    left = [slot.start for slot in free(offer, tz, day)]
    assert {s.replace(fold=0).astimezone(dt.UTC) for s in twice} <= set(left)


@everywhere
def test_a_buffer_lasts_its_minutes_across_the_change(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    offer = house.offering(house.resource(), duration_minutes=30, step_minutes=30, buffer_after=60)
    start = local(tz, day, before)
    book(offer, start, now=week_before(tz, day))
    around = [slot.start for n in (-1, 0) for slot in free(offer, tz, day, days=n)]
    # Half an hour of work and an hour of buffer on either side: what comes before must leave its own.
    assert max(s for s in around if s < start) == start - 90 * MINUTE
    assert min(s for s in around if s > start) == start + 90 * MINUTE


@everywhere
def test_a_night_is_from_clock_to_clock(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    offer = house.offering(house.resource("Room", kind="room"), unit="night", check_in="15:00", check_out="11:00")
    eve = local(tz, day, "15:00", -1)
    [slot] = free(offer, tz, day, days=-1)
    assert (slot.start, slot.end) == (eve, local(tz, day, "11:00"))
    assert slot.end - slot.start == (20 + hours - 24) * HOUR
    book(offer, slot.start, now=week_before(tz, day))
    with pytest.raises(Taken):
        hold(offer, slot.start, now=week_before(tz, day))
    # The nights before and after are sold to others, each from clock to clock.
    for days in (-2, 0):
        [near] = free(offer, tz, day, days=days)
        assert near.start == local(tz, day, "15:00", days)
        book(offer, near.start, now=week_before(tz, day))


@everywhere
def test_a_week_over_the_change_is_one_stay(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    offer = house.offering(house.resource("Room", kind="room"), unit="night", check_in="15:00", check_out="11:00")
    [slot] = free(offer, tz, day, days=-3, nights=7)
    stay = book(offer, slot.start, nights=7, now=week_before(tz, day))
    assert (stay.starts_at, stay.ends_at) == (local(tz, day, "15:00", -3), local(tz, day, "11:00", 4))
    assert not any(free(offer, tz, day, days=n) for n in range(-3, 4))
    assert free(offer, tz, day, days=4) != []


@everywhere
def test_a_date_takes_its_room_for_the_time_it_lasts(tz: str, day: str, hours: float, before: str) -> None:
    house = House.open(tz)
    room = house.resource("Room", kind="room")
    course = house.offering(room, slug="course", unit="session")
    visit = house.offering(room, slug="visit", duration_minutes=30, step_minutes=30)
    start = local(tz, day, before)
    session_plan(viewer=HOUSE, offering_id=course.row.pk, starts_at=start, ends_at=start + 2 * HOUR, seats=8)
    [date] = free(course, tz, day)
    assert (date.start, date.end) == (start, start + 2 * HOUR)
    taken = {start + 30 * n * MINUTE for n in range(4)}
    left = [slot.start for slot in free(visit, tz, day)]
    assert len(left) == hours * 2 - 4
    assert not taken & set(left)


@everywhere
def test_one_reminder_leaves_and_names_the_clock(tz: str, day: str, hours: float, before: str) -> None:
    Business.objects.create(name="House", languages=["en"], country="FR", timezone=tz)
    house = House.open(tz)
    Touchpoint.objects.create(site=house.site, channel="phone", name="phone")
    offer = house.offering(house.resource(), duration_minutes=30, step_minutes=30, reminder_hours=24)
    start = local(tz, day, "10:00")
    book(offer, start, now=week_before(tz, day))
    for entry in Entry.objects.filter(name__startswith="booking.").order_by("pk"):
        booking_follow(entry)
    told = [bookings_remind(now=start - 24 * HOUR + n * MINUTE) for n in range(-90, 91, 30)]
    assert told == [0, 0, 0, 1, 0, 0, 0]
    mail = OutMail.objects.get(key__startswith="booking_reminder:")
    assert "10:00" in mail.text
    assert mail.to == [ANNA.email]

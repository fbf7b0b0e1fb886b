"""What others' booking systems were caught at (cases/booking), in our terms: slots, notice, zones and clock changes."""

import datetime as dt
import time
from itertools import pairwise

import pytest

from parvis.kernel.business_hours import Calendar, open_between
from parvis.reservations.availability import Asked, Slot, free_only, slots_between
from parvis.reservations.domain.rules import window
from parvis.reservations.domain.slots import starts
from parvis.reservations.services.setting_up import absence_add
from parvis.reservations.supply import Offer
from tests.booking import HOUSE, House, at, book, hold

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def every_day(*spans: list[str]) -> dict[str, list[list[str]]]:
    """The same hours on every day of the week."""
    return {day: list(spans) for day in DAYS}


def span(day: str, begin: str, end: str) -> tuple[dt.datetime, dt.datetime]:
    """An opening in UTC."""
    return at(f"{day}T{begin}Z"), at(f"{day}T{end}Z")


def offered(offer: Offer, day: str, now: str, tz: str | None = None, **asked: int) -> list[Slot]:
    """What a visitor is offered on a day: free, and not too soon."""
    date, moment = dt.date.fromisoformat(day), at(now)
    earliest, latest = window(offer.terms, moment)
    slots = free_only(slots_between(offer, date, date, Asked(**asked), now=moment, tz=tz))
    return [s for s in slots if earliest <= s.start <= latest]


def clocks(slots: list[Slot], tz: dt.tzinfo = dt.UTC) -> str:
    """Their starts as one line."""
    return " ".join(f"{s.start.astimezone(tz):%H:%M}" for s in slots)


class TestGrid:
    """Pure: openings and a step."""

    def test_overlapping_openings_give_no_start_twice(self) -> None:
        """calcom-slots-08."""
        openings = [span("2031-03-10", "11:00", "12:00"), span("2031-03-10", "11:20", "12:40")]
        assert len(starts(openings, duration=20, step=20, tz="UTC")) == 5

    @pytest.mark.parametrize("order", [1, -1])
    def test_the_order_of_openings_does_not_matter(self, order: int) -> None:
        """calcom-slots-09."""
        openings = [span("2031-03-10", "11:00", "13:00"), span("2031-03-10", "11:15", "13:00")][::order]
        assert len(starts(openings, duration=45, step=45, tz="UTC")) == 2

    def test_hourly_starts_fall_on_the_hour_of_the_wall(self) -> None:
        """calcom-slots-12: half an hour beside UTC."""
        opening = (at("2031-03-10T07:30+05:30"), at("2031-03-10T09:30+05:30"))
        assert starts([opening], duration=60, step=60, tz="Asia/Kolkata") == [at("2031-03-10T08:00+05:30")]

    def test_an_odd_opening_is_rounded_up(self) -> None:
        """calcom-slots-15."""
        assert len(starts([span("2031-03-10", "00:10", "02:00")], duration=10, step=10, tz="UTC")) == 11

    def test_thousands_of_openings_take_no_time(self) -> None:
        """calcom-slots-16: 2,000 openings over a week, in far less than 3 s."""
        first = at("2031-03-10T00:00Z")
        openings = [(first + dt.timedelta(minutes=5 * n), first + dt.timedelta(minutes=5 * n + 5)) for n in range(2000)]
        began = time.process_time()
        assert len(starts(openings, duration=5, step=5, tz="UTC")) == 2000
        assert time.process_time() - began < 3

    def test_an_opening_that_ends_before_it_begins_is_none(self) -> None:
        """calcom-dst-03."""
        assert starts([span("2031-03-10", "08:00", "07:00")], duration=30, step=30, tz="UTC") == []

    @pytest.mark.parametrize(
        ("tz", "day"),
        [
            ("Europe/Paris", "2031-03-30"),
            ("Europe/Paris", "2031-10-26"),
            ("America/New_York", "2031-03-09"),
            ("America/New_York", "2031-11-02"),
            ("Africa/Casablanca", "2026-02-15"),
            ("Africa/Casablanca", "2026-03-22"),
            ("Australia/Lord_Howe", "2031-04-06"),
            ("Australia/Lord_Howe", "2031-10-05"),
        ],
    )
    def test_on_the_day_clocks_change_starts_stay_round_and_distinct(self, tz: str, day: str) -> None:
        hours = {d: [["00:00", "24:00"]] for d in DAYS}
        calendar = Calendar.from_json({"tz": tz, "hours": hours})
        begin = at(f"{day}T00:00Z") - dt.timedelta(days=1)
        openings = list(open_between(calendar, begin, begin + dt.timedelta(days=3)))
        found = starts(openings, duration=60, step=60, tz=tz)
        zone = __import__("zoneinfo").ZoneInfo(tz)
        assert all(s.astimezone(zone).minute == 0 for s in found)
        assert all(b - a >= dt.timedelta(minutes=60) for a, b in pairwise(found))


@pytest.mark.django_db
class TestSlots:
    def test_the_grid_and_not_the_length_gives_the_count(self) -> None:
        """calcom-slots-02."""
        house = House.open()
        offer = house.offering(house.resource(), duration_minutes=30, step_minutes=60)
        assert len(offered(offer, "2031-06-21", "2031-06-20T11:59:59Z")) == 24

    def test_only_times_ahead_are_offered(self) -> None:
        """calcom-slots-03."""
        house = House.open()
        offer = house.offering(house.resource())
        assert len(offered(offer, "2031-06-20", "2031-06-20T11:59:59Z")) == 12

    @pytest.mark.parametrize(
        ("busy", "free"),
        [
            (["11:00-12:00", "14:00-15:00"], "10:00 10:30 12:00 12:30 13:00 13:30 15:00 15:30 16:00 16:30"),
            (["10:00-16:00", "11:00-12:00", "14:00-15:00"], "16:00 16:30"),
            (["10:00-17:00"], ""),
        ],
    )
    def test_busy_times_apart_nested_or_all_day(self, busy: list[str], free: str) -> None:
        """calcom-slots-17, -18, -19."""
        house = House.open(hours=every_day(["09:00", "17:00"]))
        malik = house.resource()
        offer = house.offering(malik, duration_minutes=30, step_minutes=30, notice_minutes=60)
        for one in busy:
            begin, end = (at(f"2031-03-10T{t}Z") for t in one.split("-"))
            absence_add(viewer=HOUSE, resource_id=malik.pk, starts_at=begin, ends_at=end)
        assert clocks(offered(offer, "2031-03-10", "2031-03-10T09:00Z")) == free

    def test_a_day_is_the_visitors_day(self) -> None:
        """calcom-slots-21: Sunday 23:00 UTC is Monday in Amsterdam."""
        house = House.open(hours={"sun": [["23:00", "24:00"]]})
        offer = house.offering(house.resource())
        assert offered(offer, "2031-03-09", "2031-03-08T12:00Z", tz="Europe/Amsterdam") == []
        assert len(offered(offer, "2031-03-10", "2031-03-08T12:00Z", tz="Europe/Amsterdam")) == 1

    def test_a_break_and_a_booking_are_never_touched(self) -> None:
        """easyappointments-01."""
        house = House.open(hours=every_day(["09:00", "12:00"], ["13:00", "18:00"]))
        offer = house.offering(house.resource(), duration_minutes=30, step_minutes=15)
        book(offer, "2031-03-10T10:00Z", now=at("2031-03-03T06:00Z"))
        found = {f"{s.start:%H:%M}" for s in offered(offer, "2031-03-10", "2031-03-03T06:00Z")}
        assert not found & {"09:45", "10:00", "10:15", "11:45", "12:00", "12:15", "12:30", "12:45", "17:45"}
        assert {"09:30", "10:30", "11:30", "13:00", "17:30"} <= found

    def test_seats_of_a_slot_are_offered_until_it_is_full(self) -> None:
        """easyappointments-03."""
        house = House.open(hours=every_day(["09:00", "18:00"]))
        offer = house.offering(house.resource(), seats=3, step_minutes=60)
        now = "2031-03-03T06:00Z"
        for left in (2, 1, 0):
            book(offer, "2031-03-10T10:00Z", now=at(now))
            slot = next(s for s in slots_of(offer, "2031-03-10", now) if s.start.hour == 10)
            assert (slot.places, slot.seats_taken) == (left, 3 - left)
        assert "10:00" not in clocks(offered(offer, "2031-03-10", now))

    def test_notice_counts_on_the_houses_clock_wherever_the_visitor_is(self) -> None:
        """easyappointments-04."""
        house = House.open("Europe/Paris", hours=every_day(["09:00", "12:00"]))
        offer = house.offering(house.resource(), duration_minutes=10, step_minutes=10, notice_minutes=60)
        for tz in ("Europe/Paris", "Asia/Tokyo", "America/New_York"):
            found = offered(offer, "2031-03-10", "2031-03-10T09:10+01:00", tz=tz)
            assert found
            assert found[0].start == at("2031-03-10T10:10+01:00")


def slots_of(offer: Offer, day: str, now: str) -> list[Slot]:
    """All starts of a day, free or not."""
    date = dt.date.fromisoformat(day)
    return slots_between(offer, date, date, Asked(), now=at(now))


@pytest.mark.django_db
class TestHostInIndia:
    """Open 09:30–18:00 in Kolkata, 45-minute grid."""

    NOW = "2031-05-31T01:30Z"
    DAY = "2031-06-02"
    ALL = "04:00 04:45 05:30 06:15 07:00 07:45 08:30 09:15 10:00 10:45 11:30"

    def offer(self, **fields: int) -> tuple[House, Offer]:
        house = House.open("Asia/Kolkata", hours=every_day(["09:30", "18:00"]))
        self.host = house.resource()
        return house, house.offering(self.host, **{"duration_minutes": 45, "step_minutes": 45, **fields})

    def test_a_hold_that_ran_out_leaves_all_times(self) -> None:
        """calcom-holds-03."""
        _, offer = self.offer()
        hold(offer, f"{self.DAY}T04:00Z", now=at("2031-05-31T00:25Z"))
        assert clocks(offered(offer, self.DAY, self.NOW)) == self.ALL

    def test_a_held_seat_shows_as_taken(self) -> None:
        """calcom-holds-04."""
        _, offer = self.offer(seats=5)
        hold(offer, f"{self.DAY}T04:00Z", now=at("2031-05-31T01:29Z"))
        first = offered(offer, self.DAY, self.NOW)[0]
        assert (first.start, first.seats_taken, first.places) == (at(f"{self.DAY}T04:00Z"), 1, 4)

    def test_nobody_is_in_two_places(self) -> None:
        """calcom-holds-05: a hold of another offering of the same host, shared slots or not."""
        house, offer = self.offer(seats=5)
        other = house.offering(self.host, slug="other", duration_minutes=45, step_minutes=45)
        hold(other, f"{self.DAY}T04:00Z", now=at("2031-05-31T01:29Z"))
        assert clocks(offered(offer, self.DAY, self.NOW)) == self.ALL.removeprefix("04:00 ")

    def test_a_booking_of_another_length_takes_its_time(self) -> None:
        """calcom-schedule-02."""
        house, offer = self.offer(duration_minutes=30)
        short = house.offering(self.host, slug="short", duration_minutes=15, step_minutes=15)
        book(short, f"{self.DAY}T04:00Z", now=at(self.NOW))
        found = offered(offer, self.DAY, self.NOW)
        assert (len(found), f"{found[0].start:%H:%M}", f"{found[-1].start:%H:%M}") == (10, "04:45", "11:30")

    def test_another_calendar_is_busy(self) -> None:
        """calcom-schedule-03."""
        _, offer = self.offer(duration_minutes=30)
        absence_add(
            viewer=HOUSE,
            resource_id=self.host.pk,
            starts_at=at(f"{self.DAY}T04:30Z"),
            ends_at=at(f"{self.DAY}T23:00Z"),
            source="calendar",
        )
        assert clocks(offered(offer, self.DAY, self.NOW)) == "04:00"


class TestClockChanges:
    """Openings as the calendar has them: what availability stands on."""

    def openings(self, tz: str, hours: dict, begin: str, end: str, special: dict | None = None) -> list[str]:
        calendar = Calendar.from_json({"tz": tz, "hours": hours, "special_hours": special or {}})
        return [f"{a:%F %H:%M}-{b:%H:%M}" for a, b in open_between(calendar, at(begin), at(end))]

    def test_after_clocks_went_back_the_month_has_its_hours(self) -> None:
        """calcom-dst-01."""
        week = {d: [["09:00", "17:00"]] for d in DAYS[:5]}
        found = self.openings("America/New_York", week, "2023-11-05T13:26Z", "2023-12-01T05:00Z")
        assert len(found) == 19
        assert found[0] == "2023-11-06 14:00-22:00"
        assert {f[11:] for f in found} == {"14:00-22:00"}

    def test_one_day_with_other_hours(self) -> None:
        """calcom-dst-05."""
        found = self.openings(
            "America/New_York",
            every_day(["08:00", "17:00"]),
            "2023-06-13T04:00Z",
            "2023-06-15T04:00Z",
            {"2023-06-13": [["10:00", "15:00"]]},
        )
        assert found == ["2023-06-13 14:00-19:00", "2023-06-14 12:00-21:00"]

    def test_one_day_closed(self) -> None:
        """calcom-dst-06."""
        found = self.openings(
            "Europe/London",
            every_day(["08:00", "17:00"]),
            "2023-06-12T23:00Z",
            "2023-06-15T00:00Z",
            {"2023-06-13": []},
        )
        assert found[0].startswith("2023-06-14 07:00")

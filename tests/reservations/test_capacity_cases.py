"""What others' booking systems were caught at (cases/booking), in our terms: capacity, holds and shared pools.

Ids in the docstrings are those of the cases.
"""

import datetime as dt

import pytest

from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid
from parvis.reservations.availability import UNLIMITED, Asked, slots_between
from parvis.reservations.domain.rules import limits_busy, limits_check
from parvis.reservations.errors import Taken
from parvis.reservations.services.setting_up import session_cancel, session_plan
from parvis.reservations.services.terms import limited_days
from tests.booking import HOUSE, House, at, book, hold

NOW = at("2031-03-03T06:00Z")
START = "2031-03-10T10:00Z"
DAY = dt.date(2031, 3, 10)
pytestmark = pytest.mark.django_db


def free(offer, start: str = START, now: dt.datetime = NOW, **asked) -> int:  # type: ignore[no-untyped-def]
    """Places at a start."""
    day = at(start).date()
    return next(s.places for s in slots_between(offer, day, day, Asked(**asked), now=now) if s.start == at(start))


class TestPools:
    """A quota of others is a pool resource of ours."""

    def test_a_hold_takes_a_place_and_says_until_when(self) -> None:
        """pretix-quota-02: one sold, one held: none free, but it may come back."""
        house = House.open()
        offer = house.offering(house.resource("Bikes", "pool", capacity=2))
        book(offer, START, now=NOW)
        held = hold(offer, START, now=NOW, minutes=120)
        assert free(offer) == 0
        assert held.held_until == NOW + dt.timedelta(minutes=120)
        assert free(offer, now=NOW + dt.timedelta(minutes=121)) == 1

    def test_a_hold_that_ran_out_blocks_nothing(self) -> None:
        """pretix-quota-03."""
        house = House.open()
        offer = house.offering(house.resource("Bikes", "pool", capacity=2))
        book(offer, START, now=NOW)
        hold(offer, START, now=NOW - dt.timedelta(days=3))
        assert free(offer) == 1
        book(offer, START, now=NOW)
        assert free(offer) == 0

    def test_a_pool_that_offerings_share_counts_all_of_them(self) -> None:
        """pretix-quota-04."""
        house = House.open()
        pool = house.resource("Bikes", "pool", capacity=3)
        one, other = house.offering(pool, slug="one"), house.offering(pool, slug="other")
        book(one, START, now=NOW)
        hold(one, START, now=NOW)
        hold(other, START, now=NOW)
        assert free(one) == free(other) == 0

    def test_staff_may_set_what_is_short_aside(self) -> None:
        """pretix-quota-07: two pools, one sold out; without it two are left, without either there is no limit."""
        house = House.open()
        two, none = house.resource("Rooms", "pool", capacity=2), house.resource("Nobody", "pool", capacity=1)
        offer = house.offering(two, none)
        book(house.offering(none, slug="other"), START, now=NOW)
        assert free(offer) == 0
        assert free(offer, ignoring=frozenset({none.pk})) == 2
        assert free(offer, ignoring=frozenset({none.pk, two.pk})) == UNLIMITED
        done = book(offer, START, now=NOW, ignoring=frozenset({none.pk}), override="The owner helps out.")
        assert done.override == "The owner helps out."
        assert free(offer, ignoring=frozenset({none.pk})) == 1

    def test_a_variant_of_another_offering_does_not_matter(self) -> None:
        """pretix-quota-18 in terms of resources: who waits for B leaves A alone (see the waiting list)."""
        house = House.open()
        a, b = house.resource("A", "pool"), house.resource("B", "pool")
        book(house.offering(b, slug="b"), START, now=NOW)
        assert free(house.offering(a, slug="a")) == 1


class TestSessions:
    def test_each_date_counts_its_own_seats(self) -> None:
        """pretix-quota-19: two dates; without a date there is an error, not a guess."""
        house = House.open()
        offer = house.offering(unit="session", max_party=20)
        dates = []
        for day, booked, held in ((10, 11, 8), (11, 6, 5)):
            start = at(f"2031-03-{day}T10:00Z")
            session = session_plan(
                viewer=HOUSE, offering_id=offer.row.pk, starts_at=start, ends_at=start + dt.timedelta(hours=2), seats=50
            )
            book(offer, None, session_id=session.pk, party=booked, now=NOW)
            hold(offer, None, session_id=session.pk, party=held, now=NOW)
            dates.append(session)
        slots = slots_between(offer, dt.date(2031, 3, 10), dt.date(2031, 3, 11), Asked(), now=NOW)
        assert [s.places for s in slots] == [31, 39]
        with pytest.raises(Invalid) as refused:
            book(offer, None, now=NOW)
        assert "session" in refused.value.fields

    def test_a_party_is_kept_together(self) -> None:
        house = House.open()
        offer = house.offering(unit="session", max_party=20)
        start = at("2031-03-10T10:00Z")
        session = session_plan(
            viewer=HOUSE, offering_id=offer.row.pk, starts_at=start, ends_at=start + dt.timedelta(hours=2), seats=5
        )
        book(offer, None, session_id=session.pk, party=3, now=NOW)
        with pytest.raises(Taken):
            book(offer, None, session_id=session.pk, party=3, now=NOW)
        book(offer, None, session_id=session.pk, party=2, now=NOW)

    def test_a_date_called_off_cancels_what_is_booked_and_frees_what_it_took(self) -> None:
        house = House.open()
        room = house.resource("Room", "room")
        offer = house.offering(room, unit="session", max_party=20)
        start = utcnow() + dt.timedelta(days=7)
        plan = {"offering_id": offer.row.pk, "starts_at": start, "ends_at": start + dt.timedelta(hours=2), "seats": 5}
        session = session_plan(viewer=HOUSE, **plan)
        with pytest.raises(Taken):
            session_plan(viewer=HOUSE, **plan)
        booking = book(offer, None, session_id=session.pk)
        assert session_cancel(viewer=HOUSE, session_id=session.pk, reason="The teacher is ill.") == 1
        booking.refresh_from_db()
        assert (booking.state, booking.ended_by, booking.fee_minor) == ("cancelled", "house", 0)
        with pytest.raises(Taken):
            book(offer, None, session_id=session.pk)
        assert session_plan(viewer=HOUSE, **plan).pk != session.pk


class TestLimits:
    def test_a_full_day_is_busy_from_midnight_to_midnight(self) -> None:
        """calcom-limits-03."""
        house = House.open("Europe/Paris")
        offer = house.offering(house.resource("Chairs", "pool", capacity=9), limits={"day": 2})
        book(offer, START, now=NOW)
        assert limited_days(offer, [DAY], now=NOW) == {}
        book(offer, "2031-03-10T15:00Z", now=NOW)
        assert limited_days(offer, [DAY], now=NOW) == {DAY: "day"}
        with pytest.raises(Taken) as taken:
            book(offer, "2031-03-10T18:00Z", now=NOW)
        assert taken.value.code == "limit_reached"
        assert len(taken.value.alternatives) == 3
        assert all(s.start.astimezone(zone("Europe/Paris")).date() != DAY for s in taken.value.alternatives)
        book(offer, "2031-03-11T18:00Z", now=NOW)

    @pytest.mark.parametrize(
        ("limits", "fits"),
        [
            ({"day": 3, "month": 5}, True),
            ({"day": 9, "month": 5}, False),
            ({"day": 9, "month": 25, "year": 25}, True),
            ({"day": 1, "year": 1}, True),
            ({}, True),
            ({"hour": 1}, False),
            ({"day": 0}, False),
            ({"day": True}, False),
        ],
    )
    def test_longer_periods_never_allow_less(self, limits: dict, fits: bool) -> None:
        """calcom-limits-04."""
        if fits:
            assert limits_check(limits) == limits
        else:
            with pytest.raises(Invalid):
                limits_check(limits)

    def test_periods_are_those_of_the_houses_calendar(self) -> None:
        late = at("2031-03-31T22:30Z")  # already April in Paris
        april, march = dt.date(2031, 4, 5), dt.date(2031, 3, 31)
        assert limits_busy({"month": 1}, [late], [march, april], "Europe/Paris") == {april: "month"}

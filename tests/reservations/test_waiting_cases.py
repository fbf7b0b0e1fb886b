"""The waiting list: what others' systems were caught at (cases/booking), and what fairness asks for besides."""

import datetime as dt

import pytest

from parvis.customers.models import Customer
from parvis.customers.services import customer_create
from parvis.kernel.errors import Conflict, Invalid
from parvis.ledger.models import Entry
from parvis.ledger.services import Actor
from parvis.reservations import events
from parvis.reservations.availability import Asked, slots_between
from parvis.reservations.domain.waiting import Reason
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, Door, Session, WaitingEntry, WaitingState
from parvis.reservations.services import Caller, Guest, booking_cancel, booking_confirm, holds_expire
from parvis.reservations.services.setting_up import offering_save, session_change, session_plan
from parvis.reservations.services.waiting import (
    Joining,
    waiting_join,
    waiting_leave,
    waiting_offer,
    waiting_run,
    waiting_settle,
    waiting_why,
)
from parvis.reservations.supply import Offer, offer_get
from tests.booking import HOUSE, House, at, book, hold

NOW = at("2031-03-03T06:00Z")
START = "2031-03-10T10:00Z"
DAY = dt.date(2031, 3, 10)
STAFF = Caller.staff(HOUSE)
pytestmark = pytest.mark.django_db


def person(house: House, name: str) -> Customer:
    """Somebody known at the house."""
    return customer_create(
        actor=Actor.system(), site_id=house.site.pk, name=name, emails=[f"{name.lower()}@waiting.example"]
    )


def join(house: House, offer: Offer, name: str, **fields: object) -> WaitingEntry:
    """Somebody joins the list for the day (or the session)."""
    fields = {"first_day": DAY, "last_day": DAY, **fields}
    after = WaitingEntry.objects.count()
    return waiting_join(
        caller=Caller.public(),
        joining=Joining(offer.row.pk, person(house, name).pk, **fields),  # type: ignore[arg-type]
        now=NOW + dt.timedelta(seconds=after),
    )


def session_of(offer: Offer, seats: int, start: str = START) -> Session:
    """A date of two hours."""
    begin = at(start)
    return session_plan(
        viewer=HOUSE, offering_id=offer.row.pk, starts_at=begin, ends_at=begin + dt.timedelta(hours=2), seats=seats
    )


def change(offer: Offer, **fields: object) -> Offer:
    """The offering with other settings."""
    return offer_get(offering_save(viewer=HOUSE, offering_id=offer.row.pk, **fields).pk)


@pytest.fixture
def house(db: None) -> House:
    return House.open()


@pytest.fixture
def course(house: House) -> Offer:
    return house.offering(unit="session", max_party=10, slug="course")


class TestNewcomers:
    def test_who_waits_comes_first(self, house: House, course: Offer) -> None:
        """pretix-quota-16: one place, one waits: a newcomer finds it kept, the one who waits gets it."""
        session = session_of(course, 1)
        entry = join(house, course, "Wanda")
        with pytest.raises(Taken) as taken:
            hold(course, None, session_id=session.pk, now=NOW)
        assert taken.value.code == "waiting_first"
        assert waiting_run(now=NOW) == 1
        entry.refresh_from_db()
        assert entry.state == WaitingState.OFFERED

    def test_who_has_taken_an_offer_waits_no_longer(self, house: House, course: Offer) -> None:
        """pretix-quota-17."""
        one, two = session_of(course, 1), session_of(course, 1, "2031-03-10T14:00Z")
        entry = join(house, course, "Wanda")
        waiting_run(now=NOW)
        booking_confirm(caller=Caller.public(), booking_id=WaitingEntry.objects.get().booking_id or 0, now=NOW)
        waiting_settle(now=NOW)
        entry.refresh_from_db()
        assert entry.state == WaitingState.BOOKED
        left = [s.places for s in slots_between(course, DAY, DAY, Asked(), now=NOW)]
        assert left == [0, 1]
        hold(course, None, session_id=two.pk, now=NOW)
        assert one.pk != two.pk

    def test_who_waits_for_something_else_is_in_nobodys_way(self, house: House, course: Offer) -> None:
        """pretix-quota-18."""
        other = house.offering(unit="session", slug="other")
        session_of(other, 1)
        mine = session_of(course, 1)
        join(house, other, "Wanda")
        assert hold(course, None, session_id=mine.pk, now=NOW).pk

    def test_where_the_house_decides_otherwise_newcomers_may(self, house: House, course: Offer) -> None:
        course = change(course, waiting_first=False)
        session = session_of(course, 1)
        join(house, course, "Wanda")
        assert hold(course, None, session_id=session.pk, now=NOW).pk

    def test_what_is_left_over_after_the_line_is_for_newcomers(self, house: House, course: Offer) -> None:
        session = session_of(course, 5)
        join(house, course, "Wanda", party=3)
        with pytest.raises(Taken):
            hold(course, None, session_id=session.pk, party=3, now=NOW)
        assert hold(course, None, session_id=session.pk, party=2, now=NOW).pk


class TestOffers:
    def test_an_offer_is_counted_once_while_it_stands_and_while_it_is_taken_up(
        self, house: House, course: Offer
    ) -> None:
        """pretix-quota-14 and -15: a blocking code and the basket it is in are one place; so is one that ran out."""
        session_of(course, 2)
        join(house, course, "Wanda")
        waiting_run(now=NOW)
        left = lambda now: slots_between(course, DAY, DAY, Asked(), now=now)[0].places  # noqa: E731
        assert left(NOW) == 1
        offered = WaitingEntry.objects.get().booking_id or 0
        booking_confirm(caller=Caller.public(), booking_id=offered, now=NOW)
        assert left(NOW) == 1
        assert left(NOW + dt.timedelta(hours=5)) == 1

    def test_nothing_is_offered_while_all_seats_are_blocked(self, house: House, course: Offer) -> None:
        """pretix-waitinglist-02: all three seats are taken, whatever the house could hold; a fourth is added."""
        session = session_of(course, 3)
        book(course, None, session_id=session.pk, party=3, now=NOW)
        entry = join(house, course, "Wanda")
        with pytest.raises(Taken):
            waiting_offer(caller=STAFF, entry_id=entry.pk, now=NOW)
        session_change(viewer=HOUSE, session_id=session.pk, seats=4)
        assert waiting_offer(caller=STAFF, entry_id=entry.pk, now=NOW).state == "held"

    def test_nobody_is_offered_twice(self, house: House, course: Offer) -> None:
        """pretix-waitinglist-03."""
        session_of(course, 5)
        entry = join(house, course, "Wanda")
        booking = waiting_offer(caller=STAFF, entry_id=entry.pk, now=NOW)
        booking_confirm(caller=Caller.public(), booking_id=booking.pk, now=NOW)
        waiting_settle(now=NOW)
        with pytest.raises(Conflict):
            waiting_offer(caller=STAFF, entry_id=entry.pk, now=NOW)
        assert waiting_run(now=NOW) == 0

    def test_an_offer_names_the_person_takes_a_place_and_is_told_once(self, house: House, course: Offer) -> None:
        """pretix-waitinglist-04 (the one mail that follows: tests/reservations/test_letters.py)."""
        session = session_of(course, 1)
        entry = join(house, course, "Wanda")
        booking = waiting_offer(caller=STAFF, entry_id=entry.pk, now=NOW)
        assert (booking.session_id, booking.customer_id, booking.door) == (session.pk, entry.customer_id, Door.WAITING)
        assert slots_between(course, DAY, DAY, Asked(), now=NOW)[0].places == 0
        assert Entry.objects.filter(name=events.WAITING_OFFERED, customer_id=entry.customer_id).count() == 1
        waiting_run(now=NOW)
        assert Entry.objects.filter(name=events.WAITING_OFFERED).count() == 1

    @pytest.mark.parametrize(("automatic", "offers"), [(True, 5), (False, 0)])
    def test_places_are_offered_by_themselves_if_the_house_wants(
        self, house: House, course: Offer, automatic: bool, offers: int
    ) -> None:
        """pretix-waitinglist-10."""
        course = change(course, waiting_auto=automatic)
        session_of(course, 9)
        for name in ("A", "B", "C", "D", "E"):
            join(house, course, f"{name}nna")
        assert waiting_run(now=NOW) == offers

    def test_a_list_closed_to_new_people_still_serves_those_on_it(self, house: House, course: Offer) -> None:
        """pretix-waitinglist-11."""
        session_of(course, 9)
        for name in ("A", "B", "C", "D", "E"):
            join(house, course, f"{name}nna")
        course = change(course, waiting_open=False)
        with pytest.raises(Conflict):
            join(house, course, "Zoe")
        assert waiting_run(now=NOW) == 5


class TestFairness:
    def test_the_order_of_joining_is_the_order_of_offers(self, house: House, course: Offer) -> None:
        session_of(course, 1)
        first, second = join(house, course, "Wanda"), join(house, course, "Karl")
        waiting_run(now=NOW)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == (WaitingState.OFFERED, WaitingState.WAITING)
        assert waiting_why(entry=second, start=at(START), now=NOW).reason is Reason.PARTY
        holds_expire(now=NOW + dt.timedelta(hours=3))
        waiting_settle(now=NOW + dt.timedelta(hours=3))
        assert waiting_run(now=NOW + dt.timedelta(hours=3)) == 1
        second.refresh_from_db()
        first.refresh_from_db()
        assert (first.state, second.state) == (WaitingState.LAPSED, WaitingState.OFFERED)

    def test_a_party_that_does_not_fit_is_passed_over_and_told_why(self, house: House, course: Offer) -> None:
        session = session_of(course, 2)
        four, one = join(house, course, "Wanda", party=4), join(house, course, "Karl")
        assert waiting_run(now=NOW) == 1
        four.refresh_from_db()
        assert [p[2] for p in four.passed_over] == ["party"]
        answer = waiting_why(entry=four, start=at(START), session_id=session.pk, now=NOW)
        assert (answer.reason, answer.ahead, answer.free) == (Reason.PARTY, 0, 1)
        one.refresh_from_db()
        assert one.state == WaitingState.OFFERED

    @pytest.mark.parametrize(
        ("wishes", "reason"),
        [
            ({"weekdays": [5, 6]}, Reason.WEEKDAY),
            ({"from": "14:00"}, Reason.TIME),
            ({"until": "09:30"}, Reason.TIME),
            ({}, None),
        ],
    )
    def test_wishes_are_kept(self, house: House, course: Offer, wishes: dict, reason: Reason | None) -> None:
        session_of(course, 5)
        entry = join(house, course, "Wanda", wishes=wishes)
        assert waiting_why(entry=entry, start=at(START), now=NOW).reason is reason
        assert waiting_run(now=NOW) == (reason is None)

    def test_nothing_is_offered_after_the_start(self, house: House, course: Offer) -> None:
        session_of(course, 5)
        entry = join(house, course, "Wanda")
        after = at(START) + dt.timedelta(minutes=1)
        assert waiting_run(now=after) == 0
        assert waiting_why(entry=entry, start=at(START), now=after).reason is Reason.STARTED

    def test_an_offer_ends_before_the_visit_begins(self, house: House, course: Offer) -> None:
        session_of(course, 5)
        join(house, course, "Wanda")
        soon = at(START) - dt.timedelta(minutes=30)
        waiting_run(now=soon)
        assert (Booking.objects.get().held_until or NOW) <= at(START)

    def test_a_cancellation_reaches_who_waits(self, house: House) -> None:
        """A slot with a person: free again, offered to who waits for it, at the time they wish."""
        offer = house.offering(house.resource())
        gone = book(offer, START, now=NOW, guest=Guest(name="Otto", email="otto@gone.example"))
        entry = join(house, offer, "Wanda", wishes={"from": "10:00", "until": "10:00"})
        assert waiting_run(now=NOW) == 0
        booking_cancel(caller=STAFF, booking_id=gone.pk, now=NOW)
        assert waiting_run(now=NOW) == 1
        entry.refresh_from_db()
        assert entry.booking is not None
        assert entry.booking.starts_at == at(START)

    def test_leaving_is_leaving(self, house: House, course: Offer) -> None:
        session_of(course, 5)
        entry = join(house, course, "Wanda")
        waiting_leave(caller=Caller.public(), entry_id=entry.pk, now=NOW)
        assert waiting_run(now=NOW) == 0
        with pytest.raises(Conflict):
            waiting_leave(caller=Caller.public(), entry_id=entry.pk, now=NOW)

    def test_nobody_waits_twice_for_the_same_days(self, house: House, course: Offer) -> None:
        entry = join(house, course, "Wanda")
        again = Joining(course.row.pk, entry.customer_id, DAY, DAY)
        with pytest.raises(Conflict) as refused:
            waiting_join(caller=Caller.public(), joining=again, now=NOW)
        assert refused.value.code == "waits_already"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"party": 0},
            {"party": 99},
            {"last_day": dt.date(2031, 1, 1)},
            {"wishes": {"from": "ten"}},
            {"session_id": 7},
        ],
    )
    def test_wishes_that_make_no_sense_are_refused(self, house: House, course: Offer, wrong: dict) -> None:
        with pytest.raises(Invalid):
            join(house, course, "Wanda", **wrong)

"""What follows from a booking: its encounter, its promise, what the customer is told, the question afterwards."""

import datetime as dt
from typing import Any

import pytest
from django.core import signing

from parvis.catalog.models import Business, Touchpoint
from parvis.channels.models import OutMail
from parvis.customers.models import Customer
from parvis.desk.handlers import booking_follow, waiting_follow
from parvis.desk.models import FollowUp, Message
from parvis.desk.services.bookings import bookings_remind
from parvis.desk.services.letters import BOOKING_SALT
from parvis.kernel.ical.read import events_of
from parvis.ledger.models import Entry
from parvis.promises.models import Promise
from parvis.promises.services import promises_watch
from parvis.reservations.models import Booking, WaitingEntry
from parvis.reservations.services import (
    Caller,
    Guest,
    booking_arrive,
    booking_cancel,
    booking_finish,
    booking_miss,
    booking_move,
    booking_restore,
    holds_expire,
    waiting_run,
    waiting_settle,
)
from parvis.reservations.services.waiting import Joining, waiting_join
from parvis.reservations.supply import Offer
from tests.booking import ANNA, HOUSE, House, at, book, hold, wanted

NOW = at("2031-03-03T06:00Z")
START = "2031-03-10T10:00Z"
STAFF = Caller.staff(HOUSE)
pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db: None) -> House:
    _seen[0] = 0
    Business.objects.create(name="Atelier du Canal", languages=["fr", "en"], country="FR", timezone="Europe/Paris")
    house = House.open("Europe/Paris", address="12 quai de Valmy, Paris")
    for channel in ("form", "phone", "api"):
        Touchpoint.objects.create(site=house.site, channel=channel, name=channel)
    return house


@pytest.fixture
def offer(house: House) -> Offer:
    return house.offering(house.resource(), free_cancel_hours=24, late_fee_minor=1500)


def made(offer: Offer, start: str = START) -> Booking:
    """A booking, with what follows from it."""
    booking = book(offer, start, now=NOW)
    return follow(booking)


def follow(booking: Booking) -> Booking:
    deliver()
    booking.refresh_from_db()
    return booking


def deliver() -> None:
    """Hand the desk what it has not seen yet (the subscription itself would wait for the test's transaction to end)."""
    for entry in Entry.objects.filter(pk__gt=_seen[0], name__startswith="booking.").order_by("pk"):
        booking_follow(entry)
    for entry in Entry.objects.filter(pk__gt=_seen[0], name__startswith="waiting.").order_by("pk"):
        waiting_follow(entry)
    _seen[0] = Entry.objects.latest("pk").pk


_seen = [0]


def mails(key: str) -> list[OutMail]:
    """Mails of one kind, in order."""
    return list(OutMail.objects.filter(key__startswith=f"{key}:").order_by("pk"))


def appointment(booking: Booking) -> Promise:
    """The latest promise of the appointment."""
    return Promise.objects.filter(encounter_id=booking.encounter_id, kind="appointment").latest("pk")


class TestBooked:
    def test_it_hangs_on_an_encounter_is_promised_and_confirmed(self, offer: Offer) -> None:
        booking = made(offer)
        assert booking.encounter is not None
        assert (booking.encounter.subject, booking.encounter.unanswered) == ("Visit", False)
        promise = appointment(booking)
        assert (promise.state, promise.due_at) == ("open", at(START) + dt.timedelta(minutes=15))
        [mail] = mails("booking_confirmed")
        assert mail.to == ["anna@nowak.example"]
        assert "lundi 10 mars à 11 h 00" in mail.text
        assert "12 quai de Valmy, Paris" in mail.text
        assert "gratuite" in mail.text
        assert "ensuite 15\u202f€" in mail.text or "15\u00a0€" in mail.text
        assert "\n\n\n" not in mail.text

    def test_the_calendar_file_says_the_same(self, offer: Offer) -> None:
        made(offer)
        [mail] = mails("booking_confirmed")
        from parvis.channels.models import Blob

        content = bytes(Blob.objects.get(pk=mail.attachments[0]["blob"]).content)
        [event] = events_of(content).events
        assert event.start == at(START)
        assert event.location == "12 quai de Valmy, Paris"

    def test_told_twice_is_told_once(self, offer: Offer) -> None:
        from parvis.desk.services.bookings import booking_welcome
        from parvis.ledger.services import Actor

        booking = made(offer)
        booking_welcome(booking_id=booking.pk, actor=Actor.system(), at=NOW)
        assert len(mails("booking_confirmed")) == 1
        assert Promise.objects.count() == 1

    def test_a_hold_that_ran_out_leaves_no_trace_at_the_desk(self, offer: Offer) -> None:
        held = hold(offer, START, now=NOW)
        holds_expire(now=NOW + dt.timedelta(hours=1))
        assert follow(held).encounter_id is None
        assert not OutMail.objects.exists()


class TestChanged:
    def test_moving_moves_the_promise_and_tells(self, offer: Offer) -> None:
        booking = made(offer)
        booking_move(
            caller=STAFF,
            booking_id=booking.pk,
            wanted=wanted(offer, "2031-03-11T10:00Z"),
            reason="Malik is away.",
            now=NOW,
        )
        follow(booking)
        old, new = Promise.objects.order_by("pk")
        assert (old.state, new.state, old.replaced_by_id) == ("renegotiated", "open", new.pk)
        [mail] = mails("booking_moved")
        assert "mardi 11 mars" in mail.text
        assert "Malik is away." in mail.text

    def test_cancelled_by_the_customer_it_is_void_and_over(self, offer: Offer) -> None:
        booking = made(offer)
        booking_cancel(caller=STAFF, booking_id=booking.pk, now=NOW)
        follow(booking)
        assert booking.encounter is not None
        booking.encounter.refresh_from_db()
        assert (appointment(booking).state, booking.encounter.status, booking.fee_minor) == ("void", "closed", 0)
        assert len(mails("booking_cancelled")) == 1
        assert not FollowUp.objects.exists()

    def test_cancelled_late_it_costs_what_was_said(self, offer: Offer) -> None:
        booking = made(offer)
        booking_cancel(caller=STAFF, booking_id=booking.pk, now=at(START) - dt.timedelta(hours=3))
        booking.refresh_from_db()
        assert booking.fee_minor == 1500

    def test_cancelled_by_the_house_a_promise_is_broken_and_something_is_owed(self, offer: Offer) -> None:
        booking = made(offer)
        booking_cancel(caller=STAFF, booking_id=booking.pk, by_house=True, reason="The stand broke.", now=NOW)
        follow(booking)
        assert booking.encounter is not None
        booking.encounter.refresh_from_db()
        promise = appointment(booking)
        assert (promise.state, promise.broken_at) == ("broken", NOW)
        assert (booking.encounter.status, booking.encounter.unanswered) == ("open", True)
        assert "The stand broke." in mails("booking_cancelled")[0].text

    def test_taking_a_cancellation_back_promises_again(self, offer: Offer) -> None:
        booking = made(offer)
        booking_cancel(caller=STAFF, booking_id=booking.pk, now=NOW)
        follow(booking)
        booking_restore(caller=STAFF, booking_id=booking.pk, now=NOW + dt.timedelta(minutes=1))
        follow(booking)
        assert booking.encounter is not None
        booking.encounter.refresh_from_db()
        assert (appointment(booking).state, booking.encounter.status) == ("open", "open")


class TestTheVisit:
    def test_who_arrives_late_has_broken_nothing_of_ours(self, offer: Offer) -> None:
        booking = made(offer)
        promises_watch(now=at(START) + dt.timedelta(minutes=5))
        booking_arrive(caller=STAFF, booking_id=booking.pk, now=at(START) + dt.timedelta(minutes=10))
        follow(booking)
        assert appointment(booking).state == "kept"

    def test_afterwards_the_house_asks_whether_anything_was_forgotten(self, offer: Offer) -> None:
        booking = made(offer)
        booking_arrive(caller=STAFF, booking_id=booking.pk, now=at(START))
        booking_finish(caller=STAFF, booking_id=booking.pk, now=at(START) + dt.timedelta(minutes=50))
        follow(booking)
        assert booking.encounter is not None
        booking.encounter.refresh_from_db()
        assert booking.encounter.status == "closed"
        assert FollowUp.objects.count() == 1

    def test_who_does_not_come_finds_the_door_open(self, offer: Offer) -> None:
        booking = made(offer)
        booking_miss(caller=STAFF, booking_id=booking.pk, now=at(START) + dt.timedelta(minutes=20))
        follow(booking)
        assert appointment(booking).state == "void"
        assert len(mails("booking_missed")) == 1

    def test_reminded_once_the_day_before_and_not_right_after_booking(self, offer: Offer) -> None:
        made(offer)
        eve = at(START) - dt.timedelta(hours=23)
        assert bookings_remind(now=at(START) - dt.timedelta(hours=30)) == 0
        assert bookings_remind(now=eve) == 1
        assert bookings_remind(now=eve) == 0
        follow(book(offer, "2031-03-10T09:00Z", now=eve))
        assert bookings_remind(now=eve + dt.timedelta(hours=1)) == 0
        [mail] = mails("booking_reminder")
        assert "/b/" in mail.text

    @pytest.mark.parametrize(
        ("by", "guest", "told"),
        [
            ("mail", ANNA, ["email"]),
            ("mail", Guest(name="Luc", phone="06 12 34 56 78"), ["sms"]),
            ("sms", Guest(name="Luc", email="luc@exemple.example", phone="06 12 34 56 78"), ["sms"]),
            ("sms", Guest(name="Luc", email="luc@exemple.example", phone="01 42 34 56 78"), ["email"]),
            ("both", Guest(name="Luc", email="luc@exemple.example", phone="06 12 34 56 78"), ["email", "sms"]),
        ],
    )
    def test_reminded_by_the_means_of_the_offering_and_the_customer(
        self, house: House, settings: Any, by: str, guest: Guest, told: list[str]
    ) -> None:
        settings.SMS_URL = "gateway://:s@sms.example/send"
        offer = house.offering(house.resource(), reminder_by=by)
        booking = follow(book(offer, START, now=NOW, guest=guest))
        eve = at(START) - dt.timedelta(hours=23)
        assert (bookings_remind(now=eve), bookings_remind(now=eve)) == (1, 0)
        rows = OutMail.objects.filter(key__startswith="booking_reminder")
        assert sorted(rows.values_list("kind", flat=True)) == told
        for row in rows.filter(kind="sms"):
            assert (row.to, row.not_after) == (["+33612345678"], booking.starts_at)
            assert row.text.startswith("Atelier du Canal : Visit, le lundi 10 mars à 11 h 00. Vous venez ? ")
            assert f"/b/{signing.dumps(booking.pk, salt=BOOKING_SALT).split(':')[0]}" in row.text
            message = Message.objects.get(out_mail=row)
            assert (message.channel, message.encounter_id) == ("sms", Booking.objects.get().encounter_id)


class TestWaiting:
    def test_exactly_one_mail_offers_the_place(self, offer: Offer) -> None:
        """pretix-waitinglist-04."""
        gone = made(offer)
        day = dt.date(2031, 3, 10)
        joining = Joining(offer.row.pk, Customer.objects.get().pk, day, day, wishes={"from": "11:00", "until": "11:00"})
        waiting_join(caller=Caller.public(), joining=joining, now=NOW)
        booking_cancel(caller=STAFF, booking_id=gone.pk, now=NOW)
        for _ in range(3):
            waiting_run(now=NOW)
            deliver()
        [mail] = mails("waiting_offered")
        assert mail.to == ["anna@nowak.example"]
        assert "lundi 10 mars à 11 h 00" in mail.text
        assert WaitingEntry.objects.get().encounter_id is not None
        later = NOW + dt.timedelta(hours=3)
        holds_expire(now=later)
        waiting_settle(now=later)
        deliver()
        assert len(mails("waiting_lapsed")) == 1

import datetime as dt
import re
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from parvis.customers.services import customer_for_sender
from parvis.desk.portal.booking.tokens import HOLD_SALT, waiting_token
from parvis.desk.portal.tests.booking_house import action, at_eight, field, guest, house, stamp, starts, text
from parvis.desk.services.letters import BOOKING_SALT, ENCOUNTER_SALT, WAITING_SALT, booking_link, waiting_link
from parvis.kernel.ical.read import events_of
from parvis.ledger.services import Actor
from parvis.reservations.models import Booking, WaitingEntry
from parvis.reservations.services import Caller, booking_cancel
from parvis.reservations.services.waiting import Joining, waiting_join, waiting_run
from tests.booking import HOUSE, House, book

__all__ = ["at_eight", "house"]
pytestmark = pytest.mark.usefixtures("at_eight")


@pytest.fixture
def revision(house: House) -> Any:
    return house.offering(
        house.resource(), slug="revision", price_minor=6900, free_cancel_hours=24, late_fee_minor=1500
    )


def path(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


# The booking --------------------------------------------------------------------------------------------------------
def test_looking_at_a_booking_changes_nothing(revision: Any, client: Client) -> None:
    booking = book(revision, "2026-11-24T09:00Z")
    before = Booking.objects.values().get()
    for end in ("", "move/", "cancel/", "booking.ics", "?thanks", "?cancelled"):
        for method in (client.get, client.head):
            assert method(path(booking_link(booking.pk)) + end).status_code == 200
    assert Booking.objects.values().get() == before


def test_the_customer_says_that_they_come(revision: Any, client: Client) -> None:
    address = path(booking_link(book(revision, "2026-11-24T09:00Z").pk))
    assert "I will be there" in text(client.get(address))
    page = text(client.post(address, {"action": "come"}, follow=True))
    assert "Thank you. We count on you." in page
    assert "I will be there" not in page
    assert Booking.objects.get().reassured_at is not None


def test_a_booking_is_moved_and_its_calendar_entry_replaced(revision: Any, client: Client) -> None:
    booking = book(revision, "2026-11-25T09:00Z")
    address = path(booking_link(booking.pk))
    first = text(client.get(f"{address}booking.ics"))
    page = text(client.get(f"{address}move/"))
    assert "2026-11-25T09:00:00Z" not in starts(page)
    answer = client.post(action(page, "choose-times"), {"start": "2026-11-26T13:00:00Z"}, follow=True)
    assert "It is moved." in text(answer)
    assert "Thursday 26 November" in text(answer)
    second = text(client.get(f"{address}booking.ics"))
    events = [events_of(t).events[0] for t in (first, second)]
    assert events[0].uid == events[1].uid
    assert [e.sequence for e in events] == [0, 1]
    assert "METHOD:PUBLISH" in second
    assert "DTSTART;TZID=Europe/Paris:20261126T140000" in second


def test_a_move_to_a_time_just_taken_names_others_and_keeps_the_old(revision: Any, client: Client) -> None:
    booking = book(revision, "2026-11-25T09:00Z")
    book(revision, "2026-11-26T13:00Z")
    address = path(booking_link(booking.pk))
    answer = client.post(f"{address}move/", {"start": "2026-11-26T13:00:00Z"})
    assert answer.status_code == 409
    assert "These are free and near it:" in text(answer)
    booking.refresh_from_db()
    assert booking.moves == 0


def test_cancelling_in_time_is_free_and_late_says_what_it_costs(revision: Any, client: Client, at_eight: Any) -> None:
    early, late = book(revision, "2026-11-26T09:00Z"), book(revision, "2026-11-23T14:00Z")
    page = text(client.get(path(booking_link(early.pk)) + "cancel/"))
    assert "Cancelling costs you nothing." in page
    assert "It is cancelled." in text(
        client.post(path(booking_link(early.pk)) + "cancel/", {"fee": field(page, "fee")}, follow=True)
    )
    address = path(booking_link(late.pk))
    assert "/move/" not in text(client.get(address))
    assert client.get(f"{address}move/").status_code == 302
    page = text(client.get(f"{address}cancel/"))
    assert "cancelling now costs €15" in page
    assert client.post(f"{address}cancel/", {"fee": "0"}).status_code == 409
    assert client.post(f"{address}cancel/", {"fee": field(page, "fee")}).status_code == 302
    late.refresh_from_db()
    assert (late.state, late.fee_minor) == ("cancelled", 1500)
    assert "this costs €15" in text(client.get(address))
    assert "STATUS:CANCELLED" in text(client.get(f"{address}booking.ics"))


def test_a_booking_that_is_over_offers_nothing_to_press(revision: Any, client: Client, at_eight: Any) -> None:
    address = path(booking_link(book(revision, "2026-11-23T09:00Z").pk))
    at_eight.shift(dt.timedelta(hours=5))
    page = text(client.get(address))
    assert "<button" not in page.split("<main")[1].split("</main")[0]
    assert client.post(f"{address}cancel/", {"fee": "1500"})["Location"] == address
    assert Booking.objects.get().state == "confirmed"


def test_other_keys_open_no_booking(revision: Any, client: Client) -> None:
    booking = book(revision, "2026-11-25T09:00Z")
    real = signing.dumps(booking.pk, salt=BOOKING_SALT)
    others = [signing.dumps(booking.pk, salt=salt) for salt in (HOLD_SALT, ENCOUNTER_SALT, WAITING_SALT)]
    odd = [signing.dumps(x, salt=BOOKING_SALT) for x in (booking.pk + 1, "1", None, [1], True and 10**9)]
    for token in (real[:-1], real.replace(":", ":x", 1), real + "x", str(booking.pk), *others, *odd):
        for end in ("", "move/", "cancel/", "booking.ics"):
            assert client.get(f"/b/{token}/{end}").status_code == 404, (token, end)
            assert client.post(f"/b/{token}/{end}", {"action": "come", "fee": "0"}).status_code in (404, 405)
    booking.refresh_from_db()
    assert (booking.state, booking.reassured_at) == ("confirmed", None)


def test_a_page_that_is_its_own_key_is_kept_by_nobody(revision: Any, client: Client) -> None:
    answer = client.get(path(booking_link(book(revision, "2026-11-25T09:00Z").pk)))
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def test_managing_asks_the_database_little(revision: Any, client: Client, django_assert_max_num_queries: Any) -> None:
    address = path(booking_link(book(revision, "2026-11-25T09:00Z").pk))
    for end in ("", "move/", "cancel/"):
        with django_assert_max_num_queries(12):
            client.get(address + end)


# The waiting list ---------------------------------------------------------------------------------------------------
def wish(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Zoé",
        "email": "zoe@exemple.example",
        "first_day": "2026-11-24",
        "last_day": "2026-11-24",
        "stamp": stamp(),
        **changes,
    }


@pytest.fixture
def full(revision: Any) -> Any:
    """A Tuesday on which everything is taken."""
    for hour in (8, 9, 10, 13, 14, 15, 16):
        book(revision, f"2026-11-24T{hour:02}:00Z")
    return revision


def test_somebody_waits_sees_their_place_and_leaves(full: Any, client: Client) -> None:
    other, __ = customer_for_sender(actor=Actor.system(), site_id=full.row.site_id, email="a@b.example", name="A")
    day = dt.date(2026, 11, 24)
    waiting_join(caller=Caller.public(), joining=Joining(full.row.pk, other.pk, day, day))
    answer = client.post("/book/revision/wait/", wish(weekdays=["1"], begin="08:00"), follow=True)
    page = text(answer)
    assert "You are on the list" in page
    assert "1 before you" in page
    assert "Everything is taken so far." in page
    entry = WaitingEntry.objects.latest("pk")
    assert entry.wishes == {"weekdays": [1], "from": "08:00"}
    address = path(waiting_link(entry.pk))
    assert "We took you off the list." in text(client.post(address, follow=True))
    assert client.post(address).status_code == 409
    entry.refresh_from_db()
    assert entry.state == "left"


def test_who_could_come_at_once_is_shown_the_free_times_instead(full: Any, client: Client) -> None:
    answer = client.post("/book/revision/wait/", wish(last_day="2026-11-25"))
    assert answer.status_code == 409
    assert "Wednesday 25 November at 09:00" in text(answer)
    assert not WaitingEntry.objects.exists()


def test_waiting_twice_for_the_same_days_is_refused_kindly(full: Any, client: Client) -> None:
    assert client.post("/book/revision/wait/", wish()).status_code == 302
    answer = client.post("/book/revision/wait/", wish())
    assert answer.status_code == 409
    assert "You are on this waiting list for these days already." in text(answer)


@pytest.mark.parametrize(
    "change",
    [{"email": "x"}, {"last_day": "2026-11-20"}, {"first_day": "x"}, {"weekdays": ["9"]},
     {"begin": "12:00", "end": "09:00"}, {"website": "x"}, {"stamp": "x"}, {"name": ""}],
)  # fmt: skip
def test_a_wish_that_is_none_comes_back_as_typed(full: Any, client: Client, change: dict) -> None:
    answer = client.post("/book/revision/wait/", wish(**change))
    assert answer.status_code == 422
    assert not WaitingEntry.objects.exists()


@pytest.mark.parametrize(("press", "state"), [("accept", "confirmed"), ("decline", "cancelled")])
def test_a_place_that_is_offered_is_taken_or_let_go(full: Any, client: Client, press: str, state: str) -> None:
    client.post("/book/revision/wait/", wish())
    freed = Booking.objects.get(starts_at="2026-11-24T09:00Z")
    booking_cancel(caller=Caller.staff(HOUSE), booking_id=freed.pk, by_house=True)
    assert waiting_run() == 1
    entry = WaitingEntry.objects.get()
    assert "See the place and answer" in text(client.get(path(waiting_link(entry.pk))))
    address = path(booking_link(entry.booking_id))
    page = text(client.get(address))
    assert "A place is free for you" in page
    assert "It is kept for you until Monday 23 November at 10:00." in page
    assert client.post(address, {"action": press}).status_code == 302
    assert Booking.objects.get(pk=entry.booking_id).state == state


def test_an_offer_that_ran_out_says_so(full: Any, client: Client, at_eight: Any) -> None:
    client.post("/book/revision/wait/", wish())
    booking_cancel(caller=Caller.staff(HOUSE), booking_id=Booking.objects.get(starts_at="2026-11-24T09:00Z").pk)
    waiting_run()
    booking = WaitingEntry.objects.get().booking
    at_eight.shift(dt.timedelta(hours=3))
    address = path(booking_link(booking.pk))
    assert "The time to decide is over." in text(client.get(address))
    book(full, "2026-11-24T09:00Z", override="a regular")
    assert client.post(address, {"action": "accept"}).status_code == 409


def test_other_keys_open_no_place_in_the_line(full: Any, client: Client) -> None:
    client.post("/book/revision/wait/", wish())
    entry = WaitingEntry.objects.get()
    real = waiting_token(entry.pk)
    for token in (
        real[:-1],
        real + "x",
        signing.dumps(entry.pk, salt=BOOKING_SALT),
        signing.dumps("1", salt=WAITING_SALT),
    ):
        assert client.get(f"/w/{token}/").status_code == 404
        assert client.post(f"/w/{token}/").status_code == 404
    entry.refresh_from_db()
    assert entry.state == "waiting"


def test_waiting_asks_the_database_little(full: Any, client: Client, django_assert_max_num_queries: Any) -> None:
    client.post("/book/revision/wait/", wish())
    with django_assert_max_num_queries(12):
        client.get("/book/revision/wait/")
    with django_assert_max_num_queries(14):
        client.get(path(waiting_link(WaitingEntry.objects.get().pk)))


def test_a_closed_list_takes_nobody(house: House, client: Client) -> None:
    house.offering(house.resource("R"), slug="shut", waiting_open=False)
    assert "/wait/" not in text(client.get("/book/shut/"))
    assert client.get("/book/shut/wait/").status_code == 404


# In a frame ---------------------------------------------------------------------------------------------------------
def bare() -> Client:
    """A browser that refuses cookies in frames, and checks nothing of ours."""
    return Client(enforce_csrf_checks=True)


def test_the_frame_may_stand_in_any_page_and_nothing_else_may(revision: Any) -> None:
    for address in ("/widget/revision/", "/widget/canal/", "/widget/nowhere/", "/widget/held/x/"):
        answer = bare().get(address)
        assert "frame-ancestors *" in answer["Content-Security-Policy"], address
        assert "X-Frame-Options" not in answer, address
        assert not answer.cookies, address
    for address in ("/book/", "/book/revision/", "/portal/"):
        answer = bare().get(address)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], address
        assert answer["X-Frame-Options"] == "DENY", address


def test_in_a_frame_one_books_without_any_cookie(revision: Any) -> None:
    page = text(bare().get("/widget/revision/?lang=fr"))
    assert "csrfmiddlewaretoken" not in page
    assert "Lundi 23 novembre" in page
    data = {"start": starts(page)[0], "stamp": field(page, "stamp")}
    held = bare().post(action(page, "choose-times"), data, headers={"Origin": "null"})
    assert held["Location"].startswith("/widget/held/")
    assert "lang=fr" in held["Location"]
    assert not held.cookies
    done = bare().post(held["Location"], guest(), headers={"Origin": "null"})
    page = text(bare().get(done["Location"]))
    assert "C’est réservé" in page
    assert 'target="_blank"' in page
    booking = Booking.objects.get()
    assert (booking.state, booking.door) == ("confirmed", "widget")


@pytest.mark.parametrize("given", ["", "x", "signed"])
def test_in_a_frame_nothing_is_held_without_the_pages_stamp(revision: Any, given: str) -> None:
    forged = signing.dumps("x", salt="parvis.other") if given == "signed" else given
    answer = bare().post("/widget/revision/hold/", {"start": "2026-11-23T08:00:00Z", "stamp": forged})
    assert answer.status_code == 422
    assert not Booking.objects.exists()


def test_the_script_for_other_pages_may_be_kept_and_checked(revision: Any, client: Client) -> None:
    answer = client.get("/widget.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "public" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "event.source !== frame.contentWindow" in text(answer)
    assert client.get("/widget.js", headers={"If-None-Match": answer["ETag"]}).status_code == 304

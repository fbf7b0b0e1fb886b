import datetime as dt
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from parvis.customers.models import Customer
from parvis.desk.portal.booking.tokens import HOLD_SALT, HoldKey, hold_token
from parvis.desk.portal.tests.booking_house import action, at_eight, booked, chosen, guest, house, starts, text
from parvis.desk.services.letters import BOOKING_SALT
from parvis.reservations.models import Booking
from parvis.reservations.services.setting_up import offering_save, session_plan
from tests.booking import HOUSE, House, book

__all__ = ["at_eight", "house"]
pytestmark = pytest.mark.usefixtures("at_eight")
NINE = "2026-11-23T08:00:00Z"


@pytest.fixture
def revision(house: House) -> Any:
    """An hour with one mechanic, 69 €, free to cancel until a day before."""
    return house.offering(
        house.resource(), slug="revision", price_minor=6900, free_cancel_hours=24, late_fee_minor=1500, hold_minutes=5
    )


# What and when ------------------------------------------------------------------------------------------------------
def test_the_portal_shows_the_way_only_where_something_can_be_booked(house: House, client: Client) -> None:
    assert "/book/" not in text(client.get("/portal/"))
    assert client.get("/book/").status_code == 200
    offer = house.offering(house.resource(), slug="revision")
    assert 'href="/book/"' in text(client.get("/portal/"))
    offering_save(viewer=HOUSE, offering_id=offer.row.pk, is_public=False)
    assert 'href="/book/"' not in text(client.get("/portal/"))
    assert client.get("/book/revision/").status_code == 404


def test_a_day_shows_its_free_times_and_a_full_or_closed_one_says_why(revision: Any, client: Client) -> None:
    page = text(client.get("/book/revision/"))
    assert starts(page)[0] == NINE
    assert len(starts(page)) == 7
    assert "Saturday 28 November: We are closed." in page
    for hour in (8, 9, 10, 13, 14, 15, 16):
        book(revision, f"2026-11-24T{hour:02}:00Z")
    page = text(client.get("/book/revision/"))
    assert "Tuesday 24 November: Everything is taken." in page
    page = text(client.get("/book/revision/?first=2026-11-28&day=2026-11-28"))
    assert "We are closed." in page
    assert "The next free time is Monday 30 November at 09:00" in page


@pytest.mark.parametrize(
    ("fields", "day", "told"),
    [
        ({"notice_minutes": 60 * 24 * 2}, "2026-11-23", "we need a little more notice"),
        ({"horizon_days": 2}, "2026-11-26", "not open that far ahead"),
        ({"limits": {"day": 1}}, "2026-11-23", "no more bookings for this day"),
    ],
)
def test_the_reason_is_said_in_one_line(house: House, client: Client, fields: dict, day: str, told: str) -> None:
    offer = house.offering(house.resource(capacity=5), slug="visit", **fields)
    if "limits" in fields:
        book(offer, "2026-11-23T09:00Z")
    assert told in text(client.get(f"/book/visit/?first={day}&day={day}"))


def test_times_are_those_of_the_visitor_with_those_of_the_house_beside(revision: Any, client: Client) -> None:
    page = text(client.get("/book/revision/?tz=America/New_York"))
    assert "03:00" in page
    assert "09:00 in Paris" in page
    assert "Times are local time in New York" in page
    assert "in Paris" not in text(client.get("/book/revision/?tz=Europe/Berlin")).replace("local time in Paris", "")
    assert client.get("/book/revision/?tz=Mars/Base&first=x&day=2026-99-99&party=-4&with=7").status_code == 200


def test_on_the_day_the_clocks_go_back_the_hour_that_comes_twice_is_told_apart(house: House, client: Client) -> None:
    hours = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    house.site.hours = hours
    house.site.save()
    house.offering(house.resource(), slug="night", duration_minutes=30)
    page = text(client.get("/book/night/?first=2027-10-31&day=2027-10-31"))
    assert "2027-10-31T00:00:00Z" in starts(page)
    assert len(starts(page)) == len(set(starts(page))) == 25
    assert "CEST" in page
    assert ">CET<" in page


def test_a_party_too_large_for_a_time_is_not_offered_it(house: House, client: Client) -> None:
    offer = house.offering(house.resource(capacity=4), slug="bikes", max_party=4, need={"per_person": True})
    book(offer, NINE, party=2)
    assert NINE in starts(text(client.get("/book/bikes/?party=2")))
    assert NINE not in starts(text(client.get("/book/bikes/?party=3")))


def test_dates_show_the_seats_left_and_a_full_one_leads_to_the_waiting_list(house: House, client: Client) -> None:
    offer = house.offering(slug="course", unit="session", max_party=4)
    times = [dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC) for day in (24, 25)]
    plans = [
        session_plan(viewer=HOUSE, offering_id=offer.row.pk, starts_at=t, ends_at=t + dt.timedelta(hours=2), seats=4)
        for t in times
    ]
    book(offer, None, session_id=plans[0].pk, party=4)
    book(offer, None, session_id=plans[1].pk, party=1)
    page = text(client.get("/book/course/"))
    assert starts(page) == [f"s{plans[1].pk}"]
    assert "3 seats left" in page
    assert f"/book/course/wait/?start=s{plans[0].pk}" in page
    assert booked(client, "course", f"s{plans[1].pk}").startswith("/book/done/")


def test_a_stay_is_chosen_by_its_day_of_arrival(house: House, client: Client) -> None:
    house.offering(house.resource(capacity=2), slug="bike", unit="night", price_minor=1800, price_per="night")
    page = text(client.get("/book/bike/?nights=2&first=2026-11-27&day=2026-11-27"))
    assert "From Friday 27 November, 15:00" in page
    assert "until Sunday 29 November, 11:00" in page
    where = booked(client, "bike", query="?nights=2&first=2026-11-27&day=2026-11-27")
    assert "2 nights" in text(client.get(where))
    assert Booking.objects.get().price_minor == 3600


# The hold -----------------------------------------------------------------------------------------------------------
def test_from_the_time_to_the_booking_without_a_script(revision: Any, client: Client) -> None:
    held = chosen(client, "revision")
    booking = Booking.objects.get()
    assert booking.state == "held"
    assert str(booking.pk) not in held["Location"].split("/")
    page = text(client.get(held["Location"]))
    assert "Kept for you until 08:05" in page
    assert "€69" in page
    assert "It begins soon: cancelling costs €15." in page
    done = client.post(held["Location"], guest(note="Le frein frotte."))
    booking.refresh_from_db()
    assert (booking.state, booking.note) == ("confirmed", "Le frein frotte.")
    page = text(client.get(done["Location"]))
    assert booking.reference in page
    assert "97 quai de Valmy" in page
    assert "zoe@exemple.example" not in page


def test_terms_are_said_before_confirming(revision: Any, client: Client) -> None:
    held = chosen(client, "revision", query="?first=2026-11-26&day=2026-11-26")
    page = text(client.get(held["Location"]))
    assert "Cancelling is free until Wednesday 25 November at 09:00; afterwards it costs €15." in page


def test_two_presses_hold_once_and_two_confirmations_book_once(revision: Any, client: Client) -> None:
    page = text(client.get("/book/revision/"))
    data = {"start": NINE, "stamp": page.split('name="stamp" value="')[1].split('"')[0]}
    first, second = (client.post(action(page, "choose-times"), data) for __ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert Booking.objects.count() == 1
    for __ in range(2):
        assert client.post(first["Location"], guest())["Location"].startswith("/book/done/")
    assert Booking.objects.count() == Customer.objects.count() == 1
    assert client.get(first["Location"]).status_code == 302


def test_a_time_taken_meanwhile_comes_with_three_others(revision: Any, client: Client) -> None:
    page = text(client.get("/book/revision/"))
    book(revision, NINE)
    data = {"start": NINE, "stamp": page.split('name="stamp" value="')[1].split('"')[0]}
    answer = client.post(action(page, "choose-times"), data)
    assert answer.status_code == 409
    assert "This time has just been taken." in text(answer)
    assert starts(text(answer))[:3] == ["2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T13:00:00Z"]


def test_a_hold_that_ran_out_is_taken_again_if_it_is_free(revision: Any, client: Client, at_eight: Any) -> None:
    held = chosen(client, "revision")
    at_eight.shift(dt.timedelta(minutes=6))
    page = text(client.get(held["Location"]))
    assert "No longer kept, but you get it if it is still free." in page
    assert client.post(held["Location"], guest()).status_code == 302
    assert Booking.objects.get().state == "confirmed"


def test_what_was_typed_stays_when_the_time_went_to_somebody_else(revision: Any, client: Client, at_eight: Any) -> None:
    held = chosen(client, "revision")
    at_eight.shift(dt.timedelta(minutes=6))
    book(revision, NINE)
    answer = client.post(held["Location"], guest(note="Un mot"))
    page = text(answer)
    assert answer.status_code == 409
    assert 'value="Zoé Martin"' in page
    assert "Un mot" in page
    assert 'name="again" value="2026-11-23T09:00:00Z"' in page
    again = client.post(held["Location"], guest(note="Un mot", again="2026-11-23T09:00:00Z"))
    page = text(again)
    assert "This time is now kept for you." in page
    assert 'value="Zoé Martin"' in page
    assert client.post(action(page, "book-who"), guest(note="Un mot")).status_code == 302
    assert Booking.objects.filter(state="confirmed", starts_at="2026-11-23T09:00Z", note="Un mot").exists()


def test_a_browser_keeps_three_holds_at_most(house: House, client: Client) -> None:
    house.offering(house.resource(capacity=9), slug="many")
    for hour in ("08", "09", "10", "13"):
        assert chosen(client, "many", f"2026-11-23T{hour}:00:00Z").status_code == 302
    held = Booking.objects.filter(state="held").order_by("pk").values_list("starts_at__hour", flat=True)
    assert list(held) == [9, 10, 13]


def test_a_script_that_holds_and_holds_is_told_to_wait(house: House) -> None:
    house.offering(house.resource(capacity=99), slug="many")
    codes = {chosen(Client(), "many").status_code for __ in range(13)}
    assert codes == {302, 429}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "marked fields"),
        ({"email": "", "phone": ""}, "so that we can reach you"),
        ({"email": "zoe"}, "name@example.com"),
        ({"website": "https://spam.example"}, "people do not see"),
        ({"stamp": "x"}, "open for a long time"),
    ],
)
def test_a_form_that_is_not_right_comes_back_as_typed(revision: Any, client: Client, change: dict, told: str) -> None:
    held = chosen(client, "revision")
    answer = client.post(held["Location"], guest(**{"note": "Un mot", **change}))
    assert answer.status_code == 422
    assert told in text(answer)
    assert "Un mot" in text(answer)
    assert Booking.objects.get().state == "held"


def test_a_forged_or_foreign_key_opens_nothing(revision: Any, client: Client) -> None:
    token = hold_token(HoldKey(book(revision, NINE).pk))
    foreign = signing.dumps(1, salt=BOOKING_SALT)
    odd = [signing.dumps(x, salt=HOLD_SALT) for x in (1, None, {}, {"booking": 999, "tz": "", "wished": []})]
    for broken in (token[:-2], token[2:], token + "x", foreign, *odd):
        for answer in (client.get(f"/book/held/{broken}/"), client.post(f"/book/held/{broken}/", guest())):
            assert answer.status_code == 404, broken
            assert "This link does not work." in text(answer)


def test_the_first_post_needs_the_forms_token(revision: Any) -> None:
    assert Client(enforce_csrf_checks=True).post("/book/revision/hold/", {"start": NINE}).status_code == 403


@pytest.mark.parametrize(
    "start", ["", "x", "s1", "s", "2026-11-23T08:17:00Z", "2020-01-01T09:00:00Z", "\x00", "9" * 5000]
)
def test_a_start_that_is_none_is_refused_kindly(revision: Any, client: Client, start: str) -> None:
    answer = chosen(client, "revision", start or " ")
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert not Booking.objects.exists()


# Reading ------------------------------------------------------------------------------------------------------------
def test_the_steps_ask_the_database_little(
    revision: Any, house: House, client: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(4):
        house.offering(house.resource(f"R{n}"), slug=f"other-{n}")
    client.get("/book/revision/")
    held = chosen(client, "revision")
    for address in ("/book/", "/book/revision/", "/book/revision/?first=2026-11-28&day=2026-11-28", held["Location"]):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200
    done = client.post(held["Location"], guest())["Location"]
    with django_assert_max_num_queries(8):
        assert client.get(done).status_code == 200


def test_all_of_it_reads_in_french(revision: Any, client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr-FR"
    page = text(client.get("/book/revision/")).replace("\xa0", " ")
    assert "Lundi 23 novembre" in page
    assert "9 h" in page
    assert "69 €" in page
    page = text(client.get(booked(client, "revision", query="?first=2026-11-26&day=2026-11-26")))
    assert "C’est réservé" in page
    assert "Annulation gratuite jusqu’au mercredi 25 novembre à 9 h" in page.replace("\xa0", " ")
    for english in ("booking", "Free", "Your ", "until"):
        assert english not in page.split("<main")[1].split("</main")[0].replace("booking.ics", "").replace(
            'class="book', ""
        ), english

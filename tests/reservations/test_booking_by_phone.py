"""A booking taken over the phone: what is offered, who it is for, what happens when the time is gone."""

import datetime as dt
import json
from typing import Any

from django.urls import reverse

from parvis.reservations.models import Booking
from parvis.reservations.services import Guest
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import Desk, desk

__all__ = ["desk"]


def form(desk: Desk, who: str = "agent", **asked: Any) -> str:
    return text_of(signed_in(desk.world, who).get(reverse("visit_new"), asked, headers=HTMX))


def send(desk: Desk, member: str = "agent", **fields: Any) -> Any:
    given = {"offering": desk.check.pk, "who": "Zoé Martin 06 12 34 56 78", "customer": "new", **fields}
    return signed_in(desk.world, member).post(reverse("visit_new"), given, headers=HTMX)


def test_free_times_stand_there_at_once_with_the_first_chosen(desk: Desk) -> None:
    shown = form(desk, day=desk.day.isoformat())
    first = shown.index('name="start"')
    assert "checked" in shown[first : first + 200]
    assert desk.at(9).isoformat()[:10] in shown


def test_a_click_on_a_free_time_brings_its_time_and_colleague(desk: Desk) -> None:
    shown = form(desk, at=f"{desk.day}T10:15", resource=desk.jeanne.pk)
    assert 'value="10:15"' in shown
    assert f'<option value="{desk.jeanne.pk}" selected>' in shown


def test_a_new_customer_is_booked_in_one_line(desk: Desk) -> None:
    response = send(desk, start=desk.at(10).isoformat(), note="Le frein frotte")
    booking = Booking.objects.get()
    assert (booking.state, booking.starts_at, booking.note) == ("confirmed", desk.at(10), "Le frein frotte")
    assert booking.customer.name == "Zoé Martin"
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    assert "Zoé Martin is booked: Quick check" in toast["text"]
    signed_in(desk.world, "agent").post(toast["undo_url"], headers=HTMX)
    booking.refresh_from_db()
    assert (booking.state, booking.ended_by, booking.fee_minor) == ("cancelled", "house", 0)


def test_a_known_customer_is_booked_and_recognised(desk: Desk) -> None:
    known = desk.book(9).customer
    card = signed_in(desk.world, "agent").get(reverse("visit_who"), {"customer": known.reference}, headers=HTMX)
    assert "Booked already:" in text_of(card)
    send(desk, start=desk.at(10).isoformat(), customer=known.reference, who=known.name)
    assert Booking.objects.filter(customer=known).count() == 2


def test_a_customer_of_another_site_cannot_be_booked_by_number(desk: Desk) -> None:
    theirs = desk.world.contact(site_id=desk.world.gare.pk, email="x@exemple.example", name="Xavier").customer
    response = send(desk, start=desk.at(10).isoformat(), customer=theirs.reference, who="Xavier")
    assert response.status_code == 404
    assert not Booking.objects.exists()


def test_an_outsider_cannot_book_here(desk: Desk) -> None:
    assert "Nothing can be booked here yet" in text_of(send(desk, "outsider", start=desk.at(10).isoformat()))
    given = {"offering": desk.check.pk}
    assert signed_in(desk.world, "outsider").get(reverse("visit_when"), given).status_code == 404
    assert not Booking.objects.exists()


def test_a_time_that_is_gone_offers_others_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.book(10, guest=Guest(name="Omar"))
    desk.book(10, resource=desk.jeanne, guest=Guest(name="Lina"))
    response = send(desk, start=desk.at(10).isoformat(), note="Pressée")
    assert response.status_code == 422
    told = response.content.decode()
    assert "This time has just been taken." in told
    assert told.count("data-near") == 3
    assert "Pressée" in told
    assert "Zoé Martin" in told


def test_closed_hours_are_booked_with_a_reason_only(desk: Desk) -> None:
    given = {"shown_day": desk.day.isoformat(), "own_time": "13:00"}
    assert send(desk, **given).status_code == 422
    send(desk, **given, override="Convenu avec le client")
    assert Booking.objects.get().override == "Convenu avec le client"


def test_without_a_name_nobody_is_booked(desk: Desk) -> None:
    response = send(desk, start=desk.at(10).isoformat(), who="")
    assert response.status_code == 422
    assert "Say whom the booking is for." in response.content.decode()


def test_without_script_the_form_leads_to_the_booking(desk: Desk) -> None:
    client = signed_in(desk.world, "agent")
    given = {"offering": desk.check.pk, "who": "Zoé", "start": desk.at(10).isoformat()}
    response = client.post(reverse("visit_new"), given)
    assert response.url == reverse("visit", args=[Booking.objects.get().reference])
    assert "Zoé" in text_of(client.get(response.url))


def test_times_follow_what_is_asked(desk: Desk) -> None:
    desk.book(10)
    given = {"offering": desk.check.pk, "day": desk.day.isoformat(), "resource": desk.malik.pk}
    client = signed_in(desk.world, "agent")
    ten = desk.at(10).astimezone(dt.UTC).isoformat()
    shown = text_of(client.get(reverse("visit_when"), given, headers=HTMX))
    assert ten not in shown
    shown = text_of(client.get(reverse("visit_when"), {**given, "resource": ""}, headers=HTMX))
    assert ten in shown

"""Settings of what can be booked, absences, and the waiting list: who may, and what comes of it."""

import datetime as dt
import json
from typing import Any

import pytest
from django.urls import reverse

from parvis.reservations.models import Absence, Offering, Resource, Session, WaitingEntry
from parvis.reservations.services import Caller
from parvis.reservations.services.waiting import Joining, waiting_join
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import HOUSE, Desk, desk

__all__ = ["desk"]

OFFERING = {
    "name_en": "Course", "slug": "course", "unit": "session", "duration_minutes": "60", "step_minutes": "30",
    "buffer_before": "0", "buffer_after": "0", "min_nights": "1", "max_nights": "28", "check_in": "15:00",
    "check_out": "11:00", "min_party": "1", "max_party": "4", "seats": "1", "price": "25.50", "price_per": "person",
    "currency": "eur", "deposit": "0", "free_cancel_hours": "24", "late_fee": "0", "notice_minutes": "0",
    "horizon_days": "90", "overbooking": "0", "hold_minutes": "5", "offer_minutes": "120", "reminder_hours": "24",
    "reminder_by": "mail", "grace_minutes": "15", "position": "0", "is_active": "on", "is_public": "on",
    "limit_day": "2",
}  # fmt: skip


@pytest.mark.parametrize("name", ["settings_bookings", "settings_resource_new", "settings_offering_new"])
def test_settings_are_for_managers(desk: Desk, name: str) -> None:
    assert signed_in(desk.world, "agent").get(reverse(name)).status_code == 403
    assert "Malik" in text_of(signed_in(desk.world, "manager").get(reverse("settings_bookings")))


def test_a_resource_is_added_with_hours_of_its_own(desk: Desk) -> None:
    given = {
        "name": "Table 4", "kind": "table", "site_id": desk.world.canal.pk, "capacity": "1", "min_party": "1",
        "max_party": "4", "position": "3", "is_active": "on", "own_hours": "own", "tue_from": "18:00",
        "tue_to": "22:00",
    }  # fmt: skip
    response = signed_in(desk.world, "manager").post(reverse("settings_resource_new"), given)
    assert response.status_code == 302
    made = Resource.objects.get(name="Table 4")
    assert (made.hours, made.max_party, made.is_public) == ({"tue": [["18:00", "22:00"]]}, 4, False)


def test_a_resource_of_another_site_is_not_found(desk: Desk) -> None:
    theirs = Resource.objects.create(site=desk.world.gare, name="Autre", kind="room")
    client = signed_in(desk.world, "manager")
    assert client.get(reverse("settings_resource", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("settings_resource", args=[desk.malik.pk])).status_code == 200


def test_an_offering_is_set_up_with_what_it_needs_and_its_dates(desk: Desk) -> None:
    client = signed_in(desk.world, "manager")
    given = {**OFFERING, "site_id": desk.world.canal.pk, "need0_resources": [desk.malik.pk], "need0_setup": "15"}
    assert client.post(reverse("settings_offering_new"), given).status_code == 302
    made = Offering.objects.get(slug="course")
    assert (made.price_minor, made.currency, made.limits) == (2550, "EUR", {"day": 2})
    assert made.requirements.get().setup_minutes == 15

    dates = {"day": desk.day.isoformat(), "begins": "10:00", "ends": "12:00", "seats": "8", "weeks": "3", "dates": "1"}
    client.post(reverse("settings_dates_plan", args=[made.pk]), dates)
    assert Session.objects.filter(offering=made).count() == 3
    # All or none: the first of these weeks is taken.
    again = {**dates, "day": (desk.day - dt.timedelta(days=7)).isoformat()}
    assert client.post(reverse("settings_dates_plan", args=[made.pk]), again).status_code == 422
    assert Session.objects.filter(offering=made).count() == 3


def test_a_slip_keeps_the_form(desk: Desk) -> None:
    given = {**OFFERING, "site_id": desk.world.canal.pk, "max_party": "0", "need0_resources": [desk.jeanne.pk]}
    response = signed_in(desk.world, "manager").post(reverse("settings_offering_new"), given)
    assert response.status_code == 422
    assert f'name="need0_resources" value="{desk.jeanne.pk}" checked' in response.content.decode()


def absence(desk: Desk, who: str, resource: Any) -> Any:
    given = {"resource": resource.pk, "starts_at": f"{desk.day}T09:00", "ends_at": f"{desk.day}T18:00"}
    return signed_in(desk.world, who).post(reverse("absence_new"), given, headers=HTMX)


def test_everybody_notes_their_own_absence_and_leads_those_of_others(desk: Desk) -> None:
    assert absence(desk, "agent", desk.jeanne).status_code == 422
    absence(desk, "agent", desk.malik)
    absence(desk, "lead", desk.jeanne)
    assert Absence.objects.count() == 2


def test_an_absence_names_the_bookings_it_hits_and_can_be_taken_back(desk: Desk) -> None:
    desk.book(10)
    toast = json.loads(absence(desk, "agent", desk.malik).headers["HX-Trigger"])["toast"]
    assert "1 booking stands in this time: Zoé Martin." in toast["text"]
    signed_in(desk.world, "agent").post(toast["undo_url"], headers=HTMX)
    assert not Absence.objects.exists()


def waiting(desk: Desk) -> WaitingEntry:
    customer = desk.book(9).customer
    joining = Joining(desk.check.pk, customer.pk, desk.day, desk.day, wishes={"weekdays": [1], "from": "14:00"})
    return waiting_join(caller=Caller.staff(HOUSE), joining=joining)


def test_who_waits_is_offered_a_place_with_one_click(desk: Desk) -> None:
    entry = waiting(desk)
    client = signed_in(desk.world, "agent")
    assert "from 14:00" in text_of(client.get(reverse("queue")))
    response = client.post(reverse("queue_offer", args=[entry.reference]), headers=HTMX)
    assert "Zoé Martin is offered" in json.loads(response.headers["HX-Trigger"])["toast"]["text"]
    entry.refresh_from_db()
    assert entry.booking.starts_at >= desk.at(14)


def test_why_no_place_was_offered(desk: Desk) -> None:
    entry = waiting(desk)
    client = signed_in(desk.world, "agent")
    asked = {"at": f"{desk.day}T10:00"}
    shown = text_of(client.get(reverse("queue_why", args=[entry.reference]), asked, headers=HTMX))
    assert "They wish for another time of day." in shown


def test_the_list_of_another_site_is_out_of_sight(desk: Desk) -> None:
    entry = waiting(desk)
    outsider = signed_in(desk.world, "outsider")
    assert "Zoé Martin" not in text_of(outsider.get(reverse("queue")))
    for name in ("offer", "leave"):
        assert outsider.post(reverse(f"queue_{name}", args=[entry.reference])).status_code == 404
    assert outsider.get(reverse("queue_why", args=[entry.reference])).status_code == 404
    signed_in(desk.world, "agent").post(reverse("queue_leave", args=[entry.reference]), headers=HTMX)
    entry.refresh_from_db()
    assert entry.state == "left"

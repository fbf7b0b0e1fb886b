"""A planned date is called off: who may, what is said before, and who is told; and booking from anywhere."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from parvis.channels.models import OutMail
from parvis.reservations.models import Booking, Session
from parvis.reservations.services import Caller, Door, Guest, Wanted, booking_hold, booking_make
from parvis.reservations.services.setting_up import offering_save, session_plan
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import HOUSE, Desk, desk
from tests.reservations.test_letters import deliver

__all__ = ["desk"]


@pytest.fixture
def course(desk: Desk) -> Session:
    """A course with two bookings, three persons, and one place held."""
    row = offering_save(
        viewer=HOUSE, site_id=desk.world.canal.pk, slug="course", name={"en": "Course", "fr": "Cours"}, unit="session",
        max_party=4, horizon_days=365,
    )  # fmt: skip
    begin = desk.at(10)
    session = session_plan(
        viewer=HOUSE, offering_id=row.pk, starts_at=begin, ends_at=begin + dt.timedelta(hours=2), seats=8
    )
    staff = Caller.staff(desk.world.viewer("agent"))
    for name, party in (("zoe", 2), ("anna", 1)):
        wanted = Wanted(row.pk, None, party, session_id=session.pk)
        booking_make(caller=staff, wanted=wanted, guest=Guest(name=name.title(), email=f"{name}@exemple.example"))
    booking_hold(caller=Caller.public(Door.PORTAL), wanted=Wanted(row.pk, None, 1, session_id=session.pk))
    deliver()
    return session


def test_calling_off_says_whom_it_concerns_and_tells_them_why(desk: Desk, course: Session) -> None:
    client, url = signed_in(desk.world, "manager"), reverse("visit_session_cancel", args=[course.pk])
    panel = client.get(reverse("visit_session", args=[course.pk]), headers=HTMX).content.decode()
    assert url in panel
    asked = text_of(client.get(url, headers=HTMX))
    assert "3 persons are booked and lose their seats." in asked
    assert "1 person is just choosing a seat" in asked
    assert client.post(url, {"reason": ""}, headers=HTMX).status_code == 422
    response = client.post(url, {"reason": "The teacher is ill"}, headers=HTMX)
    assert "3 bookings are cancelled" in response["HX-Trigger"]
    course.refresh_from_db()
    assert course.cancelled_at is not None
    assert set(Booking.objects.filter(session=course).values_list("state", flat=True)) == {"cancelled"}
    before = OutMail.objects.count()
    deliver()
    letters = OutMail.objects.order_by("pk")[before:]
    assert sorted(letter.to[0] for letter in letters) == ["anna@exemple.example", "zoe@exemple.example"]
    assert all("The teacher is ill" in letter.text for letter in letters)
    shown = client.get(reverse("visit_session", args=[course.pk]), headers=HTMX).content.decode()
    assert "This date was called off." in shown
    assert url not in shown
    again = client.post(url, {"reason": "Again"}, headers=HTMX)
    assert (again.status_code, "called off already" in again.content.decode()) == (422, True)


@pytest.mark.parametrize(("who", "status"), [("agent", 403), ("lead", 403), ("outsider", 404), ("manager", 200)])
def test_a_manager_of_the_site_calls_off(desk: Desk, course: Session, who: str, status: int) -> None:
    client, url = signed_in(desk.world, who), reverse("visit_session_cancel", args=[course.pk])
    assert client.get(url, headers=HTMX).status_code == status
    if status != 200:
        assert client.post(url, {"reason": "x"}, headers=HTMX).status_code == status
        course.refresh_from_db()
        assert course.cancelled_at is None
    if who == "agent":
        assert url not in client.get(reverse("visit_session", args=[course.pk]), headers=HTMX).content.decode()


@pytest.mark.parametrize("page", ["today", "customers", "search"])
def test_every_page_can_begin_a_booking(desk: Desk, page: str) -> None:
    shown = signed_in(desk.world, "agent").get(reverse(page)).content.decode()
    assert f'href="{reverse("visit_new")}" data-key="b"' in shown


def test_the_customer_at_hand_is_carried_into_the_booking(desk: Desk) -> None:
    encounter, client = desk.world.contact(), signed_in(desk.world, "agent")
    link = f"{reverse('visit_new')}?customer={encounter.customer.reference}"
    for url in (
        reverse("customer", args=[encounter.customer.reference]),
        reverse("encounter", args=[encounter.reference]),
    ):
        assert link in client.get(url).content.decode()
    form: Any = client.get(link, headers=HTMX).content.decode()
    assert f'name="customer" value="{encounter.customer.reference}"' in form
    assert 'value="Zoé Martin"' in form

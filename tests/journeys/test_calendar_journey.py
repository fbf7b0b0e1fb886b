"""A day at the calendar: booked with the keyboard alone, dragged and taken back, arrived."""

import re

import pytest
from playwright.sync_api import Page, expect

from parvis.reservations.models import Booking
from tests.axe import axe_violations
from tests.conftest import PHONE
from tests.reservations.desk import Desk, desk

__all__ = ["desk"]

pytestmark = pytest.mark.browser


def block(page: Page, name: str = "Zoé Martin"):
    return page.locator(".cal-block", has_text=name).first


def place(locator) -> dict[str, float]:
    """Where something stands, once it does."""
    expect(locator).to_be_visible()
    return locator.bounding_box()


def test_a_booking_is_taken_with_the_keyboard_alone(desk: Desk, open_desk) -> None:
    page = open_desk(address=f"/calendar/?day={desk.day}")
    page.keyboard.press("b")
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("combobox", name="What")).to_be_focused()
    expect(dialog.locator("[name=start]:checked")).to_have_count(1)
    assert axe_violations(page, "dialog[open]") == []
    dialog.get_by_role("combobox", name="Who").focus()
    page.keyboard.type("Zoé Martin 06 12 34 56 78")
    expect(dialog.get_by_role("option", name=re.compile("New customer"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Note")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast", has_text="Zoé Martin is booked")).to_be_visible()
    expect(block(page)).to_be_visible()
    made = Booking.objects.get()
    assert (made.starts_at, made.customer.name) == (desk.at(9), "Zoé Martin")


def test_a_visit_is_dragged_to_a_colleague_and_taken_back_then_arrives(desk: Desk, open_desk) -> None:
    booking = desk.book(10)
    page = open_desk(address=f"/calendar/?day={desk.day}")
    assert axe_violations(page) == []
    box, column = place(block(page)), place(page.locator("[data-name=Jeanne]"))
    page.mouse.move(box["x"] + 50, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(column["x"] + 50, box["y"] + 40, steps=4)
    page.mouse.move(column["x"] + 50, box["y"] + 8 + 72, steps=4)
    page.mouse.up()
    expect(page.locator(f"#b-{booking.reference}-r{desk.jeanne.pk}")).to_contain_text("11:00")
    booking.refresh_from_db()
    assert (booking.starts_at, booking.placed) == (desk.at(11), [desk.jeanne.pk])

    page.keyboard.press("z")
    expect(page.locator(f"#b-{booking.reference}-r{desk.malik.pk}")).to_contain_text("10:00")

    block(page).click()
    panel = page.locator("#booking-panel")
    expect(panel.get_by_role("heading", name="Zoé Martin")).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("a")
    expect(panel.get_by_text("Arrived", exact=True).first).to_be_visible()
    expect(panel.get_by_role("button", name="Take back")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_empty()
    booking.refresh_from_db()
    assert booking.state == "arrived"


def test_a_refused_move_offers_other_times(desk: Desk, open_desk) -> None:
    moving, __ = desk.book(10), desk.book(11, resource=desk.jeanne)
    page = open_desk(address=f"/calendar/?day={desk.day}")
    box, column = place(block(page)), place(page.locator("[data-name=Jeanne]"))
    page.mouse.move(box["x"] + 50, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(column["x"] + 50, box["y"] + 40, steps=4)
    page.mouse.move(column["x"] + 50, box["y"] + 8 + 72, steps=4)
    page.mouse.up()
    refused = page.locator(".toast-refusal")
    expect(refused).to_contain_text("This time has just been taken.")
    refused.get_by_role("button", name=re.compile("10:30")).click()
    expect(page.locator(f"#b-{moving.reference}-r{desk.jeanne.pk}")).to_contain_text("10:30")
    expect(refused).to_have_count(0)


def test_a_click_on_a_free_time_begins_a_booking_there(desk: Desk, open_desk) -> None:
    page = open_desk(address=f"/calendar/?day={desk.day}")
    body = page.locator("[data-name=Jeanne]")
    box = place(body)
    hour = place(page.locator(".cal-hours span", has_text="10:00"))
    page.mouse.click(box["x"] + 40, hour["y"] + 8 + 30)
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_label("Another time")).to_have_value("10:15")
    expect(dialog.get_by_label("With")).to_have_value(str(desk.jeanne.pk))


def test_on_a_phone_the_day_is_an_agenda(desk: Desk, open_desk) -> None:
    desk.book(10)
    page = open_desk(address=f"/calendar/?day={desk.day}", viewport=PHONE)
    expect(block(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_violations(page) == []
    block(page).click()
    expect(page.locator("#booking-panel").get_by_role("button", name="Arrived")).to_be_visible()


@pytest.mark.parametrize("address", ["/calendar/?view=month", "/waiting/", "/settings/bookings/"])
def test_further_pages_are_accessible(desk: Desk, open_desk, address: str) -> None:
    page = open_desk("manager", address=address)
    assert axe_violations(page) == []


def test_settings_forms_are_accessible(desk: Desk, open_desk) -> None:
    page = open_desk("manager", address=f"/settings/bookings/offerings/{desk.check.pk}/")
    assert axe_violations(page) == []
    page.goto(f"/settings/bookings/resources/{desk.malik.pk}/")
    assert axe_violations(page) == []

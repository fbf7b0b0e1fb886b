"""Webhooks, calendars elsewhere and overbooking, as whoever runs the house sets them up in a browser."""

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from parvis.reservations.models import Offering, Session
from parvis.reservations.services.setting_up import offering_save, session_plan
from parvis.webhooks.models import Endpoint
from parvis.webhooks.services import endpoint_deliver
from tests.axe import axe_violations
from tests.conftest import PHONE
from tests.reservations.desk import HOUSE, Desk, desk
from tests.reservations.test_busy_calendars import Elsewhere, elsewhere, private
from tests.reservations.test_risk_screens import house
from tests.webhooks.conftest import receiver
from tests.webhooks.receiver import Receiver
from tests.world import World

__all__ = ["desk", "elsewhere", "house", "receiver"]

pytestmark = pytest.mark.browser


def test_a_webhook_is_added_tested_and_switched_off(world: World, open_desk: Any, receiver: Receiver) -> None:
    receiver.answers = [500]
    page = open_desk("administrator", "/settings/webhooks/new/")
    page.get_by_label("Address").fill("not an address")
    page.get_by_label("What it is for").fill("The shop")
    page.get_by_label("Only some").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("This is not an address: write https://…")).to_be_visible()
    expect(page.get_by_text("Choose one event at least, or all of them.")).to_be_visible()
    expect(page.get_by_label("What it is for")).to_have_value("The shop")
    page.get_by_label("Address").fill(receiver.url())
    page.get_by_label("A booking stands").check()
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.get_by_label("The secret", exact=True)).to_have_value(re.compile("^whsec_"))
    assert axe_violations(page) == []

    row, sent = Endpoint.objects.get(), page.locator("#deliveries")
    for outcome, state in (("Given up", "Takes nothing"), ("Taken", "Works")):
        page.get_by_role("button", name="Send a test").press("Enter")
        expect(sent.locator(".hook-line").first).to_contain_text("Waits")
        endpoint_deliver(endpoint_id=row.pk, seconds=5)
        # The list looks again by itself, and with it the word at the head of the page.
        expect(sent.locator(".hook-line").first).to_contain_text(outcome)
        expect(page.locator("#hook-state")).to_contain_text(state)
    sent.get_by_role("link", name="Given up").press("Enter")
    expect(sent.locator(".hook-line")).to_have_count(1)
    expect(sent.get_by_role("link", name="Given up")).to_be_focused()
    expect(sent.get_by_role("button", name="Send all again")).to_be_visible()

    page.get_by_role("button", name="Switch off").press("Enter")
    expect(page.locator("#hook-state")).to_contain_text("Off")
    expect(page.get_by_label("The secret", exact=True)).to_have_count(0)
    assert receiver.types() == ["ping", "ping"]


def test_busy_times_of_a_calendar_elsewhere_stand_in_ours(desk: Desk, open_desk: Any, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    page = open_desk("manager", f"/settings/bookings/resources/{desk.malik.pk}/", viewport=PHONE)
    card, dialog = page.locator(f"#busy-{desk.malik.pk}"), page.locator("dialog[open]")
    card.get_by_role("link", name="Add").press("Enter")
    dialog.get_by_label("Name").fill("School")
    dialog.get_by_label("Address").fill("school")
    dialog.get_by_role("button", name="Add").press("Enter")
    expect(dialog.get_by_text("This is not an address: write https://…")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("School")
    assert axe_violations(page, "dialog[open]") == []
    dialog.get_by_label("Address").fill(elsewhere.url)
    dialog.get_by_role("button", name="Add").press("Enter")
    expect(card).to_contain_text("1 busy time ahead")

    feed = page.get_by_label("Address of the calendar")
    old = feed.input_value()
    page.get_by_role("button", name="New address").press("Enter")
    dialog.get_by_role("button", name="New address").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("the old one is void")
    expect(feed).not_to_have_value(old)

    page.goto(f"/calendar/?day={desk.day}")
    expect(page.locator(".cal-away")).to_contain_text("School")
    expect(page.locator("body")).not_to_contain_text("Dentiste")


def test_a_date_is_called_off_with_a_reason(desk: Desk, open_desk: Any) -> None:
    row = offering_save(
        viewer=HOUSE,
        site_id=desk.world.canal.pk,
        slug="course",
        name={"en": "Course"},
        unit="session",
        horizon_days=365,
    )
    begin = desk.at(10)
    date = session_plan(
        viewer=HOUSE, offering_id=row.pk, starts_at=begin, ends_at=begin + dt.timedelta(hours=2), seats=8
    )
    page = open_desk("manager", f"/bookings/dates/{date.pk}/")
    page.get_by_role("link", name="Call off").press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Nobody is booked.")
    dialog.get_by_role("button", name="Call the date off").press("Enter")
    expect(dialog.locator(".field-errors")).to_be_visible()
    assert axe_violations(page, "dialog[open]") == []
    dialog.get_by_role("textbox").fill("The teacher is ill")
    dialog.get_by_role("button", name="Call the date off").press("Enter")
    expect(page.get_by_text("This date was called off.")).to_be_visible()
    assert Session.objects.get(pk=date.pk).cancelled_at is not None


def test_advice_on_overbooking_is_taken_and_taken_back(house: Any, open_desk: Any) -> None:
    row: Offering = house[1]
    page = open_desk("administrator", f"/settings/bookings/offerings/{row.pk}/overbooking/")
    page.get_by_label("Turning somebody away costs").fill("-1")
    page.get_by_label("An empty place costs").fill("40")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".field-errors")).to_be_visible()
    expect(page.get_by_label("An empty place costs")).to_have_value("40")
    page.get_by_label("Turning somebody away costs").fill("30")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("img", name="Expected cost by number of extra places")).to_be_visible()
    expect(page.get_by_text("Today no extra place is allowed.")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name=re.compile(r"Allow \d")).press("Enter")
    expect(page.get_by_text(re.compile(r"Today \d+ extra places? (is|are) allowed"))).to_be_visible()
    row.refresh_from_db()
    assert row.overbooking > 0
    page.get_by_role("button", name="Allow no extra place").press("Enter")
    expect(page.get_by_text("Today no extra place is allowed.")).to_be_visible()
    row.refresh_from_db()
    assert row.overbooking == 0

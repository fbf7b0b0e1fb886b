"""A day at the counter with the keyboard alone, in English; and with a thumb on a phone, in French."""

import re

import pytest
from playwright.sync_api import expect

from parvis.queueing.models import Sitting, Turn
from parvis.queueing.services import screen_save, sign_on
from parvis.staff.domain.viewer import Viewer
from tests.axe import axe_violations
from tests.conftest import PHONE
from tests.queueing_world import Hall, month_behind
from tests.world import World

pytestmark = pytest.mark.browser


def test_the_next_please_with_the_keyboard_alone(world: World, open_desk) -> None:
    hall = Hall.open(world)
    known = world.contact().customer
    hall.take(customer_id=known.pk, note="squeaks"), hall.take(hall.sales)
    page = open_desk(address="/queue/")
    assert axe_violations(page) == []
    page.get_by_role("button", name=re.compile("Counter 1")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".counter-head")).to_contain_text("Counter 1")
    page.keyboard.press("n")
    expect(page.locator(".person-code")).to_have_text("R001")
    expect(page.locator(".person")).to_contain_text("Grincement")
    expect(page.locator(".grace")).to_contain_text(re.compile(r"0:\d\d"))
    assert axe_violations(page) == []
    page.keyboard.press("m")
    expect(page.locator(".toast[data-level=warning]")).to_contain_text("to come")
    page.keyboard.press("s")
    expect(page.locator(".person-state")).to_contain_text("Being served")
    page.keyboard.press("t")
    expect(page.locator("dialog[open]")).to_contain_text("Send R001 on")
    assert axe_violations(page, "dialog[open]") == []
    page.get_by_label("Note for the next counter").fill("a lock")
    page.keyboard.press("Enter")
    expect(page.locator(".line")).to_contain_text("Sent on from another line")
    page.keyboard.press("n")
    expect(page.locator(".person-note")).to_contain_text("a lock")
    page.keyboard.press("u")  # called by mistake
    expect(page.locator(".counter-lead")).to_contain_text("2 people are waiting")
    hall.take(hall.sales, name="Ali")  # heard of by the live feed, without a key
    expect(page.locator(".line")).to_contain_text("Ali")
    page.keyboard.press("+")
    expect(page.locator("dialog[open]").get_by_role("heading")).to_have_text("Add a person")
    assert axe_violations(page, "dialog[open]") == []
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("dialog[open]")).to_contain_text("Back in")
    page.get_by_role("button", name="Take a break").click()
    expect(page.locator(".counter-lead")).to_have_text("You are on a break.")
    assert Sitting.objects.get().back_at is not None
    assert {t.state for t in Turn.objects.filter(ended_at=None)} == {"waiting"}


def test_one_hand_on_a_phone_in_french(world: World, open_desk) -> None:
    hall = Hall.open(world)
    type(world.agent).objects.filter(pk=world.agent.pk).update(language="fr")
    sign_on(viewer=world.viewer("agent"), counter_id=hall.counters[0].pk)
    hall.take(precedence="assisted"), hall.take()
    page = open_desk(address="/queue/", viewport=PHONE, language="fr")
    page.get_by_role("button", name="Appeler le suivant").click()
    expect(page.locator(".person-code")).to_have_text("R001")
    expect(page.locator(".precedence").first).to_be_visible()
    sizes = page.locator(".acts .button").evaluate_all("all => all.map((b) => Math.min(b.offsetWidth, b.offsetHeight))")
    assert min(sizes) >= 48
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Terminer et appeler le suivant").click()
    expect(page.locator(".person-code")).to_have_text("R002")


def test_the_managers_pages_are_accessible_by_day_and_by_night(world: World, open_desk) -> None:
    hall = Hall.open(world)
    hall.seat(1)
    hall.take()
    month_behind(hall)
    screen = screen_save(viewer=Viewer.house(), site_id=world.canal.pk, kind="kiosk", name="Door")
    settings = (
        "",
        f"lines/{hall.repairs.pk}/",
        f"counters/{hall.counters[0].pk}/",
        f"screens/{screen.pk}/",
    )
    figures = ("/queue/day/", "/queue/honesty/", "/queue/staffing/?busier=150", "/queue/staffing/goal/")
    addresses = [*figures, *(f"/settings/queue/{path}" for path in settings)]
    page = open_desk("manager", address=addresses[0])
    for address in addresses:
        page.goto(address)
        assert axe_violations(page) == [], address
    page.emulate_media(color_scheme="dark")
    for address in figures[:3]:  # those with plots: the others have the shell's colours alone
        page.goto(address)
        assert axe_violations(page, colours_only=True) == [], address

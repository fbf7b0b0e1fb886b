"""The desk with the keyboard alone, and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from parvis.desk.models import Message
from tests.conftest import PHONE
from tests.journeys.test_desk_conversation import address, composer

pytestmark = pytest.mark.browser


def test_a_round_of_work_without_a_mouse(world, open_desk):
    second, first = world.contact(subject="Second", email="b@x.example"), world.contact(subject="Premier")
    page = open_desk(address="/inbox/unassigned/")
    page.keyboard.press("j")
    expect(page.locator(f"#row-{first.pk}")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Premier")

    page.keyboard.press("a")
    expect(page.get_by_role("button", name="I do")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Agent took this on")).to_be_visible()

    page.keyboard.press("u")
    expect(page.locator("dialog[open]").get_by_role("radio", name="Not known yet")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Agent named the need: Repair")).to_be_visible()

    page.keyboard.press("n")
    page.keyboard.type("Patins usés.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message-note", has_text="Patins usés.")).to_be_visible()

    page.keyboard.press("r")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Apportez-le demain.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message-reply", has_text="Apportez-le demain.")).to_be_visible()
    expect(composer(page)).not_to_be_focused()
    page.keyboard.press("z")
    expect(composer(page)).to_be_focused()
    expect(composer(page)).to_have_value("Apportez-le demain.")
    page.keyboard.press("Control+Enter")
    expect(composer(page)).to_have_value("")
    expect(composer(page)).not_to_be_focused()

    page.keyboard.press("e")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Second")
    first.refresh_from_db()
    assert (first.status, first.owner_id) == ("closed", world.agent.pk)
    assert Message.objects.filter(encounter=first, direction="out", purpose="talk").count() == 1
    assert second.status == "open"


def test_escape_leaves_the_text_and_keys_work_again(world, open_desk):
    page = open_desk(address=address(world.contact()))
    page.keyboard.press("r")
    page.keyboard.type("e")
    expect(composer(page)).to_have_value("e")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("textbox", name="Note for colleagues")).to_be_focused()


def test_on_a_phone_one_thing_at_a_time(world, open_desk):
    encounter = world.contact()
    page = open_desk(address="/inbox/unassigned/", viewport=PHONE)
    page.locator(f"#row-{encounter.pk}").click()
    expect(page.locator("#pane-list")).not_to_be_visible()
    expect(composer(page)).to_be_visible()
    page.get_by_role("button", name="Show or hide the customer").click()
    expect(page.locator("#pane-panel").get_by_role("link", name="Zoé Martin")).to_be_visible()
    expect(composer(page)).not_to_be_visible()
    page.get_by_role("link", name="Back to the conversation").click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(f"#row-{encounter.pk}")).to_be_visible()
    page.locator(f"#row-{encounter.pk}").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Everybody is looked after"))).to_be_visible()

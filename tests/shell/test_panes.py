"""The inbox's panes: as wide as one likes, by pointer or keys, one at a time on a phone; dialogs in place."""

import pytest
from playwright.sync_api import expect

from tests.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.shell.urls")]
INBOX = "/styleguide/inbox/?lang=en&show="


def width(page, pane: str) -> int:
    return round(page.locator(f"#pane-{pane}").bounding_box()["width"])


def test_the_thread_never_runs_wider_than_is_good_to_read(open_page):
    page = open_page(viewport={"width": 2200, "height": 900})
    page.goto(INBOX)
    assert (width(page, "list"), width(page, "panel")) == (340, 320)
    assert page.locator(".thread-body .messages").bounding_box()["width"] <= 720


def test_a_pane_is_resized_by_keys_and_its_width_is_remembered(page):
    page.goto(INBOX)
    separator = page.get_by_role("separator", name="Width of the list")
    separator.focus()
    page.keyboard.press("ArrowRight")
    assert width(page, "list") == 356
    expect(separator).to_have_attribute("aria-valuenow", "356")
    page.keyboard.press("End")
    assert width(page, "list") == 520
    page.reload()
    assert width(page, "list") == 520
    box = separator.bounding_box()
    page.mouse.dblclick(box["x"], 400)
    assert width(page, "list") == 340


def test_the_customers_pane_grows_to_the_other_side(page):
    page.goto(INBOX)
    page.get_by_role("separator", name="Width of the customer panel").focus()
    page.keyboard.press("ArrowLeft")
    assert width(page, "panel") == 336


def test_a_pane_is_dragged_and_folds_when_it_becomes_too_narrow(page):
    page.goto(INBOX)
    box = page.get_by_role("separator", name="Width of the list").bounding_box()
    page.mouse.move(box["x"], 400)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, 400, steps=4)
    assert width(page, "list") == 400
    page.mouse.move(100, 400, steps=4)
    page.mouse.up()
    expect(page.locator("#pane-list")).to_be_hidden()
    separator = page.get_by_role("separator", name="Width of the list")
    expect(separator).to_have_attribute("aria-valuenow", "0")
    separator.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pane-list")).to_be_visible()


def test_a_folded_pane_stays_folded_and_its_button_says_so(page):
    page.goto(INBOX)
    page.get_by_role("button", name="Show or hide the customer").click()
    page.reload()
    expect(page.locator("#pane-panel")).to_be_hidden()
    button = page.get_by_role("button", name="Show or hide the customer")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(page.locator("#pane-panel")).to_be_visible()


def test_on_a_narrow_desk_the_customer_comes_over_the_thread_and_goes_again(open_page):
    page = open_page(viewport={"width": 900, "height": 700})
    page.goto(INBOX)
    expect(page.locator("#pane-panel")).to_be_hidden()
    page.get_by_role("button", name="Show or hide the customer").click()
    expect(page.locator("#pane-panel")).to_be_visible()
    page.get_by_role("button", name="Hide the customer", exact=True).click()
    expect(page.locator("#pane-panel")).to_be_hidden()


def test_a_phone_shows_one_pane_at_a_time_with_a_way_back(open_page):
    page = open_page(viewport=PHONE)
    page.goto(INBOX + "thread")
    expect(page.locator("#pane-thread")).to_be_visible()
    expect(page.locator("#pane-list")).to_be_hidden()
    page.get_by_role("button", name="Show or hide the customer").click()
    expect(page.locator("#pane-panel")).to_be_visible()
    expect(page.locator("#pane-thread")).to_be_hidden()
    page.get_by_role("link", name="Back to the conversation").click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#pane-list")).to_be_visible()
    expect(page.locator("#pane-list")).to_be_focused()


def test_on_a_phone_the_rail_is_a_bar_with_four_places_and_more(open_page):
    page = open_page(viewport=PHONE)
    page.goto(INBOX + "list")
    rail = page.get_by_role("navigation", name="Main")
    assert rail.bounding_box()["y"] > 700
    expect(rail.get_by_role("link", name="Outbox")).to_be_hidden()
    rail.get_by_text("More", exact=True).click()
    expect(rail.get_by_role("link", name="Outbox")).to_be_visible()
    rail.get_by_role("button", name="Keyboard").click()
    expect(page.locator("#keys-help")).to_be_visible()


def test_a_page_opens_over_the_page_and_what_was_typed_survives_a_click_beside_it(page):
    page.goto("/styleguide/?lang=en")
    page.get_by_role("link", name="Page in a dialog").click()
    dialog = page.get_by_role("dialog", name="Log a contact")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Who is it?")).to_be_focused()
    page.mouse.click(5, 5)
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Page in a dialog").click()
    dialog.get_by_label("Who is it?").fill("Hélène")
    page.mouse.click(5, 5)
    expect(dialog).to_be_visible()
    page.evaluate("htmx.trigger(document.body, 'dialog:close')")
    expect(dialog).to_be_hidden()


def test_without_script_the_same_link_is_a_page_and_menus_still_open(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/styleguide/?lang=en")
    page.locator(".rail-user > summary").click()
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    page.get_by_role("link", name="Page in a dialog").click()
    expect(page.get_by_role("heading", name="Log a contact", level=1)).to_be_visible()

"""Keys, palette and list: everything by keyboard, on any layout, in anyone's own way."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.shell.urls")]
INBOX = "/styleguide/inbox/?lang=en&show=thread"


def clicks(page, selector):
    """Count what clicks on an element, by a script that the browser's debugger adds."""
    page.evaluate(
        "s => { window.clicks = 0; document.querySelector(s).addEventListener("
        "'click', () => { window.clicks += 1; }); }",
        selector,
    )
    return lambda: page.evaluate("window.clicks")


def test_a_key_does_what_its_button_does_unless_somebody_is_writing(page):
    page.goto("/workbench/")
    count = clicks(page, "#reply")
    page.keyboard.press("r")
    assert count() == 1
    page.keyboard.press("f")
    expect(page.locator("#field")).to_be_focused()
    page.keyboard.type("rrr")
    assert count() == 1
    expect(page.locator("#field")).to_have_value("rrr")


@pytest.mark.parametrize("combination", ["Control+r", "Alt+r", "Meta+r"])
def test_the_browsers_own_combinations_are_left_alone(page, combination):
    page.goto("/workbench/")
    count = clicks(page, "#reply")
    # Dispatched, since a real Ctrl-R would reload the page.
    modifier, key = combination.split("+")
    page.evaluate(
        "([m, k]) => document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: k, bubbles: true, ctrlKey: m === 'Control', altKey: m === 'Alt', metaKey: m === 'Meta'}))",
        [modifier, key],
    )
    assert count() == 0


def test_keys_follow_the_letter_and_not_its_place_so_that_azerty_works(page):
    page.goto("/workbench/")
    count = clicks(page, "#reply")
    # On another layout the letter r sits on another key.
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', code: 'KeyP', bubbles: true}))")
    assert count() == 1


def test_keys_can_be_switched_off_and_the_palette_remains(page):
    page.goto("/workbench/?keys=off")
    count = clicks(page, "#reply")
    page.keyboard.press("r")
    page.keyboard.press("?")
    assert count() == 0
    expect(page.locator("#keys-help")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_a_persons_own_keys_replace_the_houses(page):
    page.goto("/workbench/?keymap=" + json.dumps({"r": "p"}))
    count = clicks(page, "#reply")
    page.keyboard.press("r")
    assert count() == 0
    page.keyboard.press("p")
    assert count() == 1
    expect(page.locator("#reply")).to_have_attribute("aria-keyshortcuts", "p")


def test_two_keys_in_a_row_go_places(page):
    page.goto("/workbench/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/styleguide/inbox/")


def test_the_help_lists_the_keys_of_this_page(page):
    page.goto(INBOX)
    page.keyboard.press("?")
    help_ = page.locator("#keys-help")
    expect(help_.get_by_text("Close and next")).to_be_visible()
    expect(help_.get_by_text("Next and previous in the list")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto("/workbench/")
    page.keyboard.press("?")
    expect(help_.get_by_text("Reply")).to_be_visible()
    expect(help_.get_by_text("Next and previous in the list")).to_be_hidden()


def test_the_palette_finds_actions_without_their_accents_and_does_them(page):
    page.goto("/styleguide/inbox/?lang=fr&show=thread")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("combobox")
    palette.fill("reglages")
    expect(page.get_by_role("option", name="Réglages")).to_have_attribute("aria-selected", "true")
    palette.fill("replier la")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#pane-list")).to_be_hidden()


def test_the_palette_finds_people_in_the_house_and_arrows_reach_them(page):
    page.goto("/workbench/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    # Letters of a person, and of no action.
    field.fill("kerou")
    found = page.get_by_role("option", name="Nadège Kerouédan")
    expect(found).to_have_attribute("aria-selected", "true")
    field.fill("")
    expect(found).to_have_count(0)
    first, second = page.get_by_role("option").nth(0), page.get_by_role("option").nth(1)
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", second.get_attribute("id"))
    page.keyboard.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")


def test_keys_struck_right_after_the_palette_closed_belong_to_the_page(page):
    page.goto("/workbench/")
    count = clicks(page, "#reply")
    for _again in range(5):
        page.keyboard.press("Control+k")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
    assert count() == 5


def test_j_and_k_walk_the_list_and_stop_at_its_ends(page):
    page.goto(INBOX)
    rows = page.locator("#pane-list [data-row]")
    page.keyboard.press("j")  # the first row is open: its neighbour is next
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    for _row in range(rows.count() + 2):
        page.keyboard.press("j")
    expect(rows.last).to_be_focused()
    expect(rows.last).to_be_in_viewport()


def test_a_menu_closes_by_escape_and_gives_the_focus_back(page):
    page.goto("/workbench/")
    summary = page.locator(".rail-user > summary")
    summary.click()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Your profile")).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.get_by_role("link", name="Your profile")).to_be_hidden()

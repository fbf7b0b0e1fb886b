"""Every part of the shell, looked at by axe: light and dark, French and English, desk and phone."""

import pytest

from parvis.web.styleguide import PAGES
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.shell.urls")]


def address(name: str, **query: str) -> str:
    path = "/styleguide/" if name == "index" else f"/styleguide/{name}/"
    return path + "?" + "&".join(f"{key}={value}" for key, value in query.items())


@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_in_anyones_way(open_page, name):
    # The pages made of these parts are judged in their journeys, in both languages and themes.
    for theme, lang, viewport in (("light", "fr", DESK), ("dark", "en", PHONE)):
        page = open_page(viewport=viewport)
        page.goto(address(name, theme=theme, lang=lang))
        assert axe_violations(page) == [], (theme, lang)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "scrolls sideways"


@pytest.mark.parametrize("accent", ["ffe14d", "111111"])
def test_a_difficult_brand_colour_stays_readable(open_page, accent):
    page = open_page()
    for name in ("inbox", "auth"):
        for theme in ("light", "dark"):
            page.goto(address(name, theme=theme, accent=accent))
            assert axe_violations(page, colours_only=theme == "dark") == [], (name, theme)


def test_what_opens_over_a_page_is_as_accessible_as_the_page(page):
    page.goto(address("index", lang="en"))
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").fill("zo")
    page.get_by_role("option", name="Zoé").wait_for()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard").wait_for()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Page in a dialog").click()
    page.get_by_role("dialog").get_by_label("Who is it?").wait_for()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    for level in ("undo", "error", "warning"):
        page.get_by_role("button", name=f"Toast: {level}").click()
    page.get_by_text("The mail server does not answer.").wait_for()
    page.locator(".rail-user > summary").click()
    assert axe_violations(page) == []


def test_the_security_policy_has_nothing_to_refuse(page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in PAGES:
        answer = page.goto(address(name))
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page.wait_for_load_state("networkidle")
    # A refused status is the one thing the error page is for.
    assert [line for line in complaints if "404" not in line] == []


def test_without_the_setting_there_is_no_styleguide(page, settings):
    settings.PARVIS_STYLEGUIDE = False
    assert page.goto("/styleguide/").status == 404

"""The mail ledger and the outbox in a real browser: reachable by keyboard, clean for axe, as wide as the screen."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from parvis.channels.models import OutMail
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE
from tests.mail.letters import letter, take_in
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Un objet tellement long qu’il ne tient certainement pas sur une seule ligne, même sur un grand écran"


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def fill(world: World) -> None:
    sender = "Nom Interminable <prenom.deuxieme-prenom.nom-de-famille@departement.une-tres-longue-entreprise.example>"
    take_in(letter(subject=LONG, sender=sender), letter(headers={"Auto-Submitted": "auto-replied"}), bytes(range(256)))
    error = "SMTPRecipientsRefused: zoe@exemple.example: 550 5.1.1 User unknown"
    OutMail.objects.update(state="failed", attempts=1, error=error)


@pytest.mark.parametrize(("language", "dark", "viewport"), [("fr", False, DESK), ("en", True, PHONE)])
def test_nothing_stands_in_anyones_way(open_page: Any, world: World, language: str, dark: bool, viewport: Any) -> None:
    fill(world)
    world.administrator.language = language
    world.administrator.save()
    page = open_page(language=language, dark=dark, viewport=viewport)
    sign_in(page, world.administrator.email)
    for address in ("/mail/", "/mail/?state=failed", "/mail/?q=nobody@x.example", "/outbox/", "/outbox/?view=failed"):
        page.goto(address)
        assert axe_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address
    page.goto("/mail/")
    page.get_by_role("link", name=LONG).click()
    page.locator(".mail-source").scroll_into_view_if_needed()
    expect(page.locator(".mail-source")).to_contain_text("From:")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_failed_mail_is_tried_again_without_leaving_the_page(page: Page, world: World) -> None:
    fill(world)
    sign_in(page, world.administrator.email)
    page.goto("/outbox/?view=failed")
    expect(page.get_by_text("There is no such address.")).to_be_visible()
    page.get_by_role("button", name="Try now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is tried again now.")).to_be_visible()
    expect(page.get_by_text("Queued")).to_be_visible()
    assert OutMail.objects.get().state == "queued"


def test_a_mail_is_found_and_opened_by_keyboard_alone(page: Page, world: World) -> None:
    fill(world)
    sign_in(page, world.administrator.email)
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/mail/")
    page.get_by_role("searchbox").fill("zoe@exemple.example")
    expect(page.locator("a.row")).to_have_count(1)
    page.get_by_role("searchbox").press("Tab")
    page.locator("a.row").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("It is being read again.")).to_be_visible()

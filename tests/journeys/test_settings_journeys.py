"""The settings and the sign-in in a real browser."""

import re
import time
from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from parvis.catalog.models import Need, Site
from parvis.catalog.services import site_save
from parvis.staff.domain.viewer import Viewer
from parvis.staff.models import Member
from tests.axe import axe_violations
from tests.conftest import PHONE
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser
HOUSE = Viewer.house()


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> None:
    """allauth counts attempts, and codes that were used, in the cache."""
    cache.clear()


def sign_in(page: Page, member: Member, language: str = "en") -> None:
    """Through the door, as a person does."""
    Member.objects.filter(pk=member.pk).update(language=language)
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(member.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/($|accounts/2fa)"))


def code_now(secret: str) -> str:
    """What an authenticator app would show: a code good for some seconds yet."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    if (left := 30 - time.time() % 30) < 12:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_changed_hours_are_on_the_customers_door_at_once(world: World, page: Page) -> None:
    site_save(viewer=HOUSE, site_id=world.gare.pk, is_active=False)
    site_save(viewer=HOUSE, site_id=world.canal.pk, hours={}, observes_holidays=False)
    page.goto("/portal/")
    expect(page.locator(".door")).to_have_text("Closed")
    sign_in(page, world.manager)
    page.goto(f"/settings/sites/{world.canal.pk}/")
    monday = page.locator("[data-day=mon]")
    monday.get_by_role("button", name="Add hours on Monday").click()
    monday.get_by_label("Monday: opens").fill("00:00")
    monday.get_by_label("Monday: closes").fill("00:00")
    monday.get_by_label("Monday: closes").blur()
    monday.locator("summary").click()
    monday.get_by_role("button", name="To every day").click()
    expect(page.locator("#hours-preview")).to_contain_text("168 h")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save the hours").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    page.goto("/portal/")
    expect(page.locator(".door")).to_have_text("Open day and night")


def test_a_lunch_break_is_added_and_taken_away_by_keyboard(world: World, page: Page) -> None:
    site_save(viewer=HOUSE, site_id=world.canal.pk, hours={"tue": [["09:00", "12:30"]]})
    sign_in(page, world.manager)
    page.goto(f"/settings/sites/{world.canal.pk}/#hours")
    tuesday = page.locator("[data-day=tue]")
    tuesday.get_by_role("button", name="Add hours on Tuesday").press("Enter")
    spans = tuesday.locator("[data-span]")
    expect(spans).to_have_count(2)
    expect(spans.nth(1).locator("input").first).to_be_focused()
    expect(spans.nth(1).locator("input").first).to_have_value("14:00")
    page.get_by_role("button", name="Save the hours").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    assert Site.objects.get(pk=world.canal.pk).hours == {"tue": [["09:00", "12:30"], ["14:00", "18:00"]]}
    page.locator("[data-day=tue] [data-span-remove]").last.press("Enter")
    page.get_by_role("button", name="Save the hours").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    assert Site.objects.get(pk=world.canal.pk).hours == {"tue": [["09:00", "12:30"]]}


def test_the_tree_grows_and_is_put_in_order(world: World, open_page: Callable[..., Page]) -> None:
    page = open_page(language="fr")
    sign_in(page, world.manager, "fr")
    page.goto("/settings/needs/")
    page.get_by_role("link", name="Ajouter un besoin", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nom (English)").fill("Buy a bicycle")
    dialog.get_by_label("Nom (Français)").fill("Acheter un vélo")
    dialog.get_by_label("Première réponse sous").fill("bientôt")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog).to_contain_text("Écrivez par exemple 2 h")
    dialog.get_by_label("Première réponse sous").fill("1 h 30")
    dialog.get_by_text("Une réponse proposée avant le formulaire").click()
    dialog.get_by_label("Réponse (Français)").fill("Passez **quand vous voulez**.")
    expect(dialog.locator(".answer-preview[lang=fr] strong")).to_have_text("quand vous voulez")
    expect(dialog.locator(".answer-preview[lang=en]")).to_be_empty()
    assert axe_violations(page, "dialog[open]") == []
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#tree")).to_contain_text("Acheter un vélo")
    assert Need.objects.get(slug="buy-a-bicycle").first_answer_minutes == 90
    page.get_by_role("button", name="Monter Acheter un vélo").click()
    expect(page.locator(".tree > li").first).to_contain_text("Acheter un vélo")
    page.get_by_role("button", name="Ne plus proposer Acheter un vélo").click()
    expect(page.locator(".tree")).not_to_contain_text("Acheter un vélo")
    page.locator("[data-toast-undo]").click()
    expect(page.locator(".tree")).to_contain_text("Acheter un vélo")


def test_a_colour_is_seen_in_light_and_dark_before_it_is_saved(world: World, page: Page) -> None:
    sign_in(page, world.manager)
    page.goto("/settings/house/")
    page.locator("#brand [name=accent]").fill("#ffe14d")
    expect(page.locator("#brand-preview rect[fill='#ffe14d']").first).to_be_attached()
    expect(page.locator("#brand-preview")).to_contain_text("a little changed")
    assert axe_violations(page) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_second_step_is_set_up_and_asked_for_at_the_next_sign_in(
    world: World, open_page: Callable[..., Page], language: str
) -> None:
    confirm, code, on, out = {
        "en": ("Confirm", "Code", "Switch on", "Sign in"),
        "fr": ("Confirmer", "Code", "Activer", "Se connecter"),
    }[language]
    page = open_page(language=language)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    sign_in(page, world.agent, language)
    page.goto("/accounts/2fa/totp/activate/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name=confirm, exact=True).click()
    expect(page.locator(".qr img")).to_be_visible()
    assert page.locator(".qr img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert axe_violations(page) == []
    secret = page.locator("#secret").input_value()
    page.get_by_label(code, exact=True).fill(code_now(secret))
    page.get_by_role("button", name=on, exact=True).click()
    page.wait_for_url(re.compile("recovery-codes|2fa/$"))

    cache.clear()
    visitor = open_page(language=language)
    sign_in(visitor, world.agent, language)
    assert axe_violations(visitor) == []
    visitor.get_by_label(code, exact=True).fill(code_now(secret))
    visitor.get_by_role("button", name=out, exact=True).click()
    visitor.wait_for_url("**/")
    assert refused == []


def test_a_passkey_opens_the_door_under_our_policy(world: World, page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, world.agent)
    page.goto("/accounts/2fa/webauthn/add/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_label("Sign in with it alone, without a password").check()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url(re.compile("webauthn/$|recovery-codes"))
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/")


PAGES = ["house/", "sites/", "sites/{site}/", "needs/", "texts/", "texts/greeting/", "people/", "people/{person}/"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_of_the_settings_is_accessible_and_fits_a_phone(
    world: World, open_page: Callable[..., Page], dark: bool
) -> None:
    page = open_page(language="fr", viewport=PHONE, dark=dark)
    sign_in(page, world.administrator, "fr")
    for name in [*PAGES, "people/new/", "teams/", "profile/", "sites/new/"]:
        address = "/settings/" + name.format(site=world.canal.pk, person=world.agent.pk)
        page.goto(address)
        assert axe_violations(page, colours_only=dark) == [], address
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{address} scrolls sideways"

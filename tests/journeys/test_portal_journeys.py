"""The customer's side in a real browser: from the tree to the promise, the request, and the question afterwards."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from parvis.catalog.services import need_save, site_save
from parvis.desk.models import FollowUp
from parvis.desk.portal import tokens
from parvis.desk.services import conversation_close, reply_send
from parvis.desk.services.letters import follow_up_link
from parvis.encounters.models import Encounter
from parvis.staff.domain.viewer import Viewer
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE
from tests.world import World

pytestmark = pytest.mark.browser
HOUSE = Viewer.house()
WORDS = {
    "en": {
        "need": "Repair",
        "branch": "Brakes",
        "no": "No, I would like to write to you",
        "message": "Your message",
        "name": "Your name",
        "email": "Your e-mail address",
        "send": "Send",
        "sent": "We have your message",
        "see": "See my request",
        "well": "No, all is well",
        "thanks": "Thank you",
        "missing": "Yes, something is missing",
        "again": "We have taken it up again",
        "switch": "Français",
    },
    "fr": {
        "need": "Réparation",
        "branch": "Freins",
        "no": "Non, je voudrais vous écrire",
        "message": "Votre message",
        "name": "Votre nom",
        "email": "Votre adresse e-mail",
        "send": "Envoyer",
        "sent": "Nous avons bien reçu votre message",
        "see": "Voir ma demande",
        "well": "Non, tout va bien",
        "thanks": "Merci",
        "missing": "Oui, il manque quelque chose",
        "again": "Nous avons repris votre demande",
        "switch": "English",
    },
}


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """One site, a branch with an answer under the need; and nobody here is too quick for the form."""
    monkeypatch.setattr(tokens, "FORM_SECONDS", (0, 86_400))
    site_save(viewer=HOUSE, site_id=world.gare.pk, is_active=False)
    need_save(
        viewer=HOUSE,
        name={"en": "Brakes", "fr": "Freins"},
        answer={"en": "Come by **any time**.", "fr": "Passez **quand vous voulez**."},
        parent_id=world.repair.pk,
    )
    return world


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


@pytest.mark.parametrize(("language", "viewport"), [("en", DESK), ("fr", PHONE)], ids=["en, desk", "fr, phone"])
def test_from_the_tree_to_the_promise_and_the_question_afterwards(
    shop: World, open_page: Callable[..., Page], language: str, viewport: dict[str, int]
) -> None:
    words = WORDS[language]
    page = open_page(language=language, viewport=viewport)
    page.goto("/portal/")
    assert axe_violations(page) == []
    page.get_by_role("link", name=words["need"]).click()
    page.get_by_role("link", name=words["branch"]).click()
    expect(page.locator(".answer strong")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name=words["no"]).click()
    expect(page.get_by_label(words["message"])).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label(words["message"]).fill("Mes freins grincent.")
    page.get_by_label(words["name"]).fill("Zoé Martin")
    page.get_by_label(words["email"]).fill("zoe@exemple.example")
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_role("heading", level=1, name=words["sent"])).to_be_visible()
    encounter = Encounter.objects.get()
    assert encounter.need.slug == "brakes"
    expect(page.get_by_text(encounter.reference)).to_be_visible()
    assert axe_violations(page) == []

    page.get_by_role("link", name=words["see"]).click()
    reply_send(viewer=shop.viewer("agent"), encounter_id=encounter.pk, text="Passez demain.", undo_seconds=0)
    page.reload()
    expect(page.get_by_text("Passez demain.")).to_be_visible()
    page.get_by_label(words["message"]).fill("Merci, à demain.")
    page.get_by_role("button", name=words["send"]).click()
    expect(page.locator(".message-customer").last).to_contain_text("Merci, à demain.")
    assert axe_violations(page) == []

    conversation_close(viewer=shop.viewer("agent"), encounter_id=encounter.pk)
    page.goto(path_of(follow_up_link(FollowUp.objects.get().pk)))
    assert axe_violations(page) == []
    page.get_by_role("button", name=words["well"]).click()
    expect(page.get_by_role("heading", level=1, name=words["thanks"])).to_be_visible()
    assert axe_violations(page) == []
    assert FollowUp.objects.get().all_done is True
    page.goto(path_of(follow_up_link(FollowUp.objects.get().pk)))
    page.get_by_role("button", name=words["missing"]).click()
    expect(page.get_by_role("heading", level=1, name=words["again"])).to_be_visible()
    encounter.refresh_from_db()
    assert encounter.status == "open"


def test_the_language_is_switched_on_every_page_those_with_a_token_too(
    shop: World, open_page: Callable[..., Page]
) -> None:
    encounter = shop.contact()
    from parvis.desk.services.letters import portal_link

    page = open_page(language="fr")
    page.goto(path_of(portal_link(encounter.pk)))
    expect(page.get_by_role("heading", name="Ce qui s’est dit")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="What was said")).to_be_visible()
    page.goto("/portal/")
    expect(page.get_by_text("How can we help you?")).to_be_visible()


def test_a_form_left_incomplete_says_what_is_missing_and_keeps_the_rest(shop: World, page: Page) -> None:
    page.goto("/portal/write/?need=brakes")
    page.get_by_label("Your message").fill("My brakes squeal.")
    page.get_by_label("Your e-mail address").fill("zoe")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").first).to_contain_text("marked fields")
    expect(page.get_by_label("Your message")).to_have_value("My brakes squeal.")
    expect(page.get_by_label("Your e-mail address")).to_have_attribute("aria-invalid", "true")
    assert axe_violations(page) == []
    assert not Encounter.objects.exists()


def test_the_form_is_filled_and_sent_by_keyboard_alone(shop: World, page: Page) -> None:
    page.goto("/portal/write/")
    page.get_by_label("Your message").focus()
    typed = ["My brakes squeal.", "Zoé Martin", "zoe@exemple.example", "+33 6 12 34 56 78"]
    for words in typed:
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    # The trap is passed over: after the files comes the button.
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="We have your message")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_of_the_portal_is_accessible_on_a_phone(
    shop: World, open_page: Callable[..., Page], dark: bool
) -> None:
    page = open_page(language="fr", viewport=PHONE, dark=dark)
    addresses: list[tuple[str, Any]] = [
        ("/portal/", "Comment"),
        ("/portal/needs/repair/", "Réparation"),
        ("/portal/write/", "Écrivez-nous"),
        ("/portal/requests/", "Mes demandes"),
        ("/r/forged/", "Ce lien ne fonctionne pas."),
    ]
    for address, said in addresses:
        page.goto(address)
        expect(page.locator("main")).to_contain_text(said)
        assert axe_violations(page, colours_only=dark) == [], address
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{address} scrolls sideways"

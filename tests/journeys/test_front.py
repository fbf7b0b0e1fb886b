"""The front pages in a real browser: a contact logged by keyboard, search with accents, a merge and its undo."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from parvis.customers.models import Customer
from parvis.customers.services import contact_point_add, customer_change, organisation_create
from parvis.desk.models import Message
from parvis.encounters.models import Encounter
from parvis.promises.models import Promise
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE
from tests.front.pages import signed_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Desk = Callable[..., Page]


@pytest.fixture
def desk(open_page: Callable[..., Page], live_server: Any, world: World) -> Desk:
    """Opens a page of a member who is signed in: desk("agent", "fr", viewport=PHONE)."""

    def open_desk(who: str = "agent", language: str = "en", **options: Any) -> Page:
        cookie = signed_in(world, who, language).cookies[settings.SESSION_COOKIE_NAME]
        page = open_page(language=language, **options)
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return open_desk


def keystrokes(page: Page, text: str) -> int:
    """Type as a person does, and count."""
    page.keyboard.type(text)
    return len(text)


@pytest.mark.parametrize(
    ("language", "need", "told", "when", "toast"),
    [
        ("en", "rep", "A call back at…", "tomorrow 15", "Noted for Zoé Martin. Promised:"),
        ("fr", "rép", "Rappel à…", "demain 15h", "Noté pour Zoé Martin. Promis pour"),
    ],
)
def test_a_regular_calls_and_is_promised_a_call_back_by_keyboard_alone(
    desk: Desk, world: World, language: str, need: str, told: str, when: str, toast: str
) -> None:
    for number in range(5):
        encounter = world.contact(subject=f"Visite {number}")
    customer_change(viewer=world.viewer("agent"), customer_id=encounter.customer_id, matters="Préfère un appel")
    page = desk("agent", language)
    page.goto("/")
    begun, struck = time.monotonic(), 0
    struck += keystrokes(page, "c")
    expect(page.locator("#contact-who")).to_be_focused()
    struck += keystrokes(page, "zoe")
    page.keyboard.press("Enter")
    # Recognition stands there before anybody has asked a question.
    expect(page.locator("#contact-card")).to_contain_text("Préfère un appel")
    expect(page.locator("#contact-card")).to_contain_text("Visite 4")
    expect(page.locator("#contact-text")).to_be_focused()
    said = "Le frein grince encore"
    struck += 1 + keystrokes(page, said)
    page.keyboard.press("Tab")
    struck += 1 + keystrokes(page, need)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label(told)).to_be_checked()
    page.keyboard.press("Tab")
    struck += 3 + keystrokes(page, when)
    expect(page.locator("#contact-when-said")).to_contain_text("15")
    page.keyboard.press("Control+Enter")
    struck += 1
    expect(page.locator("#toasts")).to_contain_text(toast)
    print(f"{struck} keystrokes, {len(said)} of them what was said; {time.monotonic() - begun:.1f} s")
    assert struck - len(said) <= 25
    made = Encounter.objects.latest("id")
    assert re.search(f"/encounters/{made.reference}/", page.url)
    assert (made.customer_id, made.need) == (encounter.customer_id, world.repair)
    assert set(Promise.objects.filter(encounter=made).values_list("kind", flat=True)) == {"call_back", "resolution"}


def test_enter_struck_before_the_answer_came_still_chooses(desk: Desk, world: World) -> None:
    customer = world.contact().customer
    page = desk()
    page.goto(reverse("contact_log"))
    page.locator("#contact-who").press_sequentially("martin")
    page.keyboard.press("Enter")
    expect(page.locator("[name=customer]")).to_have_value(customer.reference)
    assert page.url.endswith(reverse("contact_log")), "Enter must not send the form"


def test_somebody_new_in_one_line(desk: Desk, world: World) -> None:
    page = desk()
    page.goto("/")
    page.keyboard.press("c")
    page.locator("#contact-who").press_sequentially("Zoé Martin 06 12 34 56 78 zoe@exemple.example")
    page.keyboard.press("Enter")
    expect(page.locator("#contact-card")).to_contain_text("Zoé Martin · 06 12 34 56 78 · zoe@exemple.example")
    page.keyboard.type("Bonjour")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Noted for Zoé Martin")
    assert {p.key for p in Customer.objects.get().contact_points.all()} == {"+33612345678", "zoe@exemple.example"}


def test_what_was_refused_stays_in_the_dialog_with_its_reason(desk: Desk, world: World) -> None:
    page = desk()
    page.goto("/")
    page.keyboard.press("c")
    page.locator("#contact-who").press_sequentially("Zoé")
    page.keyboard.press("Enter")
    expect(page.locator("#contact-text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog .field-errors").first).to_contain_text("Say what it is about")
    expect(page.locator("#contact-who")).to_have_value("Zoé")
    expect(page.locator("#dialog")).to_be_visible()


def test_more_words_go_into_what_is_open(desk: Desk, world: World) -> None:
    encounter = world.contact()
    page = desk()
    page.goto(reverse("customer", args=[encounter.customer.reference]))
    page.keyboard.press("c")
    page.locator("#contact-who").press_sequentially("zoe")
    page.keyboard.press("Enter")
    page.get_by_label(encounter.subject).check()
    page.locator("#contact-text").fill("Et la selle")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/encounters/{encounter.reference}/**")
    assert Encounter.objects.count() == 1
    assert Message.objects.filter(text="Et la selle").exists()


def test_search_finds_without_accents_and_the_palette_opens_it(desk: Desk, world: World) -> None:
    encounter = world.contact(text="L’été dernier déjà, la chaîne sautait.")
    page = desk("agent", "fr")
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#search-field")).to_be_focused()
    page.keyboard.type("chaine ete")
    expect(page.locator("mark").first).to_have_text("été")
    page.keyboard.press("Control+k")
    page.keyboard.type("martin")
    expect(page.locator("#palette-remote")).to_contain_text("Zoé Martin")
    page.get_by_role("option", name="Zoé Martin").click()
    page.wait_for_url(f"**{reverse('customer', args=[encounter.customer.reference])}")


def test_two_records_become_one_and_two_again(desk: Desk, world: World) -> None:
    one = world.contact().customer
    other = world.contact(channel="phone", email="", phone="06 12 34 56 78", subject="Devis").customer
    page = desk()
    page.goto(reverse("duplicates"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Keep this record : {one.reference}").click()
    expect(page.locator("#toasts")).to_contain_text("The two records are one")
    expect(page.locator("#points-card")).to_contain_text("06 12 34 56 78")
    expect(page.locator("main")).to_contain_text("Devis")
    world.contact(channel="phone", email="", phone="06 12 34 56 78", subject="Entre-temps")
    page.get_by_role("button", name="Take apart").click()
    expect(page.locator("#toasts")).to_contain_text("two again")
    expect(page.locator("#points-card")).not_to_contain_text("06 12 34 56 78")
    page.goto(reverse("customer", args=[other.reference]))
    expect(page.locator("main")).to_contain_text("Entre-temps")


def test_what_matters_is_noted_in_place_by_keyboard(desk: Desk, world: World) -> None:
    customer = world.contact().customer
    page = desk()
    page.goto(reverse("customer", args=[customer.reference]))
    page.keyboard.press("m")
    expect(page.locator("#matters-field")).to_be_focused()
    page.keyboard.type("Une chaise, s’il vous plaît")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#matters-card .prose")).to_have_text("Une chaise, s’il vous plaît")


def _full_house(world: World) -> dict[str, str]:
    """Rows of every kind, with long names; the addresses of all pages."""
    long = "Marie-Christine de La Rochefoucauld-Montbrun d’Aubigné et Fils"
    encounter = world.contact(name=long, subject="Un sujet qui n’en finit pas " * 4, phone="06 12 34 56 78")
    twin = world.contact(channel="phone", email="", phone="06 98 76 54 32", name=long)
    viewer = world.viewer("administrator")
    contact_point_add(viewer=viewer, customer_id=encounter.customer_id, kind="phone", value="06 98 76 54 32")
    customer_change(viewer=viewer, customer_id=encounter.customer_id, matters="Préfère un appel. " * 12)
    school = organisation_create(viewer=viewer, name="Lycée Joseph-Fourier d’Auxerre", domain="exemple.example")
    customer = encounter.customer.reference
    return {
        "today": "/",
        "score": reverse("promises_kept"),
        "search": reverse("search") + "?q=marie",
        "nothing": reverse("search") + "?q=introuvable",
        "customers": reverse("customers"),
        "customer": reverse("customer", args=[customer]),
        "edit": reverse("customer_edit", args=[customer]),
        "erase": reverse("customer_erase", args=[customer]),
        "merge": reverse("customer_merge", args=[customer, twin.customer.reference]),
        "duplicates": reverse("duplicates"),
        "organisations": reverse("organisations"),
        "organisation": reverse("organisation", args=[school.reference]),
        "organisation_new": reverse("organisation_new"),
        "contact": reverse("contact_log") + f"?customer={customer}",
        "audit": reverse("audit"),
    }


@pytest.mark.parametrize(
    ("language", "dark", "viewport"),
    [("en", False, DESK), ("fr", True, PHONE)],
)
def test_no_page_stands_in_anyones_way(
    desk: Desk, world: World, language: str, dark: bool, viewport: dict[str, int]
) -> None:
    page = desk("administrator", language, dark=dark, viewport=viewport)
    wrong = {}
    for name, address in _full_house(world).items():
        page.goto(address)
        for fold in page.locator("main details:has(.skeleton) > summary").all():
            fold.click()
        expect(page.locator(".skeleton")).to_have_count(0)
        found = axe_violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            found.append("scrolls sideways")
        if found:
            wrong[name] = found
    assert wrong == {}


def test_the_dialog_of_a_contact_stands_in_nobodys_way(desk: Desk, world: World) -> None:
    world.contact()
    page = desk()
    page.goto("/")
    page.keyboard.press("c")
    page.locator("#contact-who").press_sequentially("zoe")
    expect(page.locator("#contact-who-list [role=option]").first).to_be_visible()
    assert axe_violations(page, "#dialog") == []
    page.keyboard.press("Escape")
    expect(page.locator("#contact-who-list")).to_be_hidden()
    expect(page.locator("#dialog")).to_be_visible()

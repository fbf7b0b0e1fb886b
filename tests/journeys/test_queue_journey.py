"""A visit: kiosk, own phone, the call on the display and the phone, service, and the question afterwards."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from parvis.catalog.services import site_save
from parvis.queueing.models import Screen, Ticket
from parvis.queueing.services import call_next, screen_save, sign_on
from parvis.staff.domain.viewer import Viewer
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE
from tests.queueing_world import Hall
from tests.world import World

pytestmark = pytest.mark.browser
HOUSE = Viewer.house()
WORDS = {
    "en": {
        "door": "English",
        "need": "Repair",
        "assist": "I need assistance",
        "take": "Take my ticket",
        "next": "You are next.",
        "more": "Give me 5 more minutes",
        "kept": "Your place is kept",
        "ready": "I am ready",
        "come": "Please come to Counter 1",
        "counter": "Counter 1",
        "asked": "Did we forget anything?",
        "well": "No, all is well",
        "thanks": "Thank you",
        "lost": "Connection lost at",
    },
    "fr": {
        "door": "Français",
        "need": "Réparation",
        "assist": "J’ai besoin d’aide",
        "take": "Prendre mon ticket",
        "next": "C’est à vous ensuite.",
        "more": "Encore 5 minutes, s’il vous plaît",
        "kept": "Votre place est gardée",
        "ready": "Je suis prêt",
        "come": "C’est à vous\u00a0: Guichet 1",
        "counter": "Guichet 1",
        "asked": "Avons-nous oublié quelque chose\u00a0?",
        "well": "Non, tout va bien",
        "thanks": "Merci",
        "lost": "Connexion perdue à",
    },
}


@pytest.fixture
def hall(world: World) -> Hall:
    site_save(viewer=HOUSE, site_id=world.canal.pk, hours={})
    return Hall.open(world)


def screen(hall: Hall, kind: str) -> Screen:
    return screen_save(viewer=HOUSE, site_id=hall.world.canal.pk, kind=kind, name=kind)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_the_kiosk_to_the_follow_up(
    hall: Hall, open_page: Callable[..., Page], open_desk: Callable[..., Page], language: str
) -> None:
    words, agent = WORDS[language], hall.world.viewer("agent")
    type(hall.world.agent).objects.filter(pk=agent.member_id).update(language=language)
    sign_on(viewer=agent, counter_id=hall.counters[0].pk)
    display = open_page(language=language, viewport=DESK)
    display.goto(f"/display/{screen(hall, 'display').token}/")
    kiosk = open_page(viewport=DESK)
    kiosk.goto(f"/kiosk/{screen(hall, 'kiosk').token}/")
    assert axe_violations(kiosk) == []
    kiosk.get_by_role("button", name=words["door"]).click()
    kiosk.get_by_role("link", name=words["need"]).click()
    expect(kiosk.get_by_text(words["assist"])).to_be_visible()
    assert axe_violations(kiosk) == []
    small = kiosk.locator("main :is(a, button, label), header button, footer a").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).filter(r => r.height < 80 || r.width < 80).length"
    )
    assert small == 0
    kiosk.get_by_role("button", name=words["take"]).click()
    expect(kiosk.get_by_role("heading", level=1)).to_contain_text("R001")
    assert axe_violations(kiosk) == []

    ticket = Ticket.objects.get()
    phone = open_page(language=language, viewport=PHONE)
    phone.goto(f"/q/{ticket.token}/")
    expect(phone.get_by_role("heading", level=1)).to_have_text(words["next"])
    assert axe_violations(phone) == []
    expect(display.locator(".next")).to_contain_text("R001")
    assert axe_violations(display) == []

    # Not quite ready yet: others may go first, and the place is kept.
    phone.get_by_role("button", name=words["more"]).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(words["kept"])
    phone.get_by_role("button", name=words["ready"]).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(words["next"])

    counter = open_desk(address="/queue/", language=language)
    counter.keyboard.press("n")
    expect(counter.locator(".person-code")).to_have_text("R001")
    expect(phone.get_by_role("heading", level=1)).to_have_text(words["come"])
    expect(phone).to_have_title(re.compile(re.escape(words["come"])))
    assert axe_violations(phone) == []
    expect(display.locator("[data-now-code]")).to_have_text("R001")
    expect(display.locator("[data-now-counter]")).to_have_text(words["counter"])
    expect(display.locator("[data-live]")).to_have_text(f"R001: {words['counter']}")

    # The network drops: the display says so, and shows afterwards what it missed.
    display.context.set_offline(True)
    expect(display.locator("[data-lost-line]")).to_contain_text(words["lost"])
    counter.keyboard.press("r")
    expect(counter.locator("#do-recall")).to_contain_text("2")
    counter.keyboard.press("s")
    expect(counter.locator("[data-turn-state=serving]")).to_be_visible()
    counter.keyboard.press("f")
    expect(counter.locator(".person")).to_have_count(0)
    second = hall.take()
    call_next(viewer=agent)
    display.context.set_offline(False)
    expect(display.locator("[data-now-code]")).to_have_text(second.ticket.code)
    expect(display.locator("[data-called] li").first).to_contain_text("R001")
    expect(display.locator("[data-lost-line]")).to_be_hidden()

    expect(phone.get_by_role("heading", level=1)).to_have_text(words["asked"])
    assert axe_violations(phone) == []
    phone.get_by_role("button", name=words["well"]).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(words["thanks"])
    assert axe_violations(phone) == []
    ticket.refresh_from_db()
    assert ticket.all_done is True

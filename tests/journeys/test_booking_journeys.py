"""Somebody books on a phone, in French, and manages it by the link; once with the keyboard alone; once in a frame."""

import datetime as dt
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from parvis.desk.portal import tokens
from parvis.reservations.models import Booking
from parvis.reservations.services.setting_up import offering_save
from tests.axe import axe_violations
from tests.booking import ALL_DAY, HOUSE, House
from tests.conftest import PHONE
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def house(world: World, monkeypatch: pytest.MonkeyPatch) -> House:
    """The canal takes bookings day and night; nobody here is too quick for the form."""
    monkeypatch.setattr(tokens, "FORM_SECONDS", (0, 86_400))
    world.canal.hours, world.canal.address = ALL_DAY, "97 quai de Valmy\n75010 Paris"
    world.canal.observes_holidays = False
    world.canal.save()
    house = House(world.canal)
    offer = house.offering(
        house.resource("Malik"), slug="revision", price_minor=6900, free_cancel_hours=1, late_fee_minor=1500
    )
    names = {"fr": "Révision complète", "en": "Full service"}
    offering_save(viewer=HOUSE, offering_id=offer.row.pk, name=names)
    return house


def in_two_days() -> str:
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).date().isoformat()
    return f"/book/revision/?first={day}&day={day}"


def test_book_on_a_phone_then_move_then_cancel(house: House, open_page: Callable[..., Page]) -> None:
    page = open_page(language="fr", viewport=PHONE, timezone_id="Europe/Paris")
    page.goto("/portal/")
    page.get_by_role("link", name="Prendre rendez-vous").click()
    expect(page.get_by_role("link", name="Révision complète")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="Révision complète").click()
    expect(page.get_by_role("heading", level=1, name="Révision complète")).to_be_visible()
    assert axe_violations(page) == []
    day = page.locator("a.day").nth(2)
    told = day.get_attribute("id")
    day.click()
    expect(page.locator(f"#{told}")).to_have_attribute("aria-current", "date")
    page.get_by_role("button", name="15 h", exact=True).click()
    expect(page.get_by_text("Gardé pour vous jusqu’à")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Réserver pour").click()
    expect(page.get_by_label("Votre nom")).to_have_attribute("aria-invalid", "true")
    assert axe_violations(page) == []
    page.get_by_label("Votre nom").fill("Zoé Martin")
    page.get_by_label("Votre adresse e-mail").fill("zoe@exemple.example")
    page.get_by_role("button", name="Réserver pour").click()
    expect(page.get_by_role("heading", level=1, name="C’est réservé")).to_be_visible()
    assert axe_violations(page) == []
    booking = Booking.objects.get()
    expect(page.get_by_text(booking.reference)).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Ajouter à mon agenda").click()
    assert kept.value.suggested_filename == f"{booking.reference}.ics"

    page.get_by_role("link", name="Déplacer ou annuler").click()
    expect(page.get_by_text("Confirmée")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="Déplacer", exact=True).click()
    expect(page.get_by_role("button", name="16 h", exact=True)).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="16 h", exact=True).click()
    expect(page.get_by_text("C’est déplacé.")).to_be_visible()
    booking.refresh_from_db()
    assert booking.moves == 1

    page.get_by_role("link", name="Annuler").click()
    expect(page.get_by_text("L’annulation ne vous coûte rien.")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Oui, annuler").click()
    expect(page.get_by_text("C’est annulé.")).to_be_visible()
    assert axe_violations(page) == []
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_book_with_the_keyboard_alone(house: House, open_page: Callable[..., Page]) -> None:
    page = open_page(language="fr", viewport=PHONE, timezone_id="Europe/Paris")
    page.goto(in_two_days())
    page.locator("a.day[aria-current]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("a.day[aria-current]")).to_be_focused()
    _tab_to(page, "button.time")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Qui vient")).to_be_visible()
    _tab_to(page, "[name=name]")
    page.keyboard.type("Zoé Martin")
    _tab_to(page, "[name=phone]")
    page.keyboard.type("0612345678")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="C’est réservé")).to_be_visible()


def _tab_to(page: Page, css: str) -> None:
    for __ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("css => document.activeElement.matches(css)", css):
            return
    raise AssertionError(f"the keyboard does not reach {css}")


def test_without_a_script_the_same(house: House, open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(in_two_days())
    page.locator("a.day").nth(2).click()
    page.locator("button.time").first.click()
    page.get_by_label("Your name").fill("Zoé Martin")
    page.get_by_label("Your e-mail address").fill("zoe@exemple.example")
    page.get_by_role("button", name="Book for").click()
    expect(page.get_by_role("heading", level=1, name="It is booked")).to_be_visible()


def test_elsewhere_the_own_clocks_are_shown_and_those_of_the_house_beside(
    house: House, open_page: Callable[..., Page]
) -> None:
    page = open_page(timezone_id="America/New_York")
    page.goto(in_two_days())
    expect(page.get_by_text("Times are local time in New York.")).to_be_visible()
    expect(page.locator("button.time").first).to_contain_text("in Paris")
    page.get_by_role("link", name="Show local time in Paris").click()
    expect(page.get_by_text("Times are local time in Paris.")).to_be_visible()


@pytest.fixture
def foreign(live_server: Any) -> Iterator[str]:
    """The address of somebody else's page, with the one line in it."""
    tag = f'<script src="{live_server.url}/widget.js" data-offering="revision" data-lang="fr" async></script>'
    body = f"<!doctype html><html lang=fr><meta charset=utf-8><title>Vélo-club</title><h1>Vélo-club</h1>{tag}</html>"

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_booked_in_a_frame_of_somebody_elses_page(house: House, open_page: Callable[..., Page], foreign: str) -> None:
    page = open_page(viewport=PHONE)
    page.goto(foreign)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1, name="Révision complète")).to_be_visible()
    page.wait_for_function("parseFloat(document.querySelector('iframe').style.height) > 500")
    frame.locator("button.time").first.click()
    frame.get_by_label("Votre nom").fill("Zoé Martin")
    frame.get_by_label("Votre adresse e-mail").fill("zoe@exemple.example")
    frame.get_by_role("button", name="Réserver pour").click()
    expect(frame.get_by_role("heading", level=1, name="C’est réservé")).to_be_visible()
    assert page.context.cookies() == []
    assert Booking.objects.get().door == "widget"

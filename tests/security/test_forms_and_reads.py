"""Nothing changes by looking, and nothing changes without the form's token."""

import hashlib
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client

from tests.front.pages import HTMX, signed_in
from tests.security.routes import House

# Addresses that are their own key, used by people without a session, from mail programs that hide where they are.
KEY_IN_ADDRESS = {"portal_sent", "my_requests_list", "request", "request_file", "follow_up", "set_language"} | {
    *("book_who", "book_done", "booking", "booking_move", "booking_cancel", "booking_calendar", "waiting"),
    # In a frame there are no cookies: the first POST carries the signed stamp of its page, the others a signed address.
    *("widget", "widget_hold", "widget_who", "widget_done"),
    # A partner's key says who books; their own page and each booking on it are signed.
    *("book_partner", "book_partner_times", "book_partner_hold", "book_partner_who", "book_partner_done"),
    *("partner", "partner_move", "partner_cancel"),
    # The queue's devices and tickets.
    *("kiosk", "kiosk_choose", "kiosk_take", "kiosk_booked", "kiosk_noted", "kiosk_ticket", "kiosk_misprint"),
    *("ticket", "ticket_card", "display", "display_card", "display_calls"),
}
# What is written by looking, on purpose: who has what on screen and how far they read, a session's own row, and the
# wait that somebody was told by their page, which is scored later.
BY_LOOKING = {"desk.Presence", "desk.Reading", "queueing.Told", "sessions.Session"} | {
    *("toolkit.RateWindow", "axes.AccessLog"),
}


def state() -> dict[str, Any]:
    """Every row of the house, digested: model → (count, digest)."""
    found = {}
    for model in apps.get_models():
        if model._meta.label not in BY_LOOKING:
            rows = serializers.serialize("json", model._base_manager.order_by("pk"))
            found[model._meta.label] = (model._base_manager.count(), hashlib.sha256(rows.encode()).hexdigest())
    return found


@pytest.mark.parametrize(
    ("method", "headers"), [("get", {}), ("get", HTMX), ("head", {})], ids=["page", "fragment", "head"]
)
def test_looking_changes_nothing(house: House, method: str, headers: dict) -> None:
    client = signed_in(house.world, "administrator")
    before = state()
    assert before["ledger.Entry"][0] > 20
    for route in house.routes():
        if route.name not in ("live", "account_logout"):
            getattr(client, method)(route.url, headers=headers)
    assert state() == before


def test_nothing_is_posted_without_the_forms_token(house: House) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.world.administrator, backend="parvis.staff.sessions.Backend")
    before, refused = state(), 0
    for route in house.routes():
        for headers in ({}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}):
            if route.no_token:
                continue
            response = client.post(route.url, {"text": "x", "reason": "x"}, headers=headers)
            assert response.status_code in (403, 405), (route, response.status_code)
            refused += response.status_code == 403
    assert refused > 200
    assert state() == before


def test_only_addresses_that_are_keys_are_exempt(house: House) -> None:
    assert {route.name for route in house.routes() if route.no_token} == KEY_IN_ADDRESS


def test_other_methods_are_no_way_around_the_token(house: House) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.world.administrator, backend="parvis.staff.sessions.Backend")
    before = state()
    for name in ("encounter_close", "customer_erase", "macro_delete", "settings_person_active", "encounter_reply"):
        for method in ("put", "patch", "delete"):
            answer = getattr(client, method)(house.url(name), headers={"X-HTTP-Method-Override": "POST"})
            assert answer.status_code in (403, 405)
        overridden = client.get(house.url(name) + "?_method=POST", headers={"X-HTTP-Method-Override": "POST"})
        assert overridden.status_code in (200, 405)
    assert state() == before

"""A token opens what it carries and no more, and only as long as it is in force."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from parvis.config.api import api
from parvis.staff import api as staff_api
from parvis.staff.api import REMEMBERED_SECONDS, SCOPES
from parvis.staff.models import ApiToken
from parvis.staff.services import member_change, token_revoke
from tests.front.pages import signed_in
from tests.security.routes import House
from tests.world import World

CallAs = Callable[..., Any]
CONTACT = {"customer": {"email": "tom@reed.example", "name": "Tom Reed"}, "text": "My brakes squeal."}
KEY = {"Idempotency-Key": "k1"}


def operations(house: House | None = None) -> list[tuple[str, str, str]]:
    """Every operation that asks for a token: method, path (filled in), and the scope that its name calls for."""
    found = []
    for path, methods in api.get_openapi_schema()["paths"].items():
        kind = path.removeprefix("/api/v1/").split("/")[0]
        booked = dict.fromkeys(("offerings", "waiting", "resources", "absences"), "bookings")
        queued = dict.fromkeys(("lines", "counters", "tickets"), "queue")
        scope = {"organisations": "customers", **booked, **queued}.get(kind, kind)
        one = {"waiting": "waiting"}.get(kind, kind[:-1])
        row = house.fillings.get(f"{one}.reference", house.fillings["reference"]) if house else ""
        address = path.removeprefix("/api/v1").replace("{reference}", row).replace("{slug}", "jumelage")
        found += [(method, address, f"{scope}:{'read' if method == 'get' else 'write'}") for method in methods]
    return found


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time pass for which a process remembers a token."""
    now = staff_api.time.monotonic
    monkeypatch.setattr(staff_api.time, "monotonic", lambda: now() + REMEMBERED_SECONDS)


def test_every_operation_asks_for_its_scope_and_takes_no_other(house: House, call_as: CallAs) -> None:
    tried = operations(house)
    assert len(tried) > 20
    for method, path, needed in tried:
        others = [scope for scope in SCOPES if scope != needed]
        response = call_as("administrator", others)(method, path, {} if method != "get" else None)
        assert (response.status_code, needed in response.json()["title"]) == (403, True), (method, path, needed)


def test_no_operation_answers_without_a_token_or_to_a_cookie(house: House) -> None:
    visitor, member = Client(), signed_in(house.world, "administrator")
    for method, path, __ in operations(house):
        for client in (visitor, member):
            response = getattr(client, method)(f"/api/v1{path}", data={}, content_type="application/json")
            assert response.status_code == 401, (method, path)
            assert response["Content-Type"] == "application/problem+json"


def test_no_page_of_the_desk_answers_to_a_token(house: House, call_as: CallAs) -> None:
    headers = call_as("administrator").headers
    for route in house.routes():
        if not route.open_to_all:
            response = Client(headers=headers).get(route.url)
            assert response.status_code == 302, route
            assert response.url.startswith("/accounts/login/"), route


class TestWithdrawn:
    """Processes remember a token for moments (REMEMBERED_SECONDS); after that nothing is left of it."""

    def test_a_token_in_use_ends_within_moments(
        self, world: World, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = call_as("agent")
        assert call("get", "/encounters").status_code == 200
        token_revoke(viewer=world.viewer("administrator"), token_id=ApiToken.objects.get().pk)
        later(monkeypatch)
        assert call("get", "/encounters").status_code == 401

    @pytest.mark.parametrize("change", [{"is_active": False}])
    def test_so_does_that_of_a_member_who_leaves(
        self, world: World, call_as: CallAs, monkeypatch: pytest.MonkeyPatch, change: dict
    ) -> None:
        call = call_as("agent")
        assert call("get", "/encounters").status_code == 200
        member_change(viewer=world.viewer("administrator"), member_id=world.agent.pk, **change)
        later(monkeypatch)
        assert call("get", "/encounters").status_code == 401

    def test_a_site_that_a_member_lost_is_out_of_their_tokens_sight(
        self, house: House, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from parvis.catalog.services import member_sites_set

        call, path = call_as("agent"), f"/encounters/{house.encounter.reference}"
        assert call("get", path).status_code == 200
        administrator = house.world.viewer("administrator")
        member_sites_set(viewer=administrator, member_id=house.world.agent.pk, site_ids=[house.world.gare.pk])
        later(monkeypatch)
        assert call("get", path).status_code == 404

    def test_a_stored_answer_is_not_told_to_a_token_that_was_withdrawn(
        self, world: World, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = call_as("agent")
        with transaction.atomic():
            assert call("post", "/encounters", CONTACT, **KEY).status_code == 201
        token_revoke(viewer=world.viewer("administrator"), token_id=ApiToken.objects.get().pk)
        later(monkeypatch)
        response = call("post", "/encounters", CONTACT, **KEY)
        assert response.status_code == 401
        assert "reference" not in response.json()


def test_wrong_tokens_are_slowed_down_and_a_right_one_is_not(world: World, call_as: CallAs) -> None:
    stranger = Client(headers={"Authorization": "Bearer parvis_guess"})
    answers = [stranger.get("/api/v1/encounters").status_code for _i in range(staff_api.FAILURES + 2)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert call_as("agent")("get", "/encounters").status_code == 200
    assert stranger.get("/api/v1/encounters")["Retry-After"] == "60"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b"])
def test_a_key_that_cannot_be_kept_is_refused(call_as: CallAs, key: str) -> None:
    assert call_as("agent")("post", "/encounters", CONTACT, **{"Idempotency-Key": key}).status_code == 400


def test_no_encounter_is_opened_at_a_site_that_the_member_does_not_see(world: World, call_as: CallAs) -> None:
    response = call_as("outsider")("post", "/encounters", {**CONTACT, "site": "canal"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["site"])

"""The API as programs use it."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from parvis.channels.models import OutMail
from parvis.customers.models import Customer
from parvis.encounters.models import Encounter
from parvis.kernel.clock import utcnow
from parvis.staff.models import ApiToken
from tests.world import World

CallAs = Callable[..., Any]
CONTACT = {
    "customer": {"email": "tom@reed.example", "name": "Tom Reed"},
    "text": "My brakes squeal.",
    "subject": "Brakes",
}


def opened(call: Any, **changes: Any) -> str:
    response = call("post", "/encounters", {**CONTACT, **changes})
    assert response.status_code == 201, response.content
    return response.json()["reference"]


class TestTokens:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer parvis_\x00"])
    def test_nobody_gets_in_without_a_valid_one(self, world: World, client: Any, header: str) -> None:
        response = client.get("/api/v1/encounters", headers={"Authorization": header} if header else {})
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "unauthenticated"

    def test_a_scope_that_is_missing_is_named(self, call_as: CallAs) -> None:
        response = call_as("agent", ["customers:read"])("get", "/encounters")
        assert response.status_code == 403
        assert "encounters:read" in response.json()["title"]

    @pytest.mark.parametrize("change", [{"revoked_at": utcnow()}, {"expires_at": utcnow() - dt.timedelta(1)}])
    def test_one_that_was_revoked_or_ran_out_opens_nothing(self, call_as: CallAs, change: dict) -> None:
        call = call_as("agent")
        ApiToken.objects.update(**change)
        assert call("get", "/encounters").status_code == 401

    def test_one_of_a_member_who_left_opens_nothing(self, world: World, call_as: CallAs) -> None:
        call = call_as("agent")
        world.agent.is_active = False
        world.agent.save()
        assert call("get", "/encounters").status_code == 401


class TestStrictness:
    def test_a_mistyped_parameter_is_refused_by_name(self, call_as: CallAs) -> None:
        response = call_as("agent")("get", "/encounters?stauts=open")
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["stauts"]

    def test_a_parameter_that_comes_twice_is_refused(self, call_as: CallAs) -> None:
        response = call_as("agent")("get", "/encounters?status=open&status=closed")
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["status"]

    def test_a_mistyped_member_of_a_body_is_refused_and_nothing_is_written(self, call_as: CallAs) -> None:
        response = call_as("agent")("post", "/encounters", {**CONTACT, "subjct": "Brakes"})
        assert response.status_code == 422
        assert any("subjct" in name for name in response.json()["errors"])
        assert not Encounter.objects.exists()


class TestEncounters:
    def test_opening_one_recognises_promises_and_greets(self, world: World, call_as: CallAs) -> None:
        call = call_as("agent")
        response = call("post", "/encounters", {**CONTACT, "need": "repair"})
        assert response.status_code == 201
        assert response.json()["due_kind"] == "first_answer"
        assert OutMail.objects.get().to == ["tom@reed.example"]
        again = call("post", "/encounters", CONTACT).json()
        assert again["customer"] == response.json()["customer"]

    def test_the_whole_round(self, call_as: CallAs) -> None:
        call = call_as("agent")
        reference = opened(call)
        steps = [
            ("note", {"text": "Regular."}, 201),
            ("classify", {"need": "repair", "priority": 1}, 200),
            ("assign", {"owner": "agent@parvis.example"}, 200),
            ("reply", {"text": "Come by tomorrow.", "then": "wait"}, 201),
            ("close", None, 200),
            ("reopen", None, 200),
        ]
        for action, body, status in steps:
            response = call("post", f"/encounters/{reference}/{action}", body)
            assert response.status_code == status, response.content
        shown = call("get", f"/encounters/{reference.lower()}").json()
        assert (shown["owner"], shown["need"], shown["priority"]) == ("agent@parvis.example", "repair", 1)
        messages = call("get", f"/encounters/{reference}/messages").json()["items"]
        assert [m["direction"] for m in messages] == ["in", "out", "note", "out"]

    def test_closing_twice_is_a_conflict_told_in_the_callers_language(self, call_as: CallAs) -> None:
        call = call_as("agent")
        reference = opened(call)
        call("post", f"/encounters/{reference}/close")
        response = call("post", f"/encounters/{reference}/close")
        assert response.status_code == 409
        assert response.json()["code"] == "already_closed"

    def test_lists_page_without_losing_or_repeating(self, world: World, call_as: CallAs) -> None:
        expected = {world.contact(greet=False).reference for _ in range(7)}
        call, seen, cursor = call_as("agent"), [], ""
        for _i in range(9):
            page = call("get", f"/encounters?limit=2{cursor}").json()
            seen += [e["reference"] for e in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == 7
        assert set(seen) == expected

    @pytest.mark.parametrize(
        "bad",
        [
            {"customer": {}},
            {"customer": {"email": "nobody"}},
            {"text": " ", "subject": ""},
            {"need": "unheard-of"},
            {"site": "gare"},
            {"owner": "stranger@example.com"},
            {"customer": {"reference": "C-00000"}},
            {"initiative": "nobody"},
        ],
    )
    def test_what_cannot_be_opened_says_why_and_leaves_nothing(self, call_as: CallAs, bad: dict) -> None:
        response = call_as("agent")("post", "/encounters", {**CONTACT, **bad})
        assert response.status_code in (400, 404, 422), response.content
        assert response["Content-Type"] == "application/problem+json"
        assert not Encounter.objects.exists()
        assert not Customer.objects.exists()

    @pytest.mark.parametrize("reference", ["E-00000", "E-XXXXXXXXXXXXXXXXXXXXX", "nonsense", "E-%00", "C-7K3F9", "'--"])
    def test_a_reference_that_names_nothing_is_not_found(self, call_as: CallAs, reference: str) -> None:
        assert call_as("agent")("get", f"/encounters/{reference}").status_code == 404

    def test_text_that_a_database_cannot_take_is_cleaned(self, call_as: CallAs) -> None:
        call = call_as("agent")
        raw = b'{"customer": {"email": "a@b.example", "name": "\\u0000Zo"}, "text": "a\\u0000b%s"}'
        response = call("post", "/encounters", raw % b"")
        assert response.status_code == 201, response.content
        assert call("post", "/encounters", raw % b"\\ud800").status_code == 422
        assert call("get", "/customers?q=Zo%00").status_code == 200


class TestIdempotency:
    def test_a_repeat_gets_the_first_answer_and_does_nothing(self, call_as: CallAs) -> None:
        call = call_as("agent")
        first = call("post", "/encounters", CONTACT, **{"Idempotency-Key": "k1"})
        second = call("post", "/encounters", CONTACT, **{"Idempotency-Key": "k1"})
        assert second.json() == first.json()
        assert second["Idempotent-Replayed"] == "true"
        assert Encounter.objects.count() == 1

    def test_a_key_is_not_taken_for_another_request(self, call_as: CallAs) -> None:
        call = call_as("agent")
        call("post", "/encounters", CONTACT, **{"Idempotency-Key": "k1"})
        other = call("post", "/encounters", {**CONTACT, "text": "Other"}, **{"Idempotency-Key": "k1"})
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")

    def test_keys_of_two_tokens_never_meet(self, call_as: CallAs) -> None:
        for who in ("agent", "lead"):
            response = call_as(who)("post", "/encounters", CONTACT, **{"Idempotency-Key": "k1"})
            assert "Idempotent-Replayed" not in response.headers
        assert Encounter.objects.count() == 2

    def test_a_request_that_failed_can_be_sent_again(self, world: World, call_as: CallAs) -> None:
        call = call_as("agent")
        bad = call("post", "/encounters", {**CONTACT, "need": "later"}, **{"Idempotency-Key": "k1"})
        assert bad.status_code == 400
        world.repair.slug = "later"
        world.repair.save()
        good = call("post", "/encounters", {**CONTACT, "need": "later"}, **{"Idempotency-Key": "k1"})
        assert good.status_code == 201

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_once_one_is_carried_out(self, world: World, call_as: CallAs) -> None:
        call = call_as("agent")
        answers: list[Any] = []

        def send() -> None:
            try:
                answers.append(call("post", "/encounters", CONTACT, **{"Idempotency-Key": "race"}))
            finally:
                connection.close()

        threads = [threading.Thread(target=send) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {a.status_code for a in answers} == {201}
        assert len({a.json()["reference"] for a in answers}) == 1
        assert Encounter.objects.count() == 1


class TestWhoSeesWhat:
    def test_an_outsider_sees_and_changes_nothing_of_another_site(self, world: World, call_as: CallAs) -> None:
        encounter = world.contact(need_id=world.repair.pk)
        promise = encounter.promises.first().reference
        customer, call = encounter.customer.reference, call_as("outsider")
        for path in ("/encounters", "/customers", "/promises", "/customers?q=zoe", "/promises?view=at_risk"):
            assert call("get", path).json()["items"] == [], path
        assert call("get", "/ledger").json()["items"] == []
        later = (utcnow() + dt.timedelta(days=9)).isoformat()
        for method, path, body in [
            ("get", f"/encounters/{encounter.reference}", None),
            ("get", f"/encounters/{encounter.reference}/messages", None),
            ("post", f"/encounters/{encounter.reference}/reply", {"text": "x"}),
            ("post", f"/encounters/{encounter.reference}/note", {"text": "x"}),
            ("post", f"/encounters/{encounter.reference}/assign", {}),
            ("post", f"/encounters/{encounter.reference}/classify", {"priority": 1}),
            ("post", f"/encounters/{encounter.reference}/close", None),
            ("post", f"/encounters/{encounter.reference}/reopen", None),
            ("get", f"/promises/{promise}", None),
            ("get", f"/promises/{promise}/why", None),
            ("post", f"/promises/{promise}/keep", None),
            ("post", f"/promises/{promise}/void", {"reason": "x"}),
            ("post", f"/promises/{promise}/renegotiate", {"reason": "x", "due_at": later}),
            ("post", "/promises", {"encounter": encounter.reference, "kind": "call_back", "due_at": later}),
            ("get", f"/customers/{customer}", None),
            ("patch", f"/customers/{customer}", {"name": "x"}),
            ("post", f"/customers/{customer}/contact_points", {"kind": "email", "value": "a@b.example"}),
            ("post", "/encounters", {**CONTACT, "customer": {"reference": customer}}),
        ]:
            response = call(method, path, body)
            assert response.status_code == 404, (path, response.content)

    def test_the_feed_tells_everything_once_in_order(self, world: World, call_as: CallAs) -> None:
        call = call_as("administrator")
        for _i in range(3):
            world.contact()
        seen, position = [], "0-0"
        for _i in range(40):
            page = call("get", f"/ledger?limit=4&after={position}").json()
            seen += [e["name"] for e in page["items"]]
            if page["next_position"] == position:
                break
            position = page["next_position"]
        if connection.vendor == "sqlite":  # on PostgreSQL this test's own transaction is still open
            assert seen.count("encounter.opened") == 3
        assert call("get", "/ledger?after=x").status_code == 400


class TestPromises:
    def test_made_explained_moved_kept_and_dropped(self, world: World, call_as: CallAs) -> None:
        call, encounter = call_as("agent"), world.contact(need_id=world.repair.pk)
        resolution = encounter.promises.get(kind="resolution").reference
        assert call("get", f"/promises/{resolution}/why").json()["spans"]
        due = (utcnow() + dt.timedelta(hours=3)).isoformat()
        made = call("post", "/promises", {"encounter": encounter.reference, "kind": "call_back", "due_at": due})
        assert made.status_code == 201, made.content
        reference = made.json()["reference"]
        later = (utcnow() + dt.timedelta(days=2)).isoformat()
        moved = call("post", f"/promises/{reference}/renegotiate", {"due_at": later, "reason": "The part is late."})
        assert moved.status_code == 201, moved.content
        kept = call("post", f"/promises/{moved.json()['reference']}/keep")
        assert kept.json()["state"] == "kept"
        assert call("post", f"/promises/{resolution}/void", {"reason": "Bike sold."}).json()["state"] == "void"
        assert call("post", f"/promises/{resolution}/keep").status_code == 409


def test_addresses_and_methods_that_do_not_exist_are_problems_too(world: World, client: Any) -> None:
    for path, method, status in [("/api/v1/nowhere", "get", 404), ("/api/v1/encounters", "delete", 405)]:
        response = getattr(client, method)(path)
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"


def test_the_schema_is_public_and_names_no_third_party(db: None, client: Any) -> None:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")


def test_opening_an_encounter_is_a_handful_of_statements(
    world: World, call_as: CallAs, django_assert_max_num_queries: Any
) -> None:
    call = call_as("agent")
    opened(call)
    with django_assert_max_num_queries(24):
        opened(call)

"""The API of webhooks: administrators add, change, test and look; nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from parvis.webhooks import services
from parvis.webhooks.models import Delivery, Endpoint
from tests.webhooks.receiver import Receiver, verified
from tests.world import World

pytestmark = pytest.mark.django_db
CallAs = Callable[..., Any]


def test_an_endpoint_through_its_life(receiver: Receiver, world: World, call_as: CallAs) -> None:
    call = call_as("administrator")
    made = call("post", "/webhooks", {"url": receiver.url(), "description": "Shop", "events": ["booking.moved"]})
    assert made.status_code == 201
    reference, secret = made.json()["reference"], made.json()["secret"]
    assert secret.startswith("whsec_")
    assert "secret" not in call("get", f"/webhooks/{reference}").json()
    assert [row["reference"] for row in call("get", "/webhooks").json()] == [reference]

    assert call("post", f"/webhooks/{reference}/test").status_code == 202
    services.deliveries_send()
    [got] = receiver.got
    assert verified(secret, got.headers, got.body)
    [sent] = call("get", f"/webhooks/{reference}/deliveries").json()["items"]
    assert (sent["id"], sent["event"], sent["state"], sent["status"]) == (
        got.headers["webhook-id"], "ping", "delivered", 200,
    )  # fmt: skip

    again = call("post", f"/webhooks/{reference}/deliveries/{sent['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert call("post", f"/webhooks/{reference}/deliveries/resend").json() == {"count": 0}
    assert call("post", f"/webhooks/{reference}/deliveries/msg_0/resend").status_code == 404

    rotated = call("post", f"/webhooks/{reference}/rotate").json()["secret"]
    assert rotated != secret
    changed = call("patch", f"/webhooks/{reference}", {"active": False, "events": []}).json()
    assert (changed["active"], changed["off_because"], changed["events"]) == (False, "person", [])
    assert call("post", f"/webhooks/{reference}/test").status_code == 409
    assert call("patch", f"/webhooks/{reference}", {"active": True}).json()["off_because"] == ""
    assert call("delete", f"/webhooks/{reference}").status_code == 204
    assert call("get", f"/webhooks/{reference}").status_code == 404
    assert not Delivery.objects.exists()


def test_a_repeated_request_adds_one(receiver: Receiver, world: World, call_as: CallAs) -> None:
    call, body = call_as("administrator"), {"url": receiver.url()}
    answers = []
    for __ in range(2):
        with transaction.atomic():
            answers.append(call("post", "/webhooks", body, **{"Idempotency-Key": "once"}).json())
    assert answers[0] == answers[1]
    assert Endpoint.objects.count() == 1


def test_pages_of_deliveries_follow_each_other(receiver: Receiver, world: World, call_as: CallAs) -> None:
    row, __ = services.endpoint_add(viewer=world.viewer("administrator"), url=receiver.url())
    ids = [services.ping_queue(viewer=world.viewer("administrator"), endpoint_id=row.pk).message_id for __ in range(5)]
    call, seen, cursor = call_as("administrator"), [], ""
    while cursor is not None:
        page = call("get", f"/webhooks/{row.reference}/deliveries?limit=2{cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert seen == ids[::-1]
    assert call("get", f"/webhooks/{row.reference}/deliveries?state=failed").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "nowhere"}, "url"),
        ({"url": "https://user:word@a.example/"}, "url"),
        ({"url": "https://a.example/", "events": ["booking.imagined"]}, "events"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world: World, call_as: CallAs, body: dict, field: str) -> None:
    response = call_as("administrator")("post", "/webhooks", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])


@pytest.mark.parametrize("who", ["agent", "lead", "manager", "outsider"])
def test_nobody_else_sees_or_changes_any(receiver: Receiver, world: World, call_as: CallAs, who: str) -> None:
    row, __ = services.endpoint_add(viewer=world.viewer("administrator"), url=receiver.url())
    call, one = call_as(who), f"/webhooks/{row.reference}"
    tried = [
        ("get", "/webhooks"),
        ("get", "/webhooks/events"),
        ("post", "/webhooks"),
        ("get", one),
        ("patch", one),
        ("delete", one),
        ("post", f"{one}/rotate"),
        ("post", f"{one}/test"),
        ("get", f"{one}/deliveries"),
        ("post", f"{one}/deliveries/resend"),
        ("post", f"{one}/deliveries/msg_0/resend"),
    ]
    for method, path in tried:
        body = {"url": receiver.url()} if (method, path) == ("post", "/webhooks") else {} if method == "patch" else None
        assert call(method, path, body).status_code == 403, (method, path)
    assert Endpoint.objects.count() == 1

"""The queue as programs use it: tickets taken and told, called and served; own sites only, once only."""

import threading
from typing import Any

import pytest
from django.db import connections

from parvis.customers.services import customer_for_sender
from parvis.ledger.services import Actor
from parvis.queueing.models import Call, Line, Source, Told, Turn
from parvis.queueing.services import Caller, Taking, counter_save, line_save, sign_on, ticket_take
from parvis.staff.domain.viewer import Viewer
from tests.api.conftest import call_as  # noqa: F401  (a fixture)
from tests.queueing_world import Hall
from tests.world import World

QUEUE = ["queue:read", "queue:write"]


@pytest.fixture
def hall(world: World) -> Hall:
    return Hall.open(world)


def take(call: Any, **body: Any) -> dict[str, Any]:
    answer = call("post", "/tickets", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_ticket_is_taken_once_told_called_and_served(hall: Hall, call_as: Any) -> None:  # noqa: F811
    call, first = call_as("agent", QUEUE), hall.counters[0].pk
    sat = call("post", f"/counters/{first}/sign_on", {})
    assert (sat.status_code, sat.json()["member"]) == (200, "agent@parvis.example")
    body = {"need": "repair", "site": "canal", "party": 2, "precedence": "urgent", "source": "phone", "language": "fr"}
    once, again = (call("post", "/tickets", body, **{"Idempotency-Key": "k"}) for _n in range(2))
    assert (again.json(), again["Idempotent-Replayed"], Turn.objects.count()) == (once.json(), "true", 1)
    mine = once.json()
    assert (mine["code"], mine["ahead"], mine["rule"], mine["need"]) == ("R001", 0, "arrival", "repair")
    assert set(mine["estimate"]) == {"low_minutes", "high_minutes", "very_likely_before"}
    assert Told.objects.get().is_first
    other = take(call, line=hall.repairs.pk, note="Blue bike")
    [repairs, sales] = call("get", "/lines").json()
    assert (repairs["waiting"], repairs["at_work"], sales["waiting"]) == (2, 1, 0)
    assert (repairs["estimate"] is None, sales["estimate"]) == (False, None)

    called = call("post", f"/counters/{first}/next", {}, **{"Idempotency-Key": "n"}).json()["ticket"]
    assert (called["reference"], called["state"], called["counter"], called["ahead"]) == (
        *(mine["reference"], "called", first),
        None,
    )
    assert call("post", f"/counters/{first}/next", {}, **{"Idempotency-Key": "n"}).json()["ticket"] == called
    assert Call.objects.count() == 1
    assert call("get", "/counters").json()[0]["ticket"] == mine["reference"]
    path = f"/tickets/{mine['reference']}"
    assert call("post", f"{path}/note", {"what": "missed"}).json()["code"] == "too_soon"
    assert call("post", f"{path}/note", {"what": "recalled"}).json()["calls"] == 2
    assert call("post", f"{path}/note", {"what": "started"}).json()["state"] == "serving"
    # Pressed with whom one believes to be there: served, and the next is called.
    following = call("post", f"/counters/{first}/next", {"current": mine["reference"]}).json()["ticket"]
    assert (following["reference"], call("get", path).json()["state"]) == (other["reference"], "done")
    assert call("post", f"/counters/{first}/next", {"current": mine["reference"]}).json()["code"] == "counter_busy"

    path = f"/tickets/{other['reference']}"
    assert call("patch", path, {"party": 3, "precedence": "assisted"}).json()["party"] == 3
    sent = call("post", f"{path}/send_on", {"line": hall.sales.pk, "note": "wants a lamp"}).json()
    assert (sent["line"], sent["rule"], sent["note"]) == (hall.sales.pk, "sent_on", "Blue bike wants a lamp")
    for what, state in (("held", "held"), ("resumed", "waiting"), ("left", "left"), ("returned", "waiting")):
        assert call("post", f"{path}/note", {"what": what}).json()["state"] == state
    told = Told.objects.count()
    assert call("get", path).json()["ahead"] == 0
    assert Told.objects.count() == told  # looked at, not told
    assert call("post", f"{path}/tell").json()["estimate"]
    assert Told.objects.count() == told + 1
    page = call("get", "/tickets?limit=1").json()
    assert [t["reference"] for t in page["items"]] == [mine["reference"]]
    rest = call("get", f"/tickets?limit=1&cursor={page['next_cursor']}").json()
    assert ([t["state"] for t in rest["items"]], rest["next_cursor"]) == (["waiting"], None)
    assert call("post", f"/counters/{first}/pause", {"back_at": "2020-01-01T00:00:00Z"}).status_code == 422
    assert call("post", f"/counters/{first}/pause", {}).json()["on_break"]
    assert call("post", f"/counters/{first}/next", {}).json()["code"] == "on_break"
    assert not call("post", f"/counters/{first}/resume").json()["on_break"]
    assert call("post", f"/counters/{first}/sign_off").json()["member"] is None
    assert call("post", f"/counters/{first}/next", {}).json()["code"] == "not_sitting"


def test_who_is_known_is_recognised_and_only_in_sight(world: World, hall: Hall, call_as: Any) -> None:  # noqa: F811
    call, line = call_as("agent", QUEUE), hall.repairs.pk
    for site, name, email in ((world.canal, "Zoé Martin", "zoe@exemple.example"), (world.gare, "Ben", "ben@x.example")):
        customer_for_sender(actor=Actor.system(), site_id=site.pk, name=name, email=email)
    zoe = take(call, line=line, customer={"email": "zoe@exemple.example"})
    assert (zoe["customer"][:2], zoe["name"]) == ("C-", "Zoé Martin")
    assert take(call, line=line, customer={"reference": zoe["customer"]})["customer"] == zoe["customer"]
    ben = take(call, line=line, customer={"email": "ben@x.example", "name": "B."})
    assert (ben["customer"], ben["name"]) == (None, "B.")
    assert call("get", f"/tickets?customer={zoe['customer']}&state=waiting").json()["items"][0]["code"] == "R001"
    for body, status in [
        ({"line": line, "party": 100}, 422),
        ({"line": line, "customer": {"email": "nobody"}}, 422),
        ({"line": line, "source": "kiosk"}, 422),
        ({"need": "repair"}, 422),
        ({"need": "repair", "site": "gare"}, 400),
        ({"line": line, "customer": {"reference": "C-00000"}}, 404),
    ]:
        answer = call("post", "/tickets", body)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body
    line_save(viewer=Viewer.house(), line_id=hall.sales.pk, is_active=False)
    assert call("post", "/tickets", {"line": hall.sales.pk}).json()["code"] == "closed"


def test_another_sites_lines_counters_and_tickets_are_not_there(world: World, call_as: Any) -> None:  # noqa: F811
    hall, call = Hall.open(world), call_as("outsider", QUEUE)
    row = hall.take()
    ticket, counter = row.ticket.reference, hall.counters[0].pk
    house = Viewer.house()
    own = line_save(viewer=house, site_id=world.gare.pk, code="G", name={"en": "G", "fr": "G"})
    desk = counter_save(viewer=house, site_id=world.gare.pk, name={"en": "1", "fr": "1"}, line_ids=[own.pk])
    assert call("post", f"/counters/{desk.pk}/sign_on", {}).status_code == 200
    for path in ("/tickets", f"/tickets?line={hall.repairs.pk}"):
        assert call("get", path).json()["items"] == []
    assert [line["id"] for line in call("get", "/lines").json()] == [own.pk]
    assert call("get", f"/lines?site={world.canal.pk}").json() == call("get", f"/counters?site={world.canal.pk}").json()
    whats = ("called", "recalled", "let_go", "started", "served", "reopened", "missed", "returned", "held", "resumed")
    tries: list[tuple[str, str, Any]] = [
        ("get", f"/tickets/{ticket}", None),
        ("patch", f"/tickets/{ticket}", {"party": 2}),
        ("post", f"/tickets/{ticket}/send_on", {"line": own.pk}),
        ("post", f"/tickets/{ticket}/tell", None),
        ("post", "/tickets", {"line": hall.repairs.pk}),
        ("post", f"/counters/{desk.pk}/next", {"current": ticket}),
        *(("post", f"/tickets/{ticket}/note", {"what": what}) for what in (*whats, "left", "void")),
        *(("post", f"/counters/{counter}/{verb}", {}) for verb in ("sign_on", "pause", "next")),
        *(("post", f"/counters/{counter}/{verb}", None) for verb in ("resume", "sign_off")),
    ]
    for method, path, body in tries:
        assert call(method, path, body).status_code == 404, (path, body)
    mine = take(call, line=own.pk)
    assert call("post", f"/tickets/{mine['reference']}/send_on", {"line": hall.sales.pk}).status_code == 404
    row.refresh_from_db()
    assert (row.state, row.calls, Turn.objects.count()) == ("waiting", 0, 2)


@pytest.mark.django_db(transaction=True)
def test_callers_at_once_call_nobody_twice(world: World, call_as: Any) -> None:  # noqa: F811
    """Two counters press together; one of them presses twice, once with a key and once without one."""
    hall = Hall.open(world)
    calls = {}
    for counter, who in zip(hall.counters, ("agent", "lead"), strict=True):
        sign_on(viewer=world.viewer(who), counter_id=counter.pk)
        calls[who] = (call_as(who, QUEUE), counter.pk)
    for _n in range(6):
        hall.take()
    found: list[tuple[int, str | None]] = []

    def press(who: str, key: str | None) -> None:
        call, counter = calls[who]
        try:
            answer = call("post", f"/counters/{counter}/next", {}, **({"Idempotency-Key": key} if key else {}))
            found.append((answer.status_code, (answer.json().get("ticket") or {}).get("code")))
        finally:
            connections.close_all()

    presses = [("agent", "k"), ("agent", "k"), ("agent", None), ("lead", "k"), ("lead", None)]
    threads = [threading.Thread(target=press, args=pressed) for pressed in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {status for status, __ in found} <= {200, 409}
    assert len(found) == len(presses)
    at_work = {turn.counter_id for turn in Turn.objects.filter(state="called")}
    assert (len(at_work), Turn.objects.filter(state="called").count(), Call.objects.count()) == (2, 2, 2)
    assert {code for status, code in found if status == 200} == {"R001", "R002"}


def test_lists_ask_no_more_for_more(hall: Hall, call_as: Any, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    call = call_as("agent", QUEUE)
    taking = Taking(line_id=Line.objects.get(code="R").pk, source=Source.KIOSK)
    for _n in range(12):
        ticket_take(caller=Caller.staff(hall.world.viewer("agent")), taking=taking)
    call("get", "/tickets")
    for path, most in (("/tickets", 5), ("/lines", 6), ("/counters", 5)):
        with django_assert_max_num_queries(most):
            assert call("get", path).status_code == 200

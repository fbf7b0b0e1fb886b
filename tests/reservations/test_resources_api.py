"""Resources and absences by the API: own sites only, once only, with the rights of whom the token acts for."""

import datetime as dt
from typing import Any

import pytest

from parvis.reservations.models import Absence, Offering
from parvis.reservations.services import Caller, Wanted, booking_make
from parvis.reservations.services.busy import calendar_add
from tests.api.conftest import call_as  # noqa: F401  (a fixture)
from tests.booking import ANNA, HOUSE, House, at
from tests.world import World

DAY = {"starts_at": "2030-03-04T08:00:00Z", "ends_at": "2030-03-04T18:00:00Z"}


@pytest.fixture
def ids(world: World) -> dict[str, int]:
    """Somebody, and a table, at the canal; somebody at the station; a session's seats, which are no resource."""
    canal, gare = House(world.canal), House(world.gare)
    malik = canal.resource("Malik", member_id=world.agent.pk)
    canal.offering(malik)
    table = canal.resource("Table 4", kind="table", max_party=4)
    canal.offering(slug="course", unit="session")
    return {"malik": malik.pk, "table": table.pk, "gare": gare.resource("Ana").pk, "canal": world.canal.pk}


def test_resources_are_listed_and_read_at_own_sites_only(ids: dict[str, int], call_as: Any) -> None:  # noqa: F811
    call = call_as("agent", ["bookings:read"])
    first = call("get", "/resources?limit=1").json()
    assert [r["name"] for r in first["items"]] == ["Malik"]
    assert [r["name"] for r in call("get", f"/resources?cursor={first['next_cursor']}").json()["items"]] == ["Table 4"]
    assert [r["id"] for r in call("get", f"/resources?kind=table&active=true&site={ids['canal']}").json()["items"]] == [
        ids["table"]
    ]
    shown = call("get", f"/resources/{ids['table']}").json()
    assert (shown["site"], shown["kind"], shown["capacity"], shown["max_party"]) == (ids["canal"], "table", 1, 4)
    assert call("get", f"/resources/{ids['gare']}").status_code == 404
    assert call("get", "/resources?sort=name").status_code == 422


def test_an_absence_is_noted_once_names_what_it_hits_and_is_taken_back(
    ids: dict[str, int],
    call_as: Any,  # noqa: F811
    world: World,
) -> None:
    wanted = Wanted(Offering.objects.get(slug="visit").pk, at("2030-03-04T09:00Z"), override="far ahead")
    booked = booking_make(caller=Caller.staff(HOUSE), wanted=wanted, guest=ANNA)
    call = call_as("agent", ["bookings:read", "bookings:write"])
    body = {"resource": ids["malik"], **DAY, "reason": "Leave"}
    once, again = (call("post", "/absences", body, **{"Idempotency-Key": "leave-1"}) for __ in range(2))
    assert (once.status_code, again.json(), again["Idempotent-Replayed"]) == (201, once.json(), "true")
    assert (once.json()["bookings"], once.json()["from_calendar"]) == ([booked.reference], False)
    [listed] = call("get", f"/absences?resource={ids['malik']}&since=2030-03-01T00:00:00Z").json()["items"]
    assert (listed["reason"], listed["starts_at"]) == ("Leave", DAY["starts_at"])
    assert call("get", "/absences?until=2030-03-01T00:00:00Z").json()["items"] == []
    assert call("get", f"/absences/{listed['id']}").json() == listed
    assert [call("delete", f"/absences/{listed['id']}").status_code for __ in range(2)] == [204, 404]
    assert not Absence.objects.exists()


def test_what_may_not_be_is_refused_in_words(ids: dict[str, int], call_as: Any, world: World) -> None:  # noqa: F811
    call, manager = call_as("agent"), call_as("manager")
    refused = [
        ({"resource": ids["table"], **DAY}, 403),
        ({"resource": ids["gare"], **DAY}, 404),
        ({"resource": 2**61, **DAY}, 404),
        ({"resource": ids["malik"], "starts_at": DAY["ends_at"], "ends_at": DAY["starts_at"]}, 422),
        ({"resource": ids["malik"], **DAY, "source": "calendar:1"}, 422),
        ({"resource": ids["malik"], "starts_at": "2030-03-04T08:00:00", "ends_at": DAY["ends_at"]}, 422),
    ]
    for body, status in refused:
        answer = call("post", "/absences", body)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body
    theirs = call_as("administrator")("post", "/absences", {"resource": ids["gare"], **DAY}).json()["id"]
    assert manager("get", f"/absences/{theirs}").status_code == 404
    assert manager("delete", f"/absences/{theirs}").status_code == 404
    assert manager("get", "/absences").json()["items"] == []
    begin = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).strftime("%Y%m%dT%H0000Z")
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:{begin}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n".encode()
    calendar_add(viewer=HOUSE, resource_id=ids["malik"], name="Private", file=file)
    [busy] = manager("get", "/absences").json()["items"]
    assert busy["from_calendar"]
    assert manager("delete", f"/absences/{busy['id']}").status_code == 409
    assert Absence.objects.count() == 2

"""Reservations as programs use them."""

import datetime as dt
from typing import Any

import pytest

from parvis.kernel.clock import utcnow
from parvis.reservations.models import Booking
from parvis.reservations.services.setting_up import Need, offering_save, resource_save
from parvis.reservations.supply import Offer, offer_get
from parvis.staff import api as staff_api
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import token_create
from tests.api.conftest import Caller
from tests.world import World

WHO = {"name": "Tom Reed", "email": "tom@reed.example"}


@pytest.fixture
def offer(world: World) -> Offer:
    """An hour with Malik at `canal`."""
    viewer = Viewer.house()
    malik = resource_save(viewer=viewer, site_id=world.canal.pk, name="Malik", kind="person")
    row = offering_save(
        viewer=viewer, site_id=world.canal.pk, slug="visit", name={"en": "Visit", "fr": "Visite"},
        duration_minutes=60, step_minutes=60, needs=[Need([malik.pk])],
    )  # fmt: skip
    return offer_get(row.pk)


def caller(world: World, who: str = "agent", scopes: Any = staff_api.SCOPES) -> Caller:
    """A program in the name of one of the cast."""
    staff_api._remembered.clear()
    __, secret = token_create(viewer=Viewer.house(), member_id=getattr(world, who).pk, name="test", scopes=scopes)
    return Caller(secret)


def first_free(call: Caller) -> dict[str, Any]:
    """The first slot of the coming fortnight."""
    today = utcnow().date()
    answer = call("get", f"/offerings/visit/availability?first={today}&last={today + dt.timedelta(days=14)}")
    assert answer.status_code == 200, answer.content
    slot: dict[str, Any] = answer.json()["slots"][0]
    return slot


class TestBooking:
    def test_from_availability_over_a_hold_to_a_booking(self, world: World, offer: Offer) -> None:
        call = caller(world)
        slot = first_free(call)
        held = call("post", "/bookings", {"offering": "visit", "start": slot["start"], "hold": True})
        assert held.status_code == 201, held.content
        assert held.json()["state"] == "held"
        assert first_free(call)["start"] != slot["start"]
        done = call("post", f"/bookings/{held.json()['reference']}/confirm", {"customer": WHO})
        assert done.status_code == 200, done.content
        assert (done.json()["state"], done.json()["door"]) == ("confirmed", "api")
        assert done.json()["customer"]

    def test_what_is_taken_is_refused_with_three_alternatives(self, world: World, offer: Offer) -> None:
        call = caller(world)
        wanted = {"offering": "visit", "start": first_free(call)["start"], "customer": WHO}
        assert call("post", "/bookings", wanted).status_code == 201
        refused = call("post", "/bookings", wanted)
        assert refused.status_code == 409
        assert refused["Content-Type"] == "application/problem+json"
        assert (refused.json()["code"], len(refused.json()["alternatives"])) == ("taken", 3)
        again = {**wanted, "start": refused.json()["alternatives"][0]["start"]}
        assert call("post", "/bookings", again).status_code == 201

    def test_a_repeated_request_books_once(self, world: World, offer: Offer) -> None:
        call = caller(world)
        wanted = {"offering": "visit", "start": first_free(call)["start"], "customer": WHO}
        answers = [call("post", "/bookings", wanted, **{"Idempotency-Key": "k1"}) for _ in range(3)]
        assert [a.status_code for a in answers] == [201] * 3
        assert len({a.json()["reference"] for a in answers}) == 1
        assert Booking.objects.count() == 1

    def test_a_refusal_under_a_key_still_names_alternatives(self, world: World, offer: Offer) -> None:
        """The key has a transaction around the booking: its failure must not keep alternatives from being read."""
        call = caller(world)
        wanted = {"offering": "visit", "start": first_free(call)["start"], "customer": WHO}
        call("post", "/bookings", wanted)
        refused = call("post", "/bookings", wanted, **{"Idempotency-Key": "k2"})
        assert refused.status_code == 409
        assert len(refused.json()["alternatives"]) == 3

    def test_moving_cancelling_and_taking_back(self, world: World, offer: Offer) -> None:
        call = caller(world)
        slot = first_free(call)
        made = call("post", "/bookings", {"offering": "visit", "start": slot["start"], "customer": WHO}).json()
        target = first_free(call)["start"]
        moved = call("post", f"/bookings/{made['reference']}/move", {"start": target})
        assert moved.json()["starts_at"] == target
        assert first_free(call)["start"] == slot["start"]
        gone = call("post", f"/bookings/{made['reference']}/cancel", {"reason": "ill"})
        assert gone.json()["state"] == "cancelled"
        assert call("post", f"/bookings/{made['reference']}/cancel", {}).status_code == 409
        back = call("post", f"/bookings/{made['reference']}/note", {"what": "restored"})
        assert back.json()["state"] == "confirmed"

    def test_other_sites_bookings_are_nobodys_business(self, world: World, offer: Offer) -> None:
        call = caller(world)
        made = call("post", "/bookings", {"offering": "visit", "start": first_free(call)["start"], "customer": WHO})
        reference, outsider = made.json()["reference"], caller(world, "outsider")
        assert outsider("get", f"/bookings/{reference}").status_code == 404
        assert outsider("post", f"/bookings/{reference}/cancel", {}).status_code == 404
        assert outsider("get", "/bookings").json()["items"] == []
        assert outsider("get", "/offerings").json() == []
        today = utcnow().date()
        assert outsider("get", f"/offerings/visit/availability?first={today}&last={today}").status_code in (400, 404)

    def test_reading_is_not_writing(self, world: World, offer: Offer) -> None:
        call = caller(world, scopes=["bookings:read"])
        assert call("post", "/bookings", {"offering": "visit"}).status_code == 403

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"party": 9}, "party"), ({"start": None}, "start"), ({"resources": [999]}, "resources")],
    )
    def test_what_makes_no_sense_is_refused_by_name(
        self, world: World, offer: Offer, change: dict[str, Any], field: str
    ) -> None:
        call = caller(world)
        wanted = {"offering": "visit", "start": first_free(call)["start"], "customer": WHO, **change}
        refused = call("post", "/bookings", wanted)
        assert refused.status_code == 422, refused.content
        assert field in refused.json()["errors"]


class TestWaiting:
    def test_joining_seeing_why_and_leaving(self, world: World, offer: Offer) -> None:
        call = caller(world)
        start = first_free(call)["start"]
        call("post", "/bookings", {"offering": "visit", "start": start, "customer": WHO})
        day = start[:10]
        joined = call(
            "post",
            "/waiting",
            {
                "offering": "visit",
                "customer": {"name": "Wanda", "email": "wanda@waiting.example"},
                "first_day": day,
                "last_day": day,
                "wishes": {"not_before": "09:00", "weekdays": [0, 1, 2, 3, 4]},
            },
        )
        assert joined.status_code == 201, joined.content
        reference = joined.json()["reference"]
        why = call("get", f"/waiting/{reference}/why?start={start}")
        assert why.json()["reason"] == "party"
        assert call("post", f"/waiting/{reference}/leave", None).json()["state"] == "left"
        assert caller(world, "outsider")("get", f"/waiting/{reference}").status_code == 404

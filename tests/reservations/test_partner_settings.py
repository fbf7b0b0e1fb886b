"""Partners in the settings and by the API: who sets them up, whose they are."""

from typing import Any

import pytest
from django.test import Client

from parvis.reservations.models import Booking, Partner
from parvis.reservations.partners import BOOKS, MANAGES, key_of
from parvis.reservations.services.partners import partner_save
from tests.api.conftest import call_as  # noqa: F401  (a fixture)
from tests.booking import House
from tests.world import World


@pytest.fixture
def offerings(world: World) -> dict[str, int]:
    """What is booked at each site."""
    made = {}
    for site in (world.canal, world.gare):
        house = House(site)
        made[site.slug] = house.offering(house.resource(site.name), slug=f"visit-{site.slug}").row.pk
    return made


def test_a_manager_adds_a_partner_copies_its_addresses_renews_and_switches_it_off(
    world: World, client: Client, offerings: dict[str, int]
) -> None:
    client.force_login(world.manager)
    page = client.get("/settings/bookings/partners/new/").content.decode()
    assert ("Visit-Canal" in page, "Visit-Gare" in page) == (True, False)
    given = {"name": "Hôtel du Nord", "organisation_id": "", "offering_ids": [offerings["canal"]], "is_active": "on"}
    assert (
        client.post("/settings/bookings/partners/new/", {**given, "offering_ids": [offerings["gare"]]}).status_code
        == 422
    )
    assert client.post("/settings/bookings/partners/new/", {**given, "offering_ids": []}).status_code == 422
    address = client.post("/settings/bookings/partners/new/", given)["Location"]
    partner = Partner.objects.get()
    page = client.get(address).content.decode()
    for part in (
        f"/book/p/{key_of(partner, BOOKS)}/",
        f"/partner/{key_of(partner, MANAGES)}/",
        "data-offering=&quot;visit-canal",
    ):
        assert part in page
    client.post(f"{address}renew/")
    assert key_of(partner, BOOKS) not in client.get(address).content.decode()
    assert client.post(address, {**given, "is_active": ""}).status_code == 302
    page = client.get(address).content.decode()
    assert "It is switched off" in page
    assert "/book/p/" not in page
    assert "Hôtel du Nord" in client.get("/settings/bookings/partners/").content.decode()


def test_a_partner_of_another_site_is_out_of_sight_and_what_it_may_book_there_stays(
    world: World, client: Client, offerings: dict[str, int]
) -> None:
    theirs = partner_save(viewer=world.viewer("administrator"), name="Gare", offering_ids=[offerings["gare"]])
    both = partner_save(viewer=world.viewer("administrator"), name="Both", offering_ids=offerings.values())
    client.force_login(world.manager)
    assert client.get(f"/settings/bookings/partners/{theirs.pk}/").status_code == 404
    assert client.post(f"/settings/bookings/partners/{theirs.pk}/renew/").status_code == 404
    given = {
        "name": "Both",
        "organisation_id": both.organisation_id,
        "offering_ids": [offerings["canal"]],
        "is_active": "on",
    }
    assert client.post(f"/settings/bookings/partners/{both.pk}/", given).status_code == 302
    assert set(both.offerings.values_list("pk", flat=True)) == set(offerings.values())
    client.force_login(world.agent)
    assert client.get("/settings/bookings/partners/").status_code == 403


def test_a_program_books_in_the_name_of_a_partner(world: World, call_as: Any, offerings: dict[str, int]) -> None:  # noqa: F811
    mine = partner_save(viewer=world.viewer("manager"), name="Hôtel", offering_ids=[offerings["canal"]])
    house = House(world.canal)
    house.offering(house.resource("Ana"), slug="other")
    theirs = partner_save(viewer=world.viewer("administrator"), name="Gare", offering_ids=[offerings["gare"]])
    call = call_as("manager", ["bookings:read", "bookings:write"])
    body = {
        "offering": "visit-canal",
        "start": "2030-03-04T09:00:00Z",
        "customer": {"name": "Luc"},
        "override": "ahead",
    }
    answer = call("post", "/bookings", {**body, "partner": mine.pk})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["partner"], answer.json()["door"]) == (mine.pk, "partner")
    for refused, status in (({"partner": theirs.pk}, 400), ({"partner": mine.pk, "offering": "other"}, 403)):
        assert call("post", "/bookings", {**body, **refused}).status_code == status
    assert Booking.objects.count() == 1

"""Who may do what counts at the next request: nobody raises themselves, and who has left is out."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.catalog.models import SiteMember
from parvis.catalog.services import member_sites_set
from parvis.customers.models import Affiliation, ContactPoint, Merge
from parvis.encounters.models import Link
from parvis.staff.models import ApiToken, Member
from parvis.staff.services import member_change
from tests.front.pages import signed_in
from tests.security.routes import SECRETS, House
from tests.world import PASSWORD

# Who must be refused where: routes (by the beginning of their names) → the roles below the one they ask for.
ABOVE = {
    ("settings_people", "settings_person", "settings_token", "settings_team"): ("agent", "lead", "manager"),
    ("settings_webhook",): ("agent", "lead", "manager"),
    ("failure_retry", "customer_export", "customer_erase"): ("agent", "lead", "manager"),
    ("settings_business", "settings_brand", "settings_logo", "settings_site", "settings_hours"): ("agent", "lead"),
    ("settings_day", "settings_touchpoint", "settings_need", "settings_answer", "settings_text"): ("agent", "lead"),
    ("audit", "mail", "macro"): ("agent", "lead"),
    ("outbox", "outmail"): ("agent",),
}


def people() -> tuple[list[Any], int]:
    """Who works here as what, and how many keys there are."""
    return list(Member.objects.order_by("pk").values_list("pk", "role", "is_active", "email")), ApiToken.objects.count()


@pytest.mark.parametrize("who", ["agent", "lead", "manager"])
def test_no_role_reaches_by_address_what_it_is_not_shown(house: House, who: str) -> None:
    client, tried = signed_in(house.world, who), 0
    before = people()
    for names, roles in ABOVE.items():
        for route in house.routes():
            if who in roles and route.name.startswith(names):
                for method in ("get", "post"):
                    status = getattr(client, method)(route.url, {"role": "administrator", "active": "0"}).status_code
                    assert status in (403, 405), (route, method)
                    tried += status == 403
    assert tried > 15
    assert people() == before


def test_who_has_left_is_out_everywhere_at_once(house: House) -> None:
    client = signed_in(house.world, "agent")
    assert client.get(house.url("encounter")).status_code == 200
    member_change(viewer=house.world.viewer("administrator"), member_id=house.world.agent.pk, is_active=False)
    for route in house.routes():
        if not route.open_to_all:
            response = client.get(route.url)
            assert response.status_code == 302, route
            assert response.url.startswith("/accounts/login/"), route
    again = Client().post("/accounts/login/", {"login": "agent@parvis.example", "password": PASSWORD})
    assert again.url == reverse("account_inactive")


def test_a_lower_role_counts_at_the_next_request(house: House) -> None:
    client = signed_in(house.world, "manager")
    assert client.get(house.url("audit")).status_code == 200
    member_change(viewer=house.world.viewer("administrator"), member_id=house.world.manager.pk, role="agent")
    for name in ("audit", "mail_ledger", "settings_business", "outbox"):
        assert client.get(house.url(name)).status_code == 403, name


def test_a_site_that_was_lost_is_out_of_sight_at_the_next_request(house: House) -> None:
    client, world = signed_in(house.world, "agent"), house.world
    assert client.get(house.url("encounter")).status_code == 200
    member_sites_set(viewer=world.viewer("administrator"), member_id=world.agent.pk, site_ids=[world.gare.pk])
    for name in ("encounter", "customer", "attachment", "message_html", "promise_why", "organisation"):
        assert client.get(house.url(name)).status_code == 404, name
    assert "Grincement" not in client.get("/inbox/all/").content.decode()


def test_without_any_site_one_sees_nothing_rather_than_everything(house: House) -> None:
    SiteMember.objects.filter(member=house.world.agent).delete()
    client = signed_in(house.world, "agent")
    for name in ("today", "inbox", "customers", "organisations", "search", "promises_kept", "duplicates"):
        page = client.get(f"{house.url(name)}?q=Zoé").content.decode().replace('value="Zoé"', "")
        assert [word for word in SECRETS if word in page and word != "Zoé"] == [], name


class TestOutOfSight:
    """The outsider works at another site: no page, list, count or search tells them of the canal's rows."""

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
    def test_no_address_tells_anything(self, house: House, headers: dict) -> None:
        client = signed_in(house.world, "outsider")
        for route in house.routes():
            if route.name != "live" and not route.open_to_all:
                for query in ("", "?q=grince", "?q=Zo%C3%A9", "?q=Kurier", f"?site={house.world.canal.pk}"):
                    response = client.get(route.url + query, headers=headers)
                    body = response.content.decode("utf-8", "replace").replace('value="Zoé"', "")
                    told = [s for s in SECRETS if s in body and s not in ("grince", "Zoé", "Kurier")]
                    assert told == [], (route, query)
                    assert response.status_code < 500, (route, query)

    def test_rows_of_the_canal_are_not_there_and_nothing_is_written(self, house: House) -> None:
        client = signed_in(house.world, "outsider")
        rows = (
            "encounter_",
            "customer",
            "organisation_e",
            "promise",
            "message_",
            "attachment",
            "point_",
            "affiliation",
        )
        leave = {"promises_kept", "customers"}
        tried = 0
        for route in house.routes():
            if route.name.startswith((*rows, "merge_undo")) and route.name not in leave:
                for method in ("get", "post"):
                    status = getattr(client, method)(route.url, {"text": "x", "reason": "x"}).status_code
                    assert status in (403, 404, 405), (route, method, status)
                    tried += status == 404
        assert tried > 40

    def test_an_identifier_of_another_sites_row_is_no_way_in_through_ones_own(self, house: House) -> None:
        mine = house.world.contact(site_id=house.world.gare.pk, email="own@exemple.example", name="Own")
        client: Any = signed_in(house.world, "outsider")
        before = ContactPoint.objects.count(), Affiliation.objects.count(), Link.objects.count(), Merge.objects.count()
        special = {"reference": mine.customer.reference, "other": house.encounter.customer.reference}
        for name in ("point_remove", "affiliation_remove", "customer_merge"):
            client.post(house.url(name, **special), {"keep": special["reference"]})
        client.post(house.url("encounter_untie", reference=mine.reference))
        client.post(house.url("encounter_link", reference=mine.reference), {"other": house.encounter.reference})
        after = ContactPoint.objects.count(), Affiliation.objects.count(), Link.objects.count(), Merge.objects.count()
        assert after == before

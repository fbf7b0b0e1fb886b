"""The shell around every page: the rail by role, the brand by house, and what it costs."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from parvis.catalog.models import Business
from parvis.encounters.models import Encounter
from parvis.encounters.services import encounter_assign
from parvis.web.context import shell
from tests.world import World

BASE = ["sun", "inbox", "phone-plus", "calendar", "calendar-plus", "users", "search"]


def context(world: World, who: str | None = None, path: str = "/") -> dict[str, Any]:
    request = RequestFactory().get(path)
    request.viewer = world.viewer(who) if who else None
    return shell(request)


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("agent", []),
        ("lead", ["send"]),
        ("manager", ["send", "mail", "history", "settings"]),
        ("administrator", ["send", "mail", "history", "settings"]),
    ],
)
def test_the_rail_shows_what_a_role_may_open(world: World, who: str, more: list[str]) -> None:
    # Where there is no line yet, only who can set one up is led to the queue.
    base = [*BASE[:5], "ticket", *BASE[5:]] if who in ("manager", "administrator") else BASE
    assert [item.icon for item in context(world, who)["rail"]()] == base + more


@pytest.mark.parametrize(
    ("path", "icon"),
    [
        ("/", "sun"),
        ("/inbox/all/", "inbox"),
        ("/encounters/E-7K3F9/", "inbox"),
        ("/calendar/", "calendar"),
        ("/bookings/B-7K3F9/", "calendar"),
        ("/customers/C-7K3F9/", "users"),
        ("/organisations/", "users"),
        ("/search/", "search"),
        ("/queue/day/", "ticket"),
        ("/settings/sites/", "settings"),
        ("/accounts/2fa/", None),
    ],
)
def test_the_rail_knows_where_one_is(world: World, path: str, icon: str | None) -> None:
    active = [item.icon for item in context(world, "manager", path)["rail"]() if item.active]
    assert active == ([icon] if icon else [])


def test_the_inbox_counts_who_waits_for_me_or_for_anybody_of_my_sites(world: World) -> None:
    world.contact()
    mine, theirs = (world.contact(email=f"c{n}@exemple.example", name=f"C{n}") for n in range(2))
    world.contact(site_id=world.gare.pk, email="g@exemple.example", name="G")
    lead = world.viewer("lead")
    encounter_assign(viewer=lead, encounter_id=mine.pk, owner_id=world.agent.pk)
    encounter_assign(viewer=lead, encounter_id=theirs.pk, owner_id=world.lead.pk)
    counts = {who: context(world, who)["rail"]()[1].count for who in ("agent", "lead", "outsider")}
    assert counts == {"agent": 2, "lead": 2, "outsider": 1}


def test_a_visitor_gets_the_brand_and_no_rail(world: World) -> None:
    found = context(world)
    assert set(found) == {"business", "brand"}
    assert found["brand"]()["name"] == "Atelier du Canal"


def test_the_brand_changes_its_address_with_every_change(world: World) -> None:
    before = context(world)["brand"]()["css_url"]
    time.sleep(0.002)
    Business.objects.get().save()
    assert before.startswith(reverse("brand_css") + "?v=")
    assert context(world)["brand"]()["css_url"] != before


def test_an_unfounded_house_still_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parvis.web.context.business", lambda: None)
    request = RequestFactory().get("/")
    assert shell(request)["brand"]() == {"name": "Parvis", "home_url": "/"}


def test_the_shell_costs_one_query_at_most(world: World, django_assert_max_num_queries: Any) -> None:
    context(world, "agent")["brand"]()
    with django_assert_max_num_queries(2):  # one of them is the catalog's version
        found = context(world, "agent")
        assert len(found["rail"]()) == 7
        assert found["brand"]()["name"]
        assert found["shell"]()["live_url"]


def test_pages_show_the_houses_clock(client: Client, world: World) -> None:
    encounter = world.contact()
    Encounter.objects.update(last_activity_at=datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
    client.force_login(world.agent, backend="parvis.staff.sessions.Backend")
    page = client.get(reverse("customer_encounters", args=[encounter.customer.reference])).content.decode()
    assert "12:00 CEST" in page

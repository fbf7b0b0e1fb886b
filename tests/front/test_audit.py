"""The audit view: for managers, of their sites; failures for administrators."""

import datetime as dt
import html
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from parvis.desk.services import conversation_close
from parvis.ledger.models import Entry, Failure
from parvis.ledger.views import PAGE_SIZE
from tests.front.test_words import record
from tests.world import World

HTMX = {"HX-Request": "true"}


def get(client: Client, world: World, who: str, **query: Any) -> Any:
    client.force_login(getattr(world, who), backend="parvis.staff.sessions.Backend")
    return client.get(reverse("audit"), query)


@pytest.mark.parametrize(("who", "status"), [("agent", 403), ("lead", 403), ("manager", 200), ("administrator", 200)])
def test_managers_see_it_and_agents_do_not(client: Client, world: World, who: str, status: int) -> None:
    assert get(client, world, who).status_code == status


def test_a_manager_sees_the_entries_of_their_sites_only(client: Client, world: World) -> None:
    ours, theirs = world.contact(), world.contact(site_id=world.gare.pk, email="g@exemple.example", name="Omar Gare")
    page = get(client, world, "manager").content.decode()
    assert ours.reference in page
    assert theirs.reference not in page
    assert "Omar Gare" not in page
    about = get(client, world, "manager", about=theirs.reference).content.decode()
    assert "Nothing of that kind" in about
    assert theirs.reference in get(client, world, "administrator").content.decode()


def test_it_is_narrowed_by_who_what_and_whom(client: Client, world: World) -> None:
    one, other = world.contact(), world.contact(email="o@exemple.example", name="Omar")
    conversation_close(viewer=world.viewer("lead"), encounter_id=one.pk)
    by_lead = get(client, world, "manager", actor=world.lead.pk).content.decode()
    assert "Lead closed it" in by_lead
    assert "got in touch" not in by_lead
    promises = get(client, world, "manager", kind="promise").content.decode()
    assert "promised" in promises
    assert "closed it" not in promises
    assert other.reference not in get(client, world, "manager", about=one.reference.lower()).content.decode()
    customer = get(client, world, "manager", about=other.customer.reference).content.decode()
    assert other.reference in customer
    assert one.reference not in customer


def test_it_is_narrowed_by_days_of_the_houses_clock(client: Client, world: World) -> None:
    world.contact()
    day = Entry.objects.latest("id").at.astimezone(ZoneInfo("Europe/Paris")).date()
    assert "got in touch" in get(client, world, "manager", since=day, until=day).content.decode()
    assert "Nothing of that kind" in get(client, world, "manager", until=day.replace(year=2020)).content.decode()


@pytest.mark.parametrize("query", [{"about": "nonsense"}, {"since": "yesterday"}, {"kind": "x"}, {"actor": "x"}])
def test_what_cannot_be_read_is_said_and_shows_nothing(client: Client, world: World, query: dict[str, str]) -> None:
    world.contact()
    page = get(client, world, "manager", **query).content.decode()
    assert "field-errors" in page
    assert "got in touch" not in page


def test_pages_follow_each_other_without_gap_or_repeat(client: Client, world: World) -> None:
    encounter = world.contact()
    for number in range(120):
        record("encounter.closed", site_id=world.canal.pk, encounter_id=encounter.pk, data={"n": number})
    client.force_login(world.manager, backend="parvis.staff.sessions.Backend")
    address, moments = reverse("audit") + "?kind=encounter", []
    while address:
        page = client.get(address, headers=HTMX).content.decode()
        moments += re.findall(r'class="timeline-line".*?<time datetime="([^"]+)"', page)
        more = re.search(r'class="more" hx-get="([^"]+)"', page)
        address = html.unescape(more[1]) if more else ""
    known = Entry.objects.filter(name__startswith="encounter.").order_by("-id").values_list("at", flat=True)
    assert [dt.datetime.fromisoformat(m) for m in moments] == list(known)
    assert len(moments) > 2 * PAGE_SIZE


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        world.contact(email=f"c{number}@exemple.example", name=f"C{number}")
    get(client, world, "manager")
    with django_assert_max_num_queries(13):
        assert client.get(reverse("audit")).status_code == 200


def test_an_administrator_sees_what_failed_and_has_it_tried_again(client: Client, world: World) -> None:
    failure = Failure.objects.create(
        subscription="desk.mirror",
        entry=record("encounter.closed"),
        attempts=5,
        error="KeyError('x')",
        next_attempt_at=None,
    )
    page = get(client, world, "administrator").content.decode()
    assert "desk.mirror" in page
    assert "KeyError" in page
    assert "desk.mirror" not in get(client, world, "manager").content.decode()
    again = reverse("failure_retry", args=[failure.pk])
    assert client.post(again).status_code == 403
    client.force_login(world.administrator, backend="parvis.staff.sessions.Backend")
    assert client.get(again).status_code == 405
    assert client.post(again).status_code == 302
    failure.refresh_from_db()
    assert failure.next_attempt_at is not None
    assert failure.attempts == 1

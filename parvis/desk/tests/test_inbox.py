"""The inbox as a page: views, counts, what is unread, paging, and what it costs."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from parvis.desk.inbox import PAGE_SIZE
from parvis.desk.services import conversation_wait, note_add, reading_mark, reply_send
from parvis.desk.services.conversation import Then
from parvis.desk.tests.conftest import HTMX, cost
from parvis.encounters.services import encounter_assign
from parvis.promises.models import Promise
from parvis.staff.models import Team


def rows(client, view, **query):
    return client.get(reverse("inbox", args=[view]), query).context["rows"]


def counts(client, view="all"):
    views = client.get(reverse("inbox", args=[view])).context["views"]
    return [v["count"] for v in views]


def make_late(encounter):
    past = timezone.now() - dt.timedelta(hours=1)
    Promise.objects.filter(encounter=encounter).update(due_at=past, warn_at=past)
    type(encounter).objects.filter(pk=encounter.pk).update(due_at=past)


def test_each_view_holds_what_its_name_says(world, agent):
    _free, mine, waiting, done = (world.contact(subject=s) for s in ("Libre", "Mien", "Attente", "Fini"))
    viewer = world.viewer("agent")
    encounter_assign(viewer=viewer, encounter_id=mine.pk, owner_id=world.agent.pk)
    encounter_assign(viewer=viewer, encounter_id=waiting.pk, owner_id=world.lead.pk)
    conversation_wait(viewer=viewer, encounter_id=waiting.pk)
    reply_send(viewer=viewer, encounter_id=done.pk, text="Voilà.", then=Then.CLOSE)
    make_late(mine)
    found = {view: {r["subject"] for r in rows(agent, view)} for view in ("mine", "unassigned", "at_risk", "waiting")}
    assert found == {"mine": {"Mien"}, "unassigned": {"Libre"}, "at_risk": {"Mien"}, "waiting": {"Attente"}}
    assert {r["subject"] for r in rows(agent, "all")} == {"Libre", "Mien", "Attente", "Fini"}
    assert counts(agent) == [1, 1, 1, 1, 0]


def test_an_open_promise_that_has_time_left_is_not_at_risk(world, agent):
    world.contact()
    assert rows(agent, "at_risk") == []
    assert rows(agent, "all")[0]["chip"]["state"] == "on_time"


def test_the_chip_turns_with_the_promise(world, agent):
    encounter = world.contact()
    Promise.objects.filter(encounter=encounter).update(warn_at=timezone.now() - dt.timedelta(minutes=1))
    assert rows(agent, "all")[0]["chip"]["state"] == "at_risk"
    make_late(encounter)
    assert rows(agent, "all")[0]["chip"]["state"] == "late"
    conversation_wait(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    assert rows(agent, "all")[0]["chip"]["state"] == "paused"


def test_unread_is_what_others_said_since_one_read(world, agent):
    encounter = world.contact()
    viewer, lead = world.viewer("agent"), world.viewer("lead")
    assert rows(agent, "all")[0]["unread"]
    reading_mark(viewer=viewer, encounter_id=encounter.pk, message_id=encounter.messages.latest("pk").pk)
    assert not rows(agent, "all")[0]["unread"]
    note_add(viewer=viewer, encounter_id=encounter.pk, text="De moi.")
    reply_send(viewer=lead, encounter_id=encounter.pk, text="Une réponse attend la suite.")
    assert not rows(agent, "all")[0]["unread"]
    note_add(viewer=lead, encounter_id=encounter.pk, text="Pour toi.")
    assert rows(agent, "all")[0]["unread"]


def test_a_closed_one_asks_for_no_reading(world, agent):
    encounter = world.contact()
    reply_send(viewer=world.viewer("lead"), encounter_id=encounter.pk, text="Voilà.", then=Then.CLOSE)
    assert not rows(agent, "all")[0]["unread"]


def test_pages_follow_each_other_without_gap_or_repeat(world, agent):
    made = {world.contact(subject=f"N° {i}", email=f"c{i}@exemple.example").pk for i in range(PAGE_SIZE + 5)}
    first = agent.get(reverse("inbox", args=["all"]))
    rest = agent.get(first.context["more_url"], headers=HTMX)
    ids = [r["id"] for r in first.context["rows"]] + [r["id"] for r in rest.context["rows"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == made
    assert rest.context["more_url"] == ""


def test_fetched_again_the_list_keeps_its_length_and_the_open_row(world, agent):
    for i in range(PAGE_SIZE + 5):
        last = world.contact(subject=f"N° {i}", email=f"c{i}@exemple.example")
    address = reverse("inbox_list", args=["all"])
    again = agent.get(address, {"rows": PAGE_SIZE + 5, "current": last.pk}, headers=HTMX)
    assert len(again.context["rows"]) == PAGE_SIZE + 5
    assert [r["id"] for r in again.context["rows"] if r["current"]] == [last.pk]
    assert 'id="inbox-views" hx-swap-oob' in again.text


def test_filters_narrow_the_list_and_its_counts(world, agent):
    team = Team.objects.create(name="Atelier")
    world.contact(subject="Sans besoin")
    world.contact(subject="Avec besoin", need_id=world.repair.pk)
    given = world.contact(subject="Pour l’équipe")
    encounter_assign(viewer=world.viewer("agent"), encounter_id=given.pk, team_id=team.pk)
    assert [r["subject"] for r in rows(agent, "all", need=world.repair.pk)] == ["Avec besoin"]
    assert [r["subject"] for r in rows(agent, "all", team=team.pk)] == ["Pour l’équipe"]
    page = agent.get(reverse("inbox", args=["unassigned"]), {"need": world.repair.pk})
    assert [v["count"] for v in page.context["views"]] == [0, 1, 0, 0, 0]
    assert all(f"need={world.repair.pk}" in v["url"] for v in page.context["views"])
    assert "Repair" in agent.get(reverse("inbox_filters", args=["all"]), headers=HTMX).text


def test_rubbish_in_the_address_is_answered_calmly(world, agent):
    assert agent.get(reverse("inbox", args=["nope"])).status_code == 302
    assert agent.get(reverse("inbox", args=["all"]), {"need": "x", "team": "-1", "site": "9" * 40}).status_code == 200
    assert agent.get(reverse("inbox_more", args=["all"]), {"cursor": "garbage"}).status_code == 400


@pytest.mark.parametrize("view", ["mine", "unassigned", "at_risk", "waiting", "all"])
def test_an_empty_view_says_what_to_do_next(world, agent, view):
    page = agent.get(reverse("inbox", args=[view]))
    assert page.context["empty"]["title"] in page.text
    assert len(page.context["empty"]["text"]) > 20


def test_the_page_costs_the_same_however_many_rows(world, agent):
    world.contact()
    address = reverse("inbox", args=["all"])
    few = cost(agent, address)
    for i in range(25):
        encounter = world.contact(subject=f"N° {i}", email=f"c{i}@exemple.example")
        note_add(viewer=world.viewer("lead"), encounter_id=encounter.pk, text="Vu.")
    assert cost(agent, address) <= few <= 12

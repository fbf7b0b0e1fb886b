"""Whoever works at another site sees nothing of an encounter, in lists or by its address, and changes nothing."""

import pytest
from django.urls import reverse

from parvis.desk.models import Draft, Message, Presence
from parvis.desk.services import note_add, reply_send
from parvis.desk.services.macros import macro_save
from parvis.desk.services.messages import File
from parvis.desk.tests.conftest import HTMX
from parvis.encounters.services import encounter_link
from parvis.promises.models import Promise

READS = ["encounter", "encounter_head", "encounter_thread", "encounter_panel", "encounter_assign", "encounter_about"]
READS += ["encounter_link", "encounter_preview", "encounter_macros", "promises_panel", "promise_make"]
WRITES = ["encounter_assign", "encounter_about", "encounter_subject", "encounter_close", "encounter_wait"]
WRITES += ["encounter_reopen", "encounter_link", "encounter_matters", "encounter_reply", "encounter_note"]
WRITES += ["encounter_draft", "encounter_preview", "encounter_presence", "promise_make"]
PROMISE_READS = ["promise_why", "promise_renegotiate", "promise_void"]
PROMISE_WRITES = ["promise_keep", "promise_renegotiate", "promise_renegotiate_preview", "promise_void"]
FORM = {
    "text": "Bonjour",
    "subject": "Autre",
    "reason": "x",
    "due_at": "2099-01-01T10:00",
    "kind": "call_back",
    "nature": "service",
    "priority": "2",
    "matters": "Tout",
}


@pytest.fixture
def theirs(world):
    """An encounter of `canal`, with a message of every kind, a file and promises."""
    encounter = world.contact(files=[File("frein.jpg", "image/jpeg", b"\xff\xd8")])
    viewer = world.viewer("agent")
    note_add(viewer=viewer, encounter_id=encounter.pk, text="Une note.")
    reply_send(viewer=viewer, encounter_id=encounter.pk, text="Une réponse.")
    return encounter


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("name", READS)
def test_none_and_out_of_sight_are_the_same_404(theirs, outsider, name, headers):
    hidden = outsider.get(reverse(name, args=[theirs.reference]), headers=headers)
    nothing = outsider.get(reverse(name, args=["E-00000"]), headers=headers)
    assert hidden.status_code == nothing.status_code == 404
    assert "Grincement" not in hidden.text
    assert "Zoé" not in hidden.text


@pytest.mark.parametrize("name", WRITES)
def test_writing_out_of_sight_is_a_404_and_changes_nothing(world, theirs, outsider, name):
    before = Message.objects.count(), Promise.objects.count(), theirs.status
    answer = outsider.post(reverse(name, args=[theirs.reference]), FORM)
    theirs.refresh_from_db()
    assert answer.status_code == 404
    assert (Message.objects.count(), Promise.objects.count(), theirs.status) == before
    assert theirs.subject == "Grincement"
    assert theirs.customer.matters == ""
    assert not Draft.objects.filter(member=world.outsider).exists()
    assert not Presence.objects.filter(member=world.outsider).exists()


@pytest.mark.parametrize("name", PROMISE_READS)
def test_a_promise_out_of_sight_is_a_404(theirs, outsider, name):
    promise = theirs.promises.first()
    assert outsider.get(reverse(name, args=[promise.reference])).status_code == 404


@pytest.mark.parametrize("name", PROMISE_WRITES)
def test_a_promise_out_of_sight_stays_as_it_is(theirs, outsider, name):
    promise = theirs.promises.first()
    assert outsider.post(reverse(name, args=[promise.reference]), FORM).status_code == 404
    again = Promise.objects.get(pk=promise.pk)
    assert (again.state, again.settled_at, again.due_at) == (promise.state, promise.settled_at, promise.due_at)


@pytest.mark.parametrize("name", ["message_html", "message_delivery"])
def test_messages_are_not_read_by_their_number(theirs, outsider, agent, name):
    message = Message.objects.filter(encounter=theirs, direction="out").latest("pk")
    assert agent.get(reverse(name, args=[message.pk])).status_code == 200
    assert outsider.get(reverse(name, args=[message.pk])).status_code == 404


def test_replies_and_files_are_not_reached_by_their_number(theirs, outsider, agent):
    message = Message.objects.filter(encounter=theirs, direction="out").latest("pk")
    file = Message.objects.filter(encounter=theirs).first().attachments.get()
    assert outsider.post(reverse("message_take_back", args=[message.pk])).status_code == 404
    assert Message.objects.filter(pk=message.pk).exists()
    assert outsider.get(reverse("attachment", args=[file.pk])).status_code == 404
    assert agent.get(reverse("attachment", args=[file.pk])).content == b"\xff\xd8"


@pytest.mark.parametrize("view", ["mine", "unassigned", "at_risk", "waiting", "all"])
def test_lists_and_their_counts_leave_out_other_sites(world, theirs, outsider, agent, view):
    page = outsider.get(reverse("inbox", args=[view]))
    assert "Grincement" not in page.text
    assert [v["count"] for v in page.context["views"]] == [0, 0, 0, 0, 0]
    assert outsider.get(reverse("inbox_list", args=[view])).context["rows"] == []
    assert outsider.get(reverse("inbox_more", args=[view])).context["rows"] == []
    by_site = outsider.get(reverse("inbox", args=[view]) + f"?site={world.canal.pk}")
    assert by_site.context["rows"] == []


def test_the_list_shows_it_to_those_who_may_see_it(theirs, agent):
    page = agent.get(reverse("inbox", args=["all"]))
    assert [row["id"] for row in page.context["rows"]] == [theirs.pk]
    assert "Grincement" in page.text


def test_panels_leave_out_encounters_of_other_sites(world, theirs, agent):
    elsewhere = world.contact(site_id=world.gare.pk, subject="Autre maison")
    assert elsewhere.customer_id == theirs.customer_id
    encounter_link(viewer=world.viewer("administrator"), encounter_id=theirs.pk, other_id=elsewhere.pk)
    panel = agent.get(reverse("encounter_panel", args=[theirs.reference]))
    assert "Autre maison" not in panel.text
    seen = world.viewer("administrator")
    assert seen.site_ids is None
    linked = agent.post(reverse("encounter_link", args=[theirs.reference]), {"other": elsewhere.reference})
    assert linked.status_code == 422


def test_visitors_are_sent_to_sign_in(client, theirs):
    for name in READS:
        answer = client.get(reverse(name, args=[theirs.reference]))
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]
    assert client.get(reverse("live")).status_code == 302


@pytest.mark.parametrize("who", ["agent", "lead"])
def test_only_managers_change_the_replies_of_the_house(world, as_member, who):
    macro = macro_save(viewer=world.viewer("manager"), macro_id=None, name="Horaires", text={"fr": "Ouvert"})
    client = as_member(who)
    for name, args in (("macros", []), ("macro_new", []), ("macro", [macro.pk])):
        assert client.get(reverse(name, args=args)).status_code == 403
    given = {"name": "Volé", "text_fr": "x"}
    assert client.post(reverse("macro", args=[macro.pk]), given).status_code == 403
    assert client.post(reverse("macro_delete", args=[macro.pk])).status_code == 403
    macro.refresh_from_db()
    assert macro.name == "Horaires"


def test_another_teams_replies_are_not_offered(world, agent, as_member):
    from parvis.staff.models import Team

    team = Team.objects.create(name="Vente")
    world.lead.teams.add(team)
    manager = world.viewer("manager")
    macro_save(viewer=manager, macro_id=None, name="Remise", text={"fr": "Dix pour cent"}, team_id=team.pk)
    encounter = world.contact()
    address = reverse("encounter_macros", args=[encounter.reference])
    assert "Remise" not in agent.get(address, headers=HTMX).text
    assert "Remise" in as_member("lead").get(address, headers=HTMX).text


def test_a_colleagues_encounter_is_taken_only_by_a_lead(world, theirs, agent, as_member):
    from parvis.encounters.services import encounter_assign

    encounter_assign(viewer=world.viewer("lead"), encounter_id=theirs.pk, owner_id=world.lead.pk)
    address = reverse("encounter_assign", args=[theirs.reference])
    assert agent.post(address, {"owner": world.agent.pk}).status_code == 403
    theirs.refresh_from_db()
    assert theirs.owner_id == world.lead.pk

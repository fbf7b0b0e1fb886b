"""A conversation as a page: what stands in it, what is done from it, and what it costs."""

import datetime as dt
import json
from itertools import pairwise

import pytest
from django.core import signing
from django.urls import reverse

from parvis.catalog.models import Need
from parvis.desk.models import Draft, FollowUp, Message, Reading
from parvis.desk.services import conversation_close, follow_up_answer, note_add, reply_send
from parvis.desk.services.contacts import customer_spoke
from parvis.desk.services.letters import FOLLOW_UP_SALT
from parvis.desk.services.messages import File, Words
from parvis.desk.tests.conftest import HTMX, cost
from parvis.desk.thread import PAGE
from parvis.encounters.services import encounter_assign
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor
from parvis.promises.services import Term, promise_make


def at(name, encounter, **query):
    address = reverse(name, args=[encounter.reference])
    return address + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def events(answer):
    """What the page is told, each event's details by its name; all go to the body."""
    told = json.loads(answer.headers["HX-Trigger"])
    assert {detail.pop("target") for detail in told.values()} == {"body"}
    return told


def customer_says(encounter, text, **fields):
    return customer_spoke(
        actor=Actor("customer", encounter.customer_id),
        encounter_id=encounter.pk,
        words=Words(text),
        at=utcnow(),
        customer_id=encounter.customer_id,
        channel="email",
        **fields,
    )


# Reading ---------------------------------------------------------------------------------------------------------
def test_the_thread_tells_messages_and_what_happened_between_them(world, agent):
    encounter = world.contact()
    viewer = world.viewer("agent")
    encounter_assign(viewer=viewer, encounter_id=encounter.pk, owner_id=world.agent.pk)
    note_add(viewer=viewer, encounter_id=encounter.pk, text="À rappeler.")
    reply_send(viewer=viewer, encounter_id=encounter.pk, text="Bien sûr.")
    items = agent.get(at("encounter", encounter)).context["thread"].items
    said = [i["text"] for i in items if i["kind"] != "system"]
    told = [i["text"] for i in items if i["kind"] == "system"]
    assert said[0] == "Bonjour, mon vélo grince."
    assert said[-2:] == ["À rappeler.", "Bien sûr."]
    assert told[0].startswith("The customer got in touch")
    assert "Agent took this on" in told
    assert any(line.startswith("Promise kept") for line in told)
    assert items[0]["kind"] == "system", "it opens before the first word"


def test_the_page_shows_why_a_mail_stands_here_and_that_a_machine_wrote_it(world, agent):
    encounter = world.contact()
    customer_says(encounter, "Absent.", threaded_by="token", automatic="auto-reply", sender_address="z@x.example")
    page = agent.get(at("encounter", encounter))
    assert "placed here by our reference" in page.text
    assert "automatic reply" in page.text


def test_quoted_text_is_folded_and_kept(world, agent):
    encounter = world.contact()
    customer_spoke(
        actor=Actor("customer", encounter.customer_id),
        encounter_id=encounter.pk,
        words=Words("D’accord.", quoted="> ce que vous écriviez"),
        at=utcnow(),
        customer_id=encounter.customer_id,
        channel="email",
    )
    page = agent.get(at("encounter", encounter))
    assert '<details class="quoted">' in page.text
    assert "ce que vous écriviez" in page.text


def test_a_long_thread_begins_with_its_last_messages(world, agent):
    encounter = world.contact()
    for i in range(PAGE + 12):
        customer_says(encounter, f"Message {i}")
    thread = agent.get(at("encounter", encounter)).context["thread"]
    assert len([i for i in thread.items if i["kind"] != "system"]) == PAGE
    earlier = agent.get(at("encounter_thread", encounter, before=thread.earlier), headers=HTMX)
    before = earlier.context["thread"]
    shown = [i["id"] for i in (*before.items, *thread.items)]
    assert len(shown) == len(set(shown)), "no message and no line twice"
    everything = Message.objects.filter(encounter=encounter).count()
    assert len([i for i in shown if isinstance(i, int)]) == everything
    assert before.earlier == 0
    again = agent.get(at("encounter_thread", encounter, since=thread.first), headers=HTMX).context["thread"]
    assert [i["id"] for i in again.items] == [i["id"] for i in thread.items]


def test_the_fragment_for_a_pane_carries_thread_and_panel(world, agent):
    encounter = world.contact()
    fragment = agent.get(at("encounter", encounter, view="all"), headers={**HTMX, "HX-Target": "pane-thread"})
    assert "<html" not in fragment.text
    assert 'hx-swap-oob="innerHTML:#pane-panel"' in fragment.text
    restored = agent.get(at("encounter", encounter), headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_presence_says_who_else_is_here_and_marks_what_was_read(world, agent, as_member):
    encounter = world.contact()
    newest = encounter.messages.latest("pk").pk
    address = at("encounter_presence", encounter)
    assert "Lead" not in agent.post(address, {"seen": newest}).text
    as_member("lead").post(address, {"typing": "yes", "seen": "99999999999"})
    assert "Lead is writing" in agent.post(address, {"seen": newest}).text
    read = dict(Reading.objects.values_list("member__name", "message_id"))
    assert read == {"Agent": newest, "Lead": newest}, "nobody has read what was not written yet"


def test_the_panel_knows_the_customer(world, agent):
    world.contact(subject="Avant")
    encounter = world.contact(subject="Maintenant")
    agent.post(at("encounter_matters", encounter), {"matters": "Appelle plutôt."})
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    asked = FollowUp.objects.get(encounter=encounter)
    assert "Did we forget" not in agent.get(at("encounter_panel", encounter), headers=HTMX).text
    FollowUp.objects.filter(pk=asked.pk).update(asked_at=utcnow())
    follow_up_answer(token=signing.dumps(asked.pk, salt=FOLLOW_UP_SALT), all_done=False, comment="La selle")
    panel = agent.get(at("encounter_panel", encounter), headers=HTMX)
    for words in ("Appelle plutôt.", "zoe@exemple.example", "Avant", "Something was forgotten", "La selle"):
        assert words in panel.text
    assert "Maintenant" not in panel.text


# Doing -----------------------------------------------------------------------------------------------------------
def test_naming_the_need_moves_the_stage(world, agent):
    encounter = world.contact()
    leaf = Need.objects.create(slug="brakes", parent=world.repair, name={"en": "Brakes", "fr": "Freins"})
    given = {"need": leaf.pk, "nature": "sales", "priority": "1"}
    answer = agent.post(at("encounter_about", encounter), given, headers=HTMX)
    encounter.refresh_from_db()
    assert (encounter.need, encounter.nature, encounter.priority) == (leaf, "sales", 1)
    assert encounter.stage == "understand"
    assert {"dialog:close", f"live:encounter:{encounter.pk}"} <= set(events(answer))


def test_a_need_that_is_not_in_the_tree_is_refused_at_its_field(world, agent):
    encounter = world.contact()
    given = {"need": "999", "nature": "service", "priority": "2"}
    answer = agent.post(at("encounter_about", encounter), given, headers=HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].errors["need"]


def test_assigning_to_somebody_of_another_site_is_refused(world, agent):
    encounter = world.contact()
    assert agent.post(at("encounter_assign", encounter), {"owner": world.outsider.pk}).status_code == 400
    encounter.refresh_from_db()
    assert encounter.owner_id is None
    agent.post(at("encounter_assign", encounter), {"owner": world.lead.pk})
    encounter.refresh_from_db()
    assert encounter.owner_id == world.lead.pk


def test_the_assign_dialog_offers_colleagues_of_the_site_only(world, agent):
    page = agent.get(at("encounter_assign", world.contact()), headers=HTMX)
    assert {m.name for m in page.context["members"]} == {"Lead", "Manager", "Administrator"}


def test_closing_goes_on_with_the_next_of_the_view(world, agent):
    third, second, first = (world.contact(subject=s, email=f"{s}@x.example") for s in ("c", "b", "a"))
    answer = agent.post(at("encounter_close", second, view="unassigned"), headers=HTMX)
    goes_to = json.loads(answer.headers["HX-Location"])
    assert goes_to == {"path": at("encounter", third, view="unassigned"), "target": "#pane-thread"}
    assert events(answer)["toast"]["undo_url"] == at("encounter_reopen", second)
    answer = agent.post(at("encounter_close", third, view="unassigned"), headers=HTMX)
    assert json.loads(answer.headers["HX-Location"])["path"] == at("encounter", first, view="unassigned")
    answer = agent.post(at("encounter_close", first, view="unassigned"), headers=HTMX)
    assert json.loads(answer.headers["HX-Location"])["path"] == reverse("inbox", args=["unassigned"])


def test_undoing_a_close_from_the_next_conversation_leads_back(world, agent):
    encounter, other = world.contact(), world.contact(email="b@x.example")
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{at('encounter', other)}"}
    answer = agent.post(at("encounter_reopen", encounter), headers=headers)
    assert json.loads(answer.headers["HX-Location"])["path"] == at("encounter", encounter)
    encounter.refresh_from_db()
    assert encounter.status == "open"


def test_encounters_are_linked_by_reference_and_untied(world, agent):
    one, two = world.contact(subject="Un"), world.contact(subject="Deux", email="b@x.example")
    agent.post(at("encounter_link", one), {"other": two.reference.lower()})
    page = agent.get(at("encounter", two))
    [line] = page.context["panel"]["links"]
    assert line["url"] == at("encounter", one)
    stranger = world.contact(subject="Trois", email="c@x.example")
    agent.post(reverse("encounter_untie", args=[stranger.reference, line["link"]]))
    assert agent.get(at("encounter", two)).context["panel"]["links"], "only its own are untied"
    agent.post(reverse("encounter_untie", args=[two.reference, line["link"]]))
    assert agent.get(at("encounter", two)).context["panel"]["links"] == []
    itself = agent.post(at("encounter_link", one), {"other": one.reference}, headers=HTMX)
    assert itself.context["form"].errors["other"]


# Promises --------------------------------------------------------------------------------------------------------
def test_a_promise_is_made_from_the_page_with_its_amount(world, agent):
    encounter = world.contact()
    given = {"kind": "amount", "due_at": "2099-03-02T18:00", "note": "plaquettes", "amount": "48.50"}
    assert agent.post(at("promise_make", encounter), given, headers=HTMX).status_code == 200
    promise = encounter.promises.get(kind="amount")
    assert (promise.amount_minor, promise.currency, promise.note) == (4850, "EUR", "plaquettes")
    assert promise.due_at == dt.datetime(2099, 3, 2, 17, 0, tzinfo=dt.UTC), "the clock of the house, not of the server"
    refused = agent.post(at("promise_make", encounter), {**given, "amount": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert refused.context["form"].errors["amount"]
    past = agent.post(at("promise_make", encounter), {**given, "due_at": "2020-01-01T10:00"}, headers=HTMX)
    assert past.context["form"].errors["due_at"]


def test_why_lists_what_counts_and_sums_to_what_was_promised(world, agent):
    encounter = world.contact(need_id=world.repair.pk)
    promise = encounter.promises.get(kind="resolution")
    page = agent.get(reverse("promise_why", args=[promise.reference]), headers=HTMX)
    lines = page.context["lines"]
    assert {True, False} == {line["counted"] for line in lines}
    assert page.context["total"] == page.context["promised"]
    assert lines[0]["start"] == promise.made_at
    assert lines[-1]["end"] == promise.due_at
    assert all(a["end"] == b["start"] for a, b in pairwise(lines))


def test_renegotiating_tells_the_customer_what_the_preview_showed(world, agent):
    encounter = world.contact()
    promise = encounter.promises.get()
    given = {"due_at": "2099-03-02T18:00", "reason": "La pièce arrive lundi."}
    preview = agent.post(reverse("promise_renegotiate_preview", args=[promise.reference]), given, headers=HTMX)
    assert "La pièce arrive lundi." in preview.text
    answer = agent.post(reverse("promise_renegotiate", args=[promise.reference]), given, headers=HTMX)
    assert "dialog:close" in events(answer)
    told = Message.objects.get(encounter=encounter, purpose="renegotiation")
    assert told.text == preview.context["letter"]["body"]
    assert told.out_mail.to == ["zoe@exemple.example"]


def test_a_promise_is_kept_or_dropped_with_a_reason(world, agent):
    encounter, viewer = world.contact(), world.viewer("agent")
    terms = [Term("call_back", due_at=utcnow() + dt.timedelta(hours=n)) for n in (1, 2)]
    call, other = (promise_make(viewer=viewer, encounter_id=encounter.pk, term=t) for t in terms)
    agent.post(reverse("promise_keep", args=[call.reference]), headers=HTMX)
    silent = agent.post(reverse("promise_void", args=[other.reference]), {"reason": " "}, headers=HTMX)
    assert silent.status_code == 422
    agent.post(reverse("promise_void", args=[other.reference]), {"reason": "A rappelé lui-même."}, headers=HTMX)
    states = {p.pk: (p.state, p.reason) for p in encounter.promises.filter(kind="call_back")}
    assert states == {call.pk: ("kept", ""), other.pk: ("void", "A rappelé lui-même.")}


# Cost ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_the_page_costs_the_same_however_much_was_said(world, agent, headers):
    encounter = world.contact(need_id=world.repair.pk)
    viewer = world.viewer("agent")
    reply_send(viewer=viewer, encounter_id=encounter.pk, text="Oui.")
    few = cost(agent, at("encounter", encounter), **headers)
    for i in range(25):
        customer_says(encounter, f"Encore {i}")
        files = [File(f"{i}.txt", "text/plain", b"%d" % i)]
        note_add(viewer=world.viewer("lead"), encounter_id=encounter.pk, text=f"Note {i}", files=files)
        term = Term("call_back", due_at=utcnow() + dt.timedelta(hours=i + 1))
        promise_make(viewer=viewer, encounter_id=encounter.pk, term=term)
        world.contact(subject=f"Autre {i}")
    Draft.objects.create(encounter=encounter, member=world.agent, kind="reply", text="Je")
    # One more: whether there are earlier messages.
    assert cost(agent, at("encounter", encounter), **headers) <= few + 1 <= 22


def test_what_a_fragment_cannot_do_is_told_in_the_corner(client, world):
    client.force_login(world.agent)
    refused = client.get(reverse("encounter_head", args=["E-ZZZZZZ"]), headers={"HX-Request": "true"})
    toast = events(refused)["toast"]
    assert (refused.status_code, toast["level"]) == (404, "error")
    assert toast["text"] in refused.content.decode()
    assert "There is no such" in toast["text"]

"""Writing: replies, the ten seconds to take one back, the guard, notes, drafts, files, replies of the house."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from parvis.channels.models import OutMail
from parvis.desk.models import Draft, Message
from parvis.desk.services import draft_save
from parvis.desk.services.macros import macro_save
from parvis.desk.tests.conftest import HTMX
from parvis.desk.tests.test_encounter_page import at, customer_says, events


def reply(client, encounter, text="Bonjour, oui.", **given):
    return client.post(at("encounter_reply", encounter), {"text": text, **given}, headers=HTMX)


def test_a_reply_by_mail_waits_ten_seconds_and_can_be_taken_back(world, agent):
    encounter = world.contact()
    answer = reply(agent, encounter)
    message = Message.objects.get(encounter=encounter, direction="out", purpose="talk")
    undo = reverse("message_take_back", args=[message.pk])
    assert events(answer)["toast"] == {"text": "Reply sent.", "level": "success", "undo_url": undo, "seconds": 10}
    assert f"live:encounter:{encounter.pk}" in events(answer)
    taken = agent.post(undo, headers={**HTMX, "HX-Current-URL": f"http://testserver{at('encounter', encounter)}"})
    assert "Bonjour, oui." in taken.text, "the text is in the composer again"
    assert f'id="composer-{encounter.pk}"' in taken.text
    assert not Message.objects.filter(pk=message.pk).exists()
    assert OutMail.objects.get(pk=message.out_mail_id).state == "cancelled"


def test_taken_back_from_another_page_leads_back_to_the_conversation(world, agent):
    encounter = world.contact()
    reply(agent, encounter)
    message = Message.objects.get(encounter=encounter, direction="out", purpose="talk")
    headers = {**HTMX, "HX-Current-URL": "http://testserver/inbox/mine/"}
    answer = agent.post(reverse("message_take_back", args=[message.pk]), headers=headers)
    assert json.loads(answer.headers["HX-Location"])["path"] == at("encounter", encounter)


def test_what_has_left_is_not_taken_back(world, agent):
    encounter = world.contact()
    reply(agent, encounter)
    message = Message.objects.get(encounter=encounter, direction="out", purpose="talk")
    OutMail.objects.filter(pk=message.out_mail_id).update(state="sent", attempts=1)
    answer = agent.post(reverse("message_take_back", args=[message.pk]), headers=HTMX)
    assert events(answer)["toast"] == {"text": "This reply has left already.", "level": "warning"}
    assert Message.objects.filter(pk=message.pk).exists()


@pytest.mark.parametrize(("then", "status"), [("stay", "open"), ("wait", "waiting"), ("close", "closed")])
def test_what_comes_after_sending_is_chosen_with_it(world, agent, then, status):
    encounter = world.contact()
    reply(agent, encounter, then=then)
    encounter.refresh_from_db()
    assert encounter.status == status


def test_the_guard_shows_what_arrived_and_keeps_the_text(world, agent):
    encounter = world.contact()
    seen = encounter.messages.latest("pk").pk
    draft_save(viewer=world.viewer("agent"), encounter_id=encounter.pk, kind="reply", text="Je pense que")
    newer = customer_says(encounter, "Attendez, c’est réglé.")
    refused = reply(agent, encounter, text="Je pense que oui.", seen_message=seen)
    assert refused.status_code == 422
    assert {"desk:arrived", f"live:encounter:{encounter.pk}"} <= set(events(refused))
    assert f'id="seen-{encounter.pk}" name="seen_message" value="{newer.pk}"' in refused.text
    assert "<textarea" not in refused.text, "the form with its text and files stays as it is"
    assert not Message.objects.filter(encounter=encounter, direction="out", purpose="talk").exists()
    assert Draft.objects.get(encounter=encounter).text == "Je pense que"
    assert reply(agent, encounter, text="Je pense que oui.", seen_message=newer.pk).status_code == 200


def test_said_by_phone_is_noted_and_no_mail_leaves(world, agent):
    encounter = world.contact(email="", phone="+33612003456", channel="phone")
    composer = agent.get(at("encounter", encounter)).context["composer"]
    assert (composer["address"], composer["channel"]) == ("", "phone")
    answer = reply(agent, encounter, channel="phone")
    assert events(answer)["toast"] == {"text": "Reply noted.", "level": "success"}
    assert not OutMail.objects.filter(key__startswith="reply:").exists()
    refused = reply(agent, encounter, channel="email")
    assert refused.status_code == 422
    assert "no e-mail address" in refused.text


def test_an_empty_reply_is_refused_above_the_form(world, agent):
    refused = reply(agent, world.contact(), text="  ")
    assert refused.status_code == 422
    assert "The reply is empty." in refused.text


def test_a_note_is_for_colleagues_and_leaves_no_draft(world, agent):
    encounter = world.contact()
    agent.post(at("encounter_draft", encounter), {"kind": "note", "text": "À vér"})
    answer = agent.post(at("encounter_note", encounter), {"text": "À vérifier."}, headers=HTMX)
    assert answer.status_code == 200
    assert Message.objects.get(encounter=encounter, direction="note").text == "À vérifier."
    assert not Draft.objects.exists()
    assert not OutMail.objects.filter(text__contains="vérifier").exists()


def test_drafts_are_kept_for_their_writer(world, agent, as_member):
    encounter = world.contact()
    agent.post(at("encounter_draft", encounter), {"kind": "reply", "text": "Je regarde"})
    assert "Je regarde" in agent.get(at("encounter", encounter)).text
    assert "Je regarde" not in as_member("lead").get(at("encounter", encounter)).text
    agent.post(at("encounter_draft", encounter), {"kind": "reply", "text": ""})
    assert not Draft.objects.exists()


def test_files_go_with_the_reply(world, agent):
    encounter = world.contact()
    files = [SimpleUploadedFile("devis.pdf", b"%PDF", "application/pdf"), SimpleUploadedFile("b.txt", b"b")]
    reply(agent, encounter, files=files)
    message = Message.objects.get(encounter=encounter, direction="out", purpose="talk")
    assert [a.name for a in message.attachments.order_by("pk")] == ["devis.pdf", "b.txt"]
    assert [a["name"] for a in message.out_mail.attachments] == ["devis.pdf", "b.txt"]


def test_files_that_are_too_large_are_refused_with_the_limit(world, agent, settings):
    settings.PARVIS_UPLOAD_MAX_BYTES = 2 * 1024 * 1024
    encounter = world.contact()
    big = [SimpleUploadedFile(f"{i}.bin", b"x" * 1_100_000) for i in range(2)]
    refused = reply(agent, encounter, files=big)
    assert refused.status_code == 422
    assert "2 MB" in refused.text
    assert not Message.objects.filter(encounter=encounter, direction="out", purpose="talk").exists()


def test_the_preview_is_the_mail_that_leaves(world, agent):
    encounter = world.contact()
    preview = agent.post(at("encounter_preview", encounter), {"text": "Bonjour, oui."}, headers=HTMX)
    reply(agent, encounter)
    mail = OutMail.objects.get(key__startswith="reply:")
    assert preview.context["preview"] == {"to": mail.to[0], "subject": mail.subject, "body": mail.text}


def test_replies_of_the_house_come_in_the_customers_language_filled_in(world, agent):
    texts = {"fr": "Bonjour {name}, {inconnu} ouvert.", "en": "Hello {name}"}
    macro_save(viewer=world.viewer("manager"), macro_id=None, name="Horaires", text=texts)
    encounter = world.contact(language="fr")
    page = agent.get(at("encounter_macros", encounter), headers=HTMX)
    assert page.context["choices"] == [{"name": "Horaires", "text": "Bonjour Zoé Martin, {inconnu} ouvert."}]


def test_a_manager_writes_changes_and_deletes_replies_of_the_house(world, as_member):
    manager = as_member("manager")
    empty = manager.post(reverse("macro_new"), {"name": "Vide"})
    assert empty.status_code == 422
    manager.post(reverse("macro_new"), {"name": "Horaires", "text_fr": "Ouvert dès 9 h."})
    [row] = manager.get(reverse("macros")).context["rows"]
    macro = row["macro"]
    manager.post(reverse("macro", args=[macro.pk]), {"name": "Horaires", "text_en": "Open from 9:00."})
    macro.refresh_from_db()
    assert macro.text == {"en": "Open from 9:00."}
    manager.post(reverse("macro_delete", args=[macro.pk]))
    assert manager.get(reverse("macros")).context["rows"] == []


def test_without_script_every_form_still_works(world, agent):
    encounter = world.contact()
    answer = agent.post(at("encounter_reply", encounter), {"text": "Oui."})
    assert (answer.status_code, answer["Location"]) == (302, at("encounter", encounter))
    page = agent.get(at("encounter_assign", encounter))
    assert "<html" in page.text
    assert agent.post(at("encounter_assign", encounter), {"owner": world.agent.pk}).status_code == 302

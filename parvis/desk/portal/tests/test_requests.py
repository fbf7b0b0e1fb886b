import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parvis.channels.models import OutMail
from parvis.desk.models import Attachment, FollowUp, Message
from parvis.desk.portal.tokens import REQUESTS_SALT, requests_link
from parvis.desk.services import conversation_close, note_add, promise_renegotiate, reply_send
from parvis.desk.services.letters import ENCOUNTER_SALT, FOLLOW_UP_SALT, follow_up_link, portal_link
from parvis.desk.services.messages import File
from parvis.kernel.clock import utcnow
from parvis.promises.selectors import promises_of_encounter
from parvis.staff.domain.viewer import Viewer
from tests.world import World


def path_of(link: str) -> str:
    """The path of a link, as the test client wants it."""
    return urlsplit(link).path


def page_of(client: Client, encounter: Any, language: str = "en") -> str:
    address = path_of(portal_link(encounter.pk))
    return client.get(address, headers={"Accept-Language": language}).content.decode()


# One request ---------------------------------------------------------------------------------------------------------
def test_the_customer_sees_what_was_said_and_promised_but_no_note(world: World, client: Client) -> None:
    encounter = world.contact(need_id=world.repair.pk)
    agent = world.viewer("agent")
    note_add(viewer=agent, encounter_id=encounter.pk, text="Attention, mauvais payeur")
    reply_send(viewer=agent, encounter_id=encounter.pk, text="Passez demain.", undo_seconds=0)
    page = page_of(client, encounter)
    assert "Bonjour, mon vélo grince." in page
    assert "Passez demain." in page
    assert "mauvais payeur" not in page
    assert "An answer: done, as promised." in page
    assert "A solution: by" in page


def test_a_reply_shows_only_once_it_can_no_longer_be_taken_back(world: World, client: Client) -> None:
    encounter = world.contact()
    reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Trop vite.", undo_seconds=10)
    assert "Trop vite." not in page_of(client, encounter)
    with time_machine.travel(utcnow() + dt.timedelta(seconds=11)):
        assert "Trop vite." in page_of(client, encounter)


def test_a_moved_time_comes_with_its_reason(world: World, client: Client) -> None:
    encounter = world.contact()
    [promise] = promises_of_encounter(Viewer.house(), encounter.pk)
    promise_renegotiate(
        viewer=world.viewer("agent"),
        promise_id=promise.pk,
        due_at=utcnow() + dt.timedelta(days=9),
        reason="La pièce arrive <lundi>.",
    )
    page = page_of(client, encounter)
    assert "The time was moved: La pièce arrive &lt;lundi&gt;." in page
    assert page.count("An answer: by") == 1


def test_a_late_promise_is_owned_up_to(world: World, client: Client) -> None:
    encounter = world.contact()
    with time_machine.travel(utcnow() + dt.timedelta(days=30)):
        assert "and late. We are sorry" in page_of(client, encounter)


def test_more_words_reach_the_house_also_after_closing(world: World, client: Client) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    address = path_of(portal_link(encounter.pk))
    upload = SimpleUploadedFile("photo.png", b"\x89PNG")
    response = client.post(address, {"text": "Cela grince encore.", "attachments": [upload]}, follow=True)
    assert "Cela grince encore." in response.content.decode()
    assert "We have your message." in response.content.decode()
    encounter.refresh_from_db()
    assert (encounter.status, encounter.unanswered) == ("open", True)
    message = Message.objects.filter(direction="in").latest("id")
    assert (message.sender_address, message.channel) == ("zoe@exemple.example", "form")
    assert [a.name for a in message.attachments.all()] == ["photo.png"]


def test_empty_words_are_refused_and_floods_stopped(world: World, client: Client) -> None:
    encounter = world.contact()
    address = path_of(portal_link(encounter.pk))
    assert client.post(address, {"text": "  "}).status_code == 422
    answers = [client.post(address, {"text": f"Encore {n}"}).status_code for n in range(22)]
    assert answers.count(302) == 20
    assert answers[-1] == 429


def test_the_page_is_kept_by_no_cache_no_robot_and_tells_no_other_site(world: World, client: Client) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    follow_up = FollowUp.objects.get()
    for link in (
        portal_link(encounter.pk),
        follow_up_link(follow_up.pk),
        requests_link("zoe@exemple.example"),
        f"/portal/sent/{signing.dumps(encounter.pk, salt=ENCOUNTER_SALT)}/",
    ):
        response = client.get(path_of(link))
        assert response.status_code == 200, link
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]


def test_more_words_need_no_cookie_and_no_origin(world: World) -> None:
    encounter = world.contact()
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(path_of(portal_link(encounter.pk)), {"text": "Bonjour"}, headers={"Origin": "null"})
    assert response.status_code == 302


def test_markup_of_a_customer_shows_as_text(world: World, client: Client) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    encounter = world.contact(text=attack, subject=attack, name=attack)
    page = page_of(client, encounter)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


# Files ---------------------------------------------------------------------------------------------------------------
def test_a_file_is_saved_never_run_and_only_under_its_own_link(world: World, client: Client) -> None:
    evil = File("<b>.html", "text/html", b"<script>alert(1)</script>")
    mine, others = world.contact(files=[evil]), world.contact(files=[evil], email="max@exemple.example")
    token = portal_link(mine.pk).rstrip("/").rpartition("/")[2]
    own = Attachment.objects.get(message__encounter=mine)
    foreign = Attachment.objects.get(message__encounter=others)
    response = client.get(reverse("request_file", args=[token, own.pk]))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for pk in (foreign.pk, 999_999):
        assert client.get(reverse("request_file", args=[token, pk])).status_code == 404


def test_the_file_of_a_note_is_nobodys_business(world: World, client: Client) -> None:
    encounter = world.contact()
    note_add(
        viewer=world.viewer("agent"),
        encounter_id=encounter.pk,
        text="Interne",
        files=[File("marge.pdf", "application/pdf", b"%PDF")],
    )
    token = portal_link(encounter.pk).rstrip("/").rpartition("/")[2]
    assert client.get(reverse("request_file", args=[token, Attachment.objects.get().pk])).status_code == 404


# Links that are none -------------------------------------------------------------------------------------------------
def bad_links(encounter_id: int) -> list[str]:
    """Links that must not open anything: cut, forged, signed for something else, for nothing, for another kind."""
    good = signing.dumps(encounter_id, salt=ENCOUNTER_SALT)
    return [
        "x",
        good[:-1],
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        signing.dumps(encounter_id, salt=FOLLOW_UP_SALT),
        signing.dumps(encounter_id, salt=REQUESTS_SALT),
        signing.dumps(encounter_id, key="another key", salt=ENCOUNTER_SALT),
        signing.dumps(999_999, salt=ENCOUNTER_SALT),
        signing.dumps("1 OR 1=1", salt=ENCOUNTER_SALT),
        signing.dumps([encounter_id], salt=ENCOUNTER_SALT),
    ]


def test_forged_and_foreign_links_open_nothing_and_all_look_alike(world: World, client: Client) -> None:
    encounter = world.contact()
    pages = set()
    for token in bad_links(encounter.pk):
        for name in ("request", "portal_sent"):
            response = client.get(reverse(name, args=[token]))
            assert response.status_code == 404, token
            pages.add(re.sub(r"[^<>]*csrf[^<>]*|value=\"[^\"]*\"|hx-headers='[^']*'", "", response.content.decode()))
        assert client.post(reverse("request", args=[token]), {"text": "Bonjour"}).status_code == 404
    assert len(pages) == 1
    assert Message.objects.filter(direction="in").count() == 1


def test_a_follow_up_link_of_another_kind_opens_nothing(world: World, client: Client) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    for token in ("x", signing.dumps(FollowUp.objects.get().pk, salt=ENCOUNTER_SALT)):
        assert client.get(reverse("follow_up", args=[token])).status_code == 404
        assert client.post(reverse("follow_up", args=[token]), {"all_done": "no"}).status_code == 404
    assert FollowUp.objects.get().answered_at is None


# All requests --------------------------------------------------------------------------------------------------------
def asked(client: Client, email: str) -> str:
    response = client.post(reverse("my_requests"), {"email": email})
    assert response.status_code == 200
    page = response.content.decode().replace(email, "ADDRESS")
    return re.sub(r"[^<>]*csrf[^<>]*|value=\"[^\"]*\"|hx-headers='[^']*'", "", page)


def test_the_answer_is_the_same_whether_one_is_known_or_not(world: World, client: Client) -> None:
    world.contact()
    OutMail.objects.all().delete()
    assert asked(client, "zoe@exemple.example") == asked(client, "nobody@exemple.example")
    [mail] = OutMail.objects.all()
    assert mail.to == ["zoe@exemple.example"]


def test_the_mailed_link_lists_all_requests_of_the_address_for_an_hour(world: World, client: Client) -> None:
    world.contact(subject="Grincement")
    world.contact(subject="Selle", site_id=world.gare.pk)
    world.contact(subject="Secret", email="max@exemple.example")
    asked(client, "ZOE@exemple.example")
    mail = OutMail.objects.latest("id")
    assert mail.encounter_ref == ""
    link = re.search(r"https?://\S+/portal/requests/\S+", mail.text)
    assert link is not None
    page = client.get(path_of(link[0])).content.decode()
    assert "Grincement" in page
    assert "Selle" in page
    assert "Secret" not in page
    one = re.search(r'href="(/r/[^"]+)"', page)
    assert one is not None
    assert client.get(one[1]).status_code == 200
    with time_machine.travel(utcnow() + dt.timedelta(minutes=61)):
        late = client.get(path_of(link[0]))
    assert late.status_code == 404
    assert "This link has expired." in late.content.decode()


def test_the_link_goes_to_the_address_on_record_alone(world: World, client: Client) -> None:
    world.contact()
    OutMail.objects.all().delete()
    for attempt in ("zoe@exemple.example, eve@evil.example", "zoe@exemple.example\nBcc: eve@evil.example"):
        assert client.post(reverse("my_requests"), {"email": attempt}).status_code == 422
    assert not OutMail.objects.exists()


def test_asking_again_and_again_sends_no_flood_and_tells_nothing(world: World, client: Client) -> None:
    world.contact()
    OutMail.objects.all().delete()
    pages = {asked(client, "zoe@exemple.example") for __ in range(6)}
    assert len(pages) == 1
    assert OutMail.objects.count() == 3


def test_an_encounter_token_is_no_key_to_all_requests(world: World, client: Client) -> None:
    encounter = world.contact()
    for token in (signing.dumps(encounter.pk, salt=ENCOUNTER_SALT), signing.dumps("zoe@exemple.example", salt="x")):
        assert client.get(reverse("my_requests_list", args=[token])).status_code == 404


# Did we forget anything? ---------------------------------------------------------------------------------------------
@pytest.fixture
def question(world: World) -> FollowUp:
    """The question after a closed conversation."""
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    return FollowUp.objects.get()


def test_looking_at_the_question_changes_nothing(world: World, client: Client, question: FollowUp) -> None:
    address = path_of(follow_up_link(question.pk))
    for method in (client.get, client.head):
        assert method(f"{address}?all_done=no&answered").status_code == 200
    question.refresh_from_db()
    assert question.answered_at is None
    assert question.encounter.status == "closed"


def test_all_is_well_leaves_the_door_open(world: World, client: Client, question: FollowUp) -> None:
    response = client.post(path_of(follow_up_link(question.pk)), {"all_done": "yes"}, follow=True)
    assert "Our door stays open" in response.content.decode()
    question.refresh_from_db()
    assert question.all_done is True
    assert question.encounter.stage == "open_door"


def test_something_missing_is_taken_up_again_with_a_new_promise(
    world: World, client: Client, question: FollowUp
) -> None:
    address = path_of(follow_up_link(question.pk))
    response = client.post(address, {"all_done": "no"}, follow=True)
    assert "An answer: by" in response.content.decode()
    client.post(address, {"all_done": "no"})
    client.post(address, {"all_done": "no", "comment": "La sonnette."})
    question.refresh_from_db()
    assert (question.all_done, question.comment, question.encounter.status) == (False, "La sonnette.", "open")
    texts = list(Message.objects.filter(purpose="follow_up", direction="in").values_list("text", flat=True))
    assert len(texts) == 2
    assert texts[1] == "La sonnette."


def test_a_second_thought_counts(world: World, client: Client, question: FollowUp) -> None:
    address = path_of(follow_up_link(question.pk))
    client.post(address, {"all_done": "yes"})
    assert "Did we forget anything?" in client.get(address).content.decode()
    client.post(address, {"all_done": "no"})
    question.refresh_from_db()
    assert (question.all_done, question.encounter.status) == (False, "open")


def test_an_answer_that_is_none_asks_again(world: World, client: Client, question: FollowUp) -> None:
    response = client.post(path_of(follow_up_link(question.pk)), {"all_done": "perhaps"})
    assert "Did we forget anything?" in response.content.decode()
    question.refresh_from_db()
    assert question.answered_at is None

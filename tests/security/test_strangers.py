"""What a stranger can send to the house by mail, form and link, and what it must not do."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parvis.channels.models import OutMail
from parvis.desk.domain.threading import thread_token
from parvis.desk.models import Attachment, FollowUp, Message
from parvis.desk.portal.tokens import REQUESTS_SALT, form_stamp
from parvis.desk.services import conversation_close
from parvis.desk.services.letters import ENCOUNTER_SALT, FOLLOW_UP_SALT, follow_up_link, portal_link, thread_key
from parvis.desk.services.messages import File
from parvis.kernel.clock import utcnow
from tests.mail.letters import letter, take_in
from tests.world import World

EVE = "Eve <eve@ailleurs.example>"


def forged(encounter_id: int) -> list[str]:
    """Tokens for an encounter by somebody who does not have the key."""
    real = thread_token(encounter_id, thread_key())
    reference, signature = real.split(".")
    other = thread_token(encounter_id + 1, thread_key()).split(".")[1]
    turned = signature[::-1] if signature[::-1] != signature else signature[1:] + signature[:1]
    return [
        reference,
        f"{reference}.{turned}",
        f"{reference}.{other}",
        f"{reference}.{'A' * 9}",
        f"{reference}.{signature[:-1]}",
        thread_token(encounter_id, b"another key"),
    ]


def mails_with(token: str) -> list[Any]:
    """A stranger's mail with a token in every place where ours are looked for."""
    return [
        letter("Bonjour", sender=EVE, headers={"References": f"<{token}.x@canal.example>"}),
        letter("Bonjour", sender=EVE, headers={"In-Reply-To": f"<x.{token}@canal.example>"}),
        letter("Bonjour", sender=EVE, message_id=f"<{token}@canal.example>"),
        letter("Bonjour", sender=EVE, to=f"bonjour+{token}@canal.example"),
        letter(f"Bonjour\n\n> {token}\n", sender=EVE),
        letter("Bonjour", sender=EVE, subject=f"Re: Grincement [{token}]"),
    ]


def test_no_forged_token_brings_a_strangers_mail_into_a_conversation(world: World) -> None:
    encounter = world.contact()
    told = Message.objects.filter(encounter=encounter).count()
    for token in forged(encounter.pk):
        for mail in take_in(*mails_with(token)):
            assert mail.state == "attached"
            assert Message.objects.get(mail_id=mail.pk).encounter_id != encounter.pk, token
    assert Message.objects.filter(encounter=encounter).count() == told


def test_the_real_token_in_the_same_places_does(world: World) -> None:
    encounter = world.contact()
    token = thread_token(encounter.pk, thread_key())
    found = [
        Message.objects.get(mail_id=m.pk).encounter_id for m in take_in(*mails_with(token)) if m.state == "attached"
    ]
    assert found.count(encounter.pk) >= 3


def test_a_stranger_with_a_real_token_speaks_in_their_own_name(world: World) -> None:
    encounter = world.contact()
    token = thread_token(encounter.pk, thread_key())
    [mail] = take_in(letter("C’est moi.", sender=EVE, headers={"References": f"<{token}.x@canal.example>"}))
    said = Message.objects.get(mail_id=mail.pk)
    assert said.encounter_id == encounter.pk
    assert said.sender_address == "eve@ailleurs.example"
    assert said.customer_id != encounter.customer_id


def form(**changes: Any) -> dict[str, Any]:
    """What a visitor sends who opened the form a minute ago."""
    with time_machine.travel(utcnow() - dt.timedelta(minutes=1), tick=False):
        stamp = form_stamp()
    given = {"name": "Zoé", "email": "z@exemple.example", "message": "Bonjour", "site": "canal", "stamp": stamp}
    return {**given, **changes}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "x" * 5000},
        {"name": "a\x00b"},
        {"email": "a@b.example\nBcc: eve@evil.example"},
        {"email": "a\x00@b.example"},
        {"email": "x" * 5000 + "@b.example"},
        {"phone": "9" * 5000},
        {"message": "x" * 10_001},
        {"message": "a\x00b"},
        {"site": "nowhere"},
        {"site": "\x00"},
        {"stamp": "x" * 5000},
        {"stamp": "\x00"},
        {"stamp": signing.dumps("x", salt=ENCOUNTER_SALT)},
    ],
    ids=lambda change: "-".join(f"{k}={v[:8]!r}" for k, v in change.items()),
)
def test_the_form_refuses_what_no_person_writes(world: World, change: dict) -> None:
    response = Client().post("/portal/write/", form(**change))
    assert response.status_code == 422
    assert not Message.objects.exists()


def test_a_need_that_is_none_is_left_out(world: World) -> None:
    for need in ("nowhere", "x" * 5000, "../..", "<script>"):
        assert Client().post("/portal/write/", form(need=need)).status_code == 302


def test_the_form_says_the_same_for_a_customer_we_know(world: World) -> None:
    known = world.contact(name="Zoé Secret")
    page = Client().post("/portal/write/", form(email="zoe@exemple.example", name="Eve"), follow=True).content.decode()
    assert "Secret" not in page
    assert known.reference not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [("logo.svg", b"<svg onload=alert(1)>"), ("x.html", b"<script>"), ("x.png.html", b"x"), ("x.js", b"x"), ("x", b"x"),
     ("x.exe", b"MZ"), ("x.PnG\x00.html", b"x"), (".htaccess", b"x")],
)  # fmt: skip
def test_files_that_could_run_are_not_taken_from_the_form(world: World, name: str, content: bytes) -> None:
    upload = SimpleUploadedFile(name, content, content_type="image/png")
    assert Client().post("/portal/write/", form(attachments=[upload])).status_code == 422
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", 'a"\r\nX: y.pdf', "é\u202egpj.exe", "x" * 1000 + ".svg", "con\x00.html"]
)
def test_whatever_a_file_of_a_mail_is_called_it_is_a_download(world: World, name: str) -> None:
    encounter = world.contact(files=[File(name, "text/html", b"<script>alert(1)</script>")])
    client = Client()
    client.force_login(world.agent, backend="parvis.staff.sessions.Backend")
    link = portal_link(encounter.pk).partition("/r/")[2]
    pk = Attachment.objects.get().pk
    for response in (client.get(f"/attachments/{pk}/"), Client().get(f"/r/{link}files/{pk}/")):
        assert response.status_code == 200
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "X" not in response.headers
        assert "../" not in response["Content-Disposition"]


def test_a_link_to_all_requests_shows_nothing_of_others_and_ends(world: World) -> None:
    world.contact(subject="Secret", email="max@exemple.example")
    token = signing.dumps("zoe@exemple.example", salt=REQUESTS_SALT, compress=True)
    assert "Secret" not in Client().get(f"/portal/requests/{token}/").content.decode()
    for broken in (token[:-2], token[2:], token.replace(":", ":x", 1), token + "x", token.swapcase()):
        assert Client().get(f"/portal/requests/{broken}/").status_code == 404
    with time_machine.travel(utcnow() + dt.timedelta(hours=2)):
        assert Client().get(f"/portal/requests/{token}/").status_code == 404


def test_a_follow_up_answer_sent_again_opens_nothing_twice(world: World) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    path = follow_up_link(FollowUp.objects.get().pk).partition("/f/")[2]
    for _i in range(5):
        Client().post(f"/f/{path}", {"all_done": "yes"})
    letters = OutMail.objects.filter(key__contains="open_door").count()
    assert letters <= 1
    assert FollowUp.objects.get().all_done is True
    assert Client().get(f"/f/{signing.dumps(999_999, salt=FOLLOW_UP_SALT)}/").status_code == 404

"""What strangers sent can do nothing: formatted mail in its frame, files as downloads."""

import pytest
from django.urls import reverse

from parvis.channels.models import OutMail
from parvis.desk.models import Message
from parvis.desk.services import reply_send
from parvis.desk.services.messages import File

HTML = '<p>Bonjour</p><img data-cid="logo@x"><img data-remote-src="http://traqueur.example/p.gif?a=1&amp;b=2">'


@pytest.fixture
def formatted(world):
    """A message with formatted text, an attached picture it shows and a file."""
    files = [
        File("logo.png", "image/png", b"\x89PNG", content_id="<logo@x>", inline=True),
        File("facture.html", "text/html; charset=utf-8", b"<script>alert(1)</script>"),
    ]
    message = world.contact(files=files).messages.get(direction="in")
    Message.objects.filter(pk=message.pk).update(html=HTML)
    return message


def test_the_frame_is_locked_down(formatted, agent):
    answer = agent.get(reverse("message_html", args=[formatted.pk]))
    policy = {p.split()[0]: p.split()[1:] for p in answer["Content-Security-Policy"].split("; ")}
    assert policy["default-src"] == ["'none'"]
    assert "allow-scripts" not in policy["sandbox"]
    assert "allow-forms" not in policy["sandbox"]
    assert policy["img-src"] == ["http://testserver/attachments/", "data:"]
    assert policy["frame-ancestors"] == ["'self'"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_attached_pictures_are_shown_and_remote_ones_only_when_asked(formatted, agent):
    picture = formatted.attachments.get(inline=True)
    quiet = agent.get(reverse("message_html", args=[formatted.pk]))
    assert f'src="{reverse("attachment", args=[picture.pk])}"' in quiet.text
    assert ' src="http' not in quiet.text
    asked = agent.get(reverse("message_html", args=[formatted.pk]), {"images": "1"})
    assert ' src="https://traqueur.example/p.gif?a=1&amp;b=2"' in asked.text
    assert "img-src http://testserver/attachments/ data: https:;" in asked["Content-Security-Policy"]


def test_a_picture_of_another_message_is_not_drawn_in(world, formatted, agent):
    other = world.contact(email="b@x.example").messages.get(direction="in")
    Message.objects.filter(pk=other.pk).update(html=HTML)
    assert "/attachments/" not in agent.get(reverse("message_html", args=[other.pk])).text


def test_files_run_nowhere(formatted, agent):
    page = formatted.attachments.get(name="facture.html")
    answer = agent.get(reverse("attachment", args=[page.pk]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="facture.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    picture = formatted.attachments.get(inline=True)
    assert agent.get(reverse("attachment", args=[picture.pk]))["Content-Type"] == "image/png"


def test_a_file_name_cannot_break_its_header(world, agent):
    file = File('a"\r\nSet-Cookie: x=1; é.pdf', "application/pdf", b"%PDF")
    attachment = world.contact(files=[file]).messages.get(direction="in").attachments.get()
    answer = agent.get(reverse("attachment", args=[attachment.pk]))
    assert answer.status_code == 200
    assert "\n" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers


def test_the_page_folds_the_frame_away_and_loads_nothing_before(formatted, agent):
    page = agent.get(reverse("encounter", args=[formatted.encounter.reference]))
    assert f'data-src="{reverse("message_html", args=[formatted.pk])}"' in page.text
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert ' src="/messages/' not in page.text
    assert "traqueur.example" not in page.text


@pytest.mark.parametrize(
    ("change", "configured", "words"),
    [
        ({}, True, "Take back"),
        ({"not_before": "2020-01-01T00:00Z"}, True, "In the outbox"),
        ({"not_before": "2020-01-01T00:00Z"}, False, "No mail server is set up"),
        ({"state": "sending"}, True, "Being sent"),
        ({"state": "sent"}, True, "Sent"),
        ({"state": "failed", "error": "550 no such user"}, True, "550 no such user"),
        ({"attempts": 1, "error": "451 later"}, True, "Not accepted yet"),
    ],
)
def test_how_a_mail_stands_is_said(world, agent, settings, change, configured, words):
    settings.MAIL_CONFIGURED = configured
    message = reply_send(viewer=world.viewer("agent"), encounter_id=world.contact().pk, text="Oui.")
    OutMail.objects.filter(pk=message.out_mail_id).update(**change)
    assert words in agent.get(reverse("message_delivery", args=[message.pk])).text


def test_only_its_writer_is_offered_to_take_a_reply_back(world, agent, as_member):
    message = reply_send(viewer=world.viewer("agent"), encounter_id=world.contact().pk, text="Oui.")
    assert "Take back" not in as_member("lead").get(reverse("message_delivery", args=[message.pk])).text

"""Text messages over a real socket: once each, in each provider's way, tried again with patience, failures said."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from parvis.channels.domain.sms import Provider
from parvis.channels.models import OutMail
from parvis.channels.outbox import outbox_send
from parvis.channels.sayings import refusal_text
from parvis.channels.sms import PAUSES, Text, provider_check, sms_send, texts_send
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid
from parvis.ledger.models import Entry
from tests.webhooks.receiver import Receiver
from tests.world import World

NUMBER = "+33612345678"


def by(settings: Any, receiver: Receiver, scheme: str, rest: str, sender: str = "") -> None:
    settings.SMS_URL = f"{scheme}+http://{rest.replace('HOST', f'127.0.0.1:{receiver.server.server_port}')}"
    settings.SMS_FROM = sender


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A provider on this machine, which Parvis may ask."""
    settings.PARVIS_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    made = Receiver()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def gateway(db: None, settings: Any, receiver: Receiver) -> Receiver:
    by(settings, receiver, "gateway", ":s3cret@HOST/send")
    return receiver


def queued(key: str = "k", **fields: Any) -> OutMail:
    made = sms_send(text=Text(**{"key": key, "number": NUMBER, "text": "Dès jeudi, 14 h.", **fields}))
    assert made is not None
    return made


def test_each_provider_is_asked_as_its_api_wants(db: None, settings: Any, receiver: Receiver) -> None:
    by(settings, receiver, "twilio", "AC1:t%2Fk@HOST", "+33700000000")
    queued("a", not_after=utcnow() + dt.timedelta(hours=1))
    assert (texts_send(), texts_send()) == (1, 0)
    by(settings, receiver, "ovh", "key:secret@HOST/sms-ab1-1?consumer=con", "Canal")
    queued("b")
    assert texts_send() == 1
    by(settings, receiver, "gateway", ":s3cret@HOST/send?device=1")
    queued("c")
    assert texts_send() == 1
    twilio, ovh, own = receiver.got

    assert twilio.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(twilio.headers["authorization"].split()[1]) == b"AC1:t/k"
    form = {name: value for name, [value] in parse_qs(twilio.body.decode()).items()}
    assert 3500 < int(form.pop("ValidityPeriod")) <= 3600
    assert form == {"To": NUMBER, "From": "+33700000000", "Body": "Dès jeudi, 14 h."}

    url = f"http://{ovh.headers['host']}/1.0/sms/sms-ab1-1/jobs"
    signed = f"secret+con+POST+{url}+{ovh.body.decode()}+{ovh.headers['x-ovh-timestamp']}"
    assert ovh.headers["x-ovh-signature"] == "$1$" + hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324
    assert (ovh.told["receivers"], ovh.told["sender"], ovh.told["coding"]) == ([NUMBER], "Canal", "7bit")

    assert (own.path, own.headers["authorization"]) == ("/send?device=1", "Bearer s3cret")
    assert own.headers["idempotency-key"] == "c"
    assert (own.told["to"], own.told["text"], own.told["id"]) == (NUMBER, "Dès jeudi, 14 h.", "c")
    assert set(OutMail.objects.values_list("state", flat=True)) == {"sent"}
    assert Entry.objects.filter(name="sms.sent").count() == 3


def test_one_occasion_has_one_message_and_mail_is_another_matter(gateway: Receiver, settings: Any) -> None:
    queued()
    assert sms_send(text=Text("k", NUMBER, "Again")) is None
    settings.MAIL_CONFIGURED = True
    assert outbox_send() == (0, 0)
    with pytest.raises(Invalid):
        sms_send(text=Text("fixed", "+33142345678", "Hello"))
    settings.SMS_URL = ""
    assert sms_send(text=Text("off", NUMBER, "Hello")) is None
    assert texts_send() == 0
    assert not gateway.got


def test_a_provider_in_trouble_is_asked_again_with_growing_pauses_and_then_given_up(gateway: Receiver) -> None:
    row, now, pauses = queued(), utcnow(), []
    gateway.answers = [503] * 9
    while row.state == "queued":
        assert texts_send(now=now) == 0
        row.refresh_from_db()
        pauses.append(row.next_attempt_at - now)
        now = row.next_attempt_at
    assert pauses[:-1] == PAUSES
    assert (row.state, row.attempts, len(gateway.got)) == ("failed", 6, 6)
    assert "in trouble" in str(refusal_text(row.error, "sms"))
    assert Entry.objects.filter(name="sms.given_up").count() == 1


def test_what_is_refused_for_good_and_what_came_too_late_is_not_tried_again(gateway: Receiver) -> None:
    now = utcnow()
    refused, late = queued("a"), queued("b", not_after=now - dt.timedelta(minutes=1))
    gateway.answers, gateway.body = [400], json.dumps({"code": 21211, "message": "Invalid 'To' number"}).encode()
    texts_send(now=now + dt.timedelta(minutes=1))
    for row, words in ((refused, "does not write to this number"), (late, "too late")):
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("failed", 1)
        assert words in str(refusal_text(row.error, "sms"))
    assert len(gateway.got) == 1


def test_while_nobody_answers_one_is_tried_and_the_others_wait(db: None, settings: Any) -> None:
    settings.SMS_URL, settings.PARVIS_OUTGOING_NETWORKS = "gateway+http://:s@127.0.0.1:9/", ["127.0.0.0/8"]
    first, second = queued("a"), queued("b")
    assert texts_send() == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.attempts, second.attempts) == (1, 0)
    assert "cannot be reached" in str(refusal_text(first.error, "sms"))


def test_the_outbox_shows_them_and_tries_again(gateway: Receiver, client: Client, world: World) -> None:
    row = queued(site_id=world.canal.pk)
    gateway.answers = [401]
    texts_send()
    client.force_login(world.lead)
    page = client.get("/outbox/").content.decode()
    for words in (NUMBER, "Dès jeudi, 14 h.", "does not accept our account"):
        assert words in page
    client.post(f"/outbox/{row.pk}/retry/")
    assert texts_send() == 1
    assert Entry.objects.filter(name="sms.retried").exists()


@pytest.mark.parametrize(
    "url", ["http://x", "twilio://a:b@", "twilio://AC1:t@api.twilio.com", "ovh://a:b@eu.api.ovh.com/s", "gateway://h/"]
)
def test_a_provider_written_wrongly_is_said_at_the_start_without_its_secret(url: str, settings: Any) -> None:
    settings.SMS_URL = url
    with pytest.raises(ImproperlyConfigured, match="PARVIS_SMS") as refused:
        provider_check()
    assert ":t@" not in str(refused.value)
    with pytest.raises(Invalid):
        Provider.from_url(url)

"""Mail out over a real socket: once each, tried again with patience, given up with the reason."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from parvis.channels.models import OutMail
from parvis.channels.outbox import CLAIM_LASTS, PAUSES, Letter, letter_cancel, letter_queue, outbox_send
from parvis.channels.sayings import refusal_text
from parvis.channels.services import blobs_store
from parvis.kernel.clock import utcnow
from parvis.ledger.models import Entry
from tests.mail.wire import Elsewhere, mail_server
from tests.world import World

Sends = Callable[..., Any]


@pytest.fixture
def sends(db: None, settings) -> Sends:
    """A context in which mail leaves for a server that answers recipients as told."""

    @contextmanager
    def to_server(refuse: str = "") -> Iterator[Elsewhere]:
        with mail_server(refuse) as (elsewhere, url):
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(url.rsplit(":", 1)[1])
            settings.MAIL_CONFIGURED = True
            yield elsewhere

    return to_server


def queued(key: str = "k", **fields: Any) -> OutMail:
    given = {
        "to": ["zoe@exemple.example"],
        "sender": '"Atelier Éric & Cie" <bonjour@canal.example>',
        "subject": "Votre vélo – prêt",
        "text": "Il est prêt.",
        "message_id": f"{key}@canal.example",
    }
    return letter_queue(letter=Letter(key=key, **{**given, **fields}))


def test_a_mail_leaves_once_with_all_that_belongs_to_it(sends: Sends) -> None:
    [blob] = blobs_store([b"%PDF"])
    queued(
        cc=["luc@exemple.example"],
        headers={"References": "<a@b>", "X-Parvis-Installation": "x"},
        attachments=[{"name": "devis n° 3.pdf", "type": "application/pdf", "blob": blob.pk}],
    )
    with sends() as elsewhere:
        assert outbox_send() == (1, 0)
        assert outbox_send() == (0, 0)
    [mail] = elsewhere.mails()
    assert mail["From"] == "Atelier Éric & Cie <bonjour@canal.example>"
    assert (mail["Subject"], mail["Message-ID"]) == ("Votre vélo – prêt", "<k@canal.example>")
    assert (mail["Cc"], mail["References"]) == ("luc@exemple.example", "<a@b>")
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("devis n° 3.pdf", b"%PDF")
    assert elsewhere.received[0][0] == "bonjour@canal.example"
    assert OutMail.objects.get().state == "sent"
    assert Entry.objects.filter(name="mail.sent").count() == 1


def test_what_is_not_due_waits_and_can_be_taken_back(sends: Sends) -> None:
    mail = queued(not_before=utcnow() + dt.timedelta(seconds=10))
    with sends() as elsewhere:
        assert outbox_send() == (0, 0)
        assert letter_cancel(out_mail_id=mail.pk)
        assert outbox_send(now=utcnow() + dt.timedelta(minutes=1)) == (0, 0)
    assert not elsewhere.received


def test_a_server_that_says_later_is_asked_again_with_growing_pauses_and_then_given_up(sends: Sends) -> None:
    mail, now = queued(), utcnow()
    pauses = []
    with sends("451 4.7.1 Greylisted, try again later"):
        for __ in range(len(PAUSES) + 1):
            assert outbox_send(now=now) == (0, 1)
            assert outbox_send(now=now) == (0, 0), "not before the pause is over"
            mail.refresh_from_db()
            pauses.append(round((mail.next_attempt_at - utcnow()).total_seconds() / 60))
            now = mail.next_attempt_at + dt.timedelta(seconds=1)
    assert pauses[:-1] == [p.total_seconds() // 60 for p in PAUSES]
    assert (mail.state, mail.attempts) == ("failed", len(PAUSES) + 1)
    names = list(Entry.objects.order_by("pk").values_list("name", flat=True))
    assert names == ["mail.send_failed"] * len(PAUSES) + ["mail.given_up"]
    assert str(refusal_text(mail.error)) == "The server asked us to come back later."


def test_a_server_that_says_no_is_not_asked_again(sends: Sends) -> None:
    mail = queued()
    with sends("550 5.1.1 User unknown"):
        outbox_send()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert "zoe@exemple.example: 550" in mail.error


def test_one_mail_that_cannot_be_composed_does_not_hold_up_the_next(sends: Sends) -> None:
    bad = queued("bad", headers={"X-Bad": "one\ntwo"})
    good = queued("good")
    with sends() as elsewhere:
        assert outbox_send() == (1, 1)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("queued", "sent")
    assert "BadHeaderError" in bad.error
    assert len(elsewhere.received) == 1


def test_a_claim_of_a_worker_that_died_lapses(sends: Sends) -> None:
    mail, now = queued(), utcnow()
    OutMail.objects.update(state="sending", claimed_at=now, attempts=1)
    with sends() as elsewhere:
        assert outbox_send(now=now) == (0, 0)
        assert outbox_send(now=now + CLAIM_LASTS + dt.timedelta(seconds=1)) == (1, 0)
    mail.refresh_from_db()
    assert mail.state == "sent"
    assert len(elsewhere.received) == 1


def test_two_workers_at_once_send_a_mail_once(sends: Sends, monkeypatch) -> None:
    """The second worker looks while the first one composes: it must find the claim."""
    from parvis.channels import outbox

    queued()
    compose, seen = outbox._compose, []

    def meanwhile(mail: OutMail, connection: Any) -> Any:
        if not seen:
            seen.append("first")
            seen.append(outbox_send())
        return compose(mail, connection)

    monkeypatch.setattr(outbox, "_compose", meanwhile)
    with sends() as elsewhere:
        assert outbox_send() == (1, 0)
    assert seen == ["first", (0, 0)]
    assert len(elsewhere.received) == 1


def test_while_the_server_is_away_mails_wait_without_losing_an_attempt(db: None, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_CONFIGURED = "127.0.0.1", 1, True
    mail = queued()
    now = utcnow()
    for __ in range(20):
        assert outbox_send(now=now) == (0, 1)
        now += dt.timedelta(minutes=2)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("queued", 0)
    assert str(refusal_text(mail.error)) == "Our mail server does not answer at its address."


def test_without_a_server_nothing_is_tried(db: None, settings) -> None:
    settings.MAIL_CONFIGURED = False
    mail = queued()
    assert outbox_send() == (0, 0)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.error) == ("queued", 0, "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("SMTPAuthenticationError: 535 5.7.8 Bad credentials", "does not accept the user name"),
        ("gaierror: [Errno -2] Name or service not known", "cannot be found"),
        ("TimeoutError: timed out", "in time"),
        ("SSLCertVerificationError: certificate verify failed", "certificate"),
        ("SMTPServerDisconnected: Connection unexpectedly closed", "broke off"),
        ("SMTPRecipientsRefused: a@b.c: 550 5.1.1 unknown", "no such address"),
        ("SMTPRecipientsRefused: a@b.c: 452 4.2.2 over quota", "mailbox is full"),
        ("SMTPDataError: 552 5.3.4 Message too big", "too large"),
        ("SMTPDataError: 554 5.7.1 Spam", "refuses mail from us"),
        ("SMTPRecipientsRefused: a@b.c: 450 try later", "come back later"),
        ("SMTPDataError: 554 no", "refused the mail"),
        ("BadHeaderError: newline", "could not be handed over"),
        ("", ""),
    ],
)
def test_errors_are_said_in_words(error: str, words: str) -> None:
    assert words in str(refusal_text(error))


def test_the_sender_keeps_the_house_name_and_a_default_with_a_name_of_its_own(world: World, settings) -> None:
    from parvis.desk.services.letters import sender_address

    settings.DEFAULT_FROM_EMAIL = "Robot <robot@canal.example>"
    encounter = world.contact()
    assert sender_address(encounter) == '"Atelier du Canal" <bonjour@canal.example>'
    world.mailbox.address = ""
    world.mailbox.save()
    assert sender_address(encounter) == '"Atelier du Canal" <robot@canal.example>'

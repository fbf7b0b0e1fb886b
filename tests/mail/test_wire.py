"""Whole conversations over real sockets: customer → listener → worker → mail server → customer → listener."""

import signal
import smtplib
import socket
import ssl
import subprocess
import time

import pytest
from django.db import connection

from parvis.channels.models import MailCounter, OutMail, RawBody, RawMail
from parvis.channels.selectors import mail_tally
from parvis.desk.models import Message
from parvis.desk.services import reply_send
from parvis.encounters.models import Encounter
from parvis.staff.domain.viewer import Viewer
from tests.mail.letters import CUSTOMER, HOUSE, letter
from tests.mail.wire import mail_listen, mail_server, run
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_conversation_from_the_first_mail_to_the_answer_to_our_answer(world: World) -> None:
    with mail_listen() as (port, __), mail_server() as (elsewhere, url):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(letter("Bonjour, mon vélo grince.\n"))
        run("worker", "--once", PARVIS_EMAIL_URL=url)
        encounter = Encounter.objects.get()
        [greeting] = elsewhere.mails()
        assert greeting["To"] == "zoe@exemple.example"
        assert HOUSE in greeting["From"]
        assert greeting["Auto-Submitted"] == "auto-replied"
        assert encounter.reference in greeting["Message-ID"]

        reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Passez vendredi ?", undo_seconds=0)
        run("worker", "--once", PARVIS_EMAIL_URL=url)
        ours = elsewhere.mails()[1]
        assert ours["In-Reply-To"] == greeting["Message-ID"]
        assert "Passez vendredi ?" in ours.get_content()
        assert ours["Auto-Submitted"] is None

        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(letter("Entendu.\n", headers={"In-Reply-To": ours["Message-ID"]}))
        run("worker", "--once", PARVIS_EMAIL_URL=url)
    words = list(Message.objects.filter(encounter=encounter).order_by("id").values_list("direction", "threaded_by"))
    assert words == [("in", "new"), ("out", ""), ("out", ""), ("in", "token")]
    assert len(elsewhere.received) == 2, "an answer is not greeted"
    assert not OutMail.objects.exclude(state="sent").exists()


def test_only_our_own_addresses_are_taken(world: World) -> None:
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        codes = {}
        for address in [
            "bonjour@canal.example",
            "BONJOUR+velo@Gare.example",
            "postmaster@canal.example",
            "x@y.example",
        ]:
            smtp.mail("a@exemple.example")
            codes[address] = smtp.rcpt(address)[0]
            smtp.rset()
    assert list(codes.values()) == [250, 250, 250, 550]


def test_a_house_without_mail_addresses_takes_mail_for_any(world: World) -> None:
    world.mailbox.address = world.other_mailbox.address = ""
    world.mailbox.save()
    world.other_mailbox.save()
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        assert smtp.sendmail("a@exemple.example", ["whoever@y.example"], letter().as_bytes()) == {}
    assert RawMail.objects.get().envelope_to == ["whoever@y.example"]


def test_twenty_megabytes_pass_and_more_than_allowed_does_not(world: World) -> None:
    mail = letter("Voici la photo.")
    mail.add_attachment(bytes(range(256)) * 4 * 1024 * 20, maintype="image", subtype="jpeg", filename="vélo.jpg")
    raw = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail("a@exemple.example", [HOUSE], raw)
        smtp.ehlo()
        assert smtp.mail("a@exemple.example", ["SIZE=99999999"])[0] == 552
    assert bytes(RawBody.objects.get().content) == raw
    run("worker", "--once")
    [file] = Message.objects.get(mail__isnull=False).attachments.all()
    assert (file.name, file.size) == ("vélo.jpg", 20 * 1024 * 1024)


def test_bytes_arrive_as_they_were_sent(world: World) -> None:
    raw = (
        b"From: a@exemple.example\r\nSubject: \xe9t\xe9 \x00\r\n\r\n.\r\n..\r\nlong "
        + b"x" * 50_000
        + b"\r\n\xff\xfe\r\n"
    )
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail("a@exemple.example", [HOUSE], raw)
    assert bytes(RawBody.objects.get().content) == raw


def test_a_null_return_path_is_remembered_and_not_answered(world: World) -> None:
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail("", [HOUSE], letter().as_bytes())
    assert RawMail.objects.get().envelope_from == "<>"
    run("worker", "--once")
    assert not OutMail.objects.exists()


def test_what_was_accepted_is_stored_when_the_listener_is_told_to_stop(world: World) -> None:
    with mail_listen() as (port, process):
        smtp = smtplib.SMTP("127.0.0.1", port)
        accepted = 0
        for number in range(40):
            if number == 20:
                process.send_signal(signal.SIGTERM)
            try:
                smtp.sendmail("a@exemple.example", [HOUSE], letter(f"Numéro {number}").as_bytes())
                accepted += 1
            except (smtplib.SMTPException, OSError):
                break
        assert process.wait(20) == 0
    assert accepted >= 20
    assert RawMail.objects.count() >= accepted
    assert MailCounter.objects.get(source="smtp").received == RawMail.objects.count()


def test_lmtp_answers_for_each_recipient(world: World) -> None:
    """Spoken by hand: smtplib's LMTP does not read the answers that RFC 2033 asks for."""
    said = ["LHLO x", "MAIL FROM:<a@b.example>", f"RCPT TO:<{HOUSE}>", "RCPT TO:<bonjour@gare.example>", "DATA"]
    with mail_listen("--lmtp") as (port, __), socket.create_connection(("127.0.0.1", port)) as wire:
        wire.settimeout(20)
        answers = wire.makefile("rb")
        answers.readline()
        for line in said:
            wire.sendall(f"{line}\r\n".encode())
            while answers.readline()[3:4] == b"-":
                pass
        wire.sendall(b"Subject: x\r\n\r\nBonjour\r\n.\r\nNOOP\r\nQUIT\r\n")
        codes = [line[:3] for line in answers]
    assert codes == [b"250", b"250", b"250", b"221"], "one for each recipient, one for NOOP, one for QUIT"
    assert RawMail.objects.get().source == "lmtp"


def test_starttls_with_a_certificate(world: World, tmp_path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    settings = {"PARVIS_SMTP_CERT": str(certificate), "PARVIS_SMTP_KEY": str(key)}
    with mail_listen(**settings) as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.starttls(context=context)
        smtp.sendmail("a@exemple.example", [HOUSE], letter().as_bytes())
        smtp.ehlo()
        assert not smtp.has_extn("auth")
    assert RawMail.objects.count() == 1


def test_more_connections_than_allowed_are_asked_to_come_back(world: World) -> None:
    with mail_listen("--connections", "2") as (port, __):
        first, second = smtplib.SMTP("127.0.0.1", port), smtplib.SMTP("127.0.0.1", port)
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", port)
        assert refused.value.smtp_code == 421
        first.quit()
        time.sleep(0.2)
        with smtplib.SMTP("127.0.0.1", port) as third:
            assert third.noop()[0] == 250
        second.quit()


def test_a_refused_answer_is_not_sent_for_ever_and_its_author_sees_it(world: World) -> None:
    encounter = world.contact(channel="email")
    with mail_server(refuse="550 5.1.1 User unknown") as (elsewhere, url):
        reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Passez vendredi ?", undo_seconds=0)
        run("worker", "--once", PARVIS_EMAIL_URL=url)
    reply = OutMail.objects.get(automatic=False)
    assert (reply.state, reply.attempts) == ("failed", 1)
    assert "User unknown" in reply.error
    assert not elsewhere.received
    encounter.refresh_from_db()
    assert encounter.unanswered


def test_a_mail_server_that_is_away_costs_no_mail_an_attempt(world: World) -> None:
    world.contact(channel="email")
    run("worker", "--once", PARVIS_EMAIL_URL="smtp://127.0.0.1:1")
    greeting = OutMail.objects.get()
    assert (greeting.state, greeting.attempts) == ("queued", 0)
    assert "ConnectionRefusedError" in greeting.error


def test_a_database_that_drops_its_connections_costs_no_mail(world: World) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to lose")
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(6):
            smtp.sendmail("a@exemple.example", [HOUSE], letter(f"Numéro {number}").as_bytes())
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                assert cursor.fetchone()[0] >= 1
    assert RawMail.objects.filter(times_received=1).count() == 6


def test_the_account_of_mail_adds_up_after_a_crowd(world: World) -> None:
    mails = [letter(f"Numéro {n}").as_bytes() for n in range(60)]
    with mail_listen() as (port, __), smtplib.SMTP("127.0.0.1", port) as smtp:
        for raw in [*mails, *mails[:15]]:
            smtp.sendmail("a@exemple.example", [HOUSE], raw)
    run("worker", "--once")
    tally = mail_tally(Viewer.house())
    assert (tally.received, tally.stored, tally.repeated, tally.lost) == (75, 60, 15, 0)
    assert tally.by_state == {"stored": 0, "parsed": 0, "attached": 60, "ignored": 0, "failed": 0}
    assert CUSTOMER.startswith(Encounter.objects.first().customer.name)

"""Mail of ours that did not arrive is seen; what machines say starts nothing and answers nothing."""

import pytest

from parvis.channels.models import OutMail, RawMail
from parvis.customers.models import ContactPoint
from parvis.desk.models import Message
from parvis.desk.services import conversation_close, reply_send
from parvis.encounters.models import Encounter
from tests.mail.letters import HOUSE, answer_to, letter, report_of, take_in
from tests.world import World

ADDRESS = "zoe@exemple.example"


@pytest.fixture
def answered(world: World) -> tuple[Encounter, OutMail]:
    """An encounter that was answered, and the answer as it left."""
    take_in(letter())
    encounter = Encounter.objects.get()
    reply = reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Vendredi ?", undo_seconds=0)
    encounter.refresh_from_db()
    assert not encounter.unanswered
    return encounter, OutMail.objects.get(pk=reply.out_mail_id)


def bounced() -> bool:
    return ContactPoint.objects.get(key=ADDRESS).bounced_at is not None


@pytest.mark.parametrize("returned", [True, False])
def test_an_answer_that_came_back_makes_its_encounter_unanswered_again(answered, returned: bool) -> None:
    encounter, reply = answered
    report = report_of(reply, ADDRESS, returned=returned)
    if not returned:  # a server that names our mail in its References only
        report = report.replace(b"MIME-Version", f"References: <{reply.message_id}>\r\nMIME-Version".encode(), 1)
    [mail] = take_in(report, envelope_from="<>")
    encounter.refresh_from_db()
    reply.refresh_from_db()
    assert (mail.state, mail.reason) == ("attached", "returned")
    assert encounter.unanswered
    assert reply.returned_at is not None
    assert bounced()
    message = Message.objects.get(mail=mail)
    assert (message.encounter_id, message.automatic) == (encounter.pk, "bounce")
    assert message.text == f"Notre message à {ADDRESS} nous est revenu\N{NO-BREAK SPACE}: il n’a pas été remis."
    assert "mx.exemple.example" in message.quoted
    assert encounter.last_line.split() == message.text.split()


def test_an_answer_that_came_back_reopens_a_closed_encounter(world: World, answered) -> None:
    encounter, reply = answered
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    take_in(report_of(reply, ADDRESS))
    encounter.refresh_from_db()
    assert (encounter.status, encounter.unanswered) == ("open", True)


def test_a_mail_that_is_only_late_is_noted_and_nothing_more(answered) -> None:
    encounter, reply = answered
    [mail] = take_in(report_of(reply, ADDRESS, status="4.4.1", action="delayed"))
    encounter.refresh_from_db()
    reply.refresh_from_db()
    assert Message.objects.get(mail=mail).text.startswith("Notre message")
    assert not encounter.unanswered
    assert reply.returned_at is None
    assert not bounced()


def test_a_greeting_that_came_back_marks_the_address_and_leaves_the_encounter_as_it_is(answered) -> None:
    encounter, __ = answered
    greeting = OutMail.objects.get(automatic=True)
    take_in(report_of(greeting, ADDRESS))
    encounter.refresh_from_db()
    assert not encounter.unanswered
    assert bounced()


def test_a_forged_report_about_a_mail_we_never_sent_marks_no_address(world: World, answered) -> None:
    forged = report_of(OutMail(message_id="guess@canal.example", sender=HOUSE, subject="x"), ADDRESS)
    [mail] = take_in(forged)
    assert (mail.state, mail.reason) == ("ignored", "bounce")
    assert not bounced()


def test_a_report_may_not_condemn_an_address_that_we_did_not_write_to(answered) -> None:
    __, reply = answered
    OutMail.objects.filter(pk=reply.pk).update(to=["zoe@exemple.example", "luc@exemple.example"])
    take_in(letter(sender="Eve <eve@x.example>"))
    take_in(report_of(reply, "eve@x.example"))
    assert ContactPoint.objects.get(key="eve@x.example").bounced_at is None


def test_a_notice_of_absence_joins_its_encounter_without_waking_it(world: World, answered) -> None:
    encounter, reply = answered
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    sent = OutMail.objects.count()
    notice = answer_to(reply, "Je suis absente jusqu’au 12.")
    notice["Auto-Submitted"] = "auto-replied"
    [mail] = take_in(notice)
    encounter.refresh_from_db()
    assert (mail.state, encounter.status, encounter.unanswered) == ("attached", "closed", False)
    assert Message.objects.get(mail=mail).automatic == "auto-reply"
    assert OutMail.objects.count() == sent


def test_a_notice_of_absence_that_belongs_to_nothing_is_set_aside_with_the_reason(world: World) -> None:
    [mail] = take_in(letter(headers={"Auto-Submitted": "auto-replied"}))
    assert (mail.state, mail.reason) == ("ignored", "auto-reply")


NOBODY_TO_GREET = {
    "a list": letter(headers={"List-Id": "<velo.exemple.example>", "Precedence": "list"}),
    "a machine's news": letter(headers={"Auto-Submitted": "auto-generated"}),
    "an address nobody reads": letter(sender="Boutique <no-reply@boutique.example>"),
    "one who asks for no answer": letter(headers={"X-Auto-Response-Suppress": "All"}),
}


@pytest.mark.parametrize("kind", NOBODY_TO_GREET)
def test_machines_that_bring_news_are_shown_and_not_greeted(world: World, kind: str) -> None:
    [mail] = take_in(NOBODY_TO_GREET[kind])
    assert mail.state == "attached"
    assert not OutMail.objects.exists()


def test_mail_from_our_own_addresses_opens_nothing(world: World) -> None:
    mails = take_in(letter(sender="Gare <bonjour@gare.example>"), letter(sender="Parvis <parvis@localhost>"))
    assert [(m.state, m.reason) for m in mails] == [("ignored", "our own address")] * 2
    assert not Encounter.objects.exists()


def test_somebody_who_writes_ever_new_mails_is_greeted_five_times_a_day(world: World) -> None:
    take_in(*(letter(f"Et encore {n}", subject=f"Question {n}") for n in range(8)))
    assert Encounter.objects.count() == 8
    assert OutMail.objects.count() == 5


def test_what_is_set_aside_keeps_its_bytes(world: World) -> None:
    raw = letter(headers={"Auto-Submitted": "auto-replied"}).as_bytes()
    take_in(raw)
    assert bytes(RawMail.objects.get().body.content) == raw

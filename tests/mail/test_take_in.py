"""Where mail goes: threads by token and References, never by subject; every mail in exactly one state."""

import datetime as dt

from django.db import OperationalError

from parvis.channels.models import OutMail, RawMail
from parvis.channels.selectors import mail_tally
from parvis.channels.services import Delivery, mails_store
from parvis.desk.models import Direction, Message, Purpose
from parvis.desk.services import conversation_close, intake, mails_take_in, reply_send
from parvis.encounters.models import Encounter, Link
from parvis.kernel.clock import utcnow
from parvis.promises.models import Promise
from parvis.staff.domain.viewer import Viewer
from tests.mail.letters import CUSTOMER, HOUSE, answer_to, letter, take_in
from tests.world import World


def message_of(mail: RawMail) -> Message:
    return Message.objects.select_related("encounter__customer", "customer").get(mail_id=mail.pk)


def opened(world: World, **fields: object) -> tuple[Encounter, OutMail]:
    """A customer's first mail, and the greeting that answers it."""
    [mail] = take_in(letter(**fields))
    encounter = message_of(mail).encounter
    return encounter, OutMail.objects.get(key=f"greeting:{encounter.pk}")


def test_a_first_mail_opens_an_encounter_with_a_greeting_and_a_promise(world: World) -> None:
    encounter, greeting = opened(world)
    assert encounter.site_id == world.canal.pk
    assert encounter.touchpoint_id == world.mailbox.pk
    assert encounter.customer.name == "Zoé Martin"
    assert encounter.subject == "Grincement"
    assert greeting.to == ["zoe@exemple.example"]
    assert greeting.headers["Auto-Submitted"] == "auto-replied"
    assert [p.kind for p in Promise.objects.filter(encounter=encounter)] == ["first_answer"]


def test_an_answer_with_references_finds_its_encounter_by_the_token(world: World) -> None:
    encounter, greeting = opened(world)
    [mail] = take_in(answer_to(greeting, "Vendredi me va.\n", quoting=True))
    message = message_of(mail)
    assert (message.encounter_id, message.threaded_by) == (encounter.pk, "token")
    assert message.text == "Vendredi me va."
    assert "On Mon, 2 Nov 2026" in message.quoted
    assert greeting.text.splitlines()[0] in message.quoted


def test_an_answer_without_references_is_found_by_the_token_it_quotes(world: World) -> None:
    encounter, greeting = opened(world)
    [mail] = take_in(answer_to(greeting, "Vendredi me va.\n", quoting=True, references=False))
    message = message_of(mail)
    assert (message.encounter_id, message.threaded_by) == (encounter.pk, "quoted token")


def test_a_forged_token_opens_a_new_encounter(world: World) -> None:
    encounter, greeting = opened(world)
    token = greeting.message_id.split(".")[1]
    forged = greeting.message_id.replace(token, "0" * len(token))
    [mail] = take_in(letter(sender="Eve <eve@ailleurs.example>", headers={"References": f"<{forged}>"}))
    assert message_of(mail).encounter_id != encounter.pk


def test_a_stranger_who_copies_the_subject_gets_an_encounter_of_their_own(world: World) -> None:
    encounter, greeting = opened(world)
    [mail] = take_in(letter(sender="Eve <eve@ailleurs.example>", subject=f"Re: {greeting.subject}"))
    message = message_of(mail)
    assert message.encounter_id != encounter.pk
    assert message.customer.name == "Eve"


def test_references_to_a_mail_of_the_customers_own_find_the_encounter_for_them_alone(world: World) -> None:
    encounter, __ = opened(world, message_id="<first@exemple.example>")
    more = {"headers": {"In-Reply-To": "<first@exemple.example>"}}
    [again, stranger] = take_in(letter("Encore une chose.", **more), letter(sender="Eve <eve@x.example>", **more))
    assert (message_of(again).encounter_id, message_of(again).threaded_by) == (encounter.pk, "references")
    assert message_of(stranger).encounter_id != encounter.pk


def test_an_answer_runs_the_clock_again_and_counts_as_unanswered(world: World) -> None:
    encounter, greeting = opened(world)
    reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Quand passez-vous ?", undo_seconds=0)
    encounter.refresh_from_db()
    assert not encounter.unanswered
    take_in(answer_to(greeting, "Demain."))
    encounter.refresh_from_db()
    assert encounter.unanswered
    assert encounter.last_line == "Demain."


def test_an_answer_reopens_a_closed_encounter_but_after_a_month_starts_one_that_follows(world: World) -> None:
    encounter, greeting = opened(world)
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    take_in(answer_to(greeting, "Pas tout à fait."))
    encounter.refresh_from_db()
    assert encounter.status == "open"
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    Encounter.objects.filter(pk=encounter.pk).update(closed_at=utcnow() - dt.timedelta(days=31))
    [late] = take_in(answer_to(greeting, "Il grince de nouveau."))
    new = message_of(late).encounter
    assert new.pk != encounter.pk
    assert Link.objects.filter(source=new, target=encounter, kind="follows").exists()


def test_the_same_bytes_again_are_counted_and_not_stored_twice(world: World) -> None:
    mail = letter()
    [first] = take_in(mail)
    [second] = take_in(mail)
    tally = mail_tally(Viewer.house())
    assert first.pk == second.pk
    assert (tally.received, tally.stored, tally.repeated, tally.lost) == (2, 1, 1, 0)
    assert Message.objects.filter(direction=Direction.IN).count() == 1


def test_a_copy_that_came_another_way_is_set_aside_but_another_mail_with_its_id_is_not(world: World) -> None:
    mail = letter(message_id="<same@exemple.example>")
    [first] = take_in(mail)
    [copy, other] = take_in(
        b"Received: from mx2.exemple.example\r\n" + mail.as_bytes(),
        letter("Tout autre chose.", message_id="<same@exemple.example>"),
    )
    assert (first.state, copy.state, copy.reason) == ("attached", "ignored", "copy")
    assert other.state == "attached"


def test_plus_addressing_and_the_envelope_tell_the_touchpoint(world: World) -> None:
    deliveries = [
        Delivery(letter(to="bonjour+velo@gare.example").as_bytes(), source="smtp"),
        Delivery(letter(to="bonjour@gare.example").as_bytes(), source="smtp", envelope_to=("bonjour@canal.example",)),
    ]
    stored = [mail for mail, __ in mails_store(deliveries=deliveries)]
    mails_take_in()
    places = [RawMail.objects.get(pk=m.pk).touchpoint_id for m in stored]
    assert places == [world.other_mailbox.pk, world.mailbox.pk]


def test_a_sender_whose_address_cannot_exist_is_served_all_the_same(world: World) -> None:
    [mail] = take_in(letter(sender="Caisse <root@localhost>"))
    message = message_of(mail)
    assert mail.state == "attached"
    assert message.encounter.customer.name == "Caisse"
    assert not OutMail.objects.exists()


def test_what_cannot_be_read_fails_with_its_reason_and_holds_up_nobody(world: World, monkeypatch) -> None:
    real = intake._place

    def trip(arrival: intake.Arrival) -> str:
        if arrival.parsed.subject == "piège":
            raise RuntimeError("tripped")
        return real(arrival)

    monkeypatch.setattr(intake, "_place", trip)
    [bad, good] = take_in(letter(subject="piège"), letter(subject="bien"))
    assert (bad.state, bad.error) == ("failed", "RuntimeError: tripped")
    assert good.state == "attached"


def test_a_database_that_is_away_leaves_the_mail_waiting(world: World, monkeypatch) -> None:
    monkeypatch.setattr(intake, "_place", lambda arrival: (_ for _ in ()).throw(OperationalError("gone")))
    [(mail, __)] = mails_store(deliveries=[Delivery(letter().as_bytes(), source="smtp")])
    assert mails_take_in() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("stored", 1)
    monkeypatch.undo()
    assert mails_take_in() == 1
    mail.refresh_from_db()
    assert mail.state == "attached"


def test_a_mail_that_always_breaks_the_database_is_given_up_after_some_attempts(world: World, monkeypatch) -> None:
    monkeypatch.setattr(intake, "_place", lambda arrival: (_ for _ in ()).throw(OperationalError("too deep")))
    [(mail, __)] = mails_store(deliveries=[Delivery(letter().as_bytes(), source="smtp")])
    assert [mails_take_in() for __ in range(intake.ATTEMPTS)] == [0] * (intake.ATTEMPTS - 1) + [1]
    mail.refresh_from_db()
    assert mail.state == "failed"


def test_nul_bytes_and_unlabelled_octets_are_taken_in(world: World) -> None:
    raw = letter(subject="Bizarre", headers={"Content-Type": ""}).as_bytes()
    [mail] = take_in(raw.replace(b"\n\n", b"\n\nA\x00B \xe9\xff\xfe\n", 1))
    message = message_of(mail)
    assert mail.state == "attached"
    assert "\0" not in message.text
    assert message.text.startswith("A")


def test_a_whole_file_of_noise_is_kept_and_shown_as_something(world: World) -> None:
    noise = bytes(range(256)) * 40
    [mail] = take_in(noise)
    assert mail.state in ("failed", "ignored")
    assert mail.reason or mail.error
    tally = mail_tally(Viewer.house())
    assert tally.lost == 0
    assert sum(tally.by_state.values()) == tally.stored == 1


def test_a_mail_of_the_archive_is_neither_greeted_nor_promised_nor_left_open(world: World) -> None:
    old = letter(headers={"Date": "Mon, 06 May 2024 09:00:00 +0200"}, message_id="<old@exemple.example>")
    ours = letter(
        "Il est prêt.",
        sender=f"Atelier <{HOUSE}>",
        to=CUSTOMER,
        headers={"Date": "Tue, 07 May 2024 09:00:00 +0200", "In-Reply-To": "<old@exemple.example>"},
    )
    thanks = letter(
        "Merci !",
        headers={"Date": "Wed, 08 May 2024 09:00:00 +0200", "References": "<old@exemple.example>"},
    )
    mails = take_in(old, ours, thanks, source="import:archive.mbox")
    assert [m.state for m in mails] == ["attached"] * 3
    messages = [message_of(m) for m in mails]
    encounter = messages[0].encounter
    assert {m.encounter_id for m in messages} == {encounter.pk}
    assert [m.direction for m in messages] == ["in", "out", "in"]
    assert [m.at.day for m in messages] == [6, 7, 8]
    assert not OutMail.objects.exists()
    assert not Promise.objects.exists()
    assert (encounter.status, encounter.unanswered, encounter.customer.open_count) == ("closed", False, 0)
    assert encounter.last_line == "Merci !"


def test_recent_mail_of_an_archive_still_waits_for_an_answer(world: World) -> None:
    [mail] = take_in(letter(), source="import:archive.mbox")
    encounter = message_of(mail).encounter
    assert (encounter.status, encounter.unanswered) == ("open", True)
    assert not OutMail.objects.exists()


def test_the_house_writing_by_another_program_is_heard_as_the_house(world: World) -> None:
    encounter, greeting = opened(world)
    [mail] = take_in(answer_to(greeting, "Passez vendredi.", sender=f"Atelier <{HOUSE}>"))
    message = message_of(mail)
    assert (message.encounter_id, message.direction, message.customer_id) == (encounter.pk, "out", None)
    encounter.refresh_from_db()
    assert encounter.unanswered, "anybody can write our address into From: the question stays open"


def test_the_greeting_shows_in_the_conversation(world: World) -> None:
    encounter, greeting = opened(world)
    [message] = Message.objects.filter(encounter=encounter, direction=Direction.OUT)
    assert (message.purpose, message.out_mail_id) == (Purpose.GREETING, greeting.pk)

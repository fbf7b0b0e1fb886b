"""One encounter from welcome to open door, through the services (T7–T11)."""

import datetime as dt
from typing import Any

import pytest
from django.core import signing

from parvis.channels.models import OutMail
from parvis.customers.models import Customer
from parvis.desk.models import FollowUp, Message
from parvis.desk.selectors import draft_of
from parvis.desk.services import (
    conversation_close,
    conversation_reopen,
    conversation_wait,
    follow_up_answer,
    follow_ups_ask,
    note_add,
    promise_renegotiate,
    reply_send,
    reply_take_back,
)
from parvis.desk.services.contacts import customer_spoke
from parvis.desk.services.conversation import Then
from parvis.desk.services.letters import FOLLOW_UP_SALT
from parvis.desk.services.messages import Words
from parvis.encounters.domain.stages import Initiative
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.ledger.models import Entry
from parvis.ledger.services import Actor
from parvis.promises.models import Promise
from parvis.promises.services import Term, promise_make, promises_watch
from tests.world import World

HOUR = dt.timedelta(hours=1)


def states(encounter: Any) -> dict[str, str]:
    return dict(Promise.objects.filter(encounter_id=encounter.pk, replaced_by=None).values_list("kind", "state"))


def speak(encounter: Any, text: str = "Et la sonnette ?") -> Message:
    return customer_spoke(
        actor=Actor("customer", encounter.customer_id),
        encounter_id=encounter.pk,
        words=Words(text),
        at=utcnow(),
        customer_id=encounter.customer_id,
        channel="email",
    )


class TestWelcome:
    def test_greets_by_name_in_the_customers_language_and_says_by_when(self, world: World) -> None:
        encounter = world.contact(name="Zoé Martin", language="fr", need_id=world.repair.pk)
        mail = OutMail.objects.get()
        assert mail.to == ["zoe@exemple.example"]
        assert mail.automatic
        assert mail.headers["Auto-Submitted"] == "auto-replied"
        assert "Bonjour Zoé Martin" in mail.text
        due = encounter.due_at.astimezone(dt.UTC)
        assert "{" not in mail.text
        assert f"{due.day}" in mail.text
        english = world.contact(name="Tom Reed", email="tom@reed.example", language="en")
        assert "Hello Tom Reed" in OutMail.objects.get(encounter_ref=english.reference).text

    def test_promises_an_answer_and_a_resolution_as_the_need_says(self, world: World) -> None:
        encounter = world.contact(need_id=world.repair.pk)
        assert states(encounter) == {"first_answer": "open", "resolution": "open"}
        assert encounter.due_kind == "first_answer"
        assert encounter.stage == "understand"

    def test_recognises_who_came_before(self, world: World) -> None:
        first, second = world.contact(), world.contact(email="ZOE@exemple.example", name="")
        assert first.customer_id == second.customer_id
        assert Customer.objects.get().encounter_count == 2

    def test_two_people_at_one_address_are_told_apart_by_name(self, world: World) -> None:
        zoe = world.contact(name="Zoé Martin").customer
        paul = Customer.objects.create(name="Paul Martin", sort_key="martin paul")
        paul.contact_points.create(kind="email", value="zoe@exemple.example", key="zoe@exemple.example")
        assert world.contact(name="zoe MARTIN").customer_id == zoe.pk

    def test_does_not_greet_somebody_for_ever(self, world: World) -> None:
        for _i in range(8):
            world.contact()
        assert OutMail.objects.count() == 5

    def test_a_contact_we_start_promises_and_greets_nothing(self, world: World) -> None:
        encounter = world.contact(initiative=Initiative.COMPANY)
        assert not states(encounter)
        assert not OutMail.objects.exists()
        assert not encounter.unanswered

    @pytest.mark.parametrize("nothing", [{"text": " ", "subject": ""}, {"name": "", "email": ""}])
    def test_refuses_a_contact_of_nobody_or_about_nothing(self, world: World, nothing: dict) -> None:
        with pytest.raises(Invalid):
            world.contact(**nothing)


class TestReply:
    def test_keeps_the_promised_first_answer_and_takes_the_encounter(self, world: World) -> None:
        encounter, agent = world.contact(need_id=world.repair.pk), world.viewer("agent")
        reply_send(viewer=agent, encounter_id=encounter.pk, text="Passez demain.")
        encounter.refresh_from_db()
        assert states(encounter) == {"first_answer": "kept", "resolution": "open"}
        assert (encounter.stage, encounter.owner_id, encounter.unanswered) == ("serve", agent.member_id, False)
        assert encounter.due_kind == "resolution"

    def test_leaves_after_ten_seconds_with_our_token_and_the_thread(self, world: World) -> None:
        encounter = world.contact()
        reply = reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Passez demain.")
        mail, greeting = reply.out_mail, OutMail.objects.get(automatic=True)
        assert mail is not None
        assert 8 < (mail.not_before - utcnow()).total_seconds() <= 10
        assert mail.message_id.startswith(encounter.reference)
        assert mail.headers["References"] == f"<{greeting.message_id}>"
        assert "Auto-Submitted" not in mail.headers

    @pytest.mark.parametrize("then", list(Then))
    def test_taken_back_in_time_leaves_everything_as_it_was(self, world: World, then: Then) -> None:
        encounter, agent = world.contact(need_id=world.repair.pk), world.viewer("agent")
        fields = [f.attname for f in encounter._meta.fields if f.attname != "last_activity_at"]
        before = {name: getattr(encounter, name) for name in fields}
        reply = reply_send(viewer=agent, encounter_id=encounter.pk, text="Oups", then=then)
        assert reply_take_back(viewer=agent, message_id=reply.pk) == "Oups"
        encounter.refresh_from_db()
        assert {name: getattr(encounter, name) for name in fields} == before
        assert states(encounter) == {"first_answer": "open", "resolution": "open"}
        assert draft_of(agent, encounter.pk) == "Oups"
        assert not FollowUp.objects.exists()
        assert Customer.objects.get().open_count == 1
        assert not Message.objects.filter(text="Oups").exists()

    def test_cannot_be_taken_back_once_it_has_left_or_by_a_colleague(self, world: World) -> None:
        encounter = world.contact()
        reply = reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Bien sûr.")
        with pytest.raises(Conflict):
            reply_take_back(viewer=world.viewer("lead"), message_id=reply.pk)
        OutMail.objects.filter(pk=reply.out_mail_id).update(state="sent", attempts=1)
        with pytest.raises(Conflict):
            reply_take_back(viewer=world.viewer("agent"), message_id=reply.pk)

    def test_shows_first_what_arrived_while_it_was_written(self, world: World) -> None:
        encounter = world.contact()
        on_screen = Message.objects.latest("pk").pk
        speak(encounter)
        with pytest.raises(Conflict) as caught:
            reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="…", seen_message=on_screen)
        assert caught.value.code == "arrived_meanwhile"
        assert states(encounter)["first_answer"] == "open"

    def test_to_somebody_without_an_address_says_what_to_do(self, world: World) -> None:
        encounter = world.contact(channel="phone", email="", phone="06 12 34 56 78")
        with pytest.raises(Invalid) as caught:
            reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Bonjour")
        assert caught.value.hint
        reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Dit au téléphone.", channel="phone")
        assert states(encounter)["first_answer"] == "kept"

    def test_a_note_tells_the_customer_nothing_and_keeps_no_promise(self, world: World) -> None:
        encounter = world.contact(greet=False)
        note_add(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Client fidèle.")
        assert not OutMail.objects.exists()
        assert states(encounter)["first_answer"] == "open"


class TestPromises:
    def test_stand_still_while_the_house_waits_for_the_customer(self, world: World) -> None:
        encounter, agent = world.contact(need_id=world.repair.pk), world.viewer("agent")
        was = Promise.objects.get(kind="resolution")
        reply_send(viewer=agent, encounter_id=encounter.pk, text="Quelle taille ?", then=Then.WAIT)
        encounter.refresh_from_db()
        assert encounter.due_at is None
        started = utcnow() - 30 * 24 * HOUR  # as if the customer had thought about it for a month
        Promise.objects.filter(pk=was.pk).update(
            made_at=was.made_at - 31 * 24 * HOUR, pauses=[[started.isoformat(), None]]
        )
        assert promises_watch(now=utcnow() + 1000 * HOUR) == (0, 0)
        speak(encounter, "54 cm")
        promise = Promise.objects.get(pk=was.pk)
        assert not promise.paused
        assert promise.due_at > utcnow()

    def test_are_warned_of_once_then_marked_broken_once(self, world: World) -> None:
        encounter = world.contact()
        promise = Promise.objects.get()
        assert promises_watch(now=promise.warn_at) == (1, 0)
        assert promises_watch(now=promise.warn_at) == (0, 0)
        assert promises_watch(now=promise.due_at + HOUR) == (0, 1)
        assert promises_watch(now=promise.due_at + HOUR) == (0, 0)
        assert states(encounter)["first_answer"] == "broken"
        names = list(Entry.objects.filter(name__startswith="promise.").values_list("name", flat=True))
        assert names == ["promise.made", "promise.warned", "promise.broken"]

    def test_an_answer_that_comes_late_settles_the_broken_promise_but_does_not_keep_it(self, world: World) -> None:
        encounter = world.contact()
        promises_watch(now=Promise.objects.get().due_at + HOUR)
        reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Pardon !")
        promise = Promise.objects.get()
        assert promise.state == "broken"
        assert promise.settled_at is not None
        encounter.refresh_from_db()
        assert encounter.due_at is None

    def test_renegotiated_tell_the_customer_with_the_reason(self, world: World) -> None:
        encounter = world.contact(language="fr", greet=False)
        old = Promise.objects.get()
        later = old.due_at + 24 * HOUR
        new = promise_renegotiate(
            viewer=world.viewer("agent"), promise_id=old.pk, due_at=later, reason="La pièce manque."
        )
        old.refresh_from_db()
        assert (old.state, old.replaced_by_id, new.state) == ("renegotiated", new.pk, "open")
        assert "La pièce manque." in OutMail.objects.get().text
        encounter.refresh_from_db()
        assert encounter.due_at == later

    def test_are_not_made_for_a_time_that_has_passed(self, world: World) -> None:
        encounter = world.contact()
        with pytest.raises(Invalid):
            promise_make(
                viewer=world.viewer("agent"),
                encounter_id=encounter.pk,
                term=Term("call_back", due_at=utcnow() - HOUR),
            )


class TestFollowUp:
    def closed(self, world: World) -> tuple[Any, str]:
        encounter = world.contact(language="fr", greet=False, need_id=world.repair.pk)
        reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="C’est prêt.", then=Then.CLOSE)
        assert follow_ups_ask() == 0
        assert follow_ups_ask(now=utcnow() + 25 * HOUR) == 1
        return encounter, signing.dumps(FollowUp.objects.get().pk, salt=FOLLOW_UP_SALT)

    def test_asks_once_whether_anything_was_forgotten(self, world: World) -> None:
        encounter, token = self.closed(world)
        assert follow_ups_ask(now=utcnow() + 50 * HOUR) == 0
        assert token.split(":")[0] in OutMail.objects.latest("pk").text
        assert states(encounter) == {"first_answer": "kept", "resolution": "kept"}

    def test_a_good_answer_leaves_the_door_open(self, world: World) -> None:
        encounter, token = self.closed(world)
        follow_up_answer(token=token, all_done=True)
        encounter.refresh_from_db()
        assert (encounter.stage, encounter.status) == ("open_door", "closed")
        assert Message.objects.latest("pk").purpose == "open_door"

    def test_a_bad_answer_reopens_with_a_new_promise(self, world: World) -> None:
        encounter, token = self.closed(world)
        follow_up_answer(token=token, all_done=False, comment="La sonnette manque.")
        encounter.refresh_from_db()
        assert (encounter.stage, encounter.status, encounter.reopened_count) == ("understand", "open", 1)
        assert encounter.last_line == "La sonnette manque."
        assert Promise.objects.filter(encounter=encounter, kind="first_answer", state="open").count() == 1
        assert Customer.objects.get().open_count == 1

    def test_answered_twice_reopens_once(self, world: World) -> None:
        encounter, token = self.closed(world)
        for _i in range(2):
            follow_up_answer(token=token, all_done=False)
        encounter.refresh_from_db()
        assert encounter.reopened_count == 1
        assert Promise.objects.filter(encounter=encounter, kind="first_answer", state="open").count() == 1

    def test_nobody_is_asked_about_an_encounter_taken_up_again(self, world: World) -> None:
        encounter = world.contact(greet=False)
        conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
        conversation_reopen(viewer=world.viewer("agent"), encounter_id=encounter.pk)
        assert follow_ups_ask(now=utcnow() + 25 * HOUR) == 0

    def test_a_forged_link_answers_nothing(self, world: World) -> None:
        self.closed(world)
        for token in ("", "1", "MQ:1:abc", signing.dumps(FollowUp.objects.get().pk, salt="other")):
            with pytest.raises(NotFound):
                follow_up_answer(token=token, all_done=True)


def test_speaking_after_closing_reopens_and_promises_an_answer(world: World) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    assert Customer.objects.get().open_count == 0
    speak(encounter)
    encounter.refresh_from_db()
    assert (encounter.status, encounter.unanswered, encounter.due_kind) == ("open", True, "first_answer")
    assert Customer.objects.get().open_count == 1


def test_waiting_for_the_customer_is_refused_once_closed(world: World) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    with pytest.raises(Conflict):
        conversation_wait(viewer=world.viewer("agent"), encounter_id=encounter.pk)


def test_every_change_stands_in_the_ledger_with_who_did_it(world: World) -> None:
    encounter, agent = world.contact(), world.viewer("agent")
    reply_send(viewer=agent, encounter_id=encounter.pk, text="Oui.", then=Then.CLOSE)
    entries = Entry.objects.filter(encounter_id=encounter.pk).order_by("id")
    assert [e.name for e in entries] == [
        "encounter.opened",
        "message.received",
        "promise.made",
        "message.greeted",
        "message.sent",
        "encounter.stage_reached",
        "promise.kept",
        "encounter.closed",
        "encounter.stage_reached",
    ]
    sent = entries.get(name="message.sent")
    assert (sent.actor_kind, sent.actor_id, sent.site_id) == ("member", agent.member_id, world.canal.pk)

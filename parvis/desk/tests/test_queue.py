"""Tickets in the cycle: opened, served, closed and followed up, once each; letters to who is nearly next."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from parvis.channels.models import OutMail
from parvis.channels.sms import texts_send
from parvis.customers.services import customer_for_sender
from parvis.desk.models import FollowUp
from parvis.encounters.models import Encounter
from parvis.kernel.sms import sms_length
from parvis.ledger import services
from parvis.ledger.models import Entry
from parvis.ledger.services import Actor
from parvis.queueing.models import Source, Ticket, Turn
from parvis.queueing.selectors import turn_of_ticket
from parvis.queueing.services import (
    Caller,
    booking_arrived,
    call_next,
    customer_does,
    near_tell,
    silent_watch,
    ticket_change,
    ticket_followed_up,
    tickets_seen,
    turn_call,
    turn_finish,
    turn_leave,
    turn_miss,
    turn_start,
    turn_take_back,
)
from parvis.reservations.services import Caller as Booker
from parvis.reservations.services import booking_arrive, booking_restore
from parvis.staff.domain.viewer import Viewer
from tests.booking import House, book
from tests.queueing_world import Hall, minutes, ten
from tests.webhooks.conftest import receiver  # noqa: F401  (a fixture)
from tests.webhooks.receiver import Receiver
from tests.world import World

_read = {"to": 0}


@pytest.fixture
def now(db: None) -> Any:
    _read["to"] = Entry.objects.values_list("pk", flat=True).order_by("-pk").first() or 0
    with time_machine.travel(ten(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def hall(world: World, now: Any) -> Hall:
    return Hall.open(world)


@pytest.fixture
def zoe(world: World) -> int:
    customer, __ = customer_for_sender(
        actor=Actor.system(), site_id=world.canal.pk, name="Zoé Martin", email="zoe@exemple.example"
    )
    return int(customer.pk)


def followed() -> None:
    """What follows from all that happened since, as the worker would see to it."""
    while entries := list(Entry.objects.filter(pk__gt=_read["to"]).order_by("pk")):
        _read["to"] = entries[-1].pk
        for entry in entries:
            for name, (wanted, handler) in sorted(services._handlers.items()):
                if name.startswith("desk.") and entry.name in wanted:
                    handler(entry)


def served(viewer: Viewer, turn: Turn) -> None:
    call_next(viewer=viewer)
    turn_start(viewer=viewer, turn_id=turn.pk)
    turn_finish(viewer=viewer, turn_id=turn.pk)


def test_a_known_persons_ticket_is_an_encounter_from_welcome_to_follow_up(hall: Hall, zoe: int) -> None:
    [agent] = hall.seat()
    turn = hall.take(customer_id=zoe, need_id=hall.world.repair.pk)
    followed()
    encounter = Encounter.objects.get()
    assert (encounter.channel, encounter.stage, encounter.unanswered) == ("counter", "understand", False)
    assert encounter.promises.count() == 0
    call_next(viewer=agent)
    followed()
    encounter.refresh_from_db()
    assert encounter.stage == "serve"
    turn_start(viewer=agent, turn_id=turn.pk)
    turn_finish(viewer=agent, turn_id=turn.pk)
    followed()
    encounter.refresh_from_db()
    assert (encounter.status, encounter.stage) == ("closed", "follow_up")
    assert FollowUp.objects.get().asked_at is None
    # Answered on the status page: no letter asks again, and what was forgotten is taken up.
    ticket_followed_up(token=turn.ticket.token, all_done=False)
    followed()
    encounter.refresh_from_db()
    asked = FollowUp.objects.get()
    assert (asked.all_done, asked.asked_at is not None) == (False, True)
    assert (encounter.status, encounter.unanswered) == ("open", True)
    assert Encounter.objects.count() == 1


def test_who_is_not_known_has_none_until_staff_names_them(hall: Hall, zoe: int) -> None:
    [agent] = hall.seat()
    stranger, later = hall.take(name="Somebody"), hall.take()
    served(agent, stranger)
    followed()
    assert not Encounter.objects.exists()
    call_next(viewer=agent)
    for _n in range(2):
        ticket_change(viewer=agent, turn_id=later.pk, customer_id=zoe)
    followed()
    encounter = Encounter.objects.get()
    assert (encounter.customer_id, encounter.stage) == (zoe, "serve")
    assert Ticket.objects.get(pk=later.ticket_id).encounter_id == encounter.pk


def test_leaving_ends_it_without_a_question_and_coming_back_goes_on(hall: Hall, zoe: int) -> None:
    turn = hall.take(customer_id=zoe)
    followed()
    turn_leave(caller=Caller.public(zoe), turn_id=turn.pk)
    followed()
    encounter = Encounter.objects.get()
    assert encounter.status == "closed"
    assert not FollowUp.objects.exists()
    customer_does(turn=turn_of_ticket(turn.ticket_id), deed="back")
    followed()
    encounter.refresh_from_db()
    assert (encounter.status, encounter.unanswered, encounter.promises.count()) == ("open", False, 0)


def test_who_was_given_up_and_is_there_after_all_is_served_and_asked(hall: Hall, zoe: int, now: Any) -> None:
    [agent] = hall.seat()
    for undo in (turn_take_back, turn_call):
        turn = hall.take(customer_id=zoe)
        call_next(viewer=agent)
        now.shift(120)
        turn_miss(viewer=agent, turn_id=turn.pk)
        followed()
        encounter = Encounter.objects.latest("pk")
        assert encounter.status == "closed"
        undo(viewer=agent, turn_id=turn.pk)
        followed()
        encounter.refresh_from_db()
        assert (encounter.status, encounter.stage) == ("open", "serve")
        turn_finish(viewer=agent, turn_id=turn.pk)
        followed()
        assert FollowUp.objects.filter(encounter=encounter).count() == 1


class TestAppointments:
    @pytest.fixture
    def expected(self, hall: Hall) -> Any:
        house = House(hall.world.canal)
        offer = house.offering(house.resource(), need_id=hall.world.repair.pk)
        made = book(offer, ten() + dt.timedelta(hours=1), now=ten() - dt.timedelta(days=1))
        followed()
        return made

    def test_an_arrival_gives_its_ticket_and_serving_it_finishes_the_visit(self, hall: Hall, expected: Any) -> None:
        [agent] = hall.seat()
        booking_arrive(caller=Booker.staff(Viewer.house()), booking_id=expected.pk)
        followed()
        [turn] = Turn.objects.select_related("ticket")
        expected.refresh_from_db()
        assert (turn.ticket.booking_id, turn.ticket.encounter_id) == (expected.pk, expected.encounter_id)
        # Said at the kiosk as well: the same ticket.
        again = booking_arrived(booking_id=expected.pk)
        assert again is not None
        assert again.pk == turn.pk
        served(agent, turn)
        followed()
        expected.refresh_from_db()
        assert expected.state == "done"
        assert Encounter.objects.get().status == "closed"
        assert FollowUp.objects.count() == 1

    def test_an_arrival_noted_by_mistake_is_out_of_the_line_until_they_come(self, hall: Hall, expected: Any) -> None:
        staff = Booker.staff(Viewer.house())
        booking_arrive(caller=staff, booking_id=expected.pk)
        followed()
        booking_restore(caller=staff, booking_id=expected.pk)
        followed()
        assert Turn.objects.get().state == "left"
        booking_arrive(caller=staff, booking_id=expected.pk)
        followed()
        assert Turn.objects.get().state == "waiting"


class TestNearly:
    def test_who_left_an_address_is_told_once_that_two_are_before(self, hall: Hall, now: Any) -> None:
        [agent] = hall.seat()
        first = [hall.take() for _n in range(3)]
        mine = hall.take(email="zoe@exemple.example", name="Zoé", language="fr", source=Source.REMOTE)
        now.move_to(ten() + minutes(2))
        assert near_tell() == 0
        call_next(viewer=agent)
        assert (near_tell(), near_tell()) == (1, 0)
        followed()
        letter = OutMail.objects.get()
        assert (letter.to, letter.subject) == (["zoe@exemple.example"], f"{mine.ticket.code} : c’est bientôt à vous")
        assert f"/q/{mine.ticket.token}/" in letter.text
        assert "2 personnes" in letter.text
        assert first[0].ticket.code not in letter.text

    def test_who_left_a_mobile_number_is_sent_a_text_message(
        self,
        hall: Hall,
        now: Any,
        receiver: Receiver,  # noqa: F811
        settings: Any,
    ) -> None:
        settings.SMS_URL = f"gateway+http://:s3cret@127.0.0.1:{receiver.server.server_port}/send"
        [agent] = hall.seat()
        given = {"source": Source.REMOTE, "email": "zoe@exemple.example"}
        by_text = hall.take(phone="06 12 34 56 78", language="fr", **given)
        by_mail = hall.take(phone="01 42 34 56 78", language="en", **given)
        nobody = hall.take(phone="01 42 34 56 78", source=Source.PHONE)
        late = hall.take(phone="+33 7 81 23 45 67", source=Source.REMOTE)
        tickets_seen(tokens=[by_text.ticket.token])
        now.move_to(ten() + minutes(2))
        assert (near_tell(), near_tell()) == (2, 0)
        followed()
        assert texts_send() == 1
        [told] = receiver.got
        assert (told.told["to"], told.headers["idempotency-key"][:12]) == ("+33612345678", "ticket_near:")
        text = told.told["text"]
        assert by_text.ticket.code in text
        assert f"/q/{by_text.ticket.token}/" in text
        length = sms_length(text)
        assert (length.is_gsm, length.segments) == (True, 1), text
        assert [(m.kind, m.to) for m in OutMail.objects.order_by("pk")] == [
            ("sms", ["+33612345678"]), ("email", [by_mail.ticket.email]),
        ]  # fmt: skip
        assert nobody.ticket.near_told_at is None
        # The provider is in trouble: what would come too late is not sent.
        call_next(viewer=agent)
        turn_leave(caller=Caller.public(), turn_id=nobody.pk)
        receiver.answers = [503]
        assert near_tell() == 1
        followed()
        assert texts_send() == 0
        now.move_to(ten() + minutes(30))
        assert texts_send() == 0
        assert len(receiver.got) == 2
        assert OutMail.objects.get(to=["+33781234567"]).state == "failed"
        assert Ticket.objects.get(pk=late.ticket_id).near_told_at is not None

    def test_a_page_that_fell_silent_is_asked_and_let_go_and_finds_its_place_again(self, hall: Hall, now: Any) -> None:
        mine = hall.take(source=Source.REMOTE, email="zoe@exemple.example")
        room = hall.take(source=Source.KIOSK)
        tickets_seen(tokens=[mine.ticket.token, room.ticket.token])
        now.move_to(ten() + minutes(3))
        assert silent_watch() == 0
        now.move_to(ten() + minutes(5))
        assert (silent_watch(), silent_watch()) == (1, 0)
        # A sign of life: they stay, though they did not press anything.
        now.move_to(ten() + minutes(6))
        tickets_seen(tokens=[mine.ticket.token])
        now.move_to(ten() + minutes(9))
        assert silent_watch() == 0
        now.move_to(ten() + minutes(11))
        assert silent_watch() == 1
        now.move_to(ten() + minutes(14))
        assert silent_watch() == 1
        states = {turn.pk: (turn.state, turn.ended_by) for turn in Turn.objects.all()}
        assert states == {mine.pk: ("left", "house"), room.pk: ("waiting", "")}
        back = customer_does(turn=turn_of_ticket(mine.ticket_id), deed="back")
        assert (back.state, back.rank_at) == ("waiting", mine.rank_at)
        followed()
        assert OutMail.objects.count() == 2  # asked twice, and told nothing else

    def test_an_answer_keeps_the_place(self, hall: Hall, now: Any) -> None:
        mine = hall.take(source=Source.REMOTE)
        tickets_seen(tokens=[mine.ticket.token])
        now.move_to(ten() + minutes(5))
        assert silent_watch() == 1
        customer_does(turn=turn_of_ticket(mine.ticket_id), deed="here")
        now.move_to(ten() + minutes(8))
        assert silent_watch() == 0
        assert turn_of_ticket(mine.ticket_id).state == "waiting"

"""A contact noted at the counter: recognised, promised, added to what is open."""

import datetime as dt

import pytest

from parvis.channels.models import OutMail
from parvis.customers.models import Customer
from parvis.customers.selectors import customer_visible
from parvis.desk.models import Message
from parvis.desk.services.contacts import Contact
from parvis.desk.services.counter import Note, Outcome, contact_note
from parvis.encounters.domain.stages import Initiative
from parvis.encounters.models import Encounter
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotFound
from parvis.promises.models import Promise
from tests.world import World


def note(world: World, who: str = "agent", *, outcome: Outcome = Outcome.OWED, **fields: object) -> Encounter:
    own = ("due_at", "encounter_id", "surely_new")
    extra = {name: fields.pop(name) for name in own if name in fields}
    given = {"channel": "phone", "text": "Le frein grince", "name": "Zoé", "site_id": world.canal.pk, "greet": False}
    contact = Contact(**{**given, **fields})
    return contact_note(viewer=world.viewer(who), note=Note(contact=contact, outcome=outcome, **extra))


def promised(encounter: Encounter) -> dict[str, str]:
    return dict(Promise.objects.filter(encounter=encounter).values_list("kind", "state"))


def test_the_house_owes_an_answer_within_the_time_of_the_need(world: World) -> None:
    encounter = note(world, need_id=world.repair.pk)
    assert promised(encounter) == {"first_answer": "open", "resolution": "open"}
    assert Message.objects.get().author == world.agent


def test_a_call_back_takes_the_place_of_the_first_answer(world: World) -> None:
    due = utcnow() + dt.timedelta(hours=3)
    encounter = note(world, outcome=Outcome.CALL_BACK, due_at=due, need_id=world.repair.pk)
    assert promised(encounter) == {"call_back": "open", "resolution": "open"}
    encounter.refresh_from_db()
    assert (encounter.due_at, encounter.due_kind) == (due, "call_back")


def test_an_answer_by_a_stated_time_is_the_first_answer(world: World) -> None:
    due = utcnow() + dt.timedelta(hours=3)
    encounter = note(world, outcome=Outcome.ANSWER_BY, due_at=due)
    assert Promise.objects.get(encounter=encounter, kind="first_answer").due_at == due


def test_answered_on_the_spot_keeps_the_first_answer(world: World) -> None:
    encounter = note(world, outcome=Outcome.ANSWERED)
    assert promised(encounter) == {"first_answer": "kept"}
    assert (encounter.status, encounter.unanswered) == ("open", False)


def test_all_done_closes_and_counts(world: World) -> None:
    encounter = note(world, outcome=Outcome.DONE, need_id=world.repair.pk)
    assert promised(encounter) == {"first_answer": "kept", "resolution": "kept"}
    assert Encounter.objects.get().status == "closed"
    assert (Customer.objects.get().encounter_count, Customer.objects.get().open_count) == (1, 0)


def test_nobody_is_greeted_by_mail_who_stands_at_the_counter(world: World) -> None:
    note(world, email="zoe@exemple.example")
    assert not OutMail.objects.exists()


@pytest.mark.parametrize("outcome", [Outcome.CALL_BACK, Outcome.ANSWER_BY])
def test_a_stated_time_must_be_given_and_lie_ahead(world: World, outcome: Outcome) -> None:
    for due in (None, utcnow() - dt.timedelta(minutes=1)):
        with pytest.raises(Invalid) as refused:
            note(world, outcome=outcome, due_at=due)
        assert "when" in refused.value.fields
    assert not Encounter.objects.exists()


def test_nobody_and_nothing_are_refused(world: World) -> None:
    with pytest.raises(Invalid) as nobody:
        note(world, name="")
    assert "who" in nobody.value.fields
    with pytest.raises(Invalid) as nothing:
        note(world, text="  ")
    assert "text" in nothing.value.fields


def test_more_is_said_in_what_is_open_instead_of_opening_a_second_one(world: World) -> None:
    encounter = world.contact()
    again = note(world, customer_id=encounter.customer_id, encounter_id=encounter.pk, text="Et la selle aussi")
    assert again == encounter
    assert Encounter.objects.count() == 1
    last = Message.objects.order_by("-id")[0]
    assert (last.text, last.direction, last.channel, last.author) == ("Et la selle aussi", "in", "phone", world.agent)


def test_a_call_back_promised_in_an_open_encounter_settles_the_answer_owed(world: World) -> None:
    encounter = world.contact()
    due = utcnow() + dt.timedelta(hours=2)
    note(world, customer_id=encounter.customer_id, encounter_id=encounter.pk, outcome=Outcome.CALL_BACK, due_at=due)
    assert promised(encounter) == {"first_answer": "kept", "call_back": "open"}


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.ANSWERED, "open"), (Outcome.DONE, "closed")])
def test_an_open_encounter_is_answered_or_closed_by_a_word(world: World, outcome: Outcome, status: str) -> None:
    encounter = world.contact()
    note(world, customer_id=encounter.customer_id, encounter_id=encounter.pk, outcome=outcome)
    encounter.refresh_from_db()
    assert (encounter.status, encounter.unanswered) == (status, False)
    assert promised(encounter) == {"first_answer": "kept"}


def test_what_the_house_said_in_an_open_encounter_is_an_answer(world: World) -> None:
    encounter = world.contact()
    note(
        world,
        customer_id=encounter.customer_id,
        encounter_id=encounter.pk,
        initiative=Initiative.COMPANY,
        text="C’est prêt",
    )
    assert Message.objects.order_by("-id")[0].direction == "out"


def test_another_customers_encounter_is_refused(world: World) -> None:
    encounter, other = world.contact(), world.contact(email="omar@exemple.example", name="Omar")
    with pytest.raises(Invalid):
        note(world, customer_id=other.customer_id, encounter_id=encounter.pk)


def test_a_known_number_is_the_same_customer_unless_said_otherwise(world: World) -> None:
    first = note(world, phone="06 12 34 56 78")
    assert note(world, phone="+33612345678", name="").customer == first.customer
    couple = note(world, phone="06 12 34 56 78", name="Marc", surely_new=True)
    assert couple.customer != first.customer


def test_a_customer_of_another_site_is_recognised_by_the_address_they_give(world: World) -> None:
    theirs = world.contact(site_id=world.gare.pk, email="gare@exemple.example", name="Omar").customer
    with pytest.raises(NotFound):
        customer_visible(world.viewer("agent"), theirs.pk)
    encounter = note(world, email="gare@exemple.example", name="Omar", surely_new=True)
    assert encounter.customer == theirs
    assert customer_visible(world.viewer("agent"), theirs.pk) == theirs


def test_a_customer_out_of_sight_cannot_be_named_by_reference(world: World) -> None:
    theirs = world.contact(site_id=world.gare.pk, email="gare@exemple.example", name="Omar")
    with pytest.raises(NotFound):
        note(world, customer_id=theirs.customer_id)
    with pytest.raises(NotFound):
        note(world, encounter_id=theirs.pk)


def test_a_site_that_is_not_theirs_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        note(world, site_id=world.gare.pk)
    assert not Encounter.objects.exists()

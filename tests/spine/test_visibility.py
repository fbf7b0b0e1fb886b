"""Roles and sites limit what each person sees, in lists, counts, search and single rows alike."""

import pytest

from parvis.channels.selectors import mail_tally, outbox_visible
from parvis.customers.selectors import customer_visible, customers_search, customers_visible
from parvis.desk.selectors import conversations_search, message_visible, messages_of
from parvis.desk.services import conversation_close, note_add, reply_send
from parvis.encounters.selectors import VIEWS, encounter_by_reference, encounters_in_view
from parvis.encounters.services import encounter_assign, encounter_classify, encounter_link
from parvis.kernel.errors import NotAllowed, NotFound
from parvis.promises.selectors import promise_visible, promises_at_risk, promises_visible, score
from parvis.promises.services import promise_keep
from tests.world import World

CAST = ["agent", "lead", "manager", "administrator"]


@pytest.mark.parametrize("who", CAST)
def test_the_cast_sees_what_happens_at_its_site(world: World, who: str) -> None:
    encounter, viewer = world.contact(), world.viewer(who)
    assert encounter_by_reference(viewer, encounter.reference) == encounter
    assert [e.pk for e in encounters_in_view(viewer, "all")[0]] == [encounter.pk]
    assert customers_search(viewer, "zoe")[0]
    assert conversations_search(viewer, "velo")[0]


@pytest.mark.parametrize("view", list(VIEWS))
def test_an_outsider_sees_no_row_of_another_site_in_any_view(world: World, view: str) -> None:
    world.contact(owner_id=world.outsider.pk)
    assert not encounters_in_view(world.viewer("outsider"), view)[0].exists()


def test_an_outsider_finds_nothing_by_search(world: World) -> None:
    encounter, viewer = world.contact(), world.viewer("outsider")
    assert conversations_search(viewer, "vélo") == ([], None)
    assert customers_search(viewer, "Zoé")[0] == []
    assert not customers_visible(viewer).exists()
    assert not promises_visible(viewer).exists()
    assert not promises_at_risk(viewer, now=encounter.due_at).exists()
    assert score(viewer, since=encounter.opened_at, until=encounter.due_at).total == 0
    assert not outbox_visible(viewer).exists()


def test_an_outsider_gets_the_same_answer_as_for_what_does_not_exist(world: World) -> None:
    encounter, viewer = world.contact(), world.viewer("outsider")
    promise, message = encounter.promises.get(), encounter.messages.first()
    for attempt in (
        lambda: encounter_by_reference(viewer, encounter.reference),
        lambda: encounter_by_reference(viewer, "E-00000"),
        lambda: customer_visible(viewer, encounter.customer_id),
        lambda: messages_of(viewer, encounter.pk),
        lambda: message_visible(viewer, message.pk),
        lambda: promise_visible(viewer, promise.pk),
        lambda: reply_send(viewer=viewer, encounter_id=encounter.pk, text="Bonjour"),
        lambda: note_add(viewer=viewer, encounter_id=encounter.pk, text="Tiens"),
        lambda: conversation_close(viewer=viewer, encounter_id=encounter.pk),
        lambda: encounter_assign(viewer=viewer, encounter_id=encounter.pk, owner_id=viewer.member_id),
        lambda: encounter_classify(viewer=viewer, encounter_id=encounter.pk, need_id=world.repair.pk),
        lambda: promise_keep(viewer=viewer, promise_id=promise.pk),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_an_encounter_of_another_site_cannot_be_linked_to(world: World) -> None:
    mine = world.contact(site_id=world.gare.pk)
    theirs = world.contact()
    with pytest.raises(NotFound):
        encounter_link(viewer=world.viewer("outsider"), encounter_id=mine.pk, other_id=theirs.pk)


def test_a_customer_becomes_visible_where_they_turn_up(world: World) -> None:
    customer_id = world.contact().customer_id
    world.contact(site_id=world.gare.pk)
    assert customer_visible(world.viewer("outsider"), customer_id).pk == customer_id
    assert encounters_in_view(world.viewer("outsider"), "all")[0].count() == 1


def test_only_a_lead_takes_work_out_of_a_colleagues_hands(world: World) -> None:
    encounter = world.contact(owner_id=world.lead.pk)
    with pytest.raises(NotAllowed):
        encounter_assign(viewer=world.viewer("agent"), encounter_id=encounter.pk, owner_id=world.agent.pk)
    encounter_assign(viewer=world.viewer("lead"), encounter_id=encounter.pk, owner_id=world.agent.pk)


@pytest.mark.parametrize("who", ["agent", "lead"])
def test_the_mail_ledger_is_for_managers(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        mail_tally(world.viewer(who))


class TestSearch:
    @pytest.mark.parametrize("query", ["vélo", "VELO", "velo", "vel", "grince velo", "“grince”", "vélo*"])
    def test_finds_words_whatever_their_accents_case_or_end(self, world: World, query: str) -> None:
        world.contact()
        assert len(conversations_search(world.viewer("agent"), query)[0]) == 1

    @pytest.mark.parametrize("query", ["œuvre", "oeuvre", "OEUVRE", "Œuvre"])
    def test_reads_ligatures_as_letters(self, world: World, query: str) -> None:
        world.contact(text="Un chef-d'œuvre de cadre")
        assert len(conversations_search(world.viewer("agent"), query)[0]) == 1

    @pytest.mark.parametrize("query", ["", "  ", '"', "'", "AND", "NEAR(", "*", "a:b", "velo OR 1", "\\", ":*", "&|!"])
    def test_takes_the_engines_own_signs_for_plain_text(self, world: World, query: str) -> None:
        world.contact()
        assert conversations_search(world.viewer("agent"), query)[0] == []

    def test_shows_an_encounter_once_the_newest_first_and_pages_on(self, world: World) -> None:
        encounters = [world.contact(text="roulement usé", greet=False) for _ in range(5)]
        found, more = conversations_search(world.viewer("agent"), "roulement", limit=3)
        rest, end = conversations_search(world.viewer("agent"), "roulement", limit=3, before=more)
        assert [h.encounter_id for h in [*found, *rest]] == [e.pk for e in reversed(encounters)]
        assert end is None

    def test_customers_are_found_by_number_as_dialled(self, world: World) -> None:
        world.contact(channel="phone", email="", phone="06 12 34 56 78", name="Paul Noël")
        for query in ("noel", "+33612345678", "33612345678"):
            assert customers_search(world.viewer("agent"), query)[0]

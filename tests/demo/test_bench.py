"""The large house of `bench_load`, small: that its rows are what the services would have left."""

import random
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Min

from parvis.catalog.models import Business
from parvis.config.bench import words
from parvis.config.bench.bare import Repeater, taken_down
from parvis.config.bench.client import Outcome, Plan, Turns
from parvis.config.bench.load import bench_load
from parvis.config.commands.bench_load import Command
from parvis.config.demo.wipe import database_wipe
from parvis.customers.models import Customer
from parvis.customers.selectors import customers_search
from parvis.desk.models import Message
from parvis.desk.selectors import conversations_search
from parvis.encounters.models import Encounter
from parvis.encounters.selectors import encounters_visible
from parvis.ledger.models import Entry
from parvis.ledger.services import subscriptions_deliver
from parvis.promises.models import Promise
from parvis.staff.domain.viewer import Viewer
from tests.world import World

HOUSE = Viewer.house()


@pytest.fixture
def loaded(transactional_db: None) -> Iterator[None]:
    """A house of 300 encounters; the load leaves no transaction open, so the test cannot keep it in one.

    Django empties its own tables afterwards, but knows nothing of the search indexes.
    """
    database_wipe()
    bench_load(encounters=300)
    yield
    database_wipe()


def test_a_house_is_loaded_with_five_messages_each_and_everything_fits_together(loaded: None) -> None:
    assert Encounter.objects.count() == 300
    assert 4 <= Message.objects.count() / 300 <= 6.5
    connection.check_constraints()
    counted = Customer.objects.annotate(n=Count("encounters")).exclude(encounter_count=F("n"))
    assert not counted.exists()
    open_ones = Encounter.objects.exclude(status="closed")
    assert 0 < open_ones.count() <= 30
    for encounter in open_ones.annotate(nearest=Min("promises__due_at")):
        due = Promise.objects.filter(encounter=encounter, settled_at=None, paused=False).aggregate(d=Min("due_at"))["d"]
        assert encounter.due_at == due
    assert Entry.objects.filter(name="encounter.opened").count() == 300


def test_the_worker_is_not_kept_busy_with_history(loaded: None) -> None:
    assert subscriptions_deliver() == 0


def test_planted_words_are_found_and_rows_can_be_added_behind(loaded: None) -> None:
    rare, __ = conversations_search(HOUSE, words.RARE)
    assert len(rare) == words.RARE_COUNT
    replied, __ = conversations_search(HOUSE, words.REPLIED)
    assert len(replied) > 0
    assert set(Message.objects.filter(text__contains=words.REPLIED).values_list("direction", flat=True)) == {"out"}
    somebody = Customer.objects.order_by("pk").first()
    assert somebody in customers_search(HOUSE, somebody.name)[0]
    again = Customer.objects.create(name="Nouvelle")
    assert again.pk > 90


def test_two_loads_of_one_seed_are_the_same_house(loaded: None) -> None:
    texts = list(Message.objects.order_by("pk").values_list("text", flat=True))
    bench_load(encounters=300, yes=True)
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == texts


@pytest.mark.django_db
def test_a_real_business_is_not_loaded_over() -> None:
    Business.objects.create(name="Chez Mme Martin", timezone="Europe/Paris")
    for arguments in ({}, {"yes": True}):
        with pytest.raises(CommandError):
            call_command(Command(), encounters=10, **arguments)
    assert not encounters_visible(HOUSE).exists()


def test_frequent_words_are_frequent() -> None:
    texts = words.Texts(random.Random(1))
    passages = [texts.passage(40) for _n in range(300)]
    counts: dict[str, int] = {}
    for passage in passages:
        for word in passage.folded.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts.values(), reverse=True)
    assert ranked[0] > 20 * ranked[400]
    assert not {words.RARE, words.FREQUENT, words.REPLIED} & set(counts)


@pytest.mark.django_db(transaction=True)
def test_the_rows_a_service_wrote_are_written_again_with_keys_of_their_own(world: World) -> None:
    with taken_down() as statements:
        first = world.contact()
    tables = {s.table for s in statements}
    assert {"customers_customer", "encounters_encounter", "desk_message", "promises_promise", "ledger_entry"} <= tables
    rate = Repeater(statements).run(seconds=0.2, workers=1)
    assert rate > 0
    second = Encounter.objects.latest("pk")
    assert second.pk != first.pk
    assert second.customer_id != first.customer_id
    assert second.messages.count() == first.messages.count() > 0
    assert second.promises.count() == first.promises.count() > 0


def test_quantiles_are_of_what_was_measured() -> None:
    outcome = Outcome(times=[float(n) for n in range(1, 101)], seconds=2.0)
    assert (outcome.quantile(0.5), outcome.quantile(0.95), outcome.rate) == (51.0, 96.0, 50.0)
    assert Outcome().quantile(0.5) == 0.0


def test_a_load_is_bounded_in_number() -> None:
    turns = Turns(Plan("http", 1, [{"path": "/a"}, {"path": "/b"}], most=3, seconds=60))
    assert [turns.take() for _n in range(4)] == [{"path": "/a"}, {"path": "/b"}, {"path": "/a"}, None]

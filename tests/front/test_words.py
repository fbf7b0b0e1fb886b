"""Every entry of the ledger reads as a sentence, in both languages, in one query per kind of name."""

import importlib
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from parvis.ledger import words
from parvis.ledger.models import Entry
from parvis.ledger.services import Actor, Fact, entries_record
from tests.world import World

CONTEXTS = ("staff", "channels", "catalog", "customers", "encounters", "promises", "desk")
# What each context may put into its entries, all at once: no phrase may stumble over any of it.
DATA: dict[str, Any] = {
    "channel": "phone",
    "initiative": "company",
    "kind": "call_back",
    "due_at": "2026-11-26T14:00:00+00:00",
    "stage": "serve",
    "other": 3,
    "fields": ["matters"],
    "purpose": "renegotiation",
    "all_done": False,
}


def event_names() -> list[str]:
    modules = [importlib.import_module(f"parvis.{context}.events") for context in CONTEXTS]
    return sorted(v for module in modules for k, v in vars(module).items() if k.isupper() and isinstance(v, str))


def record(name: str, actor: Actor | None = None, **fact: Any) -> Entry:
    with transaction.atomic():
        entries_record(actor=actor or Actor.system(), facts=[Fact(name, **fact)])
    return Entry.objects.order_by("-id")[0]


@pytest.mark.parametrize("name", event_names())
@pytest.mark.parametrize("data", [{}, DATA], ids=["bare", "full"])
def test_every_event_has_its_sentence_in_both_languages(world: World, name: str, data: dict[str, Any]) -> None:
    entry = record(name, Actor("member", world.agent.pk), data=data)
    [english] = words.tell([entry])
    with translation.override("fr"):
        [french] = words.tell([entry])
    assert name not in english.text, "an event without a phrase shows its bare name"
    assert english.text != french.text
    assert "%(" not in english.text + french.text
    assert english.icon != "point"


def test_names_are_put_in_for_ids(world: World) -> None:
    encounter = world.contact()
    entry = record(
        "encounter.assigned",
        Actor("member", world.lead.pk),
        encounter_id=encounter.pk,
        customer_id=encounter.customer_id,
        data={"owner": world.agent.pk},
    )
    [told] = words.tell([entry])
    assert told.text == "Lead gave it to Agent"
    assert (told.customer, told.encounter) == ("Zoé Martin", "Grincement")
    assert (told.customer_reference, told.encounter_reference) == (encounter.customer.reference, encounter.reference)


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        (Actor.system(), "Parvis"),
        (Actor("customer", 999), "The customer"),
        (Actor("token", 999), "An API key"),
        (Actor("member", 999), "A former member"),
    ],
)
def test_whoever_acted_has_a_name_even_when_gone(world: World, actor: Actor, who: str) -> None:
    [told] = words.tell([record("encounter.closed", actor)])
    assert told.text == f"{who} closed it"


def test_a_per_cent_sign_in_a_name_does_no_harm(world: World) -> None:
    encounter = world.contact(name="100 %(actor)s")
    entry = record("customer.merged", customer_id=encounter.customer_id, data={"absorbed": encounter.customer_id})
    [told] = words.tell([entry])
    assert told.text == "Parvis merged 100 %(actor)s into this record"


def test_an_unknown_event_shows_its_name(world: World) -> None:
    assert words.tell([record("future.100%_new")])[0].text == "future.100%_new"


def test_a_long_page_costs_no_more_queries_than_a_short_one(world: World, django_assert_num_queries: Any) -> None:
    entries = []
    for number in range(3):
        encounter = world.contact(email=f"c{number}@exemple.example", name=f"C{number}")
        actor = Actor("member", (world.agent, world.lead, world.manager)[number].pk)
        fact = {"encounter_id": encounter.pk, "customer_id": encounter.customer_id, "data": {"owner": world.agent.pk}}
        entries.append(record("encounter.assigned", actor, **fact))
    with django_assert_num_queries(3):  # members, customers, encounters
        words.tell(entries[:1])
    with django_assert_num_queries(3):
        assert len(words.tell(entries * 20)) == 60

"""The contact log's form: whom it suggests, what it understands, where it leads."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from parvis.customers.models import Customer
from parvis.customers.services import contact_point_add, customer_change
from parvis.desk.models import Message
from parvis.encounters.models import Encounter
from parvis.kernel.clock import utcnow
from parvis.promises.models import Promise
from parvis.toolkit.db import is_postgres
from tests.front.pages import HTMX, signed_in, text_of
from tests.world import World

LINE = "Zoé Martin 06 12 34 56 78 zoe@exemple.example"


def post(world: World, member: str = "agent", **fields: Any) -> Any:
    given = {"who": LINE, "customer": "new", "channel": "counter", "text": "Le frein grince", "outcome": "owed"}
    return signed_in(world, member).post(reverse("contact_log"), {**given, **fields}, headers=HTMX)


def suggested(world: World, line: str, who: str = "agent") -> str:
    return text_of(signed_in(world, who).get(reverse("contact_who"), {"who": line}, headers=HTMX))


def test_a_new_customer_in_one_line_leads_to_their_encounter(world: World) -> None:
    response = post(world, need=world.repair.pk)
    encounter = Encounter.objects.get()
    assert response.headers["HX-Redirect"] == reverse("encounter", args=[encounter.reference])
    customer = encounter.customer
    assert customer.name == "Zoé Martin"
    assert {p.key for p in customer.contact_points.all()} == {"+33612345678", "zoe@exemple.example"}
    assert (encounter.channel, encounter.need, encounter.site) == ("counter", world.repair, world.canal)


def test_the_toast_says_what_was_promised_by_when(world: World) -> None:
    client = signed_in(world, "agent", "fr")
    given = {"who": LINE, "channel": "phone", "text": "…", "outcome": "call_back", "when": "demain 15h"}
    page = client.post(reverse("contact_log"), given, follow=True).content.decode()
    assert "Noté pour Zoé Martin. Promis pour" in page
    assert "à 15 h 00" in page
    due = Promise.objects.get(kind="call_back").due_at
    assert due.astimezone(dt.timezone(dt.timedelta(hours=1))).hour in (14, 15)
    assert due > utcnow()


def test_without_script_the_line_alone_is_enough(world: World) -> None:
    known = world.contact().customer
    client = signed_in(world, "agent")
    page = text_of(client.get(reverse("contact_log")))
    assert 'method="post"' in page
    assert "<html" in page
    given = {"who": "zoe@exemple.example", "channel": "phone", "text": "Encore moi", "outcome": "owed"}
    assert client.post(reverse("contact_log"), given).status_code == 302
    assert Encounter.objects.filter(customer=known).count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "Say what it is about."),
        ({"who": "", "customer": ""}, "Give a name, a number or an e-mail address."),
        ({"outcome": "call_back", "when": "un jour"}, "Say when, such as 15:30"),
        ({"outcome": "call_back", "when": ""}, "Say when, such as 15:30"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    world: World, fields: dict[str, str], words: str
) -> None:
    response = post(world, **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert (fields.get("text") or "Le frein grince").strip() in page
    assert fields.get("who", LINE) in page
    assert not Encounter.objects.exists()


def test_recognition_comes_before_the_question(world: World) -> None:
    for number in range(5):
        encounter = world.contact(subject=f"Sujet {number}")
    customer_change(viewer=world.viewer("agent"), customer_id=encounter.customer_id, matters="Préfère un appel")
    listed = suggested(world, "mart")
    assert "Zoé Martin" in listed
    assert "regular since" in listed
    assert "5 open" in listed
    chosen = {"customer": encounter.customer.reference}
    card = text_of(signed_in(world, "agent").get(reverse("contact_card"), chosen, headers=HTMX))
    assert "Préfère un appel" in card
    assert "Regular" in card
    assert "5 encounters" in card
    assert "Is it about something open?" in card
    assert "Sujet 4" in card
    assert encounter.reference in card


def test_what_is_open_is_added_to_when_chosen(world: World) -> None:
    encounter = world.contact()
    response = post(world, who="", customer=encounter.customer.reference, into=encounter.reference, text="Et la selle")
    assert response.headers["HX-Redirect"] == reverse("encounter", args=[encounter.reference])
    assert Encounter.objects.count() == 1
    assert Message.objects.filter(text="Et la selle", encounter=encounter).exists()


def test_a_line_is_shown_as_it_was_understood(world: World) -> None:
    listed = suggested(world, LINE)
    assert "New customer" in listed
    assert "Zoé Martin · 06 12 34 56 78 · zoe@exemple.example" in listed


def test_a_known_number_is_recognised_in_the_middle_of_a_line(world: World) -> None:
    customer = world.contact().customer
    contact_point_add(viewer=world.viewer("agent"), customer_id=customer.pk, kind="phone", value="+33 6 12 34 56 78")
    for line in ("0612345678", "06 12 34 56 78 madame", "Someone else 06.12.34.56.78"):
        assert customer.reference in suggested(world, line), line


def test_a_customer_of_another_site_is_recognised_with_no_more_than_that(world: World) -> None:
    world.contact(site_id=world.gare.pk, email="secret@exemple.example", name="Omar Secret")
    listed = suggested(world, "secret@exemple.example")
    assert "Known at another site" in listed
    assert "Omar" not in listed
    assert "C-" not in listed
    # Not before the whole address was given: nobody can fish for names.
    for beginning in ("secret", "secret@exemple", "omar"):
        listed = suggested(world, beginning)
        assert "Known at another site" not in listed
        assert "Omar Secret" not in listed
    response = post(world, who="secret@exemple.example", customer="new")
    assert response.status_code == 204
    assert Customer.objects.count() == 1


def test_the_outsider_learns_nothing_by_reference(world: World) -> None:
    encounter = world.contact()
    chosen = {"customer": encounter.customer.reference}
    client = signed_in(world, "outsider")
    assert text_of(client.get(reverse("contact_card"), chosen, headers=HTMX)).strip() == ""
    assert "Zoé" not in text_of(client.get(reverse("contact_log"), chosen))
    for fields in (chosen, {"customer": "", "into": encounter.reference}):
        assert post(world, "outsider", **fields).status_code == 404
    assert Encounter.objects.count() == 1
    assert Message.objects.filter(direction="in").count() == 1


def test_a_site_that_is_not_theirs_cannot_be_chosen(world: World) -> None:
    response = post(world, site=world.gare.pk)
    assert response.status_code == 422
    assert not Encounter.objects.exists()


def test_the_next_contact_begins_where_the_last_one_was(world: World) -> None:
    client = signed_in(world, "agent")

    def chosen() -> list[str]:
        page = text_of(client.get(reverse("contact_log")))
        return re.findall(r'name="channel" value="(\w+)"[^>]* checked', page)

    assert chosen() == ["phone"]
    given = {"who": LINE, "channel": "counter", "text": "…", "outcome": "done"}
    client.post(reverse("contact_log"), given, headers=HTMX)
    assert chosen() == ["counter"]


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [("fr", "demain 15h", "à 15 h 00"), ("en", "tomorrow 3pm", "at 15:00"), ("fr", "bientôt", "Pas encore compris")],
)
def test_a_time_is_said_back_as_it_was_understood(world: World, language: str, typed: str, said: str) -> None:
    client = signed_in(world, "agent", language)
    assert said in text_of(client.get(reverse("contact_when"), {"when": typed}, headers=HTMX))


def test_a_time_when_the_house_is_closed_is_pointed_out(world: World) -> None:
    client = signed_in(world, "agent")
    when = reverse("contact_when")
    assert "closed then" in text_of(client.get(when, {"when": "sunday 11"}, headers=HTMX))
    assert "closed then" not in text_of(client.get(when, {"when": "tuesday 11"}, headers=HTMX))


def test_suggestions_cost_few_queries_however_many_are_known(world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        world.contact(email=f"c{number}@exemple.example", name=f"Martin {number}")
    client = signed_in(world, "agent")
    # PostgreSQL is asked for few hits first, in a transaction of its own: here a savepoint, set, ask, release.
    with django_assert_max_num_queries(14 if is_postgres() else 10):
        client.get(reverse("contact_who"), {"who": "mart"}, headers=HTMX)

"""Search and palette: everything the viewer may see, and nothing else."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from parvis.customers.services import contact_point_add, organisation_create
from parvis.desk.services import note_add
from parvis.toolkit.db import is_postgres
from tests.front.pages import HTMX, signed_in, text_of
from tests.world import World


def found(world: World, query: str, who: str = "agent", page: str = "search") -> str:
    return text_of(signed_in(world, who).get(reverse(page), {"q": query}, headers=HTMX))


@pytest.mark.parametrize("page", ["search", "palette"])
@pytest.mark.parametrize(
    "query", ["zoe", "ZOÉ MART", "zoe@exemple", "06 12 34 56 78", "+33 6 12", "061234", "grince", "velo grince"]
)
def test_people_and_words_are_found_without_accents_and_by_any_spelling(world: World, query: str, page: str) -> None:
    encounter = world.contact()
    contact_point_add(
        viewer=world.viewer("agent"), customer_id=encounter.customer_id, kind="phone", value="06 12 34 56 78"
    )
    assert "Zoé Martin" in found(world, query, page=page)
    assert "Zoé Martin" not in found(world, query, who="outsider", page=page)


@pytest.mark.parametrize("page", ["search", "palette"])
def test_a_reference_is_found_however_it_is_typed(world: World, page: str) -> None:
    encounter = world.contact()
    reference = encounter.reference
    address = reverse("encounter", args=[reference])
    for spelling in (reference, reference.lower(), reference.replace("-", " "), reference[2:], f"#{reference}"):
        assert address in found(world, spelling, page=page), spelling
    assert address not in found(world, reference, who="outsider", page=page)
    customer = encounter.customer.reference
    assert reverse("customer", args=[customer]) in found(world, customer, page=page)
    assert reverse("customer", args=[customer]) not in found(world, customer, who="outsider", page=page)


@pytest.mark.parametrize("page", ["search", "palette"])
def test_organisations_are_found_by_name_and_domain(world: World, page: str) -> None:
    organisation = organisation_create(viewer=world.viewer("agent"), name="Lycée Fourier", domain="fourier.example")
    address = reverse("organisation", args=[organisation.reference])
    for query in ("fourier", "fourier.example"):
        assert address in found(world, query, page=page)
        assert address not in found(world, query, who="outsider", page=page)


def test_the_words_found_are_marked(world: World) -> None:
    world.contact(text="L’été dernier, le vélo grinçait déjà.")
    assert "<mark>été</mark>" in found(world, "ete grincait")
    assert "<mark>grinçait</mark>" in found(world, "ete grincait")


def test_what_a_customer_wrote_is_shown_and_not_run(world: World) -> None:
    world.contact(text="<script>alert(1)</script> pirate", name="<b>Zoé</b>")
    page = found(world, "pirate")
    assert "&lt;" in page
    assert "<script>alert" not in page
    assert "<b>Zoé" not in page


def test_notes_are_found_by_colleagues(world: World) -> None:
    encounter = world.contact()
    note_add(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Rustine introuvable")
    assert encounter.reference in found(world, "rustine")
    assert encounter.reference not in found(world, "rustine", who="outsider")


def test_a_long_answer_goes_on_where_it_stopped(world: World) -> None:
    for number in range(25):
        world.contact(
            email=f"c{number}@exemple.example", name=f"C{number:02d}", text="Même mot partout", subject=f"S{number:02d}"
        )
    client = signed_in(world, "agent")
    seen: list[str] = []
    address = f"{reverse('search')}?q=partout"
    while address:
        page = text_of(client.get(address, headers=HTMX))
        seen += re.findall(r'row-subject truncate">(S\d\d)', page)
        more = re.search(r'class="more" hx-get="([^"]+)"', page)
        address = html.unescape(more[1]) if more else ""
    assert seen == [f"S{number:02d}" for number in reversed(range(25))]


@pytest.mark.parametrize("query", ["", "   ", "***", "%", "' OR 1=1 --", "Q-", "x" * 5000, "\x00", "🚲"])
def test_odd_questions_get_an_answer(world: World, query: str) -> None:
    world.contact()
    for page in ("search", "palette"):
        assert "Zoé Martin" not in found(world, query, page=page)


def test_nothing_found_says_what_to_try(world: World) -> None:
    assert "Nothing found for “introuvable”" in found(world, "introuvable")


def test_a_search_is_a_handful_of_queries_however_much_is_found(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        world.contact(email=f"c{number}@exemple.example", name=f"Martin {number}", text="martin partout")
    client = signed_in(world, "agent")
    client.get(reverse("search"), {"q": "mart"}, headers=HTMX)
    # PostgreSQL is asked for few hits first, in a transaction of its own: here a savepoint, set, ask, release.
    at_most = 21 if is_postgres() else 13
    with django_assert_max_num_queries(at_most):
        client.get(reverse("search"), {"q": "mart"}, headers=HTMX)
    with django_assert_max_num_queries(at_most):
        client.get(reverse("palette"), {"q": "mart"}, headers=HTMX)

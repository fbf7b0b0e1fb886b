"""The pages of customers and organisations: what they show, change, and keep from others."""

import datetime as dt
import html
import json
import re
from typing import Any

import pytest
from django.urls import reverse

from parvis.customers.models import Affiliation, ContactPoint, Customer, Merge, Organisation
from parvis.customers.services import (
    address_bounced,
    affiliation_make,
    contact_point_add,
    customer_change,
    organisation_create,
)
from parvis.desk.services import conversation_close
from parvis.ledger.services import Actor
from tests.front.pages import HTMX, signed_in, text_of
from tests.world import World


def address(name: str, thing: Any, *more: Any) -> str:
    return reverse(name, args=[thing.reference, *more])


def test_the_list_shows_who_was_here_last_and_pages_through_all(world: World) -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    for number in range(45):
        customer = world.contact(email=f"c{number}@exemple.example", name=f"Client {number:02d}").customer
        Customer.objects.filter(pk=customer.pk).update(last_seen_at=now + dt.timedelta(minutes=number // 2))
    client, seen, where = signed_in(world, "agent"), [], reverse("customers")
    while where:
        page = text_of(client.get(where, headers=HTMX if seen else {}))
        seen += re.findall(r'row-name truncate">(Client \d\d)', page)
        more = re.search(r'class="more" hx-get="([^"]+)"', page)
        where = html.unescape(more[1]) if more else ""
    assert len(seen) == len(set(seen)) == 45
    assert seen[0] == "Client 44"


@pytest.mark.parametrize("query", ["zoe", "martin zoé", "zoe@exe", "0612", "06 12 34", "+33612"])
def test_the_list_is_narrowed_as_one_types(world: World, query: str) -> None:
    world.contact()
    world.contact(email="omar@autre.example", name="Omar")
    client = signed_in(world, "agent")
    zoe = Customer.objects.get(name="Zoé Martin")
    contact_point_add(viewer=world.viewer("agent"), customer_id=zoe.pk, kind="phone", value="06 12 34 56 78")
    page = text_of(client.get(reverse("customers"), {"q": query}, headers=HTMX))
    assert "Zoé Martin" in page
    assert "Omar" not in page
    assert "<html" not in page


def test_an_empty_house_and_an_empty_search_say_what_to_do(world: World) -> None:
    client = signed_in(world, "agent")
    assert "Nobody yet" in text_of(client.get(reverse("customers")))
    assert "Nobody found for “xyz”" in text_of(client.get(reverse("customers"), {"q": "xyz"}))
    assert "No organisations yet" in text_of(client.get(reverse("organisations")))
    assert "No duplicates in sight" in text_of(client.get(reverse("duplicates")))


def test_the_page_recognises_a_regular_and_a_newcomer(world: World) -> None:
    newcomer = world.contact().customer
    client = signed_in(world, "agent")
    assert "New here: first contact on" in text_of(client.get(address("customer", newcomer)))
    for number in range(4):
        world.contact(subject=f"{number}")
    page = text_of(client.get(address("customer", newcomer)))
    assert "Regular" in page
    assert "5 encounters" in page
    assert "5 open" in page


def test_what_matters_is_noted_where_it_stands(world: World) -> None:
    customer = world.contact().customer
    client = signed_in(world, "agent")
    where = address("customer_matters", customer)
    assert "<textarea" in text_of(client.get(f"{where}?edit=1", headers=HTMX))
    assert "Préfère un appel" in text_of(client.post(where, {"matters": " Préfère un appel "}, headers=HTMX))
    customer.refresh_from_db()
    assert customer.matters == "Préfère un appel"


def test_addresses_are_added_removed_and_marked_when_they_bounce(world: World) -> None:
    customer = world.contact().customer
    client = signed_in(world, "agent")
    where = address("point_add", customer)
    assert "06 12 34 56 78" in text_of(client.post(where, {"value": "06 12 34 56 78"}, headers=HTMX))
    refused = client.post(where, {"value": "06"}, headers=HTMX)
    assert refused.status_code == 422
    assert "“06” is not a phone number." in refused.content.decode()
    assert client.post(where, {"value": "zoe@"}, headers=HTMX).status_code == 422
    address_bounced(actor=Actor.system(), address="zoe@exemple.example")
    assert "comes back" in text_of(client.get(address("customer", customer)))
    phone = ContactPoint.objects.get(kind="phone")
    assert "06 12" not in text_of(client.post(address("point_remove", customer, phone.pk), headers=HTMX))
    assert not ContactPoint.objects.filter(kind="phone").exists()


def test_an_address_of_somebody_else_is_not_removed_through_this_page(world: World) -> None:
    customer, other = world.contact().customer, world.contact(email="o@exemple.example", name="Omar").customer
    point = ContactPoint.objects.get(customer=other)
    signed_in(world, "agent").post(address("point_remove", customer, point.pk), headers=HTMX)
    assert ContactPoint.objects.filter(pk=point.pk).exists()


def test_organisations_are_joined_in_a_role_and_left(world: World) -> None:
    customer = world.contact().customer
    school = organisation_create(viewer=world.viewer("agent"), name="Lycée Fourier")
    client = signed_in(world, "agent")
    given = {"organisation": school.pk, "role": "Intendance"}
    page = text_of(client.post(address("affiliation_add", customer), given, headers=HTMX))
    assert "Lycée Fourier" in page
    assert "Intendance" in page
    page = text_of(client.post(address("affiliation_remove", customer, school.reference), headers=HTMX))
    assert not Affiliation.objects.exists()
    assert "For themselves" in page


def test_an_organisation_out_of_sight_can_neither_be_joined_nor_seen(world: World) -> None:
    customer = world.contact().customer
    theirs = organisation_create(viewer=world.viewer("outsider"), name="Secret SA")
    client = signed_in(world, "agent")
    assert "Secret SA" not in text_of(client.get(address("customer", customer)))
    response = client.post(address("affiliation_add", customer), {"organisation": theirs.pk}, headers=HTMX)
    assert response.status_code == 422
    assert not Affiliation.objects.exists()


def test_name_and_language_are_changed_in_a_dialog(world: World) -> None:
    customer = world.contact().customer
    client = signed_in(world, "agent")
    where = address("customer_edit", customer)
    assert "dialog-head" in text_of(client.get(where, headers=HTMX))
    done = client.post(where, {"name": "Zoé Martin-Petit", "language": "fr"}, headers=HTMX)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, address("customer", customer))
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Zoé Martin-Petit", "fr")
    assert client.post(where, {"name": "", "language": "xx"}, headers=HTMX).status_code == 422


def test_the_story_is_told_in_the_readers_language(world: World) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    customer_change(viewer=world.viewer("agent"), customer_id=encounter.customer_id, matters="x")
    where = address("customer_timeline", encounter.customer)
    english = text_of(signed_in(world, "agent").get(where, headers=HTMX))
    assert "Agent closed it" in english
    assert "Agent noted what matters to them" in english
    french = text_of(signed_in(world, "agent", "fr").get(where, headers=HTMX))
    assert "Agent l’a fermée" in french
    assert "closed" not in french


def test_a_merged_record_leads_to_the_one_that_stays(world: World) -> None:
    one, other = world.contact().customer, world.contact(email="", phone="06 12 34 56 78", channel="phone").customer
    client = signed_in(world, "agent")
    page = text_of(client.get(address("customer", one)))
    assert "may be the same person" in page
    compare = address("customer_merge", one, other.reference)
    assert page.count(compare) == 1
    assert text_of(client.get(compare)).count("Keep this record") == 2
    assert client.post(compare, {"keep": one.reference}).url == address("customer", one)
    assert client.get(address("customer", other)).url == address("customer", one)
    page = text_of(client.get(address("customer", one)))
    assert "was merged into this record" in page
    assert "may be the same person" not in page
    assert client.post(reverse("merge_undo", args=[Merge.objects.get().pk])).url == address("customer", one)
    assert "may be the same person" in text_of(client.get(address("customer", one)))


def test_the_data_is_handed_out_as_a_file_to_administrators(world: World) -> None:
    customer = world.contact().customer
    response = signed_in(world, "administrator").get(address("customer_export", customer))
    assert json.loads(text_of(response))["name"] == "Zoé Martin"
    assert f'filename="{customer.reference}.json"' in response.headers["Content-Disposition"]


def test_erasing_asks_once_more_and_says_what_stands_in_the_way(world: World) -> None:
    encounter = world.contact()
    client = signed_in(world, "administrator")
    where = address("customer_erase", encounter.customer)
    assert "cannot be undone" in text_of(client.get(where, headers=HTMX))
    sure = {"sure": encounter.customer.reference}
    refused = client.post(where, sure, headers=HTMX)
    assert refused.status_code == 422
    assert "open encounters" in refused.content.decode()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    client.post(where, {"sure": "yes"}, headers=HTMX)
    assert Customer.objects.get().erased_at is None
    assert client.post(where, sure, headers=HTMX).headers["HX-Redirect"] == reverse("customers")
    assert Customer.objects.get().erased_at is not None
    assert client.get(address("customer", encounter.customer)).status_code == 404


def test_an_account_gathers_everybodys_encounters(world: World) -> None:
    early = world.contact(email="achats@lycee.example", name="Aline", subject="Avant l’ouverture du compte")
    client = signed_in(world, "agent")
    given = {"name": "Lycée Fourier", "domain": "@lycee.example", "notes": "Chorus", "account_owner_id": world.lead.pk}
    done = client.post(reverse("organisation_new"), given, headers=HTMX)
    school = Organisation.objects.get()
    assert done.headers["HX-Redirect"] == address("organisation", school)
    late = world.contact(email="compta@lycee.example", name="Bruno", subject="Après")
    assert late.organisation == school
    page = text_of(client.get(address("organisation", school)))
    assert "In the care of Lead" in page
    assert "Aline" in page
    assert "Bruno" in page
    assert "Chorus" in page
    panel = text_of(client.get(address("organisation_encounters", school), headers=HTMX))
    assert panel.count(early.reference)
    assert panel.count(late.subject) == 1


def test_an_account_is_changed_and_needs_a_name(world: World) -> None:
    school = organisation_create(viewer=world.viewer("agent"), name="Lycée")
    world.contact(email="a@lycee.example", name="Aline")
    client = signed_in(world, "agent")
    where = address("organisation_edit", school)
    assert client.post(where, {"name": " "}, headers=HTMX).status_code == 422
    client.post(where, {"name": "Lycée Fourier", "domain": "https://www.lycee.example/"}, headers=HTMX)
    school.refresh_from_db()
    assert (school.name, school.domain) == ("Lycée Fourier", "lycee.example")
    assert Affiliation.objects.get().customer.name == "Aline"


def test_an_account_opened_by_whoever_sees_all_is_seen_by_all(world: World) -> None:
    organisation_create(viewer=world.viewer("administrator"), name="Partout")
    for who in ("agent", "outsider"):
        assert "Partout" in text_of(signed_in(world, who).get(reverse("organisations")))


ONE = ["customer", "customer_timeline", "customer_edit", "customer_matters", "customer_encounters", "customer_promises"]
MANAGED = ["customer_export", "customer_erase"]


@pytest.mark.parametrize("name", ONE)
def test_the_outsider_meets_the_same_nothing_as_for_nobody(world: World, name: str) -> None:
    customer = world.contact().customer
    client = signed_in(world, "outsider")
    hidden, missing = client.get(address(name, customer)), client.get(reverse(name, args=["C-XXXXX"]))
    nonsense = client.get(reverse(name, args=["no!such"]))
    assert (hidden.status_code, missing.status_code, nonsense.status_code) == (404, 404, 404)
    said = [re.search("<h1>.*</main>", r.content.decode(), re.DOTALL)[0] for r in (hidden, missing)]
    assert said[0] == said[1]
    assert "Zoé" not in hidden.content.decode()


@pytest.mark.parametrize("name", MANAGED)
def test_agents_and_managers_do_not_reach_personal_data(world: World, name: str) -> None:
    customer = world.contact().customer
    for who in ("agent", "lead", "manager", "outsider"):
        client = signed_in(world, who)
        assert client.get(address(name, customer)).status_code == 403
        assert client.get(reverse(name, args=["C-XXXXX"])).status_code == 403


def test_the_outsider_cannot_write(world: World) -> None:
    customer, other = world.contact().customer, world.contact(email="o@exemple.example", name="Omar").customer
    school = organisation_create(viewer=world.viewer("agent"), name="Lycée")
    affiliation_make(viewer=world.viewer("agent"), customer_id=customer.pk, organisation_id=school.pk)
    point = ContactPoint.objects.get(customer=customer)
    client = signed_in(world, "outsider")
    tries = [
        (address("customer_edit", customer), {"name": "Piraté", "language": ""}),
        (address("customer_matters", customer), {"matters": "Piraté"}),
        (address("point_add", customer), {"value": "pirate@exemple.example"}),
        (address("point_remove", customer, point.pk), {}),
        (address("affiliation_add", customer), {"organisation": school.pk}),
        (address("affiliation_remove", customer, school.reference), {}),
        (address("customer_merge", customer, other.reference), {"keep": customer.reference}),
        (address("organisation_edit", school), {"name": "Piraté"}),
    ]
    for where, data in tries:
        assert client.post(where, data, headers=HTMX).status_code == 404, where
    customer.refresh_from_db()
    school.refresh_from_db()
    assert (customer.name, customer.matters, customer.merged_into_id, school.name) == ("Zoé Martin", "", None, "Lycée")
    assert ContactPoint.objects.count() == 2
    assert Affiliation.objects.count() == 1


def test_lists_and_duplicates_hide_the_other_site(world: World) -> None:
    world.contact()
    world.contact(email="", phone="06 12 34 56 78", channel="phone")
    organisation_create(viewer=world.viewer("agent"), name="Lycée")
    client = signed_in(world, "outsider")
    for name in ("customers", "organisations", "duplicates"):
        page = text_of(client.get(reverse(name)))
        assert "Zoé" not in page
        assert "Lycée" not in page


def test_encounters_of_another_site_do_not_show_on_a_shared_customer(world: World) -> None:
    shared = world.contact(subject="Chez nous").customer
    world.contact(subject="À la gare", site_id=world.gare.pk)
    for who, seen, hidden in (("agent", "Chez nous", "À la gare"), ("outsider", "À la gare", "Chez nous")):
        client = signed_in(world, who)
        for name in ("customer_encounters", "customer_timeline", "customer_promises"):
            page = text_of(client.get(address(name, shared), headers=HTMX))
            assert hidden not in page
        assert seen in text_of(client.get(address("customer_encounters", shared), headers=HTMX))


@pytest.mark.parametrize(
    ("name", "most"), [("customers", 11), ("customer", 22), ("customer_encounters", 9), ("customer_timeline", 14)]
)
def test_pages_cost_a_handful_of_queries_however_long_the_story(
    world: World, name: str, most: int, django_assert_max_num_queries: Any
) -> None:
    customer = world.contact().customer
    for number in range(20):
        world.contact(subject=f"{number}")
        world.contact(email=f"c{number}@exemple.example", name=f"C{number}")
    client = signed_in(world, "agent")
    where = reverse(name) if name == "customers" else address(name, customer)
    client.get(where, headers=HTMX)
    with django_assert_max_num_queries(most):
        text_of(client.get(where))

"""Encounters opened at the same moment, or while something changes: nobody is doubled, lost or greeted too often."""

import threading
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import connection

from parvis.channels.models import OutMail
from parvis.customers.models import Customer, Organisation
from parvis.desk.services import contacts
from parvis.desk.services.contacts import GREETINGS_A_DAY
from parvis.desk.services.merge import customer_merge
from parvis.encounters.models import Encounter
from parvis.ledger.models import Entry
from parvis.ledger.selectors import entries_after
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


def at_once(calls: list[Callable[[], object]]) -> None:
    """Make all calls at the same time, each in a thread."""
    together, failed = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            together.wait(10)
            call()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_one_stranger_writing_eight_times_at_once_is_one_customer(world: World) -> None:
    at_once([lambda: world.contact()] * AT_ONCE)
    [customer] = Customer.objects.all()
    assert (customer.encounter_count, customer.open_count) == (AT_ONCE, AT_ONCE)
    assert Encounter.objects.filter(customer=customer).count() == AT_ONCE
    assert OutMail.objects.filter(automatic=True).count() == GREETINGS_A_DAY


def test_strangers_at_once_have_each_their_own(world: World) -> None:
    at_once([lambda n=n: world.contact(email=f"c{n}@exemple.example", name=f"C {n}") for n in range(AT_ONCE)])
    assert Customer.objects.count() == Encounter.objects.count() == AT_ONCE
    for encounter in Encounter.objects.all():
        names = Entry.objects.filter(encounter_id=encounter.pk).order_by("id").values_list("name", flat=True)
        assert list(names) == ["encounter.opened", "message.received", "promise.made", "message.greeted"]
    connection.check_constraints()
    assert len(entries_after((0, 0))) == Entry.objects.count()


def test_a_customer_merged_while_somebody_opens_for_them_gets_it_on_the_record_that_is_kept(world: World) -> None:
    kept, absorbed = world.contact(email="a@exemple.example").customer, world.contact().customer
    real, merged = contacts.organisation_id_of, []

    def meanwhile(customer: Customer, address: str = "") -> int | None:
        if not merged:  # after the customer was recognised and before anything is written
            merged.append(True)
            viewer = world.viewer("administrator")
            other = threading.Thread(
                target=lambda: (
                    customer_merge(viewer=viewer, keep_id=kept.pk, absorb_id=absorbed.pk),
                    connection.close(),
                )
            )
            other.start()
            other.join(30)
        return real(customer, address)

    with patch.object(contacts, "organisation_id_of", meanwhile):
        encounter = world.contact()
    assert encounter.customer_id == kept.pk
    assert Customer.objects.get(pk=kept.pk).encounter_count == 3


def test_whoever_writes_from_an_organisation_for_the_first_time_speaks_for_it_at_once(world: World) -> None:
    lycee = Organisation.objects.create(name="Lycée", domain="lycee.example")
    assert world.contact(email="prof@lycee.example").organisation_id == lycee.pk
    assert world.contact(email="prof@lycee.example").organisation_id == lycee.pk

"""A ledger restored into another PostgreSQL cluster is read on, and nothing is lost."""

import pytest
from django.db import connection, transaction

from parvis.ledger import services
from parvis.ledger.models import Entry, Subscription
from parvis.ledger.selectors import entries_after
from parvis.ledger.services import Actor, Fact, entries_adopt, entries_record, subscriptions_deliver
from parvis.ledger.triggers import CREATE, DROP
from parvis.toolkit.db import is_postgres

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = 10**15


def write(number):
    with transaction.atomic():
        entries_record(actor=Actor.system(), facts=[Fact("thing.happened", encounter_id=number)])


def as_if_restored():
    """What was written so far carries the transaction ids of a cluster that was busier than this one."""
    with connection.cursor() as cursor:
        for statement in (
            *DROP["postgresql"],
            f"UPDATE ledger_entry SET xid = xid + {ELSEWHERE}",  # noqa: S608
            *CREATE["postgresql"],
            f"UPDATE ledger_subscription SET xid = xid + {ELSEWHERE}",  # noqa: S608
        ):
            cursor.execute(statement)


@pytest.fixture
def heard(monkeypatch):
    found = []
    handler = (frozenset({"thing.happened"}), lambda entry: found.append(entry.encounter_id))
    monkeypatch.setattr(services, "_handlers", {"listener": handler})
    return found


@pytest.mark.parametrize("came_to_the_end", [True, False])
def test_readers_go_on_where_they_were(heard, came_to_the_end):
    if not is_postgres():
        assert entries_adopt() is False
        return
    for number in (1, 2):
        write(number)
    subscriptions_deliver()
    if not came_to_the_end:
        write(3)
    as_if_restored()
    assert entries_adopt() is True
    write(4)
    subscriptions_deliver()
    assert heard == ([1, 2, 4] if came_to_the_end else [1, 2, 3, 4])
    assert [e.encounter_id for e in entries_after((0, 0))] == ([1, 2, 4] if came_to_the_end else [1, 2, 3, 4])
    assert entries_adopt() is False, "once is enough"
    with pytest.raises(Exception, match="append-only"):
        Entry.objects.all().delete()


def test_a_ledger_of_this_cluster_is_left_alone(heard):
    write(1)
    subscriptions_deliver()
    before = Subscription.objects.get(name="listener").xid
    assert entries_adopt() is False
    assert Subscription.objects.get(name="listener").xid == before

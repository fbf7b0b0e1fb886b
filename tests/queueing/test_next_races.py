"""Twenty counters press “next” at once: nobody is called twice, nobody is lost, the order holds."""

import threading
from typing import Any

import pytest
from django.db import connection, connections

from parvis.ledger.models import Entry
from parvis.queueing.models import Call, Turn
from parvis.queueing.services import call_next
from parvis.staff.domain.viewer import Viewer
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

COUNTERS, PRESSES, PEOPLE = 20, 50, 300


@pytest.mark.django_db(transaction=True)
def test_a_thousand_presses_at_twenty_counters(world: World) -> None:
    hall = Hall.open(world, counters=COUNTERS)
    agents = hall.seat(COUNTERS)
    first = hall.take(now=ten())
    _crowd(first)
    called: list[list[tuple[int, Any]]] = [[] for _ in agents]
    errors: list[BaseException] = []

    def press(index: int, viewer: Viewer) -> None:
        try:
            current = None
            for _ in range(PRESSES):
                turn = call_next(viewer=viewer, current_id=current)
                current = turn.pk if turn else None
                if turn:
                    called[index].append((turn.pk, turn.rank_at))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(n, agent)) for n, agent in enumerate(agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors
    everybody = [pk for mine in called for pk, __ in mine]
    assert len(everybody) == len(set(everybody)) == PEOPLE
    assert not Turn.objects.filter(state="waiting").exists()
    for mine in called:
        assert mine == sorted(mine, key=lambda one: one[1]), "a counter was given somebody who should have come before"
    assert Call.objects.count() == Entry.objects.filter(name="ticket.called").count() == PEOPLE
    # By the ledger, nobody was passed by more people than there are counters pressing at the same moment.
    order = [
        e["turn"] for e in Entry.objects.filter(name="ticket.called").order_by("pk").values_list("data", flat=True)
    ]
    ranks = {pk: n for n, pk in enumerate(sorted(everybody))}
    assert max(abs(ranks[pk] - n) for n, pk in enumerate(order)) < COUNTERS


def _crowd(first: Turn) -> None:
    """The rest of the crowd, as rows like the first one's: how they come in is other tests' matter."""
    from parvis.queueing.models import Ticket

    connection.ensure_connection()
    shared = {"site_id": first.ticket.site_id, "day": first.ticket.day, "source": "kiosk", "language": "fr"}
    tickets = Ticket.objects.bulk_create(
        Ticket(code=f"R{n:03d}", taken_at=ten(), **shared) for n in range(2, PEOPLE + 1)
    )
    Turn.objects.bulk_create(
        Turn(ticket=t, line=first.line, joined_at=ten(), rank_at=ten() + minutes(n / 10), rule="arrival")
        for n, t in enumerate(tickets, 1)
    )

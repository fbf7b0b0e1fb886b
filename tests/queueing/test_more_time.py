"""“Give me more time”: others go first, the place is kept, and the line says how often and for how long."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.kernel.clock import clock_at
from parvis.kernel.errors import Conflict
from parvis.ledger.models import Entry
from parvis.queueing.models import Turn
from parvis.queueing.selectors import ahead_of, turn_of_ticket
from parvis.queueing.services import Caller, call_next, held_watch, turn_call, turn_more_time, turn_resume
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

PUBLIC = Caller.public()


def more(turn: Turn, at: Any) -> Turn:
    return turn_more_time(caller=PUBLIC, turn_id=turn.pk, now=at)


def test_who_is_called_lets_others_pass_and_is_back_at_the_old_place_by_itself(world: World) -> None:
    hall = Hall.open(world, more_times=1, more_minutes=5)
    (agent,) = hall.seat(1, now=ten())
    first, second, third = (hall.take(now=ten() + minutes(n)) for n in range(3))
    at = ten() + minutes(4)
    call_next(viewer=agent, now=at)
    held = more(first, at)
    assert (held.state, held.counter_id, held.calls, held.held_until) == ("held", None, 0, at + minutes(5))
    assert call_next(viewer=agent, now=at + minutes(1)).pk == second.pk  # type: ignore[union-attr]
    assert held_watch(now=at + minutes(4)) == 0
    assert (held_watch(now=at + minutes(5)), held_watch(now=at + minutes(5))) == (1, 0)
    back = turn_of_ticket(first.ticket_id)
    assert (back.state, back.held_until, ahead_of(back), ahead_of(third)) == ("waiting", None, 0, 1)
    entry = Entry.objects.get(name="ticket.more_time")
    assert (entry.data["minutes"], entry.data["was"]) == (5, "called")
    with pytest.raises(Conflict) as spent:
        more(first, at + minutes(6))
    assert spent.value.code == "no_more_time"


def test_it_is_asked_for_when_it_is_nearly_time_and_only_where_a_line_gives_it(world: World) -> None:
    hall = Hall.open(world, more_times=2)
    turns = [hall.take(now=ten() + minutes(n)) for n in range(4)]
    with pytest.raises(Conflict) as early:
        more(turns[3], ten() + minutes(5))
    assert early.value.code == "not_near"
    assert more(turns[2], ten() + minutes(5)).state == "held"
    with pytest.raises(Conflict):
        more(turns[2], ten() + minutes(5))
    hall.repairs.more_times = 0
    hall.repairs.save()
    with pytest.raises(Conflict) as never:
        more(turns[0], ten() + minutes(5))
    assert never.value.code == "no_more_time"


def test_who_is_ready_sooner_or_called_all_the_same_is_not_put_back_again(world: World) -> None:
    hall = Hall.open(world)
    (agent,) = hall.seat(1, now=ten())
    one, two = hall.take(now=ten()), hall.take(now=ten())
    at = ten() + minutes(1)
    more(one, at), more(two, at)
    turn_resume(caller=PUBLIC, turn_id=one.pk, now=at + minutes(1))
    turn_call(viewer=agent, turn_id=two.pk, now=at + minutes(1))
    assert held_watch(now=at + minutes(9)) == 0
    assert set(Turn.objects.values_list("state", "held_until")) == {("waiting", None), ("called", None)}


def test_the_page_says_the_rule_and_the_console_who_asked(world: World, client: Client) -> None:
    hall = Hall.open(world, more_times=1, more_minutes=7)
    with clock_at(ten()):
        token = hall.take(now=ten(), language="en").ticket.token
        address, english = reverse("ticket", args=[token]), {"Accept-Language": "en"}
        page = client.get(address, headers=english).content.decode()
        assert "Give me 7 more minutes" in page
        assert "Others go first for 7 minutes" in page
        client.post(address, {"deed": "more"})
        page = client.get(address, headers=english).content.decode()
        assert "Others go first until 10:07" in page
        client.post(address, {"deed": "ready"})
        assert "more minutes" not in client.get(address, headers=english).content.decode()
        assert client.post(address, {"deed": "more"}).status_code == 409

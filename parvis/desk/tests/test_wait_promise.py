"""What known people are told of their wait is a promise: made once, moved when it takes longer, kept or broken."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from parvis.desk.services.queue_promises import waits_promise
from parvis.desk.tests.test_queue import followed, hall, now, zoe  # noqa: F401  (fixtures)
from parvis.ledger.models import Entry
from parvis.promises.domain.promise import deadline_at
from parvis.promises.models import Promise
from parvis.promises.services import promises_watch
from parvis.queueing import estimates
from parvis.queueing.domain.told import Before, standing
from parvis.queueing.domain.waits.estimate import Estimate
from parvis.queueing.models import Told, Turn
from parvis.queueing.selectors import turn_of_ticket
from parvis.queueing.services import (
    Caller,
    call_next,
    customer_does,
    ticket_change,
    turn_hold,
    turn_leave,
    turn_let_go,
    turn_send_on,
)
from tests.queueing_world import Hall, minutes, ten

Tell = Callable[[Turn, float, float], None]


@pytest.fixture
def tell(now: Any, monkeypatch: pytest.MonkeyPatch) -> Tell:  # noqa: F811
    """`tell(turn, 3, 20)`: three minutes after ten they are told that twenty minutes will very likely do."""

    def told(turn: Turn, at: float, nine_of_ten: float) -> None:
        here = ten() + minutes(at)
        now.move_to(here)
        answer = SimpleNamespace(estimate=Estimate((1, 2, 3, 4, nine_of_ten, 90)), ahead=1, rules={})
        monkeypatch.setattr(estimates, "_answer", lambda turn, now: (answer, now))
        estimates.estimate_tell(turn_of_ticket(turn.ticket_id))
        followed()
        waits_promise()

    return told


def states() -> list[tuple[str, float]]:
    """How the promises stand, and by when, in minutes after ten."""
    found = Promise.objects.filter(kind="wait").order_by("pk")
    return [(p.state, (p.due_at - ten()).total_seconds() / 60) for p in found]


def test_the_first_time_told_stands_until_it_is_really_later() -> None:
    def said(told: float, exact: float) -> Before:
        return Before(ten(), ten() + minutes(told), ten() + minutes(exact))

    assert standing([]) is None
    # Rounding alone adds up to ten minutes; an earlier time is no new promise.
    for more in ([], [said(29, 21)], [said(12, 11)], [said(25, 24.9)]):
        assert standing([said(20, 18), *more]) == said(20, 18)
    assert standing([said(20, 18), said(30, 25), said(34, 32)]) == said(30, 25)


def test_a_short_wait_is_not_at_risk_from_its_beginning() -> None:
    made = deadline_at(ten(), ten() + minutes(8), dt.timedelta())
    assert made.warn_at == ten() + minutes(6)


def test_told_once_called_in_time_it_is_kept(hall: Hall, zoe: int, tell: Tell, now: Any) -> None:  # noqa: F811
    [agent] = hall.seat()
    turn, stranger = hall.take(customer_id=zoe), hall.take()
    for at, nine_of_ten in ((0, 20), (0.5, 60), (2, 14), (8, 12)):
        tell(turn, at, nine_of_ten)
        tell(stranger, at, 30 + at)
    assert states() == [("open", 20)]
    promise = Promise.objects.get()
    assert (promise.note, promise.encounter.due_kind) == ("R001", "wait")
    assert (waits_promise(), Entry.objects.filter(name="promise.made").count()) == (0, 1)
    assert Told.objects.filter(turn=turn).count() == 3
    now.move_to(ten() + minutes(19))
    call_next(viewer=agent)
    # The worker is behind: the watch has seen it pass its time, and it was in time all the same.
    now.move_to(ten() + minutes(21))
    promises_watch()
    followed()
    assert states() == [("kept", 20)]
    promise.refresh_from_db()
    assert (promise.broken_at, promise.settled_at) == (None, ten() + minutes(19))
    turn_let_go(viewer=agent, turn_id=turn.pk)
    followed()
    assert states() == [("open", 20)]


def test_told_a_later_time_it_is_moved_until_it_is_broken(hall: Hall, zoe: int, tell: Tell, now: Any) -> None:  # noqa: F811
    [agent] = hall.seat()
    turn = hall.take(customer_id=zoe)
    tell(turn, 0, 10)
    tell(turn, 3, 10)  # 10:13: not worth a word
    tell(turn, 8, 9)  # 10:17
    assert states() == [("renegotiated", 10), ("open", 17)]
    assert Promise.objects.first().replaced_by.reason == ""
    assert Promise.objects.first().reason
    now.move_to(ten() + minutes(18))
    promises_watch()
    tell(turn, 19, 30)
    assert states() == [("renegotiated", 10), ("broken", 17)]
    call_next(viewer=agent)
    followed()
    broken = Promise.objects.get(state="broken")
    assert (broken.broken_at, broken.settled_at) == (ten() + minutes(18), ten() + minutes(19))


def test_who_goes_in_time_is_owed_nothing_and_who_was_kept_too_long_is(
    hall: Hall,  # noqa: F811
    zoe: int,  # noqa: F811
    tell: Tell,
    now: Any,  # noqa: F811
) -> None:
    [agent] = hall.seat()
    turn = hall.take(customer_id=zoe)
    tell(turn, 0, 10)
    turn_leave(caller=Caller.public(zoe), turn_id=turn.pk)
    followed()
    # Back again, and told again: no wait to be judged by.
    customer_does(turn=turn_of_ticket(turn.ticket_id), deed="back")
    followed()
    tell(turn, 2, 10)
    late, held, sent = (hall.take(customer_id=zoe) for _n in range(3))
    for one in (late, held, sent):
        tell(one, 3, 10)
    now.move_to(ten() + minutes(3.5))
    turn_hold(viewer=agent, turn_id=held.pk)
    turn_send_on(viewer=agent, turn_id=sent.pk, line_id=hall.sales.pk)
    followed()
    tell(sent, 4, 30)
    now.move_to(ten() + minutes(14))
    promises_watch()
    turn_leave(caller=Caller.public(zoe), turn_id=late.pk)
    followed()
    assert states() == [("void", 10), ("broken", 13), ("void", 13), ("void", 13), ("open", 34)]
    assert Promise.objects.get(state="broken").settled_at == ten() + minutes(14)
    assert Entry.objects.filter(name="promise.broken").count() == 1


def test_who_is_named_while_they_wait_is_promised_what_they_were_told(
    hall: Hall,  # noqa: F811
    zoe: int,  # noqa: F811
    tell: Tell,
) -> None:
    [agent] = hall.seat()
    turn = hall.take()
    tell(turn, 0, 10)
    tell(turn, 2, 14)
    assert states() == []
    for _n in range(2):
        ticket_change(viewer=agent, turn_id=turn.pk, customer_id=zoe)
        followed()
        waits_promise()
    assert states() == [("open", 17)]


def test_who_is_called_before_the_worker_comes_by_was_promised_it_all_the_same(
    hall: Hall,  # noqa: F811
    zoe: int,  # noqa: F811
    tell: Tell,
    now: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    [agent] = hall.seat()
    turn = hall.take(customer_id=zoe)
    monkeypatch.setattr("parvis.desk.tests.test_wait_promise.waits_promise", lambda: 0)
    tell(turn, 0, 10)
    now.move_to(ten() + minutes(12))
    call_next(viewer=agent)
    followed()
    assert states() == [("broken", 10)]
    monkeypatch.undo()
    with django_assert_num_queries(1):
        assert waits_promise() == 0
    assert states() == [("broken", 10)]

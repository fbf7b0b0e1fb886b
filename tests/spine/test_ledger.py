"""The ledger: append-only, in the transaction of its change, read in an order that loses nothing."""

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from parvis.kernel.clock import utcnow
from parvis.ledger import services
from parvis.ledger.models import Entry, Failure, Subscription
from parvis.ledger.selectors import entries_after, last_position
from parvis.ledger.services import Actor, Fact, entries_collected, entries_record, subscriptions_deliver

SYSTEM = Actor.system()


def record(name: str = "test.happened", **fact: object) -> None:
    with transaction.atomic():
        entries_record(actor=SYSTEM, facts=[Fact(name, **fact)])  # type: ignore[arg-type]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict]:
    registered: dict = {}
    monkeypatch.setattr(services, "_handlers", registered)
    return registered


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_the_past(change: str) -> None:
    record()
    entries = Entry.objects.all()
    attempts = {
        "update": lambda: entries.update(name="test.rewritten"),
        "delete": lambda: entries._raw_delete("default"),
    }
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attempts[change]()
    assert Entry.objects.get().name == "test.happened"


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        entries_record(actor=SYSTEM, facts=[Fact("test.happened")])


@pytest.mark.django_db(transaction=True)
def test_an_entry_vanishes_with_the_change_that_failed() -> None:
    @transaction.atomic
    def fail() -> None:
        with entries_collected():
            entries_record(actor=SYSTEM, facts=[Fact("test.happened")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    record("test.after")
    assert [e.name for e in Entry.objects.all()] == ["test.after"]


@pytest.mark.django_db
def test_collected_entries_keep_their_order_and_need_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1), entries_collected():  # type: ignore[operator]
        for name in ("test.a", "test.b", "test.c"):
            entries_record(actor=SYSTEM, facts=[Fact(name)])
    assert [e.name for e in entries_after((0, 0))] in (["test.a", "test.b", "test.c"], [])


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_passes_an_entry_that_is_still_to_be_committed() -> None:
    """A lower id that becomes visible after a higher one must still be read (PostgreSQL; SQLite has one writer)."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: ids become visible in order")
    wrote, finish = threading.Event(), threading.Event()

    def slow_writer() -> None:
        try:
            with transaction.atomic():
                entries_record(actor=SYSTEM, facts=[Fact("test.slow")])
                wrote.set()
                finish.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    assert wrote.wait(10)
    record("test.quick")
    position = (0, 0)
    seen = entries_after(position)
    assert [e.name for e in seen] == []
    finish.set()
    thread.join()
    assert [e.name for e in entries_after(position)] == ["test.slow", "test.quick"]


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_lose_no_entry_for_a_reader_that_reads_meanwhile() -> None:
    writers, each = 4, 25
    running = threading.Event()

    def write() -> None:
        try:
            for _i in range(each):
                record()
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    position = (0, 0)
    while any(t.is_alive() for t in threads) or not running.is_set():
        if not any(t.is_alive() for t in threads):
            running.set()  # one more round after the last writer
        for entry in entries_after(position):
            seen.append(entry.pk)
            position = (entry.xid, entry.pk)
    assert sorted(seen) == sorted(Entry.objects.values_list("pk", flat=True))
    assert len(seen) == len(set(seen)) == writers * each


@pytest.mark.django_db(transaction=True)
def test_a_subscription_gets_each_entry_once_and_goes_on_from_where_it_was(handlers: dict) -> None:
    got: list[str] = []
    services.subscribe("test", ["test.wanted"])(lambda entry: got.append(entry.data["n"]))
    for n in range(3):
        record("test.wanted", data={"n": n})
        record("test.other")
    subscriptions_deliver()
    record("test.wanted", data={"n": 3})
    subscriptions_deliver()
    subscriptions_deliver()
    assert got == [0, 1, 2, 3]
    position = Subscription.objects.get(name="test")
    assert (position.xid, position.entry_id) == last_position()


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_fails_is_kept_shown_and_tried_again_without_holding_up_others(handlers: dict) -> None:
    got: list[int] = []
    broken = {"yes": True}

    def handle(entry: Entry) -> None:
        if entry.data["n"] == 1 and broken["yes"]:
            raise ValueError("the printer is out of paper")
        got.append(entry.data["n"])

    services.subscribe("test", ["test.wanted"])(handle)
    for n in range(3):
        record("test.wanted", data={"n": n})
    subscriptions_deliver()
    assert got == [0, 2]
    failure = Failure.objects.get()
    assert "out of paper" in failure.error
    broken["yes"] = False
    Failure.objects.update(next_attempt_at=utcnow())
    subscriptions_deliver()
    assert got == [0, 2, 1]
    failure.refresh_from_db()
    assert failure.resolved_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_keeps_failing_is_given_up_and_waits_for_a_person(handlers: dict) -> None:
    def handle(entry: Entry) -> None:
        raise ValueError("never")

    services.subscribe("test", ["test.wanted"])(handle)
    record("test.wanted")
    subscriptions_deliver()
    for _i in range(len(services.RETRY_PAUSES) + 2):
        Failure.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=utcnow())
        subscriptions_deliver()
    failure = Failure.objects.get()
    assert failure.next_attempt_at is None
    assert failure.resolved_at is None
    attempts = failure.attempts
    subscriptions_deliver()
    failure.refresh_from_db()
    assert failure.attempts == attempts

"""Drafts: worked out without a lock, written in one go or not at all, composed anew when something has changed."""

import threading
import time

import pytest
from django.db import connection, transaction

from parvis.kernel.clock import utcnow
from parvis.toolkit.commits import Commits
from parvis.toolkit.drafts import Stale, at_writing, written
from parvis.toolkit.inserts import row_insert
from parvis.toolkit.keys import keys_forget, keys_take
from parvis.toolkit.models import IdempotencyKey, RateWindow
from parvis.toolkit.rates import rate_reserve

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = IdempotencyKey._meta.db_table


def row(key):
    return IdempotencyKey(owner="test", key=key, fingerprint="0")


def all_at_once(*calls):
    """Each call in a thread of its own; returns what they raised."""
    errors, together = [], threading.Barrier(len(calls))

    def run(call):
        try:
            together.wait(10)
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def test_rows_have_their_keys_before_they_are_written_and_go_in_as_they_stand_at_the_end():
    def compose():
        made = row_insert(row("a"))
        assert made.pk
        assert not IdempotencyKey.objects.exists()
        made.fingerprint = "1"
        return made

    made = written(compose)
    assert IdempotencyKey.objects.get(pk=made.pk).fingerprint == "1"
    assert not made._state.adding
    after = IdempotencyKey.objects.create(owner="test", key="b", fingerprint="0")
    assert after.pk > made.pk


def test_a_draft_that_fails_leaves_nothing():
    def compose():
        row_insert(row("a"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        written(compose)
    assert not IdempotencyKey.objects.exists()


def test_what_changed_meanwhile_is_worked_out_anew():
    answers = iter([False, True])

    def compose():
        at_writing(lambda: next(answers))
        return row_insert(row("a"))

    made = written(compose)
    assert IdempotencyKey.objects.get().pk == made.pk


def test_one_that_never_fits_gives_up_and_leaves_nothing():
    def compose():
        at_writing(lambda: False)
        return row_insert(row("a"))

    with pytest.raises(Stale):
        written(compose)
    assert not IdempotencyKey.objects.exists()


def test_within_a_transaction_it_shares_its_fate():
    with transaction.atomic():
        written(lambda: row_insert(row("a")))
        assert IdempotencyKey.objects.count() == 1
        transaction.set_rollback(True)
    assert not IdempotencyKey.objects.exists()
    kept = written(lambda: row_insert(row("b")))
    assert IdempotencyKey.objects.get().pk == kept.pk


def test_many_at_once_are_all_written_and_one_that_cannot_be_spoils_no_other():
    written(lambda: row_insert(row("taken")))
    keys = ["taken", *(f"k{n}" for n in range(11))]
    errors = all_at_once(*(lambda key=key: written(lambda: row_insert(row(key))) for key in keys))
    assert len(errors) == 1
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == set(keys)


def test_who_comes_while_another_commits_is_written_with_the_next():
    commits, gate, groups = Commits(), threading.Event(), []

    def slow():
        gate.wait(10)
        groups.append(threading.get_ident())

    def quick():
        groups.append(threading.get_ident())

    first = threading.Thread(target=lambda: (commits.run(slow), connection.close()))
    first.start()
    waiting = [threading.Thread(target=lambda: (commits.run(quick), connection.close())) for _n in range(4)]
    for thread in waiting:
        thread.start()
    while len(commits._waiting) < 4:
        time.sleep(0.001)
    gate.set()
    for thread in [first, *waiting]:
        thread.join(30)
    assert len(groups) == 5
    assert len(set(groups)) == 2  # the slow one's own, and one thread for all who waited


def test_no_key_is_given_twice():
    given, lock = [], threading.Lock()

    def take():
        mine = [key for _n in range(60) for key in keys_take(TABLE, 3)]
        assert mine == sorted(mine)
        with lock:
            given.extend(mine)

    assert all_at_once(*[take] * 4) == []
    assert len(set(given)) == len(given) == 4 * 60 * 3
    assert IdempotencyKey.objects.create(owner="test", key="a", fingerprint="0").pk > max(given)


def test_keys_of_a_table_that_was_emptied_and_began_anew_are_taken_anew():
    keys_forget()
    first = keys_take(TABLE)[0]
    IdempotencyKey(pk=first + 1, owner="test", key="in the way", fingerprint="0").save(force_insert=True)
    assert written(lambda: row_insert(row("a"))).pk > first + 1


def test_the_last_turn_is_taken_once():
    RateWindow.objects.create(bucket="b", window_start=utcnow(), hits=2)
    taken = []

    def take():
        day = utcnow() - utcnow().replace(year=2000)
        taken.append(written(lambda: rate_reserve(bucket="b", limit=3, window=day)))

    assert all_at_once(take, take, take) == []
    assert sorted(taken) == [False, False, True]

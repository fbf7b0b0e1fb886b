"""Telling the time to code that asks for it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from parvis.kernel.clock import clock_at, utcnow
from parvis.kernel.errors import Invalid

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_inside_the_clock_stands_and_afterwards_it_runs():
    with clock_at(NOON):
        assert utcnow() == NOON
        with clock_at(NOON + timedelta(days=1)):
            assert utcnow() == NOON + timedelta(days=1)
        assert utcnow() == NOON
    assert abs(utcnow() - datetime.now(UTC)) < timedelta(seconds=5)


def test_it_runs_again_after_an_error():
    with pytest.raises(ZeroDivisionError), clock_at(NOON):
        raise ZeroDivisionError
    assert utcnow() != NOON


def test_other_threads_keep_their_own_time():
    seen = []
    with clock_at(NOON):
        thread = threading.Thread(target=lambda: seen.append(utcnow()))
        thread.start()
        thread.join()
    assert seen[0] != NOON


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(Invalid), clock_at(datetime(2026, 3, 29, 12)):  # noqa: DTZ001 - the point of the test
        pass

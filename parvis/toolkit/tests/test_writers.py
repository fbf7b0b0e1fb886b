"""Many writers at once, on both databases: all of them get their turn, also after one of them failed."""

import threading

import pytest
from django.db import connection, transaction

from parvis.kernel.clock import utcnow
from parvis.toolkit.db import unit
from parvis.toolkit.models import RateWindow

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, TIMES = 8, 12


def test_all_get_their_turn():
    failed = []

    def write(writer):
        try:
            for time in range(TIMES):
                with unit():
                    RateWindow.objects.create(bucket=f"{writer}.{time}", window_start=utcnow())
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert RateWindow.objects.count() == WRITERS * TIMES


@pytest.mark.parametrize("ends", ["by an error", "by closing the connection"])
def test_who_fails_leaves_the_turn_to_others(ends):
    def fail():
        try:
            with transaction.atomic():
                RateWindow.objects.create(bucket="lost", window_start=utcnow())
                if ends == "by closing the connection":
                    connection.close()
                raise ValueError
        except Exception:  # noqa: S110 - what is left afterwards is what counts
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join(30)
    with unit():
        RateWindow.objects.create(bucket="kept", window_start=utcnow())
    assert list(RateWindow.objects.values_list("bucket", flat=True)) == ["kept"]

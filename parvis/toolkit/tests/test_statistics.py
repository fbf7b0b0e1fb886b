"""What SQLite's planner knows of its tables."""

import pytest
from django.db import connection

from parvis.toolkit.db import is_postgres, statistics_refresh
from parvis.toolkit.models import RateWindow

pytestmark = pytest.mark.django_db


def windows(first, last):
    from parvis.kernel.clock import utcnow

    now = utcnow()
    RateWindow.objects.bulk_create(RateWindow(bucket=f"b{n}", window_start=now, hits=1) for n in range(first, last))


def rows_known():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = %s", [RateWindow._meta.db_table]
        )
        return cursor.fetchone()[0]


@pytest.mark.skipif("postgres" in __import__("os").environ.get("PARVIS_TEST_DB", ""), reason="it sees to that itself")
def test_a_table_that_grew_is_looked_at_again_and_others_are_left_alone():
    windows(0, 600)
    assert statistics_refresh() == 1
    assert rows_known() == 600
    windows(600, 700)
    assert statistics_refresh() == 0
    windows(700, 1000)
    assert statistics_refresh() == 1
    assert rows_known() == 1000


def test_small_tables_and_postgresql_need_none():
    windows(0, 600 if is_postgres() else 100)
    assert statistics_refresh() == 0

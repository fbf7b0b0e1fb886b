"""Fixtures for every test of the house."""

from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from parvis.ledger.triggers import CREATE, DROP
from tests.world import world

__all__ = ["world"]


@pytest.fixture(autouse=True, scope="session")
def _ledger_can_be_emptied_between_tests() -> None:
    """Tests that commit are cleaned up by emptying tables, which the ledger's triggers rightly refuse."""
    tear_down = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def without_triggers(self: Any) -> None:
        with connection.cursor() as cursor:
            for statement in DROP[connection.vendor]:
                cursor.execute(statement)
        tear_down(self)
        with connection.cursor() as cursor:
            for statement in CREATE[connection.vendor]:
                cursor.execute(statement)

    TransactionTestCase._fixture_teardown = without_triggers  # type: ignore[attr-defined,method-assign]


@pytest.fixture(autouse=True)
def _fresh_catalog() -> None:
    """A test that was rolled back leaves its catalog in memory for up to 50 ms: the next one starts without it."""
    from parvis.catalog import snapshot

    snapshot._local.snapshot = None

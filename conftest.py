"""Fixtures for every test of the house."""

import fcntl
import gc
import os
import shutil
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from parvis.catalog import snapshot
from parvis.customers.models import SEARCH as CUSTOMERS
from parvis.desk.models import SEARCH as CONVERSATIONS
from parvis.ledger.triggers import CREATE, DROP
from tests.world import world

__all__ = ["world"]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The file of SQLite goes with its folder; until then, a copy that is there already is what the tests want."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def _migrating(django_db_modify_db_settings: None) -> IO[str] | None:
    """On SQLite one process migrates, and holds this lock meanwhile; the others begin with a copy."""
    if connection.vendor != "sqlite":
        return None
    template = _template()
    lock = template.with_suffix(".lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not template.exists():
        return lock
    shutil.copyfile(template, connection.settings_dict["TEST"]["NAME"])
    lock.close()
    return None


@pytest.fixture(scope="session")
def django_db_setup(_migrating: IO[str] | None, django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, migrated once for all the workers of a run."""
    if _migrating is None:
        return
    unfinished = _template().with_suffix(".new")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(unfinished)])
    unfinished.rename(_template())
    _migrating.close()


def _template() -> Path:
    return Path(os.environ["PARVIS_TEST_SHARED"]) / "migrated.sqlite3"


@pytest.fixture(autouse=True)
def _queries_can_be_counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How often a thread asks for the catalog's version hangs on the clock; in a test of one thread, it asks once."""
    snapshot._local.snapshot = None  # what a test that was rolled back left in memory
    if request.node.get_closest_marker("browser") is None:
        monkeypatch.setattr(snapshot, "FRESH_SECONDS", 60)


@pytest.fixture(autouse=True, scope="session")
def _what_was_loaded_is_no_garbage() -> None:
    """The collector does not look through all of Django after every few hundred objects: a tenth of a run."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(autouse=True, scope="session")
def _tests_that_commit_leave_nothing() -> None:
    """Tests that commit are cleaned up by emptying tables, which the ledger's triggers rightly refuse.

    The indexes of search are no tables of models: they are emptied here. Django would write the permissions of its own
    admin anew, which nothing here asks for: nine tenths of the time of cleaning up.
    """

    def whole(self: Any) -> None:
        with connection.cursor() as cursor:
            for statement in DROP[connection.vendor]:
                cursor.execute(statement)
        options = {"reset_sequences": False, "allow_cascade": False, "inhibit_post_migrate": True}
        call_command("flush", verbosity=0, interactive=False, **options)
        with connection.cursor() as cursor:
            for index in (CUSTOMERS, CONVERSATIONS):
                cursor.execute(f"DELETE FROM {index.name}")  # noqa: S608
            for statement in CREATE[connection.vendor]:
                cursor.execute(statement)

    TransactionTestCase._fixture_teardown = whole  # type: ignore[attr-defined,method-assign]

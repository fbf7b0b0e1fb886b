"""What every test run needs before Django reads its settings; pytest loads it by `-p` (see pyproject.toml).

- PARVIS_TEST_DB=sqlite (default) or postgres chooses the database. For postgres, the server that
  PARVIS_DATABASE_URL names, or else a temporary one, one per worker of pytest-xdist: the ledger is read up to the
  oldest open transaction of a server, so that workers sharing one would wait for each other.
- PARVIS_HOME is a temporary folder, one per worker of pytest-xdist, so that tests never touch ./var.
- PARVIS_TEST_SHARED is a folder in which workers leave each other what is made once (default: for one run).
- SQLite tests use a database file, like an installation: an in-memory database shared between the threads of a
  live server would serialise them by errors instead of locks.
- --only-database leaves out the tests that cannot reach the database: on a second one they would prove nothing more.
- Property tests try the same examples in every run, so that a change is judged by what it changed;
  PARVIS_TEST_EXPLORE=1 tries new ones.
"""

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EACH_ITS_OWN = "postgres://parvis@127.0.0.1:1/each_worker_has_its_own"
_cleanup = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See the module's text."""
    parser.addoption("--only-database", action="store_true", help="leave out the tests without a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for no database is refused one by pytest-django, so that nothing is left out by mistake."""
    if not config.getoption("--only-database"):
        return
    without = [item for item in items if not _uses_database(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    return "django_db_setup" in getattr(item, "fixturenames", ()) or bool(item.get_closest_marker("django_db"))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Choose data folder and database; runs before pytest-django loads the settings."""
    sys.path.insert(0, str(ROOT))
    hypothesis.settings.register_profile("parvis", deadline=None, derandomize=not os.environ.get("PARVIS_TEST_EXPLORE"))
    hypothesis.settings.load_profile("parvis")
    stack = early_config.stash[_cleanup] = ExitStack()
    early_config.add_cleanup(stack.close)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["PARVIS_HOME"] = str(Path(os.environ["PARVIS_HOME"]) / worker)
        if os.environ.get("PARVIS_DATABASE_URL") == EACH_ITS_OWN:
            _start_postgres(stack)
        return
    home = tempfile.mkdtemp(prefix="parvis-tests-")
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["PARVIS_HOME"] = home
    os.environ.setdefault("PARVIS_TEST_SHARED", home)
    _choose_database(stack, workers=bool(getattr(early_config.known_args_namespace, "numprocesses", None)))


def _choose_database(stack: ExitStack, *, workers: bool) -> None:
    wanted = os.environ.get("PARVIS_TEST_DB", "sqlite")
    given = os.environ.pop("PARVIS_DATABASE_URL", "")
    if wanted == "postgres" and (given or workers):
        os.environ["PARVIS_DATABASE_URL"] = given or EACH_ITS_OWN
    elif wanted == "postgres":
        _start_postgres(stack)
    elif wanted != "sqlite":
        raise pytest.UsageError(f"PARVIS_TEST_DB is sqlite or postgres, not {wanted!r}")


def _start_postgres(stack: ExitStack) -> None:
    from scripts.temp_postgres import PostgresMissing, temp_postgres

    try:
        os.environ["PARVIS_DATABASE_URL"] = stack.enter_context(temp_postgres())
    except PostgresMissing as error:
        raise pytest.UsageError(str(error)) from None


def pytest_configure() -> None:
    """Give SQLite's test database a file, and whitenoise the folder that it looks for."""
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(Path(settings.HOME) / "test.sqlite3")


def pytest_report_header() -> str:
    """Say which database the run is on."""
    from django.db import connection

    return f"parvis: on {connection.vendor}"

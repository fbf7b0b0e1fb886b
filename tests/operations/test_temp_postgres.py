"""The temporary PostgreSQL works, and leaves nothing behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from scripts.system_packages import missing
from scripts.temp_postgres import temp_postgres

pytestmark = pytest.mark.skipif(bool(missing(["postgresql"])), reason="no PostgreSQL (apt-get install postgresql)")
SCRIPT = str(Path(__file__).parents[2] / "scripts" / "temp_postgres.py")


def _refuses(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return True
    return False


def _folder(url: str) -> Path:
    with psycopg.connect(url) as connection:
        [folder] = connection.execute("SHOW data_directory").fetchone()
    assert Path(folder).is_dir()
    return Path(folder)


def test_it_serves_an_empty_database_and_is_gone_afterwards():
    with temp_postgres() as url:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
        folder = _folder(url)
        assert _refuses(url.replace("parvis:", "parvis:not-", 1))
    assert _refuses(url)
    assert not folder.exists()


def test_a_benchmark_can_have_it_durable():
    with temp_postgres(durable=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_the_command_beside_it_decides_the_exit_code():
    check = "import os, psycopg; psycopg.connect(os.environ['PARVIS_DATABASE_URL']).close(); raise SystemExit(3)"
    done = subprocess.run([sys.executable, SCRIPT, "run", "--", sys.executable, "-c", check], timeout=60)
    assert done.returncode == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_interrupted_it_ends_command_and_server(number):
    show = "import os, time; print(os.environ['PARVIS_DATABASE_URL'], flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, SCRIPT, "run", "--", sys.executable, "-c", show], stdout=subprocess.PIPE, text=True
    )
    url = process.stdout.readline().strip()
    folder = _folder(url)
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    process.stdout.close()
    assert time.monotonic() - began < 10
    assert _refuses(url)
    assert not folder.exists()

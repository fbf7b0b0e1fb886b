"""The command line `parvis` as one types it, over an installation of its own."""

import os
import re
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from parvis.config.processes import WebOptions
from tests.operations.conftest import run_parvis

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def parvis(tmp_path):
    """A function that runs `parvis` with the given arguments on an empty data folder."""
    return partial(run_parvis, tmp_path / "home")


@pytest.fixture
def prepared(prepared_home):
    """`parvis` on a prepared data folder."""
    return partial(run_parvis, prepared_home)


def test_help_lists_our_commands_before_djangos(parvis):
    text = parvis("help").stdout
    assert re.search(r"^  run +Start everything on this machine", text, re.M)
    assert re.search(r"^  hours +\w+", text, re.M), "a context's command is listed with what it does"
    assert text.index("  prepare ") < text.index("Django") < text.index("  migrate")


def test_the_same_commands_answer_to_manage_py(parvis, tmp_path):
    environment = {**os.environ, "PARVIS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "prepare", "--help"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "usage: manage.py prepare" in done.stdout or "usage: parvis prepare" in done.stdout


def test_an_unknown_command_is_refused_with_a_suggestion(parvis):
    done = parvis("migrat")
    assert done.returncode == 1
    assert "Did you mean migrate" in done.stderr


def test_before_prepare_a_command_says_what_to_do_first(parvis):
    done = parvis("demo")
    assert done.returncode == 1
    assert "`parvis prepare`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["0", "many", "-3", "", "²"])
def test_a_thread_count_that_is_none_is_refused_in_words(monkeypatch, value):
    monkeypatch.setenv("PARVIS_WEB_THREADS", value)
    with pytest.raises(ImproperlyConfigured, match="PARVIS_WEB_THREADS must be a whole number of at least 1"):
        WebOptions.from_environment()


def test_the_web_server_is_started_as_the_environment_says(monkeypatch, settings):
    settings.PORT = 8123
    monkeypatch.setenv("PARVIS_WEB_WORKERS", "3")
    monkeypatch.setenv("PARVIS_WEB_THREADS", "12")
    argv = " ".join(WebOptions.from_environment().argv())
    assert "--host 127.0.0.1 --port 8123 --workers 3 --blocking-threads 12" in argv


def test_prepare_sets_up_an_empty_folder(once_prepared):
    home, said = once_prepared
    assert "Setting up the database" in said
    assert (home / "static" / "staticfiles.json").exists()
    assert run_parvis(home, "migrate", "--check").returncode == 0


def test_prepare_does_again_only_what_changed(prepared, tmp_path):
    again = prepared("prepare")
    assert (again.returncode, again.stdout) == (0, "")
    (tmp_path / "home" / "static.stamp").write_text("of another time")
    assert "style sheets" in prepared("prepare").stdout


def test_a_backup_holds_what_was_written_and_can_be_lived_in(prepared, tmp_path):
    home = tmp_path / "home"
    (home / "media").mkdir(exist_ok=True)
    (home / "media" / "photo.jpg").write_bytes(b"a photo")
    # Written but not yet moved from the write-ahead log into the database file, and a reader keeps it there.
    live = sqlite3.connect(home / "parvis.sqlite3")
    live.execute("CREATE TABLE noted (text)")
    live.execute("INSERT INTO noted VALUES ('keep me')")
    live.commit()
    done = prepared("backup", str(tmp_path / "backups"))
    live.close()
    assert done.returncode == 0, done.stderr
    copy = Path(done.stdout.strip())
    assert sorted(path.name for path in copy.iterdir()) == ["media", "parvis.sqlite3", "secret_key"]
    assert (copy / "secret_key").read_text() == (home / "secret_key").read_text()
    assert (copy / "secret_key").stat().st_mode & 0o077 == 0
    assert (copy / "media" / "photo.jpg").read_bytes() == b"a photo"
    with sqlite3.connect(copy / "parvis.sqlite3") as restored:
        assert restored.execute("SELECT text FROM noted").fetchall() == [("keep me",)]
        assert restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert prepared("migrate", "--check", PARVIS_HOME=str(copy)).returncode == 0


def test_a_backup_that_cannot_be_written_says_so(prepared, tmp_path):
    (tmp_path / "file").write_text("")
    done = prepared("backup", str(tmp_path / "file"))
    assert done.returncode == 1
    assert "is not complete" in done.stderr

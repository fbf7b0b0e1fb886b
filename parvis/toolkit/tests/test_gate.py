"""Processes that write to one SQLite file take turns: background work comes last, the dead hold up nobody."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from parvis.toolkit.sqlite3 import base
from parvis.toolkit.sqlite3.base import Gate

HOLD = """
import sys, time
from parvis.toolkit.sqlite3.base import Gate
gate = Gate(sys.argv[1])
gate.want(1)
if "enter" in sys.argv:
    gate.enter()
print("there", flush=True)
time.sleep(60)
"""


@pytest.fixture
def another(tmp_path: Path):
    """Starts another process that wants to write, and enters if told so; ends it afterwards."""
    started = []

    def start(*how: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path / "house.sqlite3"), *how], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(str(tmp_path / "house.sqlite3"))


def test_who_was_killed_while_writing_holds_up_nobody(another, gate):
    began = time.monotonic()
    writing = another("enter")
    writing.kill()
    writing.wait()
    gate.want(1)
    gate.enter()
    gate.leave()
    gate.want(-1)
    assert time.monotonic() - began < 20


def test_background_work_lets_others_go_first_but_not_for_ever(another, gate, monkeypatch):
    monkeypatch.setattr(base, "GIVES_WAY_SECONDS", 0.4)
    gate.background = True
    began = time.monotonic()
    gate.enter()
    gate.leave()
    alone = time.monotonic() - began
    waiting = another()
    began = time.monotonic()
    gate.enter()
    gate.leave()
    assert time.monotonic() - began >= 0.4 > alone
    waiting.kill()
    waiting.wait()
    monkeypatch.setattr(base, "GIVES_WAY_SECONDS", 30)
    began = time.monotonic()
    gate.enter()
    assert time.monotonic() - began < 20


def test_as_long_as_one_thread_of_a_process_wants_to_write_others_see_it(tmp_path, gate):
    """Threads come and go; the mark is the process's."""
    gate.want(1)
    gate.want(1)
    gate.want(-1)
    look = "import sys; from parvis.toolkit.sqlite3.base import Gate; sys.exit(Gate(sys.argv[1]).wanted())"
    command = [sys.executable, "-c", look, str(tmp_path / "house.sqlite3")]
    assert subprocess.run(command, check=False).returncode == 1
    gate.want(-1)
    assert subprocess.run(command, check=False).returncode == 0

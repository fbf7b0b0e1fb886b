"""`parvis run` as an operator meets it: one command, everything answers, Ctrl-C leaves nothing behind."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from scripts.system_packages import missing
from scripts.temp_postgres import temp_postgres

START_SECONDS = 90


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Installation:
    """A running `parvis run`; `said` is what it has printed so far."""

    def __init__(self, home: Path, database_url: str = "") -> None:
        self.port, self.smtp_port = _free_port(), _free_port()
        environment = {name: value for name, value in os.environ.items() if name != "PARVIS_DATABASE_URL"}
        self.environment = environment | {
            "PARVIS_HOME": str(home),
            "PARVIS_PORT": str(self.port),
            "PARVIS_SMTP_PORT": str(self.smtp_port),
            "PARVIS_WEB_WORKERS": "1",
            **({"PARVIS_DATABASE_URL": database_url} if database_url else {}),
        }
        self.process = self.start(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = ""
        self._over = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(self, **options) -> subprocess.Popen:
        command = [sys.executable, "-m", "parvis.config.cli", "run", "--no-demo"]
        return subprocess.Popen(command, env=self.environment, text=True, **options)

    def _listen(self) -> None:
        # Without blocking in a read, so that hang_up() can close the pipe.
        pipe = self.process.stdout.fileno()
        os.set_blocking(pipe, False)
        while not self._over.wait(0.02):
            try:
                chunk = os.read(pipe, 65536)
            except BlockingIOError:
                continue
            if not chunk:
                return
            self.said += chunk.decode(errors="replace")

    def hang_up(self) -> None:
        """Read no more of what it prints, as when the terminal's other programs are gone."""
        self._over.set()
        self._listener.join()
        self.process.stdout.close()

    def wait_for(self, pattern: str, seconds: float = START_SECONDS) -> None:
        limit = time.monotonic() + seconds
        while not re.search(pattern, self.said):
            over = self.process.poll() is not None or time.monotonic() > limit
            assert not over, f"no {pattern!r} in:\n{self.said}"
            time.sleep(0.05)

    def takes_mail(self, seconds: float = 20) -> bool:
        """Whether the mail listener answers, now or soon."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            try:
                with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5) as server:
                    return server.noop()[0] == 250
            except OSError:
                time.sleep(0.1)
        return False

    def children(self) -> dict[int, str]:
        """The supervised processes and theirs: number and command line."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [(int(pid), int(parent), " ".join(args)) for pid, parent, *args in map(str.split, listed.splitlines())]
        family = {self.process.pid}
        for _ in range(4):
            family |= {pid for pid, parent, _ in rows if parent in family}
        return {pid: args for pid, _, args in rows if pid in family and pid != self.process.pid}


@pytest.fixture
def database_url(request):
    """Nothing for SQLite, or the address of a temporary PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
    elif missing(["postgresql"]):
        pytest.skip("no PostgreSQL (apt-get install postgresql)")
    else:
        with temp_postgres() as url:
            yield url


@pytest.fixture
def home(request, tmp_path):
    """A prepared data folder; an empty one for whoever asks for "empty"."""
    return tmp_path / "home" if getattr(request, "param", "") == "empty" else request.getfixturevalue("prepared_home")


@pytest.fixture
def installation(home, database_url):
    one = Installation(home, database_url)
    yield one
    if one.process.poll() is None:
        one.process.terminate()
        one.process.wait(20)


def _gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize(("home", "database_url"), [("empty", "sqlite"), ("prepared", "postgres")], indirect=True)
def test_one_command_opens_everything_and_ctrl_c_closes_it(installation):
    installation.wait_for(rf"Parvis is open: +http://127\.0\.0\.1:{installation.port}/")
    with urllib.request.urlopen(f"http://127.0.0.1:{installation.port}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    assert installation.takes_mail(), installation.said
    running = installation.children()
    for verb in ("worker", "mail_listen", "granian"):
        assert any(verb in args for args in running.values()), f"{verb} does not run:\n{installation.said}"

    second = installation.start(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert "is in use, perhaps by a Parvis already running" in second.communicate(timeout=60)[1]
    assert second.returncode == 1

    began = time.monotonic()
    installation.process.send_signal(signal.SIGINT)
    assert installation.process.wait(15) == 0
    assert time.monotonic() - began < 10
    assert _gone(list(running))
    assert "Traceback" not in installation.said
    assert "started again" not in installation.said


def test_a_reader_that_left_with_ctrl_c_is_no_error(installation):
    # As in `parvis run | tee log`, where Ctrl-C ends tee too.
    installation.wait_for("Parvis is open")
    installation.process.send_signal(signal.SIGSTOP)
    installation.hang_up()
    installation.process.send_signal(signal.SIGINT)
    installation.process.send_signal(signal.SIGCONT)
    assert installation.process.wait(15) == 0


def test_a_crashed_process_is_back_within_seconds_while_the_others_go_on(installation):
    installation.wait_for("Parvis is open")
    before = installation.children()
    mail = next(pid for pid, args in before.items() if "mail_listen" in args)
    os.kill(mail, signal.SIGKILL)
    installation.wait_for(r"parvis \| mail ended by signal SIGKILL; it is started again", 10)
    assert installation.takes_mail(), installation.said
    untouched = {pid for pid in before if "granian" in before[pid]}
    assert untouched <= installation.children().keys()

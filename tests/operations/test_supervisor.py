"""The supervisor, in a process of its own, over small programs that crash, chatter or refuse to stop."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator

import pytest

from parvis.config.supervise import Backoff

STEADY = "import time; print('up', flush=True); time.sleep(60)"
CRASHES = "print('up', flush=True); raise SystemExit(7)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WITH_A_CHILD = (
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print('child', child.pid, flush=True); "
)


class Supervised:
    """A supervisor at work: what it printed so far, and a way to wait for more."""

    def __init__(self, programs: dict[str, str | list[str]], options: str) -> None:
        argvs = {
            name: [sys.executable, "-c", what] if isinstance(what, str) else what for name, what in programs.items()
        }
        script = f"""
            import sys
            from parvis.config.supervise import Backoff, Program, Supervisor
            programs = [Program(name, tuple(argv)) for name, argv in {argvs!r}.items()]
            sys.exit(Supervisor(programs, {options}).run())
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read on until the output matches."""
        assert self.process.stdout is not None
        while not (match := re.search(pattern, self.printed)):
            line = self.process.stdout.readline()
            assert line, f"ended without {pattern!r}:\n{self.printed}"
            self.printed += line
        return match

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send the signal and wait; the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=20)
        self.printed += rest
        return self.process.returncode, time.monotonic() - began


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(programs: dict[str, str | list[str]], options: str = "") -> Supervised:
        started.append(Supervised(programs, options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def _ends_soon(pid: int) -> bool:
    limit = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < limit:
        time.sleep(0.02)
    return not _is_running(pid)


def test_a_crashed_program_is_started_again_with_a_clear_line(supervise):
    run = supervise({"web": CRASHES, "worker": STEADY}, "backoff=Backoff(first=0.05)")
    run.wait_for(r"web    \| up\n(?:.*\n)*parvis \| web ended with exit code 7; it is started again in 0\.05 s\.")
    run.wait_for(r"again in 0\.1 s\.(?:.*\n)*web    \| up")
    assert run.stop()[0] == 0
    assert run.printed.count("worker | up") == 1


def test_a_program_ended_by_a_signal_is_named_with_it(supervise):
    run = supervise({"web": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"}, "backoff=Backoff(first=0.05)")
    run.wait_for(r"web ended by signal SIGKILL; it is started again")


def test_a_program_that_cannot_be_started_does_not_take_the_others_down(supervise):
    run = supervise({"ghost": ["/no/such/program"], "web": STEADY})
    run.wait_for(r"parvis \| ghost cannot be started .*\n(?:.*\n)*web    \| up")
    assert run.stop()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_stop_signal_ends_everything_quietly(supervise, number):
    run = supervise({"web": STEADY, "worker": STEADY})
    run.wait_for(r"(?s)web    \| up.*worker \| up|worker \| up.*web    \| up")
    code, seconds = run.stop(number)
    assert code == 0
    assert seconds < 3
    assert "Traceback" not in run.printed
    assert "again" not in run.printed


def test_a_program_that_refuses_to_stop_is_killed_after_the_grace(supervise):
    run = supervise({"web": STUBBORN}, "grace=0.5")
    run.wait_for("up")
    code, seconds = run.stop()
    assert code == 0
    assert 0.4 < seconds < 3
    assert "web has not stopped in time; it is killed." in run.printed


def test_a_second_ctrl_c_does_not_wait(supervise):
    run = supervise({"web": STUBBORN}, "grace=30")
    run.wait_for("up")
    run.process.send_signal(signal.SIGINT)
    time.sleep(1.2)
    code, seconds = run.stop(signal.SIGINT)
    assert code == 0
    assert seconds < 3


def test_what_a_crashed_program_left_behind_is_ended(supervise):
    run = supervise({"web": WITH_A_CHILD + "sys.exit(1)"}, "backoff=Backoff(first=30)")
    pid = int(run.wait_for(r"child (\d+)")[1])
    run.wait_for("web ended with exit code 1")
    assert _ends_soon(pid)


def test_what_a_stopped_program_left_behind_is_ended(supervise):
    run = supervise({"web": WITH_A_CHILD + "time.sleep(60)"})
    pid = int(run.wait_for(r"child (\d+)")[1])
    assert run.stop()[0] == 0
    assert _ends_soon(pid)


def test_the_last_words_of_a_program_are_not_lost(supervise):
    run = supervise({"web": "import sys; sys.stdout.write('x' * 100_000 + ' the end'); sys.exit(1)"})
    run.wait_for(r"web    \| x{100000} the end\n")


def test_readiness_is_announced_once(supervise):
    run = supervise(
        {"web": STEADY}, "ready=iter([False, True, True]).__next__, on_ready=lambda: print('OPEN', flush=True)"
    )
    run.wait_for("OPEN")
    run.stop()
    assert run.printed.count("OPEN") == 1


def test_children_of_the_command_line_do_not_outlive_a_killed_supervisor(supervise):
    follower = (
        "from parvis.config import cli; import os, time; cli._end_with_supervisor(); "
        "print('pid', os.getpid(), flush=True); time.sleep(60)"
    )
    run = supervise({"web": follower})
    pid = int(run.wait_for(r"pid (\d+)")[1])
    run.process.kill()
    assert _ends_soon(pid)


def test_output_nobody_reads_stops_the_supervisor(supervise):
    run = supervise({"web": "import time\nwhile True: print('tick', flush=True); time.sleep(0.05)"})
    run.wait_for("tick")
    run.process.stdout.close()
    assert run.process.wait(10) in (0, 120)


def test_the_wait_doubles_to_the_cap_and_begins_anew_after_a_steady_run():
    backoff = Backoff(first=1, cap=5, steady=60)
    waits = [0.0]
    for _ in range(4):
        waits.append(backoff.after(waits[-1], ran_for=2))
    assert waits[1:] == [1, 2, 4, 5]
    assert backoff.after(5, ran_for=61) == 1

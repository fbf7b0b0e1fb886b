"""A small supervisor: several programs under one terminal, restarted when they crash, ended together.

One thread, one selector: it waits on the children's output, on signals (through a wake-up socket) and on the
next deadline. Each child leads its own process group, so that the keyboard's Ctrl-C reaches only the supervisor,
which then ends the children, and so that whatever a child leaves behind is ended with it, and nothing else.
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SUPERVISOR_PID = "PARVIS_SUPERVISOR_PID"
"""The variable that tells a child whom it must not outlive; `parvis.config.cli` heeds it."""


@dataclass(frozen=True)
class Program:
    """What to keep running: a short name for the log, the command, and what it adds to the environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backoff:
    """How long to wait before starting a crashed program again, in seconds.

    The wait doubles from `first` to `cap`, and begins anew once a program has run for `steady` seconds.
    """

    first: float = 0.5
    cap: float = 30.0
    steady: float = 60.0

    def after(self, previous: float, ran_for: float) -> float:
        """The next wait, given the `previous` one (0 when there was none) and how long the program ran."""
        if not previous or ran_for >= self.steady:
            return self.first
        return min(previous * 2, self.cap)


class _Child:
    """One program and its process, if it runs. Times are of the monotonic clock."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.output = -1
        self.partial = b""
        self.started = 0.0
        self.wait = 0.0
        self.due: float | None = 0.0

    def spawn(self, now: float) -> None:
        """Start the process; `OSError` when it cannot be."""
        self.started, self.due = now, None
        reader, writer = os.pipe()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the programs are ours, not a user's
                self.program.argv,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    SUPERVISOR_PID: str(os.getpid()),
                    **self.program.env,
                },
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        os.set_blocking(reader, False)
        self.output = reader

    def terminate(self) -> None:
        """Ask the process itself to end; it tells its workers as it sees fit."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether the process is over, without reaping it yet."""
        if self.process is None:
            return False
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill_group(self) -> None:
        """Kill the process and what it started.

        The process is not reaped yet, so its number, and that of its group, cannot have passed to a stranger.
        """
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def reap(self) -> int:
        """Wait for a process that is over or killed; its exit code, or minus the signal that ended it."""
        process, self.process = self.process, None
        os.close(self.output)
        return process.wait() if process is not None else 0


class Supervisor:
    """Keeps `programs` running until it is told to stop.

    Arguments: `out` receives the children's lines, each after its program's name; `grace` is how many seconds
    the children have to stop before they are killed; `ready` is asked five times a second until it says yes,
    then `on_ready` is called once.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        out: TextIO | None = None,
        grace: float = 10.0,
        backoff: Backoff | None = None,
        ready: Callable[[], bool] | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self._children = [_Child(program) for program in programs]
        self._out = out or sys.stdout
        self._grace = grace
        self._backoff = backoff or Backoff()
        self._ready, self._on_ready = ready, on_ready
        self._selector = selectors.DefaultSelector()
        self._margin = max(len(name) for name in ("parvis", *(program.name for program in programs)))
        self._stop_asked: float | None = None
        self._impatient = self._terminated = self._killed = False

    def run(self) -> int:
        """Run until SIGINT, SIGTERM or SIGHUP; returns 0 once every child has ended.

        A signal that comes over a second after the first kills the children at once; closer ones count as the
        same (a shell, or make, may repeat what it was sent). Must be called from the main thread.
        """
        with self._listening():
            try:
                while self._turn():
                    pass
            finally:
                self._leave_nothing()
        return 0

    def _turn(self) -> bool:
        """Do whatever is due, then wait for the next thing; False when all is over."""
        now = time.monotonic()
        for child in self._children:
            if child.has_ended():
                self._collect(child, now)
        if self._stop_asked is not None:
            self._stop(now, self._stop_asked + self._grace)
            if all(child.process is None for child in self._children):
                return False
        else:
            self._start_due(now)
            self._announce()
        for key, _ in self._selector.select(self._patience(now)):
            if isinstance(key.data, _Child):
                self._relay(key.data)
            else:
                key.data()
        return True

    def _start_due(self, now: float) -> None:
        for child in self._children:
            if child.due is not None and child.due <= now:
                try:
                    child.spawn(now)
                except OSError as error:
                    self._schedule(child, now, f"cannot be started ({error})")
                else:
                    self._selector.register(child.output, selectors.EVENT_READ, child)

    def _collect(self, child: _Child, now: float) -> None:
        """See to a child that ended: its last words, what it left behind, and when it is started again."""
        # The group first: with no writer left, what remains to be read has an end.
        child.kill_group()
        while self._relay(child):
            pass
        self._mute(child)
        code = child.reap()
        if child.partial:
            self._line(child, child.partial)
            child.partial = b""
        if self._stop_asked is None:
            how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
            self._schedule(child, now, f"ended {how}")

    def _schedule(self, child: _Child, now: float, why: str) -> None:
        child.wait = self._backoff.after(child.wait, now - child.started)
        child.due = now + child.wait
        self._say(f"{child.program.name} {why}; it is started again in {child.wait:g} s.")

    def _stop(self, now: float, deadline: float) -> None:
        if not self._terminated:
            self._terminated = True
            for child in self._children:
                child.due = None
                child.terminate()
        elif not self._killed and (self._impatient or now >= deadline):
            self._killed = True
            for child in self._children:
                if child.process is not None:
                    self._say(f"{child.program.name} has not stopped in time; it is killed.")
                    child.kill_group()

    def _announce(self) -> None:
        if self._ready is not None and self._ready():
            self._ready = None
            if self._on_ready is not None:
                self._on_ready()

    def _patience(self, now: float) -> float:
        """Seconds to wait for an event at most: until something is due, and never over a second."""
        moments = [now + (0.2 if self._ready is not None else 1.0)]
        moments += [child.due for child in self._children if child.due is not None]
        if self._stop_asked is not None and not self._killed:
            moments.append(self._stop_asked + self._grace)
        return max(0.0, min(moments) - now)

    def _relay(self, child: _Child) -> bool:
        """Pass on the complete lines of one read; False when there is nothing to read now."""
        try:
            chunk = os.read(child.output, 65536)
        except BlockingIOError:
            return False
        if not chunk:
            self._mute(child)
            return False
        *lines, child.partial = (child.partial + chunk).split(b"\n")
        for line in lines:
            self._line(child, line)
        return True

    def _mute(self, child: _Child) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.output)

    def _line(self, child: _Child, line: bytes) -> None:
        self._say(line.decode("utf-8", "replace").rstrip("\r"), name=child.program.name)

    def _say(self, text: str, *, name: str = "parvis") -> None:
        try:
            self._out.write(f"{name:<{self._margin}} | {text}\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            # Nobody reads any more (the terminal is gone, or `| head` is done): stop, as at a hang-up.
            self._ask_stop()

    def _ask_stop(self, *_: object) -> None:
        now = time.monotonic()
        if self._stop_asked is None:
            self._stop_asked = now
        elif now - self._stop_asked > 1.0:
            self._impatient = True

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Handle `STOP_SIGNALS` and SIGCHLD, each of which also wakes the selector."""
        inner, outer = socket.socketpair()
        inner.setblocking(False)
        outer.setblocking(False)
        self._selector.register(inner, selectors.EVENT_READ, lambda: inner.recv(4096))
        wakeup = signal.set_wakeup_fd(outer.fileno(), warn_on_full_buffer=False)
        previous = {number: signal.signal(number, self._ask_stop) for number in STOP_SIGNALS}
        previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)
            self._selector.close()
            inner.close()
            outer.close()

    def _leave_nothing(self) -> None:
        """End every child still there, whatever ended the loop."""
        for child in self._children:
            if child.process is not None:
                child.kill_group()
                child.reap()

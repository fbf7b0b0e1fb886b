"""Parvis as shipped, started for a measurement: its own processes, free ports, memory counted, stopped again."""

import contextlib
import http.client
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 40


@dataclass(frozen=True)
class Served:
    """A running Parvis on loopback."""

    pid: int
    port: int
    smtp_port: int

    def memory(self) -> dict[str, float]:
        """Megabytes of each of its processes, by name; what they share is split among them."""
        found: dict[str, float] = {}
        for pid in (self.pid, *_descendants(self.pid)):
            name = _name(pid)
            found[name if name not in found else f"{name} ({pid})"] = round(_pss(pid) / 1024, 1)
        return found

    def cpu_seconds(self) -> float:
        """Processor time that all of it has used so far: what a busy machine changes least."""
        return sum(_cpu(pid) for pid in (self.pid, *_descendants(self.pid)))


@contextlib.contextmanager
def served(log: Path) -> Iterator[Served]:
    """Run `parvis run` on this process's database until the block ends. Raises RuntimeError with its log."""
    port, smtp_port = _free_port(), _free_port()
    environment = {
        **os.environ,
        "PARVIS_PORT": str(port),
        "PARVIS_SMTP_PORT": str(smtp_port),
        "PARVIS_BASE_URL": f"http://127.0.0.1:{port}",
        "PARVIS_SMTP_ACCEPT_ANY": "1",
    }
    environment.pop("PARVIS_DEBUG", None)
    command = [sys.executable, "-m", "parvis.config.cli", "run", "--no-demo"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, port, smtp_port, log)
        yield Served(process.pid, port, smtp_port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, smtp_port: int, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while not (_answers(port) and _takes_mail(smtp_port)):
        if process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"Parvis did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _takes_mail(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=2) as server:
            return server.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *_descendants(child)]
    return found


def _name(pid: int) -> str:
    """What a process is: the last word of its command that is a name, such as web, worker, mail_listen."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        if "granian" in words:
            return "web"
        return next((w for w in reversed(words) if w.isidentifier()), "") or f"process {pid}"
    return f"process {pid}"


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError):
        # After the name in brackets, which may hold blanks, come state (3rd) … utime (14th) and stime (15th).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _pss(pid: int) -> int:
    """Kilobytes; resident size where the kernel does not tell the proportional one."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return 0

"""A PostgreSQL server of one's own, for as long as a test run or a benchmark lasts.

    scripts/temp_postgres.py run [--durable] -- pytest parvis/ledger

runs the command with PARVIS_DATABASE_URL pointing to an empty database, on a free port of the loopback address,
and removes the server and its files afterwards, also after Ctrl-C. In Python: `with temp_postgres() as url: …`.

The server runs as the account `postgres` when started by root, since PostgreSQL refuses root. It needs Debian's
`postgresql` package, or any PostgreSQL whose programs are on the PATH.
"""

import argparse
import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
START_SECONDS = 60
# Nothing here needs to survive a power cut: a test run is two to three times faster without waiting for the disk.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
COMMON = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "jit": "off",
}


class PostgresMissing(RuntimeError):
    """No PostgreSQL server programs on this machine; the message says what to install."""


def programs_folder() -> Path:
    """The folder of `initdb` and `postgres`, the newest of Debian's versions first; raises `PostgresMissing`."""
    versions = sorted(
        DEBIAN_PROGRAMS.glob("*/bin/initdb"),
        key=lambda path: [int(number) for number in re.findall(r"\d+", path.parts[-3])],
    )
    if versions:
        return versions[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise PostgresMissing("PostgreSQL's server is not installed: apt-get install postgresql")


@contextlib.contextmanager
def temp_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server and yield the URL of an empty database; stop and remove it at the end.

    `durable` keeps PostgreSQL's own safety settings, for measurements that must be comparable with real ones.
    Raises `PostgresMissing` without the programs, `RuntimeError` with the server's log if it does not start.
    """
    programs = programs_folder()
    folder = Path(tempfile.mkdtemp(prefix="parvis-postgres-"))
    try:
        account = _account()
        if account:
            shutil.chown(folder, account, account)
        password = secrets.token_urlsafe(16)
        _initialise(programs, folder, password, account)
        with _server(programs, folder, durable=durable, account=account) as port:
            url = f"postgres://parvis:{password}@127.0.0.1:{port}"
            _run([str(programs / "psql"), f"{url}/postgres", "-c", "CREATE DATABASE parvis"], None)
            yield f"{url}/parvis"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str | None:
    """The account to run as: None for our own, `postgres` for root."""
    return "postgres" if os.geteuid() == 0 else None


def _initialise(programs: Path, folder: Path, password: str, account: str | None) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account:
        shutil.chown(secret, account, account)
    options = ["--username=parvis", f"--pwfile={secret}", "--auth=scram-sha-256"]
    options += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _run([str(programs / "initdb"), str(folder / "data"), *options], account)
    secret.unlink()


@contextlib.contextmanager
def _server(programs: Path, folder: Path, *, durable: bool, account: str | None) -> Iterator[int]:
    port = _free_port()
    settings = COMMON | ({} if durable else CARELESS) | {"port": str(port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            # Out of the terminal's reach: the tests end first, then the server.
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **_as(account),
        )
    try:
        _wait_until_ready(programs, server, port, log)
        yield port
    finally:
        # SIGINT is PostgreSQL's "fast shutdown": it does not wait for connections left open.
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(programs: Path, server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    question = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    limit = time.monotonic() + START_SECONDS
    while subprocess.run(question, check=False).returncode:
        if server.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"The temporary PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def _run(argv: list[str], account: str | None) -> None:
    done = subprocess.run(
        argv, cwd="/", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **_as(account)
    )
    if done.returncode:
        raise RuntimeError(f"{Path(argv[0]).name} failed:\n{done.stdout}")


def _as(account: str | None) -> dict[str, Any]:
    return {"user": account, "group": account, "extra_groups": []} if account else {}


def _end_with_parent() -> None:
    """Ask Linux to stop the server should we be killed; runs in the child, after it changed accounts."""
    if sys.platform.startswith("linux"):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT, 0, 0, 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> int:
    """The command line; the exit code is the command's."""
    parser = argparse.ArgumentParser(description="Run a command beside a temporary PostgreSQL.")
    parser.add_argument("verb", choices=["run"])
    parser.add_argument("--durable", action="store_true", help="keep fsync on, for benchmarks")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- command and its arguments")
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("name the command to run after --")
    # A polite end, so that the server is removed when this script is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Started in the background of a script, this would be ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with temp_postgres(durable=options.durable) as url:
            return _beside(command, url)
    except (PostgresMissing, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _beside(command: list[str], url: str) -> int:
    """Run the command to its end with the URL in its environment; told to stop, tell it, and wait for it."""
    child = subprocess.Popen(command, env={**os.environ, "PARVIS_DATABASE_URL": url, "PARVIS_TEST_DB": "postgres"})
    try:
        return child.wait()
    except BaseException:
        # The terminal's Ctrl-C has reached it already; any other end has not.
        child.terminate()
        child.wait()
        raise


if __name__ == "__main__":
    sys.exit(main())

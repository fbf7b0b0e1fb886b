"""Measure a whole installation from outside: how soon it opens, how fast pages and mail go, what memory it takes.

    scripts/bench.py [--database sqlite|postgres] [--seconds 5] [--mails 1000] [--no-demo]

Each database gets `parvis run` with its demo business in a new folder, on free ports of the loopback address;
PostgreSQL is a temporary one with its normal durability. Clients share the machine's processors with the server, so
the figures are lower bounds. Results are printed and written to bench-<database>.json.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import signal
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts.temp_postgres import temp_postgres  # noqa: E402 - a script finds its neighbours only now

CLIENTS = 8
START_SECONDS = 180
READ_SECONDS = 120
# How a process of the installation is known by its command line; granian's workers are Python's "spawn" children.
PROCESSES = {
    "granian": "web",
    "multiprocessing": "web",
    "cli mail_listen": "mail",
    "cli worker": "worker",
    "cli run": "supervisor",
}
PAGES = ("/healthz", "/accounts/login/", "/", "/inbox/")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def running(no_demo: bool) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """`parvis run`, and after how many seconds it said that it is open; stopped at the end."""
    command = [sys.executable, "-m", "parvis.config.cli", "run", *(["--no-demo"] if no_demo else [])]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # Should it never open, the wait for its next line must end nevertheless.
    alarm = threading.Timer(START_SECONDS, process.kill)
    alarm.start()
    said: list[str] = []
    try:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        for line in process.stdout:
            said.append(line)
            if "Parvis is open" in line:
                break
        else:
            raise RuntimeError("Parvis did not open:\n" + "".join(said))
        opened = time.monotonic() - began
        alarm.cancel()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield process, opened
    finally:
        alarm.cancel()
        process.send_signal(signal.SIGINT)
        process.wait(30)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one database, which the environment names."""
    import django

    django.setup()
    figures: dict[str, Any] = {}
    with running(options.no_demo) as (_, opened):
        figures["first start, s"] = round(opened, 1)
    with running(options.no_demo) as (process, opened):
        figures["next start, s"] = round(opened, 1)
        cookie = session_cookie()
        for path in PAGES:
            if found := pages(path, cookie, options.seconds):
                figures[f"GET {path}"] = found
        figures["mail"] = mails(options.mails)
        figures["memory, MB"] = memory(process.pid)
    return figures


def session_cookie() -> str:
    """The cookie of a signed-in member; empty where there is no member."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    member = get_user_model().objects.filter(is_active=True).order_by("pk").first()
    if member is None:
        return ""
    store = SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def pages(path: str, cookie: str, seconds: float) -> dict[str, float] | None:
    """Requests a second and milliseconds each, by `CLIENTS` clients that keep asking; None when it is no page."""
    headers = {"Cookie": cookie} if cookie else {}

    def ask(connection: http.client.HTTPConnection) -> int:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def client(_: int) -> list[float]:
        connection = _connection()
        times = []
        end = time.monotonic() + seconds
        while (began := time.monotonic()) < end:
            if ask(connection) != http.client.OK:
                raise RuntimeError(f"{path} does not answer 200 under load")
            times.append(time.monotonic() - began)
        return times

    if ask(_connection()) != http.client.OK:
        return None
    times = sorted(time for times in _in_parallel(client) for time in times)
    return {
        "per second": round(len(times) / seconds),
        "median ms": round(statistics.median(times) * 1000, 1),
        "95 % under ms": round(times[int(len(times) * 0.95)] * 1000, 1),
    }


def mails(count: int) -> dict[str, Any]:
    """Mails accepted a second (stored, that is), and read a second by the worker from the first on."""
    from django.apps import apps

    stored = apps.get_model("channels", "RawMail").objects
    before = stored.count()
    each = max(1, count // CLIENTS)

    def client(number: int) -> int:
        with smtplib.SMTP("127.0.0.1", int(os.environ["PARVIS_SMTP_PORT"]), timeout=30) as server:
            for serial in range(each):
                server.send_message(_mail(number, serial))
        return each

    began = time.monotonic()
    sent = sum(_in_parallel(client))
    accepted = time.monotonic() - began
    waiting = stored.filter(state="stored")
    while (left := waiting.count()) and time.monotonic() - began < READ_SECONDS:
        time.sleep(0.2)
    return {
        "sent": sent,
        "stored": stored.count() - before,
        "accepted per second": round(sent / accepted),
        "read per second": round((sent - left) / (time.monotonic() - began)),
        "not read": left,
    }


def memory(pid: int) -> dict[str, int]:
    """Resident megabytes of the installation's processes, by what they run."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True).stdout
    rows = [(int(a), int(b), int(rss), " ".join(args)) for a, b, rss, *args in map(str.split, listed.splitlines())]
    family = {pid}
    for _ in range(4):
        family |= {one for one, parent, _, _ in rows if parent in family}
    found: dict[str, int] = {}
    for one, _, kilobytes, args in rows:
        if one in family:
            label = next((label for part, label in PROCESSES.items() if part in args), "other")
            found[label] = found.get(label, 0) + kilobytes // 1024
    return found


def _connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", int(os.environ["PARVIS_PORT"]), timeout=30)


def _in_parallel(client: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def _mail(client: int, serial: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Ana Bench <client{client}@example.org>"
    mail["To"] = "desk@example.net"
    mail["Subject"] = f"Bench {client}-{serial}"
    mail["Message-ID"] = f"<bench-{os.getpid()}-{client}-{serial}@example.org>"
    mail.set_content(f"Hello, number {serial} of client {client} asks when the bicycle is ready.\n" * 5)
    return mail


def bench(database: str, options: argparse.Namespace) -> None:
    """Measure one database in a process of its own, since Django's settings are read once."""
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-"))
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "parvis.config.settings",
            "PARVIS_HOME": home,
            "PARVIS_PORT": str(free_port()),
            "PARVIS_SMTP_PORT": str(free_port()),
        }
        environment.pop("PARVIS_DATABASE_URL", None)
        if database == "postgres":
            environment["PARVIS_DATABASE_URL"] = stack.enter_context(temp_postgres(durable=True))
        subprocess.run([sys.executable, __file__, "--inside", database, *sys.argv[1:]], env=environment, check=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure a whole installation from outside.")
    parser.add_argument("--database", choices=["sqlite", "postgres"], help="this one alone")
    parser.add_argument("--seconds", type=float, default=5, help="how long each page is asked for")
    parser.add_argument("--mails", type=int, default=1000, help="how many mails are sent")
    parser.add_argument("--no-demo", action="store_true", help="measure an empty house")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        for database in [options.database] if options.database else ["sqlite", "postgres"]:
            bench(database, options)
        return 0
    figures = {"machine": f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}"}
    figures |= measure(options)
    text = json.dumps(figures, indent=2)
    Path(f"bench-{options.inside}.json").write_text(text + "\n")
    print(f"{options.inside}: {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What is measured, on a running Parvis with a loaded database: pages, openings, mail, memory."""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, connections
from django.urls import reverse

from parvis.channels.models import RawMail
from parvis.channels.services import Delivery, mails_store
from parvis.config.bench import words
from parvis.config.bench.bare import Repeater, taken_down
from parvis.config.bench.client import Outcome, Plan, ask
from parvis.config.bench.serve import Served
from parvis.customers.models import Customer
from parvis.desk.services import Contact, contact_receive, mails_take_in
from parvis.encounters.models import Encounter
from parvis.ledger.services import Actor
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.models import Member
from parvis.staff.services import token_create
from parvis.staff.sessions import SessionStore

SAMPLE = 200
TAKING_IN_SECONDS = 300


@dataclass
class Line:
    """One line of the table. Milliseconds, and events per second."""

    name: str
    workers: int
    count: int
    p50: float
    p95: float
    rate: float
    errors: int = 0
    error: str = ""
    target: str = ""
    passed: bool | None = None
    bare: float | None = None
    cpu: float = 0.0  # milliseconds of processor time that Parvis used for each

    @property
    def share(self) -> float | None:
        """The rate as a share of what the database alone does."""
        return self.rate / self.bare if self.bare else None

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self) | {"share": self.share}


@dataclass(frozen=True)
class Page:
    """A page to ask for: its name, the paths drawn in turn, and the target in milliseconds."""

    name: str
    paths: list[str]
    target: int
    fragment: bool = False


def cookie_of_somebody() -> str:
    """A session of a manager who sees every site, made as signing in makes it."""
    member = Member.objects.filter(all_sites=True, role__in=[Role.ADMINISTRATOR, Role.MANAGER]).order_by("pk").first()
    if member is None:
        raise RuntimeError("Nobody in this database sees every site: load it with `parvis bench_load`.")
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "parvis.staff.sessions.Backend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def pages() -> list[Page]:
    """The pages measured, with rows drawn from all over the database."""
    draw = random.Random(5)  # noqa: S311 - a sample
    last, last_customer = Encounter.objects.latest("pk").pk, Customer.objects.latest("pk").pk
    encounters = Encounter.objects.in_bulk([draw.randint(1, last) for _n in range(SAMPLE)]).values()
    customers = Customer.objects.in_bulk([draw.randint(1, last_customer) for _n in range(SAMPLE)]).values()
    search = reverse("search")
    opened = [reverse("encounter", args=[e.reference]) for e in encounters]
    return [
        Page("inbox, first page: all", [reverse("inbox", args=["all"])], 15),
        Page("inbox, first page: unassigned", [reverse("inbox", args=["unassigned"])], 15),
        Page("inbox, first page: promises at risk", [reverse("inbox", args=["at_risk"])], 15),
        Page("encounter, opened from the list", opened, 15, fragment=True),
        Page("encounter, whole page with its list", opened, 15),
        Page("customer", [reverse("customer", args=[c.reference]) for c in customers], 15),
        Page("customers, first page", [reverse("customers")], 15),
        Page("search, a rare word", [f"{search}?q={words.RARE}"], 20),
        Page("search, a word in 2 % of messages", [f"{search}?q={words.FREQUENT}"], 20),
        Page("search, a word said in replies only", [f"{search}?q={words.REPLIED}"], 20),
        Page("today", [reverse("today")], 15),
    ]


def pages_measured(server: Served, *, seconds: float) -> Iterator[Line]:
    """Each page with one visitor, then with eight."""
    headers = {"Cookie": cookie_of_somebody(), "Accept-Language": "fr"}
    for page in pages():
        extra = {"HX-Request": "true"} if page.fragment else {}
        requests = [{"path": path, "headers": headers | extra} for path in page.paths]
        ask(Plan("http", server.port, requests, workers=2, seconds=2, most=20))  # caches and connections are warm
        for workers in (1, 8):
            used = server.cpu_seconds()
            outcome = ask(Plan("http", server.port, requests, workers=workers, seconds=seconds, most=200 * workers))
            line = line_of(page.name, workers, outcome, server.cpu_seconds() - used)
            if workers == 1:
                line.target = f"≤ {page.target} ms, p95 ≤ {3 * page.target}"
                line.passed = bool(outcome.times) and line.p50 <= page.target and line.p95 <= 3 * page.target
            yield line


def openings_measured(server: Served, *, seconds: float) -> Line:
    """Encounters opened by the API, beside the same rows written by bare SQL."""
    house = Viewer.house()
    administrator = Member.objects.filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk", flat=True)[0]
    scopes = ["encounters:write"]
    __, secret = token_create(viewer=house, member_id=administrator, name="bench", scopes=scopes)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    texts = words.Texts(random.Random(3))  # noqa: S311 - test data
    mark = time.time_ns()
    requests = [
        {
            "method": "POST",
            "path": "/api/v1/encounters",
            "headers": headers,
            "body": json.dumps(
                {
                    "customer": {"name": f"Nouvelle Cliente {n}", "email": f"c{n}.{mark}@bench.example"},
                    "subject": f"Bench {n}",
                    "text": texts.passage(30).text,
                }
            ),
        }
        for n in range(20_000)
    ]
    used = server.cpu_seconds()
    outcome = ask(Plan("http", server.port, requests, workers=8, seconds=seconds, most=20_000, expect=201))
    line = line_of("open an encounter (API)", 8, outcome, server.cpu_seconds() - used)
    line.target, line.passed = "≥ 500/s", line.rate >= 500
    line.bare = bare_rate(_contact_written, seconds=min(seconds, 5), workers=1 if is_sqlite() else 8)
    return line


def _contact_written() -> None:
    contact = Contact(
        channel="api", subject="Bench", text=words.Texts(random.Random(4)).passage(30).text,  # noqa: S311
        name="Nouvelle Cliente", email=f"bare.{time.time_ns()}@bench.example",
    )  # fmt: skip
    contact_receive(actor=Actor.system(), contact=contact)


def mail_measured(server: Served, *, count: int) -> Iterator[Line]:
    """Mail handed over by SMTP until stored, and taken in by the worker until it has its place."""
    texts = words.Texts(random.Random(9))  # noqa: S311 - test data
    mark = time.time_ns()
    box = "bonjour@atelier-canal.example"
    requests = [
        {"sender": f"m{n}.{mark}@bench.example", "to": box, "body": _mail(n, mark, box, texts)} for n in range(count)
    ]
    before = RawMail.objects.filter(state="stored").count()
    began = time.perf_counter()
    outcome = ask(Plan("smtp", server.smtp_port, requests, workers=8, seconds=120, most=count))
    stored = line_of("mail accepted (SMTP)", 8, outcome, 0)
    stored.target, stored.passed = "≥ 300/s", stored.rate >= 300
    _wait_until_taken_in(before)
    took = time.perf_counter() - began
    arrived = len(outcome.times)
    taken = Line("mail taken in by the worker", 1, arrived, 0, 0, arrived / took)
    raws = iter(_mail(n, time.time_ns(), box, texts).encode() for n in range(10))
    deliveries = [Delivery(next(raws), "smtp", f"bare{n}.{mark}@bench.example", [box]) for n in range(2)]
    newest = RawMail.objects.order_by("-pk").values_list("pk", flat=True)[0]
    stored.bare = bare_rate(lambda: mails_store(deliveries=deliveries[:1]), seconds=3, workers=1, together=8)
    _forget_stored_after(newest)
    mails_store(deliveries=deliveries[1:])
    taken.bare = bare_rate(lambda: mails_take_in(limit=2), seconds=3, workers=1)
    _forget_stored_after(newest)
    yield stored
    yield taken


def _forget_stored_after(newest: int) -> None:
    """Drop the copies of one mail that bare SQL wrote: the worker would be busy with them for minutes."""
    copies = RawMail.objects.filter(state="stored", pk__gt=newest)
    while keys := list(copies.values_list("pk", flat=True)[:500]):
        RawMail.objects.filter(pk__in=keys).delete()


def _wait_until_taken_in(before: int) -> None:
    limit = time.monotonic() + TAKING_IN_SECONDS
    while RawMail.objects.filter(state="stored").count() > before:
        if time.monotonic() > limit:
            raise RuntimeError("The worker has not taken in the mail in time.")
        time.sleep(0.1)


def _mail(number: int, mark: int, to: str, texts: words.Texts) -> str:
    return (
        f"From: Client {number} <m{number}.{mark}@bench.example>\r\nTo: <{to}>\r\nSubject: Question {number}\r\n"
        f"Message-ID: <{number}.{mark}@bench.example>\r\nDate: Mon, 16 Nov 2026 10:00:00 +0100\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{texts.passage(40).text}\r\n"
    )


def bare_rate(write: Callable[[], object], *, seconds: float, workers: int, together: int = 1) -> float:
    """How often the database alone writes what `write` writes. Mail (`together` > 1) is stored to be on the disk."""
    with taken_down() as statements:
        write()
    connections.close_all()
    return Repeater(statements).run(seconds=seconds, workers=workers, together=together, durable=together > 1)


def line_of(name: str, workers: int, outcome: Outcome, cpu_seconds: float) -> Line:
    """What came of a plan, as a line of the table."""
    return Line(
        name, workers, len(outcome.times), outcome.quantile(0.5), outcome.quantile(0.95), outcome.rate,
        len(outcome.errors), outcome.errors[0] if outcome.errors else "",
        cpu=cpu_seconds * 1000 / max(len(outcome.times), 1),
    )  # fmt: skip


def is_sqlite() -> bool:
    """Whether the bench runs on SQLite."""
    return connection.vendor == "sqlite"

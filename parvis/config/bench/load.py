"""`parvis bench_load`: a large house in minutes. Rows are written directly, as the services would have left them."""

import datetime as dt
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Max

from parvis.catalog.models import Business, Need, Site, Touchpoint
from parvis.channels.models import MailCounter, OutMail, RawBody, RawMail
from parvis.config.bench import words
from parvis.config.bench.lives import Life, Said, customers_of, lives
from parvis.config.bench.sink import Row, Table, finish, hurry, index_texts, instant
from parvis.config.demo.house import DOMAIN, house_build
from parvis.config.demo.people import newcomer
from parvis.customers.models import SEARCH as CUSTOMERS
from parvis.customers.models import Affiliation, ContactPoint, Customer, CustomerSite, Organisation
from parvis.desk.models import SEARCH as DESK
from parvis.desk.models import FollowUp, Message
from parvis.encounters.models import Encounter
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import match_key
from parvis.kernel.errors import Conflict
from parvis.kernel.text import fold
from parvis.ledger.models import Entry
from parvis.ledger.services import subscriptions_skip
from parvis.promises.models import Promise
from parvis.staff.models import Member

CUSTOMERS_SHARE = 0.3
MEMBERS = 30
ORGANISATIONS = 400
BATCH = 5_000
WRITTEN = ("email", "form", "api")


def bench_load(
    *, encounters: int, seed: int = 11, yes: bool = False, say: Callable[[str], object] = lambda text: None
) -> Counter[str]:
    """Fill an empty database with `encounters` encounters and all that hangs on them; returns the rows per kind.

    Raises Conflict for a database that holds anything, unless `yes` and it holds no business at all or a demo.
    """
    _require_room(yes)
    began = time.monotonic()
    loader = Loader(encounters, seed)
    with hurry([DESK, CUSTOMERS]):
        with transaction.atomic():
            loader.house()
            loader.people()
        say(f"{loader.tally['customers']:,} customers, {time.monotonic() - began:.0f} s")
        shown = 0
        for done in loader.batches():
            if done * 10 // encounters > shown:
                shown = done * 10 // encounters
                rate = done / (time.monotonic() - began)
                say(f"{done:,} encounters, {loader.tally['messages']:,} messages, {rate:,.0f} encounters/s")
        say("Indexes and statistics…")
    finish(loader.models)
    # Nothing of this is news: reactions to a million entries would keep the worker busy for an hour.
    subscriptions_skip()
    say(f"Loaded in {time.monotonic() - began:.0f} s.")
    return loader.tally


def _require_room(yes: bool) -> None:
    house = Business.objects.first()
    if house is None and not Member.objects.exists() and not Encounter.objects.exists():
        return
    if not yes:
        name = house.name if house else "no name"
        raise Conflict(f"This database is not empty ({name}); --yes replaces a demo in it.", code="not_empty")
    if house is None or not house.is_demo:
        raise Conflict("This database belongs to a real business: nothing is loaded into it.", code="real_business")
    from parvis.config.demo.wipe import database_wipe

    database_wipe()


class Loader:
    """Writes one house. Ids are counted here, so that rows can refer to each other before they are written."""

    models = (
        Customer, ContactPoint, CustomerSite, Organisation, Affiliation, Encounter, Message, Promise, FollowUp, Entry,
        RawMail, OutMail, Member,
    )  # fmt: skip

    def __init__(self, encounters: int, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - test data
        self.now = utcnow().timestamp()
        self.count = encounters
        self.texts = words.Texts(self.draw)
        self.tally: Counter[str] = Counter()
        self.owners = customers_of(self.draw, encounters, max(int(encounters * CUSTOMERS_SHARE), 1))
        self._planted = self._plan()
        self._ids: Counter[str] = Counter()

    def _plan(self) -> dict[tuple[str, int], str]:
        """Which message, counted among those said by each side, carries which planted word."""
        plan: dict[tuple[str, int], str] = {}
        for number in self.draw.sample(range(self.count), min(words.RARE_COUNT, self.count)):
            plan["in", number] = words.RARE
        for number in self.draw.sample(range(self.count), min(words.REPLIED_COUNT, self.count)):
            plan["out", number] = words.REPLIED
        return plan

    # The house and its people -----------------------------------------------------------------------------------------

    def house(self) -> None:
        """Sites, staff and tree of the demo, with more colleagues."""
        house_build(utcnow())
        Business.objects.update(name="Atelier du Canal, grand format")
        password = Member.objects.values_list("password", flat=True).first() or ""
        taken = Member.objects.count()
        for number in range(taken, MEMBERS):
            person = newcomer(self.draw, "fr", number)
            Member.objects.create(
                email=f"member{number}@{DOMAIN}", name=person.name, password=password, all_sites=True, language="fr"
            )
        self.members = list(Member.objects.order_by("pk").values_list("pk", flat=True))
        self.sites = list(Site.objects.order_by("pk").values_list("pk", flat=True))
        self.needs = list(Need.objects.order_by("pk").values_list("pk", flat=True))
        boxes = Touchpoint.objects.filter(channel="email").order_by("pk")
        self.boxes = {t.site_id: (t.pk, t.address) for t in reversed(boxes)}
        self._ids["entry"] = Entry.objects.aggregate(last=Max("pk"))["last"] or 0

    def people(self) -> None:
        """Customers with addresses, the sites that know them, and organisations for one in twelve."""
        count = max(self.owners) + 1
        seen: dict[int, list[float]] = {}
        self.lives = list(lives(self.draw, self.owners, self.now))
        for life in self.lives:
            entry = seen.setdefault(life.customer, [0, 0, life.opened, life.opened])
            entry[0] += 1
            entry[1] += life.status != "closed"
            entry[3] = max(entry[3], life.said[-1].at)
        self.people_rows = [newcomer(self.draw, "fr" if self.draw.random() < 0.8 else "en", n) for n in range(count)]
        self.mails = [
            f"{p.mail.partition('@')[0]}.{n}@{p.mail.partition('@')[2]}" for n, p in enumerate(self.people_rows)
        ]
        self.home = [self.sites[self.draw.random() < 0.15] for _n in range(count)]
        Table(Customer, ["id", "name", "sort_key", "language", "encounter_count", "open_count", "first_seen_at",
                         "last_seen_at"]).put(
            (n + 1, p.name, match_key(p.name), p.language, int(s[0]), int(s[1]), instant(s[2]), instant(s[3]))
            for n, p in enumerate(self.people_rows) if (s := seen[n])
        )  # fmt: skip
        Table(ContactPoint, ["id", "customer_id", "kind", "value", "key"]).put(self._points())
        Table(CustomerSite, ["id", "customer_id", "site_id"]).put((n + 1, n + 1, self.home[n]) for n in range(count))
        companies = min(ORGANISATIONS, count)
        Table(Organisation, ["id", "name", "domain"]).put(
            (n + 1, f"{self.people_rows[n].name.split()[-1]} & Cie {n}", f"entreprise{n}.example")
            for n in range(companies)
        )
        Table(Organisation.sites.through, ["id", "organisation_id", "site_id"]).put(
            (n + 1, n + 1, self.sites[0]) for n in range(companies)
        )
        Table(Affiliation, ["id", "customer_id", "organisation_id"]).put(
            (n + 1, n + 1, n % companies + 1) for n in range(0, count, 12)
        )
        index_texts(CUSTOMERS, ((n + 1, self._found_by(n)) for n in range(count)))
        self.tally["customers"] = count

    def _points(self) -> Iterator[Row]:
        number = 0
        for n, person in enumerate(self.people_rows):
            number += 1
            yield (number, n + 1, "email", self.mails[n], self.mails[n])
            if person.phone:
                number += 1
                yield (number, n + 1, "phone", person.phone, f"+336{n:08}")

    def _found_by(self, n: int) -> str:
        return " ".join(words_of(f"{self.people_rows[n].name} {self.mails[n]} 336{n:08}"))

    # Encounters and what hangs on them --------------------------------------------------------------------------------

    def batches(self) -> Iterator[int]:
        """Write the encounters batch by batch, each in one transaction; yields how many are done."""
        self.tables = _tables()
        for start in range(0, self.count, BATCH):
            rows: dict[str, list[Row]] = {name: [] for name in (*self.tables, "texts")}
            for life in self.lives[start : start + BATCH]:
                self._write(life, rows)
            with transaction.atomic():
                for name, table in self.tables.items():
                    table.put(rows[name])
                    self.tally[name] += len(rows[name])
                index_texts(DESK, rows["texts"])  # type: ignore[arg-type]
            yield min(start + BATCH, self.count)
        received = self.tally["raw_mails"]
        MailCounter.objects.update_or_create(source="smtp", defaults={"received": received})

    def _id(self, name: str) -> int:
        self._ids[name] += 1
        return self._ids[name]

    def _write(self, life: Life, rows: dict[str, list[Row]]) -> None:
        draw, pk, customer = self.draw, life.number + 1, life.customer + 1
        site = self.home[life.customer]
        running = life.status != "closed"
        talk = [s for s in life.said if s.purpose == "talk" and s.direction != "note"]
        answered = any(s.direction == "out" for s in talk)
        owner = self.members[pk % len(self.members)] if answered or draw.random() < 0.3 else None
        subject = self.texts.passage(draw.randrange(3, 7)).text[:-1]
        last_line = ""
        for said in life.said:
            message, last_line = self._say(life, said, subject, owner, site, rows)
            event = {"in": "message.received", "out": "message.sent", "note": "message.noted"}[said.direction]
            self._enter(rows, said.at, event, life, site, f'{{"message": {message}, "channel": "{life.channel}"}}')
        due = self._promise(life, site, owner, answered, rows)
        spoke = max(s.at for s in talk if s.direction == "in")
        reached = {"welcome": _iso(life.opened), life.stage: _iso(life.said[-1].at)}
        rows["encounters"].append((
            pk, customer, site, self.boxes[site][0] if life.channel == "email" else None, life.channel,
            draw.choice(self.needs) if answered else None, owner, life.stage, json.dumps(reached), life.status,
            2 if draw.random() < 0.9 else 1, subject[:200], last_line, instant(life.opened), instant(life.said[-1].at),
            instant(spoke), instant(spoke) if life.status == "waiting" else None,
            None if running else instant(life.closed), int(life.reopened), running and talk[-1].direction == "in",
            *(due or (None, "")),
        ))  # fmt: skip
        self._enter(rows, life.opened, "encounter.opened", life, site, f'{{"channel": "{life.channel}"}}')
        if not running:
            self._enter(rows, life.closed, "encounter.closed", life, site, "{}")
            self._follow_up(life, rows)

    def _say(
        self, life: Life, said: Said, subject: str, owner: int | None, site: int, rows: dict[str, list[Row]]
    ) -> tuple[int, str]:
        pk, mail, out_mail = self._id("message"), None, None
        house_text = said.purpose != "talk"
        passage = self.texts.passage(25 if house_text else self.draw.randrange(12, 60), self._plant(life, said))
        address = self.mails[life.customer]
        if said.direction == "in" and life.channel == "email":
            mail = self._raw_mail(said, subject, passage.text, address, site, rows)
        elif said.direction == "out" and life.channel in WRITTEN and said.purpose != "open_door":
            out_mail = self._out_mail(said, subject, passage.text, address, site, rows)
        rows["messages"].append((
            pk, life.number + 1, said.direction, said.purpose, life.channel,
            life.customer + 1 if said.direction == "in" else None,
            owner if said.direction != "in" and not house_text else None,
            instant(said.at), subject if said.direction == "in" else "", passage.text,
            address if said.direction == "in" else "", f'{{"to": ["{address}"]}}' if out_mail else "{}",
            mail, out_mail, "new" if mail else "", instant(said.at),
        ))  # fmt: skip
        if not house_text:
            rows["texts"].append((pk, passage.folded))
        return pk, " ".join(passage.text.split())[:140]

    def _plant(self, life: Life, said: Said) -> str:
        if said.purpose != "talk" or said.direction == "note":
            return ""
        planted = self._planted.pop((said.direction, life.number), "")
        # Notes and house texts carry no planted word, so the others carry a little more than their share.
        return planted or (words.FREQUENT if self.draw.random() < words.FREQUENT_SHARE * 1.7 else "")

    def _raw_mail(
        self, said: Said, subject: str, text: str, address: str, site: int, rows: dict[str, list[Row]]
    ) -> int:
        pk = self._id("raw_mail")
        box, to = self.boxes[site]
        head = f"From: <{address}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <in{pk}@mail.example>\r\n\r\n"
        body = f"{head}{text}\r\n".encode()
        rows["raw_mails"].append((
            pk, f"{pk:064x}", len(body), "smtp", instant(said.at), address, f'["{to}"]', box, site, "attached",
            "new", 1, f"in{pk}@mail.example", address, subject[:300],
        ))  # fmt: skip
        rows["raw_bodies"].append((pk, body))
        return pk

    def _out_mail(
        self, said: Said, subject: str, text: str, address: str, site: int, rows: dict[str, list[Row]]
    ) -> int:
        pk = self._id("out_mail")
        at = instant(said.at)
        rows["out_mails"].append((
            pk, f"bench:{pk}", site, f'["{address}"]', self.boxes[site][1], f"Re: {subject}"[:300], text,
            f"out{pk}@{DOMAIN}", said.purpose != "talk", "sent", at, 1, at, at, at,
        ))  # fmt: skip
        return pk

    def _promise(
        self, life: Life, site: int, owner: int | None, answered: bool, rows: dict[str, list[Row]]
    ) -> tuple[Any, str] | None:
        """The promises of an encounter; returns due time and kind of the nearest open one."""
        kinds = ["first_answer"] + (["resolution"] if life.number % 5 < 2 else [])
        nearest: tuple[float, str] | None = None
        for kind in kinds:
            span = 7200 if kind == "first_answer" else 3 * 86_400
            done = answered if kind == "first_answer" else life.status == "closed"
            settled = life.said[min(2, len(life.said) - 1)].at if kind == "first_answer" else life.closed
            # Those still open came due within the last day or will within the next three.
            due = life.opened + span if done else self.now + self.draw.uniform(-0.4, 3) * 86_400
            state = ("broken" if life.late else "kept") if done else "broken" if due < self.now else "open"
            paused = state == "open" and life.status == "waiting"
            pk = self._id("promise")
            rows["promises"].append((
                pk, life.number + 1, life.customer + 1, site, kind, instant(life.opened), span, instant(due),
                instant(due - span / 4), state, "[]", paused,
                instant(due - span / 4) if done or due - span / 4 < self.now else None,
                instant(due) if state == "broken" else None, instant(settled) if done else None, instant(life.opened),
            ))  # fmt: skip
            told = f'{{"promise": {pk}, "kind": "{kind}"}}'
            self._enter(rows, life.opened, "promise.made", life, site, told)
            if done:
                name = "promise.kept" if state == "kept" else "promise.settled_late"
                self._enter(rows, settled, name, life, site, told)
            elif not paused and (nearest is None or due < nearest[0]):
                nearest = (due, kind)
        return (instant(nearest[0]), nearest[1]) if nearest else None

    def _follow_up(self, life: Life, rows: dict[str, list[Row]]) -> None:
        asked = next((s.at for s in life.said if s.purpose == "follow_up"), None)
        answered = asked + 7200 if asked and life.content is not None else None
        rows["follow_ups"].append((
            self._id("follow_up"), life.number + 1, instant(life.closed + 86_400),
            instant(asked or life.closed + 86_400), instant(answered) if answered else None, life.content,
        ))  # fmt: skip

    def _enter(self, rows: dict[str, list[Row]], at: float, name: str, life: Life, site: int, data: str) -> None:
        by_customer = name in ("message.received", "encounter.opened")
        kind, actor = ("customer", life.customer + 1) if by_customer else ("system", None)
        pk = self._id("entry")
        rows["entries"].append((pk, instant(at), name, kind, actor, site, life.customer + 1, life.number + 1, data))


def _tables() -> dict[str, Table]:
    return {
        "encounters": Table(Encounter, [
            "id", "customer_id", "site_id", "touchpoint_id", "channel", "need_id", "owner_id", "stage",
            "stages_reached", "status", "priority", "subject", "last_line", "opened_at", "last_activity_at",
            "last_customer_at", "waiting_since", "closed_at", "reopened_count", "unanswered", "due_at", "due_kind",
        ]),
        "raw_mails": Table(RawMail, [
            "id", "sha256", "size", "source", "received_at", "envelope_from", "envelope_to", "touchpoint_id", "site_id",
            "state", "reason", "attempts", "message_id", "sender", "subject",
        ]),
        "raw_bodies": Table(RawBody, ["mail_id", "content"]),
        "out_mails": Table(OutMail, [
            "id", "key", "site_id", "to", "sender", "subject", "text", "message_id", "automatic", "state", "not_before",
            "attempts", "next_attempt_at", "sent_at", "created_at",
        ]),
        "messages": Table(Message, [
            "id", "encounter_id", "direction", "purpose", "channel", "customer_id", "author_id", "at", "subject",
            "text", "sender_address", "recipients", "mail_id", "out_mail_id", "threaded_by", "created_at",
        ]),
        "promises": Table(Promise, [
            "id", "encounter_id", "customer_id", "site_id", "kind", "made_at", "business_seconds", "due_at", "warn_at",
            "state", "pauses", "paused", "warned_at", "broken_at", "settled_at", "created_at",
        ]),
        "follow_ups": Table(FollowUp, ["id", "encounter_id", "ask_at", "asked_at", "answered_at", "all_done"]),
        "entries": Table(Entry, [
            "id", "at", "name", "actor_kind", "actor_id", "site_id", "customer_id", "encounter_id", "data",
        ]),
    }  # fmt: skip


def words_of(text: str) -> list[str]:
    """The folded words of a short text."""
    return [w for w in "".join(c if c.isalnum() else " " for c in fold(text)).split() if w]


def _iso(seconds: float) -> str:
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC).isoformat()

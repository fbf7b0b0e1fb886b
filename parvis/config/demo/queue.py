"""The demo's waiting room: two lines, three counters, a kiosk and a display; three months of tickets; people waiting.

The past is worked out by a small simulation and written as rows, in bulk and without ledger entries: by the services,
some two thousand tickets would take longer than all the rest of the demo. Whoever waits now has come by the services.
"""

import datetime as dt
import math
import random
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from parvis.catalog.selectors import calendar_between
from parvis.config.demo.house import House
from parvis.config.demo.queue_told import tell_and_score
from parvis.customers.models import Customer
from parvis.kernel.business_hours import open_between
from parvis.kernel.clock import clock_at, zone
from parvis.queueing.domain.placing import place
from parvis.queueing.models import Counter, Line, LineDay, Precedence, Sitting, Source, Ticket, Turn
from parvis.queueing.selectors import terms_of
from parvis.queueing.services import (
    Caller,
    Taking,
    call_next,
    counter_save,
    line_save,
    screen_save,
    sign_on,
    ticket_take,
    turn_hold,
    turn_start,
)
from parvis.staff.domain.viewer import Viewer

# People an hour, from opening to closing, and how each day of the week differs (Monday first).
_PACE = {"R": 3.4, "C": 2.6}
_DAYS = (0.0, 1.1, 0.8, 0.9, 1.0, 1.5, 0.0)
_HOURS = {9: 1.5, 10: 1.2, 11: 1.0, 12: 1.1, 14: 0.8, 15: 0.8, 16: 1.0, 17: 1.4, 18: 1.3}
_MINUTES = {"R": 12.0, "C": 6.5}
_SOURCES = ((Source.KIOSK, 62), (Source.REMOTE, 17), (Source.AGENT, 12), (Source.PHONE, 9))
_NEEDS = {
    "R": ("puncture", "brakes", "repair-status", "service", "electric"),
    "C": ("advice", "order", "rent-book", "invoice"),
}
_SEATS = ("tom", "ines", "malik")
_TOLD_DAYS = 14
# How long ago whoever waits now has come, in minutes: their line, and what is known of them.
_NOW: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (31, "R", {"party": 1}),
    (24, "C", {"known": 0, "note": "Vient chercher une commande"}),
    (19, "R", {"precedence": Precedence.ASSISTED, "party": 2}),
    (16, "R", {"known": 1}),
    (12, "C", {"source": Source.PHONE, "name": "Mme Aubert", "phone": "+33 1 99 00 61 18"}),
    (7, "R", {"language": "en", "name": "Priya"}),
    (2, "C", {}),
)


@dataclass
class _Person:
    """Somebody of the past: when they came, and what became of it."""

    line: Line
    joined: dt.datetime
    precedence: str
    rank: dt.datetime
    patience: dt.timedelta
    state: str = ""
    counter: Counter | None = None
    called: dt.datetime | None = None
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    calls: int = 0


@dataclass
class Queue:
    """What happens in the waiting room. `at` has a deed done at an instant, if that lies in the past."""

    house: House
    draw: random.Random
    tally: Tally[str]
    at: Callable[[dt.datetime, Callable[[], None]], None]
    lines: dict[str, Line] = field(default_factory=dict)
    counters: list[Counter] = field(default_factory=list)
    known: list[tuple[int, str]] = field(default_factory=list)

    def plan(self, start: dt.datetime, now: dt.datetime, share: float = 1.0) -> None:
        """Set the room up, and have three months of tickets written and some people come now. `share`: of the usual."""
        with clock_at(start):
            self._set_up()
        self.at(now - dt.timedelta(minutes=50), lambda: self._past(start, now - dt.timedelta(minutes=50), share))
        self._seat(now)
        for minutes, code, more in _NOW:
            self.at(now - dt.timedelta(minutes=minutes), partial(self._come, code, more))

    def _set_up(self) -> None:
        house, site = Viewer.house(), self.house.sites["canal"].pk
        of = lambda *slugs: [self.house.needs[s].pk for s in slugs if s in self.house.needs]  # noqa: E731
        self.lines = {
            "R": line_save(
                viewer=house, site_id=site, code="R", name={"fr": "Atelier", "en": "Repairs"}, typical_minutes=14,
                need_ids=of("repair"),
            ),
            "C": line_save(
                viewer=house, site_id=site, code="C", name={"fr": "Comptoir", "en": "Counter"}, typical_minutes=8,
                position=1, need_ids=of("buy", "rent", "invoice", "fleet", "other"),
            ),
        }  # fmt: skip
        both, workshop = [line.pk for line in self.lines.values()], [self.lines["R"].pk]
        names = (
            ("Comptoir 1", "Counter 1", both),
            ("Comptoir 2", "Counter 2", both),
            ("Atelier", "Workshop", workshop),
        )
        self.counters = [
            counter_save(viewer=house, site_id=site, name={"fr": fr, "en": en}, position=n, line_ids=taken)
            for n, (fr, en, taken) in enumerate(names)
        ]
        screen_save(viewer=house, site_id=site, kind="kiosk", name="Entrée")
        screen_save(viewer=house, site_id=site, kind="display", name="Salle d’attente")

    # Now -------------------------------------------------------------------------------------------------------------

    def _seat(self, now: dt.datetime) -> None:
        """Tom sits at the second counter; he serves the first who came, and has set the next aside."""
        tom, second = self.house.viewer("tom"), self.counters[1].pk

        def sit() -> None:
            sign_on(viewer=tom, counter_id=second, until=now + dt.timedelta(hours=3))

        def serve() -> None:
            first = call_next(viewer=tom)
            if first is not None:
                turn_start(viewer=tom, turn_id=first.pk)

        def aside() -> None:
            first = call_next(viewer=tom)
            if first is not None:
                turn_hold(viewer=tom, turn_id=first.pk)

        ago = lambda minutes: now - dt.timedelta(minutes=minutes)  # noqa: E731
        self.at(ago(45), sit)
        self.at(ago(27), aside)
        self.at(ago(5), serve)

    def _come(self, code: str, given: dict[str, Any]) -> None:
        more = dict(given)
        number = more.pop("known", None)
        customer_id, language = self.known[number] if number is not None and self.known[number:] else (None, "fr")
        taking = {"source": Source.AGENT, "language": language or "fr", "customer_id": customer_id, **more}
        ticket_take(
            caller=Caller.staff(self.house.viewer("ines")), taking=Taking(line_id=self.lines[code].pk, **taking)
        )
        self.tally["tickets"] += 1

    # The past --------------------------------------------------------------------------------------------------------

    def _past(self, start: dt.datetime, until: dt.datetime, share: float) -> None:
        """All opening times one after the other, then all rows at once, then what the engine would have said."""
        site = self.house.sites["canal"]
        people = (
            Customer.objects.filter(merged_into=None, erased_at=None)
            .exclude(name="")
            .order_by("-encounter_count", "pk")
        )
        self.known = list(people.values_list("pk", "language")[:80])
        calendar = calendar_between(site, start.date(), until.date())
        came: list[_Person] = []
        sittings: list[Sitting] = []
        for opens, closes in open_between(calendar, start, until):
            arrivals = self._arrivals(opens, closes, share)
            busy = opens.weekday() == 5 or self.draw.random() < 0.2
            open_now = self.counters if busy else self.counters[: 1 + (self.draw.random() < 0.6)]
            self._serve(arrivals, open_now, opens)
            came += [p for p in arrivals if p.ended is not None and p.ended < until]
            last = max((p.ended for p in arrivals if p.ended), default=closes)
            sittings += self._sat(open_now, opens, min(max(last, closes), until))
        self._write(came)
        Sitting.objects.bulk_create(sittings, batch_size=500)
        self.tally["told"] += tell_and_score(site, until, days=max(1, round(_TOLD_DAYS * share)))

    def _arrivals(self, opens: dt.datetime, closes: dt.datetime, share: float) -> list[_Person]:
        place_of = zone(self.house.sites["canal"].timezone)
        found = []
        for code, line in self.lines.items():
            at = opens
            while True:
                local = at.astimezone(place_of)
                pace = _PACE[code] * share * _DAYS[local.weekday()] * _HOURS.get(local.hour, 0.7)
                at += dt.timedelta(hours=self.draw.expovariate(max(pace, 0.2)))
                if at >= closes - dt.timedelta(minutes=8):
                    break
                found.append(self._person(line, at))
        return sorted(found, key=lambda p: p.joined)

    def _person(self, line: Line, joined: dt.datetime) -> _Person:
        chance = self.draw.random()
        precedence = (
            Precedence.ASSISTED if chance < 0.035 else Precedence.URGENT if chance < 0.045 else Precedence.USUAL
        )
        rank = place(terms_of(line), joined_at=joined, precedence=precedence).rank_at
        patience = dt.timedelta(minutes=6 + self.draw.expovariate(1 / 75))
        return _Person(line, joined, precedence, rank, patience)

    def _serve(self, people: list[_Person], counters: list[Counter], opens: dt.datetime) -> None:
        """Whoever is free takes the first by rank of those who are there and whose line it serves."""
        workshop = self.counters[2].pk
        free = {c.pk: opens for c in counters}
        to_come = list(people)
        waiting: list[_Person] = []
        while to_come or waiting:
            counter = min(counters, key=lambda c: (free[c.pk], c.position))
            now = free[counter.pk]
            while to_come and to_come[0].joined <= now:
                waiting.append(to_come.pop(0))
            mine = [p for p in waiting if counter.pk != workshop or p.line.code == "R"]
            if not mine:
                later = [p.joined for p in to_come if counter.pk != workshop or p.line.code == "R"]
                if not later:
                    free[counter.pk] = dt.datetime.max.replace(tzinfo=dt.UTC)
                    if all(moment.year == dt.MAXYEAR for moment in free.values()):
                        break
                    continue
                free[counter.pk] = later[0]
                continue
            person = min(mine, key=lambda p: p.rank)
            waiting.remove(person)
            free[counter.pk] = self._called(person, counter, now)

    def _called(self, person: _Person, counter: Counter, now: dt.datetime) -> dt.datetime:
        """What becomes of one whose turn it is; returns when the counter is free again."""
        if now - person.joined > person.patience:
            person.state, person.ended = "left", person.joined + person.patience
            return now
        person.counter, person.called = counter, now + dt.timedelta(seconds=self.draw.randint(5, 40))
        if self.draw.random() < 0.03:
            person.state, person.calls = "no_show", 3
            person.ended = person.called + dt.timedelta(seconds=190)
            return person.ended
        person.state, person.calls = "done", 1 + (self.draw.random() < 0.12)
        person.started = person.called + dt.timedelta(seconds=self.draw.randint(8, 55))
        minutes = self.draw.lognormvariate(math.log(_MINUTES[person.line.code]), 0.55)
        person.ended = person.started + dt.timedelta(minutes=min(max(minutes, 0.8), 55))
        return person.ended + dt.timedelta(seconds=self.draw.randint(5, 60))

    def _sat(self, counters: list[Counter], opens: dt.datetime, ends: dt.datetime) -> list[Sitting]:
        members = [self.house.members[key] for key in _SEATS]
        return [
            Sitting(counter=c, member=m, since=opens - dt.timedelta(minutes=4), until=ends)
            for c, m in zip(counters, members, strict=False)
            if ends > opens
        ]

    def _write(self, came: list[_Person]) -> None:
        """Tickets, numbered by line and day, and their turns."""
        site = self.house.sites["canal"]
        place_of = zone(site.timezone)
        last: dict[tuple[int, dt.date], int] = {}
        tickets = []
        for person in sorted(came, key=lambda p: p.joined):
            day = person.joined.astimezone(place_of).date()
            number = last[person.line.pk, day] = last.get((person.line.pk, day), 0) + 1
            tickets.append((person, self._ticket(person, day, f"{person.line.code}{number:03d}")))
        Ticket.objects.bulk_create([ticket for __, ticket in tickets], batch_size=500)
        Turn.objects.bulk_create([self._turn(person, ticket) for person, ticket in tickets], batch_size=500)
        LineDay.objects.bulk_create(LineDay(line_id=pk, day=day, last_number=n) for (pk, day), n in last.items())
        self.tally["tickets"] += len(tickets)

    def _ticket(self, person: _Person, day: dt.date, code: str) -> Ticket:
        draw = self.draw
        [source] = draw.choices([s for s, __ in _SOURCES], [weight for __, weight in _SOURCES])
        known = draw.random() < 0.3 and bool(self.known)
        customer_id, language = draw.choice(self.known) if known else (None, "fr" if draw.random() < 0.8 else "en")
        slug = draw.choice(_NEEDS[person.line.code])
        return Ticket(
            site=self.house.sites["canal"],
            day=day,
            code=code,
            source=source,
            party=draw.choices((1, 2, 3, 4), (78, 15, 5, 2))[0],
            precedence=person.precedence,
            language=language or "fr",
            customer_id=customer_id,
            need=self.house.needs.get(slug) if draw.random() < 0.8 else None,
            taken_at=person.joined,
            all_done=draw.random() < 0.94 if person.state == "done" and draw.random() < 0.2 else None,
        )

    def _turn(self, person: _Person, ticket: Ticket) -> Turn:
        seat = self.counters.index(person.counter) if person.counter is not None else None
        return Turn(
            ticket=ticket,
            line=person.line,
            state=person.state,
            joined_at=person.joined,
            rank_at=person.rank,
            rule="arrival",
            counter=person.counter,
            server=self.house.members[_SEATS[seat]] if seat is not None else None,
            called_at=person.called,
            recalled_at=person.called,
            calls=person.calls,
            started_at=person.started,
            ended_at=person.ended,
            ended_by="staff" if person.state == "done" else "customer",
        )

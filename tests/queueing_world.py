"""A site with lines and counters, set up through services, and the people who stand there."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parvis.kernel.clock import utcnow
from parvis.queueing.models import Counter, Line, Source, Ticket, Told, Turn
from parvis.queueing.services import Caller, Taking, call_next, counter_save, line_save, sign_on, ticket_take
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.services import member_create
from tests.world import World


@dataclass
class Hall:
    """The waiting room of `world.canal`: a line of repairs (R) and one of sales (S); counters take from both."""

    world: World
    repairs: Line
    sales: Line
    counters: list[Counter]
    agents: list[Viewer] = field(default_factory=list)

    @classmethod
    def open(cls, world: World, *, counters: int = 2, **line: Any) -> "Hall":
        """Set it up; `line` holds fields of the line of repairs."""
        house = Viewer.house()
        site = world.canal.pk
        repairs = line_save(
            viewer=house, site_id=site, code="R", name={"en": "Repairs", "fr": "Réparations"},
            need_ids=[world.repair.pk], **line,
        )  # fmt: skip
        sales = line_save(viewer=house, site_id=site, code="S", name={"en": "Sales", "fr": "Ventes"}, position=1)
        made = [
            counter_save(
                viewer=house, site_id=site, name={"en": f"Counter {n}", "fr": f"Guichet {n}"}, position=n,
                line_ids=[repairs.pk, sales.pk],
            )
            for n in range(1, counters + 1)
        ]  # fmt: skip
        return cls(world, repairs, sales, made)

    def seat(self, count: int = 1, now: dt.datetime | None = None) -> list[Viewer]:
        """Let so many members sit down, one at each counter; returns their viewers."""
        for n in range(len(self.agents), count):
            member = member_create(
                viewer=Viewer.house(), email=f"seat{n}@parvis.example", name=f"Seat {n}", role=Role.AGENT
            )
            viewer = Viewer(member.pk, Role.AGENT, frozenset({self.world.canal.pk}), name=member.name)
            sign_on(viewer=viewer, counter_id=self.counters[n].pk, now=now)
            self.agents.append(viewer)
        return self.agents[:count]

    def take(self, line: Line | None = None, *, now: dt.datetime | None = None, **fields: Any) -> Turn:
        """Somebody takes a ticket (of the line of repairs, at the counter, unless said otherwise)."""
        given = {"line_id": (line or self.repairs).pk, "source": Source.AGENT, **fields}
        return ticket_take(caller=Caller.staff(self.world.viewer("agent")), taking=Taking(**given), now=now)

    def called(self, viewer: Viewer, *, now: dt.datetime | None = None, current: Turn | None = None) -> str | None:
        """The code that is called next, or None."""
        turn = call_next(viewer=viewer, current_id=current.pk if current else None, now=now)
        return turn.ticket.code if turn else None


def month_behind(hall: Hall, people: int = 400) -> None:
    """A month of people in the line of repairs, as rows; what they were told was honest."""
    rng = np.random.default_rng(11)
    now, line = utcnow(), hall.repairs
    at = [now - dt.timedelta(days=1 + n % 25, minutes=int(rng.integers(0, 300))) for n in range(people)]
    tickets = Ticket.objects.bulk_create(
        Ticket(site_id=line.site_id, day=t.date(), code=f"R{n:03d}", source="kiosk", language="fr", taken_at=t)
        for n, t in enumerate(at)
    )
    waits = rng.exponential(10, people)
    turns = Turn.objects.bulk_create(
        Turn(
            ticket=ticket, line=line, state="done", joined_at=t, rank_at=t, rule="arrival",
            called_at=t + dt.timedelta(minutes=float(w)), started_at=t + dt.timedelta(minutes=float(w)),
            ended_at=t + dt.timedelta(minutes=float(w) + 6), calls=1,
        )
        for ticket, t, w in zip(tickets, at, waits, strict=True)
    )  # fmt: skip
    quantiles = {str(q): float(-np.log(1 - q) * 600) for q in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)}
    Told.objects.bulk_create(
        Told(
            turn=turn, at=turn.joined_at, ahead=n % 5, quantiles=quantiles, is_first=True, waited=float(w) * 60,
            inputs={"position": 5.0, "les": 4.0, "hol": 3.0, "rolling": 6.0}, censored=n % 20 == 0,
        )
        for n, (turn, w) in enumerate(zip(turns, waits, strict=True))
    )  # fmt: skip


def minutes(count: float) -> dt.timedelta:
    """So many minutes."""
    return dt.timedelta(minutes=count)


def ten() -> dt.datetime:
    """A Tuesday at 10:00 in Paris, when `canal` is open."""
    return dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)

"""A site with lines and counters, set up through services, and the people who stand there."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from parvis.queueing.models import Counter, Line, Source, Turn
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


def minutes(count: float) -> dt.timedelta:
    """So many minutes."""
    return dt.timedelta(minutes=count)


def ten() -> dt.datetime:
    """A Tuesday at 10:00 in Paris, when `canal` is open."""
    return dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)

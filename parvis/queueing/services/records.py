"""Ledger entries about turns and counters, and what the services share."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.queueing.domain.turns import Event, after
from parvis.queueing.models import Counter, Turn
from parvis.queueing.selectors import no_ticket
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows


@dataclass(frozen=True)
class Caller:
    """Who asks. Without a viewer it is the public: the kiosk, or whoever holds the ticket's token."""

    actor: Actor
    viewer: Viewer | None = None

    @classmethod
    def staff(cls, viewer: Viewer) -> "Caller":
        """A member of staff, or a token that acts for one."""
        return cls(actor_of(viewer), viewer)

    @classmethod
    def public(cls, customer_id: int | None = None) -> "Caller":
        """The person in the line."""
        return cls(Actor("customer", customer_id))

    @property
    def side(self) -> str:
        """Whose doing it is."""
        return "staff" if self.viewer is not None else "customer" if self.actor.kind == "customer" else "house"


HOUSE = Caller(Actor.system())


def record(caller: Caller, name: str, turn: Turn, *, at: dt.datetime | None = None, **data: Any) -> None:
    """One entry about a turn; values that are None are left out."""
    ticket = turn.ticket
    about = {
        "turn": turn.pk,
        "ticket": ticket.pk,
        "line": turn.line_id,
        "code": ticket.code,
        "counter": turn.counter_id,
    }
    fact = Fact(
        name,
        encounter_id=ticket.encounter_id,
        customer_id=ticket.customer_id,
        site_id=ticket.site_id,
        data={k: v for k, v in {**about, **data}.items() if v is not None},
    )
    entries_record(actor=caller.actor, facts=[fact], at=at)


def record_counter(viewer: Viewer, name: str, counter: Counter, *, at: dt.datetime | None = None, **data: Any) -> None:
    """One entry about a counter."""
    facts = [Fact(name, site_id=counter.site_id, data={"counter": counter.pk, **data})]
    entries_record(actor=actor_of(viewer), facts=facts, at=at)


def turn_lock(caller: Caller, turn_id: int) -> Turn:
    """The turn, locked until the transaction ends. Raises NotFound alike for none and for one out of sight."""
    found = lock_rows(Turn.objects.select_related("ticket", "line"), [turn_id])
    if not found or (caller.viewer is not None and not caller.viewer.sees_site(found[0].ticket.site_id)):
        raise no_ticket()
    return found[0]


def turn_step(
    caller: Caller, turn: Turn, event: Event, name: str, *, now: dt.datetime | None, data: Any = None, **changes: Any
) -> Turn:
    """Take a locked turn on by one event, with other changes of its fields, and write it down."""
    now = now or utcnow()
    was = turn.state
    turn.state = after(turn.state, event)
    for field, value in changes.items():
        setattr(turn, field, value)
    turn.save(update_fields=["state", *changes])
    record(caller, name, turn, at=now, was=was, **(data or {}))
    return turn


def counter_busy(code: str) -> Conflict:
    """What is said when somebody is at the counter already."""
    return Conflict(
        _("%(code)s is at your counter.") % {"code": code}, code="counter_busy", hint=_("Finish with them first.")
    )

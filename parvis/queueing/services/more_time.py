"""“Give me more time”: others go first for a few minutes, and the place is kept. Friendly but firm: as often as the
line says, and then they stand in it again by themselves.
"""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict
from parvis.queueing import events
from parvis.queueing.domain.turns import Event
from parvis.queueing.models import Turn
from parvis.queueing.selectors import ahead_of
from parvis.queueing.services.nearing import NEAR_AHEAD
from parvis.queueing.services.records import HOUSE, Caller, turn_lock, turn_step
from parvis.queueing.services.serving import turn_resume
from parvis.toolkit.db import unit


def may_ask(turn: Turn, ahead: int | None) -> bool:
    """Whether somebody may ask for more time: called, or nearly so, and not yet as often as their line allows."""
    near = turn.state == "called" or (turn.state == "waiting" and ahead is not None and ahead <= NEAR_AHEAD)
    return near and turn.more_times < turn.line.more_times


def turn_more_time(*, caller: Caller, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Let others go first for the line's minutes; the counter that called is free. Raises Conflict (codes "not_near",
    "no_more_time"), and for who neither waits nor was called.
    """
    now = now or utcnow()
    with unit():
        turn = turn_lock(caller, turn_id)
        if turn.state in ("waiting", "called"):
            _check(turn)
        minutes = turn.line.more_minutes
        until = now + dt.timedelta(minutes=minutes)
        return turn_step(
            caller,
            turn,
            Event.MORE_TIME,
            events.MORE_TIME,
            now=now,
            data={"minutes": minutes, "until": until.isoformat()},
            more_times=turn.more_times + 1,
            held_until=until,
            was_held=True,
            counter_id=None,
            server_id=None,
            called_at=None,
            recalled_at=None,
            calls=0,
            asked_at=None,
        )


def _check(turn: Turn) -> None:
    if turn.more_times >= turn.line.more_times:
        raise Conflict(
            _("You have had all the time that this line can give."),
            code="no_more_time",
            hint=_("Come when you are called; or leave, and take another ticket when it suits you."),
        )
    if not may_ask(turn, ahead_of(turn)):
        raise Conflict(
            _("It is not nearly your turn yet."), code="not_near", hint=_("You need not do anything for the moment.")
        )


def held_watch(*, now: dt.datetime | None = None) -> int:
    """Put those whose time is over back into their line, at their old place; returns how many."""
    now = now or utcnow()
    due = Turn.objects.filter(state="held", ended_at=None, held_until__lte=now).values_list("pk", flat=True)
    return sum(_back(pk, now) for pk in list(due))


def _back(turn_id: int, now: dt.datetime) -> bool:
    with unit():
        # Whoever said that they are ready, or was called, in the meantime is left alone.
        turn = turn_lock(HOUSE, turn_id)
        if turn.state != "held" or turn.held_until is None or turn.held_until > now:
            return False
        turn_resume(caller=HOUSE, turn_id=turn_id, same_counter=turn.reserved_id, now=now)
    return True

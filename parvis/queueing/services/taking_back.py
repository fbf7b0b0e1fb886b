"""A slip of the hand at the counter is taken back, and the waiting room hears nothing of it."""

import datetime as dt

from parvis.kernel.clock import utcnow
from parvis.queueing import events
from parvis.queueing.domain.turns import Event
from parvis.queueing.models import Call, Turn
from parvis.queueing.selectors import at_counter
from parvis.queueing.services.calling import turn_call, working
from parvis.queueing.services.records import Caller, counter_busy, turn_lock, turn_step
from parvis.queueing.services.serving import turn_resume
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import unit

# Later they have gone, and are called like anybody else.
A_MOMENT = dt.timedelta(minutes=10)


def turn_take_back(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Given up or set aside by mistake: they stand again as they stood at this counter, without another call.

    Who was called to another counter, or given up long ago, is called; who was set aside while they waited waits again.
    Raises Conflict, NotFound as `turn_call`.
    """
    now = now or utcnow()
    caller = Caller.staff(viewer)
    with unit():
        sitting = working(viewer)
        turn = turn_lock(caller, turn_id)
        if turn.state == "held" and not turn.calls:
            return turn_resume(caller=caller, turn_id=turn_id, now=now)
        last = Call.objects.filter(turn_id=turn_id).order_by("-pk").first()
        long_ago = turn.ended_at is not None and now - turn.ended_at > A_MOMENT
        if last is None or last.counter_id != sitting.counter_id or long_ago:
            return turn_call(viewer=viewer, turn_id=turn_id, now=now)
        if (current := at_counter(sitting.counter_id)) is not None:
            raise counter_busy(current.ticket.code)
        event = Event.GO_ON if turn.state == "held" and turn.started_at is not None else Event.TAKE_BACK
        changes = {"counter_id": sitting.counter_id, "server_id": viewer.member_id, "ended_at": None, "ended_by": ""}
        return turn_step(caller, turn, event, events.TAKEN_BACK, now=now, **changes)

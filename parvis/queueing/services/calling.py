"""The next, please: who is called, by which rule, and that nobody is called by two."""

import datetime as dt

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotAllowed
from parvis.queueing import events
from parvis.queueing.domain.turns import Event
from parvis.queueing.models import Call, Counter, Sitting, Turn
from parvis.queueing.selectors import at_counter, in_order, lines_of_counter, may_call
from parvis.queueing.services.records import Caller, counter_busy, turn_lock, turn_step
from parvis.queueing.services.sitting import mine_locked, no_sitting
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import is_postgres, unit


def call_next(*, viewer: Viewer, current_id: int | None = None, now: dt.datetime | None = None) -> Turn | None:
    """Call whoever is next in the lines of the viewer's counter; None when nobody waits.

    `current_id` is the turn the caller believes to be at the counter: it is finished first. Pressed twice, the second
    press finds somebody else there and is refused. Raises Conflict (codes "not_sitting", "on_break", "counter_busy").
    """
    now = now or utcnow()
    with unit():
        sitting = working(viewer)
        _make_room(viewer, sitting.counter, current_id, now)
        turn = _claim(lines_of_counter(sitting.counter_id), sitting)
        return None if turn is None else _called(viewer, turn, sitting, now)


def turn_call(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Call one person out of turn: waiting, set aside, or given up before. Raises Conflict, NotFound."""
    now = now or utcnow()
    with unit():
        sitting = working(viewer)
        _make_room(viewer, sitting.counter, None, now)
        turn = turn_lock(Caller.staff(viewer), turn_id)
        if turn.ticket.site_id != sitting.counter.site_id:
            raise Conflict(_("This ticket belongs to another site."), code="other_site")
        return _called(viewer, turn, sitting, now, chosen=True)


def turn_recall(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Call somebody once more. Raises Conflict (code "calls_spent") when the line's rule says it was enough."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        if turn.calls >= turn.line.calls and turn.state == "called":
            raise Conflict(
                _("%(code)s has been called %(count)s times.") % {"code": turn.ticket.code, "count": turn.calls},
                code="calls_spent",
                hint=_("Give them up; they can come back to their place."),
            )
        turn = turn_step(
            Caller.staff(viewer),
            turn,
            Event.RECALL,
            events.RECALLED,
            now=now,
            data={"call": turn.calls + 1},
            calls=turn.calls + 1,
            recalled_at=now,
        )
        _announce(turn, turn.counter_id or 0, now)
    return turn


def turn_let_go(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Called by mistake: back to the old place, as if nothing had been."""
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        changes = {"counter_id": None, "server_id": None, "called_at": None, "recalled_at": None, "calls": 0}
        return turn_step(Caller.staff(viewer), turn, Event.LET_GO, events.LET_GO, now=now, **changes)


def working(viewer: Viewer) -> Sitting:
    """Where the viewer sits and works, locked until the transaction ends. Raises Conflict, NotAllowed."""
    # Locked: of two presses at the same moment the second finds whom the first has called.
    sitting = mine_locked(viewer)
    if sitting is None:
        raise no_sitting()
    if sitting.paused_at is not None:
        raise Conflict(_("You are on a break."), code="on_break", hint=_("End your break first."))
    if not viewer.sees_site(sitting.counter.site_id):
        raise NotAllowed(_("This counter is at a site that is not yours."))
    return sitting


def _make_room(viewer: Viewer, counter: Counter, current_id: int | None, now: dt.datetime) -> None:
    from parvis.queueing.services.serving import turn_finish

    current = at_counter(counter.pk)
    if current is None:
        return
    if current.pk != current_id:
        raise counter_busy(current.ticket.code)
    turn_finish(viewer=viewer, turn_id=current.pk, now=now)


def _claim(line_ids: list[int], sitting: Sitting) -> Turn | None:
    """Take the first of the lines, so that nobody else can: by a conditional update on both databases."""
    while True:
        first = _first(may_call(Turn.objects.filter(line_id__in=line_ids, state="waiting"), sitting.counter_id))
        if first is None:
            return None
        if Turn.objects.filter(pk=first, state="waiting").update(state="called", counter_id=sitting.counter_id):
            turn = Turn.objects.select_related("ticket", "line").get(pk=first)
            turn.state = "waiting"  # for the step that follows
            return turn


def _first(turns: QuerySet[Turn]) -> int | None:
    ordered = in_order(turns).values_list("pk", flat=True)
    if is_postgres():
        # Somebody another counter is just taking is passed over, not waited for.
        ordered = ordered.select_for_update(skip_locked=True)
    return next(iter(ordered[:1]), None)


def _called(viewer: Viewer, turn: Turn, sitting: Sitting, now: dt.datetime, *, chosen: bool = False) -> Turn:
    try:
        turn = turn_step(
            Caller.staff(viewer),
            turn,
            Event.CALL,
            events.CALLED,
            now=now,
            data={"waited": round((now - turn.joined_at).total_seconds()), "chosen": chosen or None},
            counter_id=sitting.counter_id,
            server_id=viewer.member_id,
            called_at=turn.called_at or now,
            recalled_at=now,
            held_until=None,
            ended_at=None,
            ended_by="",
            calls=turn.calls + 1,
        )
    except IntegrityError as error:
        raise counter_busy(turn.ticket.code) from error
    _announce(turn, sitting.counter_id, now)
    return turn


def _announce(turn: Turn, counter_id: int, now: dt.datetime) -> None:
    ticket = turn.ticket
    Call.objects.create(turn=turn, site_id=ticket.site_id, counter_id=counter_id, code=ticket.code, at=now)

"""From the call to the end: somebody came, did not come, went, was set aside, or was sent on."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from parvis.customers.selectors import customer_visible
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.queueing import events
from parvis.queueing.domain.placing import Place, Rule, place_again
from parvis.queueing.domain.turns import Event
from parvis.queueing.models import Precedence, Ticket, Turn
from parvis.queueing.selectors import line_visible, terms_of, ticket_of_token, turn_of_ticket
from parvis.queueing.services.records import Caller, record, turn_lock, turn_step
from parvis.queueing.services.taking import party_checked, turn_begin
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import lock_rows, unit


def turn_start(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """They are here: service begins."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        return turn_step(Caller.staff(viewer), turn, Event.START, events.STARTED, now=now, started_at=now)


def turn_finish(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Served. Who was never marked as started has been served since the latest call."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        began = turn.started_at or turn.recalled_at or now
        return turn_step(
            Caller.staff(viewer),
            turn,
            Event.FINISH,
            events.FINISHED,
            now=now,
            data={"served": round((now - began).total_seconds())},
            started_at=began,
            ended_at=now,
            ended_by="staff",
        )


def turn_reopen(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Finished by mistake: they are still at the counter. Raises Conflict when somebody else is there by now."""
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        try:
            with transaction.atomic():
                return turn_step(
                    Caller.staff(viewer), turn, Event.REOPEN, events.REOPENED, now=now, ended_at=None, ended_by=""
                )
        except IntegrityError as error:
            raise Conflict(_("This ticket or this counter is taken by now."), code="taken") from error


def turn_miss(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Nobody came to the call. Raises Conflict (code "too_soon") before the line's time to come has run out."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        left = turn.line.grace_seconds - (now - turn.recalled_at).total_seconds() if turn.recalled_at else 0
        if turn.state == "called" and left > 0:
            raise Conflict(
                _("They still have %(count)s seconds to come.") % {"count": round(left)},
                code="too_soon",
                hint=_("The line's rule says how long to wait."),
            )
        return turn_step(
            Caller.staff(viewer), turn, Event.MISS, events.MISSED, now=now, ended_at=now, ended_by="customer"
        )


def turn_come_back(*, caller: Caller, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """They are back: to their old place within the line's time, else as if they had just come."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(caller, turn_id)
        placed = place_again(terms_of(turn.line), rank_at=turn.rank_at, missed_at=turn.ended_at or now, back_at=now)
        changes = {"counter_id": None, "server_id": None, "called_at": None, "recalled_at": None, "calls": 0}
        try:
            with transaction.atomic():
                return turn_step(
                    caller,
                    turn,
                    Event.COME_BACK,
                    events.RETURNED,
                    now=now,
                    data={"rule": placed.rule.value},
                    rank_at=placed.rank_at,
                    rule=placed.rule.value,
                    ended_at=None,
                    ended_by="",
                    asked_at=None,
                    was_held=True,
                    **changes,
                )
        except IntegrityError as error:
            raise Conflict(_("This ticket waits in another line."), code="taken") from error


def turn_hold(*, viewer: Viewer, turn_id: int, now: dt.datetime | None = None) -> Turn:
    """Set somebody aside (a form to fill in, a paper to fetch); they keep their place."""
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        changes = {"counter_id": None, "was_held": True, "held_until": None}
        return turn_step(Caller.staff(viewer), turn, Event.HOLD, events.HELD, now=now, **changes)


def turn_resume(
    *, caller: Caller, turn_id: int, same_counter: int | None = None, now: dt.datetime | None = None
) -> Turn:
    """Who was set aside is ready: next in the line by their old place, for any counter or only for `same_counter`."""
    with unit():
        turn = turn_lock(caller, turn_id)
        changes = {"reserved_id": same_counter, "held_until": None}
        return turn_step(caller, turn, Event.RESUME, events.RESUMED, now=now, **changes)


def turn_leave(*, caller: Caller, turn_id: int, silent: bool = False, now: dt.datetime | None = None) -> Turn:
    """They go without being served: they said so, or (`silent`) were asked and did not answer."""
    now = now or utcnow()
    with unit():
        turn = turn_lock(caller, turn_id)
        by = "house" if silent else caller.side
        data = {"silent": silent or None}
        return turn_step(caller, turn, Event.LEAVE, events.LEFT, now=now, data=data, ended_at=now, ended_by=by)


def turn_send_on(*, viewer: Viewer, turn_id: int, line_id: int, note: str = "", now: dt.datetime | None = None) -> Turn:
    """Send somebody to another line of the site. They keep the time they have waited. Returns their new turn."""
    now = now or utcnow()
    caller = Caller.staff(viewer)
    with unit():
        turn = turn_lock(caller, turn_id)
        line = line_visible(viewer, line_id)
        if line.pk == turn.line_id or line.site_id != turn.ticket.site_id:
            told = _("Choose another line of this site.")
            raise Invalid(told, fields={"line": told})
        data = {"to": line.pk, "note": note[:120] or None}
        began = turn.started_at or (turn.recalled_at if turn.state == "called" else None)
        turn_step(
            caller, turn, Event.SEND_ON, events.SENT_ON, now=now, data=data,
            started_at=began, ended_at=now, ended_by="staff",
        )  # fmt: skip
        if note:
            turn.ticket.note = f"{turn.ticket.note} {note}".strip()[:200]
            turn.ticket.save(update_fields=["note"])
        return turn_begin(turn.ticket, line, Place(turn.rank_at, Rule.SENT_ON), now)


def ticket_change(
    *,
    viewer: Viewer,
    turn_id: int,
    customer_id: int | None = None,
    precedence: Precedence | None = None,
    party: int | None = None,
    note: str | None = None,
    now: dt.datetime | None = None,
) -> Turn:
    """What the counter learns of a person: who they are, a head start they should have, how many they are.

    Raises Invalid for a party that cannot be, NotFound.
    """
    now = now or utcnow()
    with unit():
        turn = turn_lock(Caller.staff(viewer), turn_id)
        ticket: Ticket = lock_rows(Ticket.objects.all(), [turn.ticket_id])[0]
        turn.ticket = ticket
        if customer_id is not None:
            customer = customer_visible(viewer, customer_id)
            ticket.customer_id, ticket.name = customer.pk, customer.name[:80]
        if party is not None:
            ticket.party = party_checked(party)
        if note is not None:
            ticket.note = note.strip()[:200]
        if precedence is not None and precedence != ticket.precedence:
            terms = terms_of(turn.line)
            turn.rank_at += terms.head_start(ticket.precedence) - terms.head_start(precedence)
            ticket.precedence = precedence
            turn.save(update_fields=["rank_at"])
        ticket.save()
        record(
            Caller.staff(viewer), events.CHANGED, turn, at=now,
            precedence=precedence.value if precedence else None, party=party,
        )  # fmt: skip
    return turn


def ticket_followed_up(*, token: str, all_done: bool, now: dt.datetime | None = None) -> Ticket:
    """The answer on the status page to “did we forget anything?”. The last one counts."""
    with unit():
        ticket = ticket_of_token(token)
        turn = turn_of_ticket(ticket.pk)
        if turn.state != "done":
            raise Conflict(_("Your visit is not over yet."), code="not_over")
        ticket.all_done = all_done
        ticket.save(update_fields=["all_done"])
        record(Caller.public(ticket.customer_id), events.FOLLOWED_UP, turn, at=now, all_done=all_done)
    return ticket

"""What known people are told of their wait is a promise: made, moved, kept or broken on their encounter.

Strangers have no encounter; what they were told is scored all the same (`queueing.honesty`).
"""

import datetime as dt

from django.utils import translation
from django.utils.translation import gettext as _

from parvis.desk.services.letters import language_of
from parvis.encounters.services import encounter_lock
from parvis.ledger.services import Actor
from parvis.promises.domain.promise import Kind, State
from parvis.promises.services import (
    Term,
    promises_give_up,
    promises_make,
    promises_renegotiate,
    promises_settle,
    promises_unsettle,
)
from parvis.queueing.estimates import told_before
from parvis.queueing.selectors import ticket_get, turn_get, turn_of_ticket
from parvis.toolkit.db import unit


def wait_promise(*, turn_id: int, before: dt.datetime, at: dt.datetime) -> None:
    """Somebody was told by when it is very likely their turn: promised, once for a wait; a later time replaces it.

    What is broken by then stays so, whatever was told afterwards.
    """
    with unit():
        turn = turn_get(turn_id)
        if turn is None or turn.was_held or turn.ticket.encounter_id is None:
            return
        encounter = encounter_lock(turn.ticket.encounter_id)
        of_this_wait = encounter.promises.filter(kind=Kind.WAIT, made_at__gte=turn.joined_at)
        current = of_this_wait.filter(state=State.OPEN).first()
        if current is not None:
            if at <= current.due_at < before:
                with translation.override(language_of(encounter.customer)):
                    reason = _("It goes more slowly than we thought.")
                promises_renegotiate(
                    actor=Actor.system(), encounter_id=encounter.pk, kind=Kind.WAIT, due_at=before, reason=reason, at=at
                )
        elif before > at and not of_this_wait.exists():
            term = Term(Kind.WAIT, due_at=before, note=turn.ticket.code)
            promises_make(actor=Actor.system(), encounter=encounter, terms=[term], at=at)


def wait_promise_named(*, ticket_id: int, at: dt.datetime) -> None:
    """Who waits is known from now on: what they have been told by now is promised."""
    with unit():
        ticket = ticket_get(ticket_id)
        if ticket is None or ticket.encounter_id is None:
            return
        turn = turn_of_ticket(ticket_id)
        before = told_before(turn.pk) if turn.state == "waiting" else None
        if before is not None:
            wait_promise(turn_id=turn.pk, before=before, at=at)


def wait_over(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """They are called: kept, if in time."""
    with unit():
        if (encounter_id := _encounter_of(ticket_id)) is not None:
            # Judged by when they were called, however late the worker hears of it.
            promises_settle(actor=actor, encounter_id=encounter_id, kinds=[Kind.WAIT], at=at, judged_at=at)


def wait_again(*, turn_id: int, actor: Actor) -> None:
    """The call was a mistake: they wait as before, and so does the promise."""
    with unit():
        turn = turn_get(turn_id)
        if turn is None or turn.ticket.encounter_id is None:
            return
        encounter = encounter_lock(turn.ticket.encounter_id)
        settled = encounter.promises.filter(kind=Kind.WAIT, made_at__gte=turn.joined_at, settled_at__isnull=False)
        last = settled.filter(state__in=[State.KEPT, State.BROKEN]).order_by("-pk").first()
        if last is not None:
            promises_unsettle(actor=actor, promise_ids=[last.pk])


def wait_given_up(*, ticket_id: int, actor: Actor, at: dt.datetime) -> None:
    """They left, were set aside or sent on: nothing is owed any more, unless it was late by then."""
    with unit():
        if (encounter_id := _encounter_of(ticket_id)) is not None:
            promises_give_up(actor=actor, encounter_id=encounter_id, kind=Kind.WAIT, at=at)


def _encounter_of(ticket_id: int) -> int | None:
    ticket = ticket_get(ticket_id)
    if ticket is None or ticket.encounter_id is None:
        return None
    return int(encounter_lock(ticket.encounter_id).pk)

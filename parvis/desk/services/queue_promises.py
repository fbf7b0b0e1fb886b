"""What known people are told of their wait is a promise: made, moved, kept or broken on their encounter.

Strangers have no encounter; what they were told is scored all the same (`queueing.honesty`).
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from parvis.desk.services.letters import language_of
from parvis.encounters.services import encounter_lock
from parvis.ledger.services import Actor
from parvis.promises.domain.promise import Kind, State
from parvis.promises.selectors import promises_visible
from parvis.promises.services import (
    Term,
    promises_give_up,
    promises_make,
    promises_renegotiate,
    promises_settle,
    promises_unsettle,
)
from parvis.queueing.domain.told import Before
from parvis.queueing.estimates import told_standing
from parvis.queueing.selectors import known_waiting, ticket_get, turn_get
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import unit


def waits_promise() -> int:
    """Promise people in line what they were told, and move it where they were told a later time; returns how many.

    Done in rounds: a page that is only looked at writes down what it told, and nothing else.
    """
    turns = known_waiting()
    said = told_standing([turn.pk for turn in turns])
    if not said:
        return 0
    ids = [turn.ticket.encounter_id for turn in turns if turn.ticket.encounter_id is not None]
    rows: dict[int, list[Any]] = {}
    for row in promises_visible(Viewer.house()).filter(encounter_id__in=ids, kind=Kind.WAIT):
        rows.setdefault(row.encounter_id, []).append(row)
    return sum(
        wait_promise(turn_id=turn.pk, said=said[turn.pk])
        for turn in turns
        if turn.pk in said and _is_news(said[turn.pk], turn, rows.get(turn.ticket.encounter_id or 0, []))
    )


def wait_promise(*, turn_id: int, said: Before, waits: bool = True) -> bool:
    """Promise somebody the time they were told, once for a wait; a later one replaces it. Whether it was promised.

    As of when it was said. What was broken by then stays so. `waits`: only who waits still.
    """
    with unit():
        turn = turn_get(turn_id)
        if turn is None or turn.was_held or turn.ticket.encounter_id is None or (waits and turn.state != "waiting"):
            return False
        encounter = encounter_lock(turn.ticket.encounter_id)
        made = list(encounter.promises.filter(kind=Kind.WAIT))
        if not _is_news(said, turn, made):
            return False
        if not any(promise.state == State.OPEN for promise in made):
            term = Term(Kind.WAIT, due_at=said.told, note=turn.ticket.code)
            promises_make(actor=Actor.system(), encounter=encounter, terms=[term], at=said.at)
            return True
        with translation.override(language_of(encounter.customer)):
            reason = _("It goes more slowly than we thought.")
        promises_renegotiate(
            actor=Actor.system(), encounter_id=encounter.pk, kind=Kind.WAIT, due_at=said.told, reason=reason, at=said.at
        )
    return True


def _is_news(said: Before, turn: Any, made: Iterable[Any]) -> bool:
    """Whether what was said goes beyond what was promised of this wait, and came before that was broken."""
    of_this_wait = [promise for promise in made if promise.made_at >= turn.joined_at]
    current = next((promise for promise in of_this_wait if promise.state == State.OPEN), None)
    return not of_this_wait if current is None else said.at <= current.due_at < said.told


def wait_over(*, turn_id: int, actor: Actor, at: dt.datetime) -> None:
    """They are called: kept, if in time."""
    with unit():
        turn = turn_get(turn_id)
        if turn is None or turn.ticket.encounter_id is None:
            return
        encounter = encounter_lock(turn.ticket.encounter_id)
        if (said := told_standing([turn_id]).get(turn_id)) is not None and said.at <= at:
            wait_promise(turn_id=turn_id, said=said, waits=False)  # called before the round came by
        # Judged by when they were called, however late the worker hears of it.
        promises_settle(actor=actor, encounter_id=encounter.pk, kinds=[Kind.WAIT], at=at, judged_at=at)


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
        ticket = ticket_get(ticket_id)
        if ticket is not None and ticket.encounter_id is not None:
            encounter = encounter_lock(ticket.encounter_id)
            promises_give_up(actor=actor, encounter_id=encounter.pk, kind=Kind.WAIT, at=at)

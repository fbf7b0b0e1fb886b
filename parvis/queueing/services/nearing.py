"""It is nearly time: who is told, and who is asked whether they are still here."""

import datetime as dt

from django.db.models import F, Q

from parvis.channels.sms import sms_ready
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_mobile
from parvis.queueing import events
from parvis.queueing.models import Source, Ticket, Turn
from parvis.queueing.selectors import waiting
from parvis.queueing.services.records import HOUSE, record, turn_lock
from parvis.queueing.services.serving import turn_leave
from parvis.toolkit.db import unit

# “You are next but two.”
NEAR_AHEAD = 2
# Who has only just joined has read it on the screen.
NEAR_AFTER = dt.timedelta(minutes=1)
SILENT_AHEAD = 3
SILENT_AFTER = dt.timedelta(minutes=4)
# A message takes its time to be read, whatever the line grants to walk to the counter.
LEAST_TO_ANSWER = dt.timedelta(minutes=2)


def near_tell(*, now: dt.datetime | None = None) -> int:
    """Tell those who left an address, or a number text messages reach, that it is nearly time; returns how many.

    Each once. Written as a ledger entry; the desk writes the letter.
    """
    now = now or utcnow()
    way = ~Q(ticket__email="") | ~Q(ticket__phone="") if sms_ready() else ~Q(ticket__email="")
    due = Turn.objects.filter(way, state="waiting", ticket__near_told_at=None, joined_at__lte=now - NEAR_AFTER)
    told = 0
    for line_id in sorted(set(due.values_list("line_id", flat=True))):
        for ahead, turn in enumerate(waiting([line_id])[: NEAR_AHEAD + 1]):
            ticket = turn.ticket
            if reachable(ticket) and ticket.near_told_at is None and turn.joined_at <= now - NEAR_AFTER:
                told += _near(turn, ahead, now)
    return told


def reachable(ticket: Ticket) -> bool:
    """Whether its holder can be written to while they are elsewhere."""
    return bool(ticket.email) or (sms_ready() and is_mobile(ticket.phone))


def _near(turn: Turn, ahead: int, now: dt.datetime) -> bool:
    with unit():
        if not Ticket.objects.filter(pk=turn.ticket_id, near_told_at=None).update(near_told_at=now):
            return False
        record(HOUSE, events.NEAR, turn, at=now, ahead=ahead)
    return True


def silent_watch(*, now: dt.datetime | None = None) -> int:
    """Ask those whose page fell silent, and let go of those who did not answer; returns how many of both.

    Only who joined by their own phone: of the others we know that they came, and a phone in a pocket is silent too.
    """
    now = now or utcnow()
    silent = Turn.objects.filter(state="waiting", ticket__source=Source.REMOTE, ticket__seen_at__lt=now - SILENT_AFTER)
    unasked = silent.filter(Q(asked_at=None) | Q(asked_at__lt=F("ticket__seen_at")))
    done = 0
    for line_id in sorted(set(unasked.values_list("line_id", flat=True))):
        first = {turn.pk for turn in waiting([line_id])[: SILENT_AHEAD + 1]}
        for turn in unasked.filter(line_id=line_id, pk__in=first).select_related("ticket", "line"):
            done += _ask(turn, now)
    asked = Turn.objects.filter(
        state="waiting", asked_at__lte=now - LEAST_TO_ANSWER, ticket__seen_at__lt=F("asked_at")
    ).select_related("line")
    for turn in asked:
        if turn.asked_at and now - turn.asked_at >= dt.timedelta(seconds=turn.line.grace_seconds):
            done += _let_go(turn.pk, now)
    return done


def _ask(turn: Turn, now: dt.datetime) -> bool:
    with unit():
        if not Turn.objects.filter(pk=turn.pk, state="waiting", asked_at=turn.asked_at).update(asked_at=now):
            return False
        record(HOUSE, events.ASKED, turn, at=now)
    return True


def _let_go(turn_id: int, now: dt.datetime) -> bool:
    with unit():
        # Whoever answered, or was called, in the meantime stays.
        turn = turn_lock(HOUSE, turn_id)
        if turn.state != "waiting" or turn.asked_at is None:
            return False
        turn_leave(caller=HOUSE, turn_id=turn_id, silent=True, now=now)
    return True

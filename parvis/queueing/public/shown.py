"""A ticket as its holder reads it: where they stand, how long it will take, by which rule, and what they can do."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parvis.kernel.clock import utcnow
from parvis.queueing.domain.placing import Rule
from parvis.queueing.estimates import Shown, estimate_tell
from parvis.queueing.models import Turn
from parvis.queueing.public.common import clock
from parvis.queueing.selectors import ahead_of, today_at
from parvis.queueing.services.more_time import may_ask
from parvis.toolkit.bilingual import in_language


@dataclass(frozen=True)
class TicketShown:
    """What a page says of a ticket. `state` is that of its turn, or "over" on another day."""

    turn: Turn
    state: str
    code: str
    line: str
    party: str
    place: str = ""
    ahead: int | None = None
    wait: str = ""
    before: str = ""
    rule: str = ""
    counter: str = ""
    back_until: str = ""
    asked: bool = False
    more: str = ""
    kept_until: str = ""
    deeds: list[str] = field(default_factory=list)


def ticket_shown(turn: Turn, now: dt.datetime | None = None) -> TicketShown:
    """The present state of a ticket's latest turn, in the language of the page."""
    now = now or utcnow()
    ticket = turn.ticket
    shown = TicketShown(
        turn=turn,
        state=turn.state if ticket.day == today_at(ticket.site_id, now) else "over",
        code=ticket.code,
        line=in_language(turn.line.name),
        party=ngettext("%(n)s person", "%(n)s persons", ticket.party) % {"n": ticket.party} if ticket.party > 1 else "",
    )
    return replace(shown, **_more(shown, turn, now))


def _more(shown: TicketShown, turn: Turn, now: dt.datetime) -> dict[str, Any]:
    match shown.state:
        case "waiting":
            ahead = ahead_of(turn)
            estimate = estimate_tell(turn)
            return {
                "ahead": ahead,
                "place": place_words(ahead),
                "wait": wait_words(estimate),
                "before": clock(turn.ticket.site_id, estimate.before) if estimate else "",
                "rule": rule_words(turn),
                "asked": turn.asked_at is not None,
                "deeds": ["more", "leave"] if may_ask(turn, ahead) else ["leave"],
                "more": more_words(turn),
            }
        case "called" | "serving":
            counter = in_language(turn.counter.name) if turn.counter else ""
            deeds = (["more"] if may_ask(turn, None) else []) + ["leave"]
            return {"counter": counter, "deeds": deeds if shown.state == "called" else [], "more": more_words(turn)}
        case "held":
            asked_until = clock(turn.ticket.site_id, turn.held_until) if turn.held_until else ""
            return {"deeds": ["ready", "leave"], "kept_until": asked_until}
        case "no_show" | "left":
            until = (turn.ended_at or now) + dt.timedelta(minutes=turn.line.return_minutes)
            kept = clock(turn.ticket.site_id, until) if until > now else ""
            return {"back_until": kept, "deeds": ["back"]}
    return {}


def place_words(ahead: int) -> str:
    """ "2 people before you"."""
    if ahead == 0:
        return _("You are next.")
    return ngettext("%(n)s person before you", "%(n)s people before you", ahead) % {"n": ahead}


def wait_words(estimate: Shown | None) -> str:
    """The range of a wait, or that it cannot be said."""
    if estimate is None:
        return _("We cannot say yet how long it will take.")
    low, high = estimate.low_minutes, estimate.high_minutes
    if high <= 1:
        return _("In a moment")
    if low == 0:
        return _("About %(n)s minutes or less") % {"n": high}
    if low == high:
        return _("About %(n)s minutes") % {"n": high}
    return _("About %(low)s to %(high)s minutes") % {"low": low, "high": high}


def more_words(turn: Turn) -> str:
    """The rule of asking for more time, as far as it still goes for this turn; empty where it does not."""
    line = turn.line
    left = line.more_times - turn.more_times
    if left <= 0:
        return ""
    often = ngettext("%(n)s more time", "%(n)s more times", left) % {"n": left}
    given = {"minutes": line.more_minutes, "often": often}
    return _("Others go first for %(minutes)s minutes and your place is kept. You can ask for it %(often)s.") % given


def rule_words(turn: Turn) -> str:
    """By which rule somebody was placed, in plain words. A head start of special needs is nobody else's business."""
    words = {
        Rule.ARRIVAL: _("People are called in the order in which they came; appointments by their time."),
        Rule.BOOKED: _("You have an appointment: you are called by your booked time."),
        Rule.EARLY: _("You are early: you are called by your booked time, or before if nobody waits."),
        Rule.LATE: _("You came after the time of your appointment: you are called in the order of arrival."),
        Rule.RETURNED: _("You came back in time: you have your old place."),
        Rule.REJOINED: _("You came back later: you are called in the order in which you came back."),
        Rule.SENT_ON: _("You were sent on from another line: the time you waited there counts."),
        Rule.CHOSEN: _("A member of staff gave you this place."),
    }
    return words.get(Rule(turn.rule), words[Rule.ARRIVAL])

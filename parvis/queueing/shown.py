"""The line in words: by which rule somebody stands where they stand, and how long they are told it will take."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parvis.kernel.clock import zone
from parvis.queueing.domain.placing import Rule
from parvis.queueing.estimates import Shown, estimate_tell
from parvis.queueing.models import Precedence, Turn
from parvis.queueing.selectors import ahead_of


def rule_words(turn: Turn, tz: str) -> str:
    """The rule that placed a turn, for staff: "Appointment 10:00, here in time: by the booked time".

    `turn` comes with its ticket, the ticket's booking, and the line; `tz` is the site's zone.
    """
    words = _appointment(turn, tz) or {
        Rule.RETURNED: _("Missed a call, back in time: their old place"),
        Rule.REJOINED: _("Missed a call, back too late: in the order of coming back"),
        Rule.SENT_ON: _("Sent on from another line: keeps the time waited"),
        Rule.CHOSEN: _("Placed by staff"),
    }.get(Rule(turn.rule), _("In the order of arrival"))
    if head := _head_start(turn):
        return f"{words} · {head}"
    return words


def _appointment(turn: Turn, tz: str) -> str:
    booking = turn.ticket.booking
    if turn.rule not in (Rule.BOOKED, Rule.EARLY, Rule.LATE):
        return ""
    if booking is None:
        return {
            Rule.BOOKED: _("Appointment, here in time: by the booked time"),
            Rule.EARLY: _("Appointment, here early: by the booked time"),
            Rule.LATE: _("Appointment, here late: in the order of arrival"),
        }[Rule(turn.rule)]
    time = f"{booking.starts_at.astimezone(zone(tz)):%H:%M}"
    late = round((turn.joined_at - booking.starts_at).total_seconds() / 60)
    return {
        Rule.BOOKED: _("Appointment %(time)s, here in time: by the booked time"),
        Rule.EARLY: _("Appointment %(time)s, here early: by the booked time"),
        Rule.LATE: _("Appointment %(time)s, here %(late)s minutes late: in the order of arrival"),
    }[Rule(turn.rule)] % {"time": time, "late": late}


def _head_start(turn: Turn) -> str:
    minutes = {
        Precedence.ASSISTED: turn.line.assisted_minutes,
        Precedence.URGENT: turn.line.urgent_minutes,
    }.get(Precedence(turn.ticket.precedence), 0)
    if not minutes:
        return ""
    said = ngettext("%(n)s minute ahead", "%(n)s minutes ahead", minutes) % {"n": minutes}
    return f"{turn.ticket.get_precedence_display()}: {said}"


def told_words(turn: Turn) -> str:
    """What one says to somebody who has just joined: how many come before, and how long it will take.

    It is for saying aloud: an estimate is told by it, and kept as such.
    """
    estimate = estimate_tell(turn)
    ahead = ahead_of(turn) if estimate is None else estimate.ahead
    before = (
        ngettext("%(n)s person is before them.", "%(n)s people are before them.", ahead) % {"n": ahead}
        if ahead
        else _("They are next.")
    )
    return f"{before} {wait_words(estimate)}"


def wait_words(estimate: Shown | None) -> str:
    """The range as one says it."""
    if estimate is None:
        return _("How long it takes cannot be said yet.")
    low, high = estimate.low_minutes, estimate.high_minutes
    if low == 0:
        return ngettext("Up to %(n)s minute.", "Up to %(n)s minutes.", high) % {"n": high}
    if low == high:
        return ngettext("About %(n)s minute.", "About %(n)s minutes.", high) % {"n": high}
    return _("%(low)s to %(high)s minutes.") % {"low": low, "high": high}

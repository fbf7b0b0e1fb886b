"""Where somebody stands in the line: one stated rule, friendly but firm.

The order is by the instant from which a person counts as waiting. A head start moves that instant back by fixed
minutes, so it is worth the same whoever else comes: people of precedence pass those who came at about the same time,
and nobody can be passed for ever.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rule that placed somebody; shown to staff, and in plain words to the customer."""

    ARRIVAL = "arrival"  # in the order of arrival
    BOOKED = "booked"  # an appointment, here in time: by the booked time
    EARLY = "early"  # an appointment, here long before: by the booked time all the same
    LATE = "late"  # an appointment, later than the grace: in the order of arrival
    RETURNED = "returned"  # missed a call, came back in time: the old place
    REJOINED = "rejoined"  # missed a call, came back too late: in the order of coming back
    SENT_ON = "sent_on"  # comes from another line: keeps the time already waited
    CHOSEN = "chosen"  # a member of staff put them there


@dataclass(frozen=True)
class Terms:
    """The rule of a line, in minutes (models/lines.py says what each is)."""

    assisted_minutes: int
    urgent_minutes: int
    booked_minutes: int
    late_minutes: int
    return_minutes: int

    def head_start(self, precedence: str) -> dt.timedelta:
        """What a precedence is worth."""
        return dt.timedelta(
            minutes={"assisted": self.assisted_minutes, "urgent": self.urgent_minutes}.get(precedence, 0)
        )


@dataclass(frozen=True)
class Place:
    """From when somebody counts as waiting, and why."""

    rank_at: dt.datetime
    rule: Rule


def place(terms: Terms, *, joined_at: dt.datetime, precedence: str, booked_at: dt.datetime | None = None) -> Place:
    """The place of somebody who comes in at `joined_at`, with an appointment at `booked_at` or without."""
    head = terms.head_start(precedence)
    if booked_at is None:
        return Place(joined_at - head, Rule.ARRIVAL)
    if joined_at > booked_at + dt.timedelta(minutes=terms.late_minutes):
        return Place(joined_at - head, Rule.LATE)
    counted_from = booked_at - dt.timedelta(minutes=terms.booked_minutes)
    # Being here before one's time never costs anything: they are also served when they would have been without.
    rule = Rule.EARLY if joined_at < counted_from else Rule.BOOKED
    return Place(counted_from - head, rule)


def place_again(terms: Terms, *, rank_at: dt.datetime, missed_at: dt.datetime, back_at: dt.datetime) -> Place:
    """The place of somebody who missed their call at `missed_at` and is back now."""
    if back_at <= missed_at + dt.timedelta(minutes=terms.return_minutes):
        return Place(rank_at, Rule.RETURNED)
    return Place(back_at, Rule.REJOINED)

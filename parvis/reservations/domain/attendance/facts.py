"""A house's own bookings: what is known of one when asked, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from .table import Floats, Table

_DAY = 86_400.0
# What is likely changes as the day nears: questions are parted by the days left, and a booking is looked at once within
# each part (the last is "less than six hours").
_CLOSE = (0.25, 1.0, 3.0, 10.0, 30.0)
_LOOKS = (timedelta(days=20), timedelta(days=7), timedelta(days=2), timedelta(hours=15), timedelta(hours=4))


class Outcome(StrEnum):
    """What became of a booking; the order of the columns of all probabilities of this package."""

    KEPT = "kept"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class BookingFacts:
    """A booking as it stands in the book at `asked_at`. Nothing in here may have become known later.

    booked_at, starts_at, asked_at: aware instants, booked_at ≤ asked_at ≤ starts_at; asked_at None: when booked.
    hour, weekday: of the start on the clock of the site (weekday 0 is Monday).
    door:          how it came in ("portal", "phone", a partner's name); offering: what was booked. "" when unknown.
    price_minor:   agreed price in minor units, None when there is none; deposit_share: of it paid ahead, 0 to 1.
    kept, cancelled, no_shows: the customer's earlier bookings, by what became of them before `booked_at`.
    together:      bookings made along with this one (same customer, same day of booking), up to and including itself.
    confirmed_at:  when the customer confirmed, say after a reminder; None while they have not.
    """

    booked_at: datetime
    starts_at: datetime
    hour: float
    weekday: int
    asked_at: datetime | None = None
    party: int = 1
    door: str = ""
    offering: str = ""
    price_minor: int | None = None
    deposit_share: float = 0.0
    kept: int = 0
    cancelled: int = 0
    no_shows: int = 0
    together: int = 1
    confirmed_at: datetime | None = None

    @property
    def seen_at(self) -> datetime:
        """When the question is asked, never after the start."""
        return min(self.asked_at or self.booked_at, self.starts_at)

    @property
    def days_left(self) -> float:
        """Days from the question to the start."""
        return (self.starts_at - self.seen_at).total_seconds() / _DAY

    @property
    def closeness(self) -> int:
        """The part of the time before a start in which the question falls, 0 for the last hours."""
        return int(np.searchsorted(_CLOSE, self.days_left))

    @property
    def next_at(self) -> datetime:
        """When `closeness` changes next; the start when it does not any more."""
        left = [days for days in _CLOSE if days < self.days_left]
        return self.starts_at - timedelta(days=left[-1]) if left else self.starts_at

    @property
    def lead_days(self) -> float:
        """Days from the booking to the start, 0 for one entered afterwards."""
        return max((self.starts_at - self.booked_at).total_seconds() / _DAY, 0.0)

    @property
    def confirmed(self) -> bool:
        """Whether the customer had confirmed when the question is asked."""
        return self.confirmed_at is not None and self.confirmed_at <= self.seen_at


@dataclass(frozen=True)
class PastBooking:
    """A booking whose start has passed. `settled_at`: when it was cancelled; None for the others."""

    facts: BookingFacts
    outcome: Outcome
    settled_at: datetime | None = None


def looks_of(past: PastBooking) -> list[BookingFacts]:
    """The booking as it stood each time somebody could have asked while it was open, first when it was booked.

    A forecast asked two days ahead concerns bookings that survived until then, and must learn from such (landmarking,
    van Houwelingen 2007): of a booking cancelled a week ahead only the earlier looks are taken.
    """
    facts = past.facts
    until = past.settled_at if past.outcome is Outcome.CANCELLED and past.settled_at else facts.starts_at
    looks = [replace(facts, asked_at=facts.booked_at)]
    for at in (facts.starts_at - before for before in _LOOKS):
        look = replace(facts, asked_at=at)
        if facts.booked_at < at < until and look.closeness < looks[-1].closeness:
            looks.append(look)
    return looks


def table_of(facts: Sequence[BookingFacts]) -> Table:
    """What the trees look at, one row per question."""
    numbers = np.array([_numbers(one) for one in facts], dtype=float).reshape(len(facts), 14)
    labels = np.array([(one.door, one.offering) for one in facts], dtype=np.str_).reshape(len(facts), 2)
    return Table(numbers, labels)


def _numbers(one: BookingFacts) -> Sequence[float]:
    earlier = one.kept + one.cancelled + one.no_shows
    per_head = np.nan if one.price_minor is None else one.price_minor / max(one.party, 1)
    return (
        *(one.lead_days, one.days_left, one.weekday, one.hour, one.party, per_head, one.deposit_share),
        *(
            earlier,
            one.cancelled,
            one.no_shows,
            (one.cancelled + 1) / (earlier + 4),
            (one.no_shows + 1) / (earlier + 8),
        ),
        *(one.together, float(one.confirmed)),
    )


def shares(outcomes: Sequence[Outcome]) -> Floats:
    """(n, 3) of 0 and 1: a column per outcome, in their order."""
    order = list(Outcome)
    return np.eye(len(order))[[order.index(outcome) for outcome in outcomes]].reshape(len(outcomes), len(order))

"""A house's rows of bookings → facts as they were known at an instant, and what became of what has passed.

Nothing here looks at anything that happened after the instant asked about: what a customer's earlier bookings came to
is counted up to the moment at which the booking was agreed on, by the times at which each became known. What a row
cannot tell (how a booking stood before it was moved) is left out rather than guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .facts import BookingFacts, Outcome, PastBooking

# A visit that is over and that nobody marked counts as kept from then on: whoever does not come is what gets noted.
UNMARKED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A booking as it stands in the book. Instants are aware; `zone` is the IANA name of its site's.

    booked_at: when it was confirmed, not merely held. moved_at: when its time was last changed; with `moves` and no
    `moved_at` that is not known. by_house: whether it was the house that cancelled.
    """

    booking_id: int
    customer_id: int | None
    offering: str
    door: str
    zone: str
    party: int
    price_minor: int
    deposit_minor: int
    deposit_paid_at: datetime | None
    booked_at: datetime
    starts_at: datetime
    ends_at: datetime
    state: str
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    by_house: bool = False
    reassured_at: datetime | None = None
    moves: int = 0
    moved_at: datetime | None = None

    @property
    def agreed_at(self) -> datetime | None:
        """Since when it stands at its present time; None when that is not known."""
        return self.moved_at if self.moves else self.booked_at


class History:
    """The rows of a house by customer: `facts` of any booking, `past` to learn from."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)
        self._settled: dict[int, dict[Outcome, _Steps]] = {}
        self._booked: dict[tuple[int, date], list[datetime]] = {}
        for row in self._rows:
            if row.customer_id is not None:
                self._count(row.customer_id, row)
        for steps in self._settled.values():
            for one in steps.values():
                one.sort()
        for times in self._booked.values():
            times.sort()

    def _count(self, customer_id: int, row: Row) -> None:
        self._booked.setdefault((customer_id, row.booked_at.date()), []).append(row.booked_at)
        known = self._settled.setdefault(customer_id, {outcome: _Steps() for outcome in Outcome})
        for at, outcome, step in _steps(row):
            known[outcome].add(at, step)

    def facts(self, row: Row, asked_at: datetime | None = None) -> BookingFacts | None:
        """What is known of a booking at `asked_at` (when it was agreed on unless given); None when too little is.

        Asking about an instant before it was agreed on is asking about then.
        """
        agreed = row.agreed_at
        if agreed is None:
            return None
        asked = max(asked_at, agreed) if asked_at else agreed
        # For who learns from all its moments the instant is left in: `BookingFacts.confirmed` compares it with each.
        sure = row.reassured_at if asked_at is None or (row.reassured_at and row.reassured_at <= asked) else None
        local = row.starts_at.astimezone(ZoneInfo(row.zone))
        paid = row.deposit_paid_at is not None and row.deposit_paid_at <= agreed
        past = self._settled.get(row.customer_id or 0, {})
        kept, cancelled, no_shows = (past[o].before(agreed) if past else 0 for o in Outcome)
        made = self._booked.get((row.customer_id or 0, row.booked_at.date()), [])
        return BookingFacts(
            booked_at=agreed,
            starts_at=row.starts_at,
            asked_at=asked,
            hour=local.hour + local.minute / 60,
            weekday=local.weekday(),
            party=row.party,
            door=row.door,
            offering=row.offering,
            price_minor=row.price_minor or None,
            deposit_share=min(row.deposit_minor / row.price_minor, 1.0) if paid and row.price_minor else 0.0,
            kept=kept,
            cancelled=cancelled,
            no_shows=no_shows,
            together=max(bisect_right(made, row.booked_at), 1),
            confirmed_at=sure,
        )

    def past(self, now: datetime) -> list[PastBooking]:
        """The bookings whose start has passed at `now` and of which it is known what became of them."""
        found = []
        for row in self._rows:
            outcome = _outcome(row, now)
            facts = self.facts(row) if outcome and row.starts_at < now else None
            # Entered afterwards, into the book of a day that was over: nobody could have asked.
            if outcome and facts and facts.booked_at < facts.starts_at:
                found.append(PastBooking(facts, outcome, row.ended_at if outcome is Outcome.CANCELLED else None))
        return found


class _Steps:
    """A number that changes at instants: how many of a customer's bookings came to one outcome."""

    def __init__(self) -> None:
        self._found: list[tuple[datetime, int]] = []
        self._at: list[datetime] = []
        self._sum: list[int] = [0]

    def add(self, at: datetime, step: int) -> None:
        self._found.append((at, step))

    def sort(self) -> None:
        for at, step in sorted(self._found):
            self._at.append(at)
            self._sum.append(self._sum[-1] + step)

    def before(self, at: datetime) -> int:
        return self._sum[bisect_left(self._at, at)]


def _steps(row: Row) -> list[tuple[datetime, Outcome, int]]:
    """When which outcome of a booking became known; one that was marked later counted as kept until then."""
    unmarked = max(row.ends_at + UNMARKED_AFTER, row.booked_at)
    settled = row.arrived_at or row.ended_at
    found: list[tuple[datetime, Outcome, int]] = []
    if row.state in ("arrived", "done") and settled:
        return [(max(min(settled, unmarked), row.booked_at), Outcome.KEPT, 1)]
    marked = row.ended_at if row.state in ("cancelled", "no_show") else None
    if marked is None or marked > unmarked:
        found.append((unmarked, Outcome.KEPT, 1))
    if marked is not None and marked > unmarked:
        found.append((marked, Outcome.KEPT, -1))
    if marked is not None and not row.by_house:
        found.append((marked, Outcome.NO_SHOW if row.state == "no_show" else Outcome.CANCELLED, 1))
    return found


def _outcome(row: Row, now: datetime) -> Outcome | None:
    """What a booking came to, None while it is not known. A cancellation by the house says nothing of customers."""
    if row.state == "cancelled":
        return None if row.by_house else Outcome.CANCELLED
    if row.state == "no_show":
        return Outcome.NO_SHOW
    if row.state in ("arrived", "done"):
        return Outcome.KEPT
    return Outcome.KEPT if row.state == "confirmed" and row.ends_at + UNMARKED_AFTER <= now else None

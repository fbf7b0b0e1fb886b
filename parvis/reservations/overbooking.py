"""What overbooking an offering would cost and save, from the forecasts of its own bookings. Advice only.

A full house is imagined: as many places as there are, each taken by a booking as the latest and the next ones of this
offering are. How likely each is to be kept is asked a day before it begins: what is cancelled earlier can be sold again
and leaves no place empty. Each place is counted by itself, though parties come or stay away together.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from parvis.kernel.money import exponent
from parvis.reservations.domain.attendance.overbooking import Advice, Point, overbooking_advice, overbooking_curve
from parvis.reservations.domain.attendance.served import weigh
from parvis.reservations.domain.rules import Unit
from parvis.reservations.forecasting import fit_kept, history_of_customers, rows_of, served_of
from parvis.reservations.models import Booking, Offering, Session
from parvis.reservations.supply import offer_get, supply

ENOUGH_PAST = 30  # past bookings of this very offering
MOST_PLACES = 2000
_SAMPLE = 60
_BEFORE = dt.timedelta(days=1)
_KNOWN = ("confirmed", "arrived", "done", "no_show")


@dataclass(frozen=True)
class Weighed:
    """A curve with what it was drawn from; `points` is empty, and `lacks` says why, when there is too little.

    places: in a full house; show: mean probability that a place is used; bookings: looked at; past: of this offering.
    lacks: "" | "history" | "places" | "costs".
    """

    places: int = 0
    show: float = 1.0
    bookings: int = 0
    past: int = 0
    learned_from: int = 0
    lacks: str = ""
    points: tuple[Point, ...] = ()
    advice: Advice | None = None


def overbooking_weighed(offering: Offering, now: dt.datetime) -> Weighed:
    """What 0, 1, … extra places would bring, costs in units of the offering's currency. Five statements."""
    fit = fit_kept()
    served = served_of(fit)
    theirs = Booking.objects.filter(offering=offering, state__in=_KNOWN, confirmed_at__isnull=False)
    past = theirs.filter(starts_at__lt=now).count()
    places = _places(offering, now)
    known = Weighed(places=places, past=past, learned_from=served.learned_from)
    if not served.is_enough or past < ENOUGH_PAST:
        return _lacking(known, "history")
    if not 1 <= places <= MOST_PLACES:
        return _lacking(known, "places")
    if offering.turned_away_minor is None or offering.empty_minor is None:
        return _lacking(known, "costs")
    rows = rows_of(theirs.order_by("-starts_at", "-pk")[:_SAMPLE])
    history = history_of_customers({row.customer_id for row in rows if row.customer_id}, now)
    asked = [(row, facts) for row in rows if (facts := history.facts(row, row.starts_at - _BEFORE))]
    chances = 1 - weigh(served, [facts for __, facts in asked], [0.0] * len(asked)).sum(axis=1)
    show = np.repeat(chances, [max(row.party, 1) for row, __ in asked])
    unit = 10.0 ** exponent(offering.currency)
    points = overbooking_curve(
        _full(show, places),
        places,
        offering.turned_away_minor / unit,
        offering.empty_minor / unit,
        extra_most(places, offering.overbooking),
        float(show.mean()),
    )
    return Weighed(
        places, float(show.mean()), len(asked), past, served.learned_from, "", tuple(points), overbooking_advice(points)
    )


def extra_most(places: int, policy: int) -> int:
    """How far the curve goes: half as much again, and past what is allowed today."""
    return min(max(3, ceil(places / 2), policy + 1), 30)


def _lacking(known: Weighed, what: str) -> Weighed:
    return Weighed(known.places, past=known.past, learned_from=known.learned_from, lacks=what)


def _full(show: Sequence[float] | np.ndarray, places: int) -> list[float]:
    """A probability per place: evenly spread over those that were seen, so that their differences stay."""
    return [float(p) for p in np.quantile(show, (np.arange(places) + 0.5) / places)]


def _places(offering: Offering, now: dt.datetime) -> int:
    """How many can be served at once: seats of the next date, else what the scarcest need has. 0: unknown."""
    if offering.unit == Unit.SESSION:
        coming = Session.objects.filter(offering=offering, cancelled_at=None).select_related("resource")
        session = coming.filter(starts_at__gt=now).order_by("starts_at").first()
        session = session or coming.order_by("-starts_at").first()
        return session.resource.capacity if session else 0
    if not offering.is_active:
        return 0
    offer = offer_get(offering.pk)
    resources = supply().resources
    found = [
        sum(resources[pk].capacity for pk in need.resource_ids) // max(need.count * need.units, 1)
        for need in offer.needs
    ]
    return min(found) * offering.seats if found else 0

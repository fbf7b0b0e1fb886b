"""What an offering allows, checked against a visit; and what could be had instead."""

import datetime as dt
from dataclasses import replace

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.reservations.availability import (
    Slot,
    candidates_between,
    free_only,
    session_slots,
    sessions_between,
    slots_at,
)
from parvis.reservations.counting import Candidates
from parvis.reservations.domain.rules import Terms, Unit, limits_busy, limits_reach, window
from parvis.reservations.domain.slots import day_bounds
from parvis.reservations.domain.spans import epoch
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, BookingState
from parvis.reservations.services.guard import Visit
from parvis.reservations.services.queue import by_person, waiting_before
from parvis.reservations.supply import Offer

ALTERNATIVES = 3
_NEAR = dt.timedelta(days=3), dt.timedelta(days=14)
# What counts towards a limit: all that took place or is to, holds that still run included.
_COUNTED = [BookingState.CONFIRMED, BookingState.ARRIVED, BookingState.DONE, BookingState.NO_SHOW]


def terms_check(visit: Visit, *, now: dt.datetime, override: str = "", public: bool = False) -> None:
    """What needs no lock: party, length of stay, and unless a reason sets them aside, notice, horizon and the grid.

    `public`: starts off the grid are refused (staff may take any). Raises Invalid, or Taken for a day full by a limit.
    """
    _party(visit)
    _length(visit)
    if override:
        return
    _when(visit.offer.terms, visit, now)
    if public and visit.session is None:
        _on_grid(visit)
    _within_limits(visit, now)


def terms_check_again(visit: Visit, *, now: dt.datetime, override: str = "", newcomer: bool = True) -> None:
    """Under the guard: what others may have changed meanwhile, limits and who waits. Raises Taken."""
    if override:
        return
    _within_limits(visit, now)
    if newcomer and visit.offer.row.waiting_first:
        _after_the_waiting(visit, now)


def _within_limits(visit: Visit, now: dt.datetime) -> None:
    day = visit.start.astimezone(zone(visit.offer.tz)).date()
    if limited_days(visit.offer, [day], now=now, but_booking=visit.asked.but_booking):
        raise Taken(_("No more bookings are taken for this day."), code="limit_reached")


def _on_grid(visit: Visit) -> None:
    candidates = candidates_between(visit.offer, visit.start, visit.start + dt.timedelta(seconds=1), visit.asked)
    if not len(candidates.starts):
        raise Invalid(
            _("Visits do not begin at this time."),
            code="off_grid",
            fields={"start": _("Choose one of the times that are offered.")},
        )


def _party(visit: Visit) -> None:
    terms, party = visit.offer.terms, visit.asked.party
    if not terms.min_party <= party <= terms.max_party:
        raise Invalid(
            _("This is for %(min)s to %(max)s persons.") % {"min": terms.min_party, "max": terms.max_party},
            code="bad_party",
            fields={"party": _("Choose another number of persons.")},
        )


def _length(visit: Visit) -> None:
    row, count = visit.offer.row, visit.asked.nights
    if row.unit == Unit.NIGHT and not row.min_nights <= count <= row.max_nights:
        raise Invalid(
            _("Stays are %(min)s to %(max)s nights long.") % {"min": row.min_nights, "max": row.max_nights},
            code="bad_nights",
            fields={"nights": _("Choose another number of nights.")},
        )


def _when(terms: Terms, visit: Visit, now: dt.datetime) -> None:
    earliest, latest = window(terms, now)
    if visit.start < earliest:
        past = visit.start <= now
        raise Invalid(
            _("This time has passed.") if past else _("This is too soon to be booked."),
            code="past" if past else "too_soon",
            fields={"start": _("Choose a later time.")},
        )
    if visit.start > latest:
        raise Invalid(
            _("Bookings are taken up to %(days)s days ahead.") % {"days": terms.horizon_days},
            code="too_far",
            fields={"start": _("Choose an earlier time.")},
        )


def limited_days(
    offer: Offer, days: list[dt.date], *, now: dt.datetime, but_booking: int | None = None
) -> dict[dt.date, str]:
    """Which of these days (on the clocks of the house) are full by a limit, and of which period."""
    limits = offer.terms.limits
    if not limits or not days:
        return {}
    reach = limits_reach(limits, min(days))[0], limits_reach(limits, max(days))[1]
    begin, end = day_bounds(*reach, offer.tz)
    counted = Booking.objects.filter(
        Q(state__in=_COUNTED) | Q(state=BookingState.HELD, held_until__gt=now),
        offering_id=offer.row.pk,
        starts_at__gte=begin,
        starts_at__lt=end,
    ).exclude(pk=but_booking or 0)
    return limits_busy(limits, counted.values_list("starts_at", flat=True), days, offer.tz)


def _after_the_waiting(visit: Visit, now: dt.datetime) -> None:
    """Newcomers get what is left when everybody who waits for this time has been served."""
    [kept] = waiting_before(visit.offer, [(visit.start, visit.session.pk if visit.session else None)])
    if kept and places_left(visit, now=now) - kept < (visit.asked.party if by_person(visit.offer) else 1):
        raise Taken(_("The places of this time are kept for people who wait."), code="waiting_first")


def places_left(visit: Visit, *, now: dt.datetime) -> int:
    """How many single persons (or parties, where a slot is for one party) still fit at this time."""
    asked = replace(visit.asked, party=1) if by_person(visit.offer) else visit.asked
    if visit.session is not None:
        return session_slots([visit.session], visit.offer, asked, now=now)[0].places
    candidate = Candidates.of([(epoch(visit.start), epoch(visit.end))])
    return slots_at(visit.offer, candidate, asked, now=now)[0].places


def alternatives_add(taken: Taken, visit: Visit, *, now: dt.datetime) -> None:
    """Give a refusal its alternatives, unless the transaction around has failed and can read nothing any more."""
    if not connection.needs_rollback:
        taken.alternatives = alternatives_to(visit, now=now)


def alternatives_to(visit: Visit, *, now: dt.datetime, count: int = ALTERNATIVES) -> list[Slot]:
    """Free starts near the one that was wanted, the nearest first; what notice, horizon and limits forbid left out."""
    offer, asked = visit.offer, visit.asked
    earliest, latest = window(offer.terms, now)
    begin, end = max(visit.start - _NEAR[0], earliest), min(visit.start + _NEAR[1], latest)
    if begin >= end:
        return []
    if offer.row.unit == Unit.SESSION:
        slots = sessions_between(offer, begin, end, asked, now=now)
    else:
        slots = slots_at(offer, candidates_between(offer, begin, end, asked), asked, now=now)
    free = free_only(slots)
    place = zone(offer.tz)
    full = limited_days(offer, sorted({s.start.astimezone(place).date() for s in free}), now=now)
    free = [s for s in free if s.start.astimezone(place).date() not in full and s.start != visit.start]
    return sorted(free, key=lambda s: (abs(s.start - visit.start), s.start))[:count]

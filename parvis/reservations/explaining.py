"""Why nothing is free: every reason that stands in the way of a visit on a day, in words.

For staff with names, references and the reasons of absences; for anybody else only what a customer may know.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from parvis.catalog.opening import reason_of
from parvis.catalog.selectors import site_get
from parvis.kernel.business_hours import open_between
from parvis.kernel.clock import zone
from parvis.reservations.availability import Asked, candidates_between, demands_at, free_only, slots_at, slots_between
from parvis.reservations.choosing import kept_for_waiting
from parvis.reservations.counting import Candidates, Shares, Taken, absences_between, is_there, lanes_of
from parvis.reservations.domain.bottlenecks import bottlenecks
from parvis.reservations.domain.capacity import Demand, places
from parvis.reservations.domain.rules import Unit, window
from parvis.reservations.domain.slots import day_bounds
from parvis.reservations.domain.spans import Buffers, epoch, instant
from parvis.reservations.models import Absence, Booking, Claim, Session
from parvis.reservations.services.terms import limited_days
from parvis.reservations.supply import Needed, Offer, calendar_of_resource, supply

MOST_NAMED = 8
_LIMITS = {
    "day": _("No more bookings are taken for this day."),
    "week": _("No more bookings are taken for this week."),
    "month": _("No more bookings are taken for this month."),
    "year": _("No more bookings are taken for this year."),
}


@dataclass(frozen=True)
class Reason:
    """One thing in the way: a stable code, and words. `bookings`: references, for staff only."""

    code: str
    text: Any
    bookings: tuple[str, ...] = ()


def why_not_free(offer: Offer, day: dt.date, asked: Asked, now: dt.datetime, for_staff: bool) -> list[Reason]:
    """Why `asked` cannot be booked on a day of the house's clocks, the plainest reasons first; empty when it can be.

    Reads only. About ten statements, whatever is booked.
    """
    found = [*_terms(offer, day, asked, now)]
    if any(r.code in ("past", "party", "horizon") for r in found):
        return found
    if offer.row.unit == Unit.SESSION:
        return found + _sessions(offer, day, asked, now)
    if not offer.needs or not all(n.resource_ids for n in offer.needs):
        return [*found, Reason("no_resources", _("Nobody and nothing is set up for this offering."))]
    found += _wishes(offer, asked)
    begin, end = day_bounds(day, day, offer.tz)
    candidates = candidates_between(offer, begin, end, asked)
    if not len(candidates.starts):
        return [*found, _closed(offer, day)]
    earliest, latest = window(offer.terms, now)
    slots = slots_between(offer, day, day, asked, now=now)
    free = free_only(slots)
    if free:
        in_time = [s for s in free if earliest <= s.start <= latest]
        kept = kept_for_waiting(offer, in_time, asked, now=now)
        if in_time and len(kept) == len(in_time):
            found.append(Reason("waiting_first", _("What is free is kept for people on the waiting list.")))
        return found if not in_time or kept else [r for r in found if r.code == "limit"]
    return found + _in_the_way(offer, day, candidates, asked, now, for_staff)


def closed_then(offer: Offer, start: dt.datetime, asked: Asked, now: dt.datetime) -> bool:
    """Whether nothing but hours stands against a visit at this instant: the house is closed then, nobody else came."""
    if offer.row.unit != Unit.SLOT or asked.any_hours:
        return False
    begin = epoch(start)
    candidate = Candidates.of([(begin, begin + 60 * offer.row.duration_minutes)])
    if free_only(slots_at(offer, candidate, asked, now=now)):
        return False
    return bool(free_only(slots_at(offer, candidate, replace(asked, any_hours=True), now=now)))


def _terms(offer: Offer, day: dt.date, asked: Asked, now: dt.datetime) -> Iterable[Reason]:
    terms = offer.terms
    if not terms.min_party <= asked.party <= terms.max_party:
        text = _("This is for %(min)s to %(max)s persons.")
        yield Reason("party", _filled(text, min=terms.min_party, max=terms.max_party))
    begin, end = day_bounds(day, day, offer.tz)
    earliest, latest = window(terms, now)
    if end <= now:
        yield Reason("past", _("This day has passed."))
    elif begin < earliest and terms.notice_minutes:
        at = earliest.astimezone(zone(offer.tz))
        if at.date() > day:
            yield Reason(
                "notice", _filled(_("It is too soon: %(length)s ahead at least."), length=_length(terms.notice_minutes))
            )
        else:
            yield Reason(
                "notice",
                _filled(
                    _("Before %(time)s it is too soon (%(length)s ahead at least)."),
                    time=f"{at:%H:%M}",
                    length=_length(terms.notice_minutes),
                ),
            )
    if begin > latest:
        yield Reason("horizon", _filled(_("Bookings are taken up to %(days)s days ahead."), days=terms.horizon_days))
    full = limited_days(offer, [day], now=now, but_booking=asked.but_booking)
    if day in full:
        yield Reason("limit", _LIMITS[full[day]])


def _length(minutes: int) -> "Said":
    if minutes % 1440 == 0:
        return _filled(ngettext_lazy("%(n)s day", "%(n)s days", minutes // 1440), n=minutes // 1440)
    if minutes % 60 == 0:
        return _filled(ngettext_lazy("%(n)s hour", "%(n)s hours", minutes // 60), n=minutes // 60)
    return _filled(ngettext_lazy("%(n)s minute", "%(n)s minutes", minutes), n=minutes)


def _filled(text: Any, **values: Any) -> "Said":
    return Said(text, values)


@dataclass(frozen=True)
class Said:
    """A text with its values, put together when it is read."""

    text: Any
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return str(self.text) % {name: str(value) for name, value in self.values.items()}


def _wishes(offer: Offer, asked: Asked) -> Iterable[Reason]:
    """What the size of the party and a wish for somebody leave."""
    known = supply().resources
    for need in offer.needs:
        among = [known[pk] for pk in need.resource_ids]
        fitting = [r for r in among if r.min_party <= asked.party <= (r.max_party or asked.party)]
        if not fitting:
            most = max((r.max_party or 0 for r in among), default=0)
            text = _("No place is large enough: the largest takes %(most)s persons.")
            yield (
                Reason("too_large", _filled(text, most=most))
                if asked.party > most
                else Reason("too_small", _("Every place is for larger parties."))
            )
        elif need.units_for(asked.party) > max(r.capacity for r in fitting):
            text = _("%(name)s: there are only %(all)s.")
            yield Reason("too_many", _filled(text, name=_names(fitting), all=max(r.capacity for r in fitting)))


def _closed(offer: Offer, day: dt.date) -> Reason:
    site = site_get(offer.row.site_id)
    special = reason_of(site, day) if site else ""
    if special:
        return Reason("closed", _filled(_("Closed on this day: %(reason)s."), reason=special))
    if offer.row.unit == Unit.SLOT and any(_open_on(pk, offer, day) for n in offer.needs for pk in n.resource_ids):
        text = _("Not open for as long as this takes (%(length)s).")
        return Reason("closed", _filled(text, length=_length(offer.row.duration_minutes)))
    return Reason("closed", _("Closed on this day."))


def _open_on(resource_id: int, offer: Offer, day: dt.date) -> bool:
    calendar = calendar_of_resource(supply().resources[resource_id], day, day)
    return calendar is not None and any(open_between(calendar, *day_bounds(day, day, offer.tz)))


def _in_the_way(
    offer: Offer, day: dt.date, candidates: Candidates, asked: Asked, now: dt.datetime, for_staff: bool
) -> list[Reason]:
    """Who or what is missing at every start, and because of what."""
    demands = demands_at(offer, candidates, asked, now=now)
    needs = [n for n in offer.needs if set(n.resource_ids) - asked.ignoring]
    stuck = bottlenecks(demands)
    found: list[Reason] = []
    if not stuck:
        names = "; ".join(_names(supply().resources[pk] for pk in n.resource_ids) for n in needs)
        found.append(Reason("never_together", _filled(_("Never free at the same time: %(names)s."), names=names)))
    if len(needs) > 1:
        for n in stuck:
            names = _names(supply().resources[pk] for pk in _among(needs[n], asked))
            found.append(Reason("bottleneck", _filled(_("What is missing: %(names)s."), names=names)))
    ids = {pk for n in (stuck or range(len(needs))) for pk in _among(needs[n], asked)}
    found += _absences(ids, offer, day, for_staff)
    found += _bookings(ids, offer, day, asked, now, for_staff)
    return found + _buffers(offer, candidates, asked, now)


def _among(need: Needed, asked: Asked) -> list[int]:
    """The resources of a requirement that would serve: those wished, if some of them were."""
    wished = [pk for pk in need.resource_ids if pk in asked.wished]
    return wished or [pk for pk in need.resource_ids if pk not in asked.ignoring]


def _names(resources: Iterable[Any]) -> str:
    found = list(resources)
    shown = ", ".join(r.name for r in found[:MOST_NAMED])
    return f"{shown}…" if len(found) > MOST_NAMED else shown


def _absences(ids: Iterable[int], offer: Offer, day: dt.date, for_staff: bool) -> list[Reason]:
    begin, end = day_bounds(day, day, offer.tz)
    away = Absence.objects.filter(resource_id__in=list(ids), ends_at__gt=begin, starts_at__lt=end).order_by("starts_at")
    place, found = zone(offer.tz), []
    for absence in away[:MOST_NAMED]:
        first, last = max(absence.starts_at, begin).astimezone(place), min(absence.ends_at, end).astimezone(place)
        whole = absence.starts_at <= begin and absence.ends_at >= end
        values = {
            "name": supply().resources[absence.resource_id].name,
            "from": f"{first:%H:%M}",
            "until": f"{last:%H:%M}",
        }
        text = _("%(name)s is away all day.") if whole else _("%(name)s is away from %(from)s to %(until)s.")
        if for_staff and absence.reason:
            values["reason"] = absence.reason
            text = (
                _("%(name)s is away all day: %(reason)s.")
                if whole
                else _("%(name)s is away from %(from)s to %(until)s: %(reason)s.")
            )
            if absence.source:
                text = (
                    _("%(name)s is busy all day (from %(reason)s).")
                    if whole
                    else _("%(name)s is busy from %(from)s to %(until)s (from %(reason)s).")
                )
        found.append(Reason("absence", _filled(text, **values)))
    return found


def _bookings(
    ids: set[int], offer: Offer, day: dt.date, asked: Asked, now: dt.datetime, for_staff: bool
) -> list[Reason]:
    begin, end = day_bounds(day, day, offer.tz)
    taking = Q(claims__expires=None) | Q(claims__expires__gt=epoch(now))
    rows = Booking.objects.filter(
        taking, claims__resource_id__in=ids, claims__soft_until__gt=epoch(begin), claims__soft_from__lt=epoch(end)
    ).exclude(pk=asked.but_booking or 0)
    shown = list(rows.order_by("starts_at", "pk").distinct())
    taken, held = [b for b in shown if b.state != "held"], [b for b in shown if b.state == "held"]
    found = []
    if taken:
        counted = ngettext_lazy("Taken by %(n)s booking.", "Taken by %(n)s bookings.", len(taken))
        text = _filled(counted, n=len(taken))
        found.append(Reason("taken", text, _references(taken) if for_staff else ()))
    for booking in held[:MOST_NAMED]:
        until = booking.held_until.astimezone(zone(offer.tz)) if booking.held_until else None
        text = _filled(_("Held until %(time)s by somebody who decides."), time=f"{until:%H:%M}" if until else "")
        found.append(Reason("held", text, _references([booking]) if for_staff else ()))
    return found


def _references(bookings: Sequence[Booking]) -> tuple[str, ...]:
    return tuple(b.reference for b in bookings[:MOST_NAMED])


def _buffers(offer: Offer, candidates: Candidates, asked: Asked, now: dt.datetime) -> list[Reason]:
    """Whether there would be room without the minutes kept free around visits."""
    row = offer.row
    if not any(n.buffers != Buffers(shared=n.buffers.shared) for n in offer.needs):
        return []
    bare = _bare_demands(offer, candidates, asked, now)
    if not places(bare, party=asked.party, seats=row.seats, overbooking=row.overbooking).any():
        return []
    setup = max(n.buffers.setup for n in offer.needs)
    if setup:
        text = _("There would be room without setting up (%(setup)s) and the minutes kept free around visits.")
        return [Reason("setup", _filled(text, setup=_length(setup)))]
    text = _("There would be room without the minutes kept free around visits (%(before)s before, %(after)s after).")
    return [Reason("buffers", _filled(text, before=row.buffer_before, after=row.buffer_after))]


def _bare_demands(offer: Offer, candidates: Candidates, asked: Asked, now: dt.datetime) -> list[Demand]:
    """What each requirement would find if visits took their own time only, theirs and the one wanted."""
    known = supply().resources
    needs = [(n, _among(n, asked)) for n in offer.needs if set(n.resource_ids) - asked.ignoring]
    ids = list({pk for __, among in needs for pk in among})
    begin, end = candidates.reach([Buffers()])
    taking = Claim.objects.filter(resource_id__in=ids, soft_until__gt=begin, soft_from__lt=end)
    taking = taking.filter(Q(expires=None) | Q(expires__gt=epoch(now))).exclude(booking_id=asked.but_booking or 0)
    names = ("resource_id", "hard_from", "hard_until", "booking__starts_at", "booking__ends_at")
    spans: dict[int, dict[tuple[Any, ...], tuple[int, ...]]] = {pk: {} for pk in ids}
    taken = {pk: Taken() for pk in ids}
    found = taking.values_list(*names, "units", "share", "seats", "pk")
    for pk, hard_from, hard_until, starts, ends, units, share, seats, claim in found:
        span = (epoch(starts), epoch(ends)) if starts else (hard_from, hard_until)
        persons = taken[pk].persons
        persons[share] = persons.get(share, 0) + seats
        # Claims that share a slot count once.
        spans[pk][(share, *span) if offer.row.seats > 1 else (claim,)] = (*span, *span, units)
    for pk, rows in spans.items():
        taken[pk].rows = np.array(list(rows.values()), dtype=np.int64).reshape(-1, 5)
    away = absences_between(ids, instant(begin), instant(end))
    first, last = instant(begin).date(), instant(end).date()
    always = asked.any_hours or offer.row.unit != Unit.SLOT
    shares = Shares(offer.row.pk, offer.row.seats) if offer.row.seats > 1 else None
    there = {pk: is_there(known[pk], candidates, first, last, away.get(pk, ()), always=always) for pk in ids}
    return [
        Demand(
            lanes_of(replace(n, buffers=Buffers()), candidates, taken, {pk: there[pk] for pk in among}, shares),
            n.count,
            n.units_for(asked.party),
        )
        for n, among in needs
    ]


def _sessions(offer: Offer, day: dt.date, asked: Asked, now: dt.datetime) -> list[Reason]:
    begin, end = day_bounds(day, day, offer.tz)
    planned = Session.objects.filter(offering_id=offer.row.pk, starts_at__gte=begin, starts_at__lt=end)
    if not planned.filter(cancelled_at=None).exists():
        if planned.exists():
            return [Reason("cancelled", _("The date of this day was cancelled."))]
        return [Reason("no_session", _("No date is planned for this day."))]
    slots = slots_between(offer, day, day, asked, now=now)
    free = free_only(slots)
    if not free:
        left = max(s.places for s in slots_between(offer, day, day, replace(asked, party=1), now=now))
        if left:
            text = _filled(ngettext_lazy("Only %(n)s seat is left.", "Only %(n)s seats are left.", left), n=left)
            return [Reason("few_seats", text)]
        return [Reason("full", pgettext_lazy("a planned date", "Every seat is taken."))]
    kept = kept_for_waiting(offer, free, asked, now=now)
    if len(kept) == len(free):
        return [Reason("waiting_first", _("What is free is kept for people on the waiting list."))]
    return []

"""The waiting list: join, be offered a place for a while, take it or let it pass."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Conflict, Invalid, NotAllowed
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.reservations import events
from parvis.reservations.availability import MOST_DAYS, Asked, Slot, slots_between
from parvis.reservations.domain.waiting import Place, Reason, misfit, why_not
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, BookingState, Session, WaitingEntry, WaitingState
from parvis.reservations.selectors import waiting_visible
from parvis.reservations.services.holding import Caller, Wanted, booking_hold
from parvis.reservations.services.queue import as_waiting, by_person, line_of, wishes_of
from parvis.reservations.supply import Offer, offer_get, supply
from parvis.toolkit.db import lock_rows, unit
from parvis.toolkit.inserts import row_insert

REMEMBERED = 20


@dataclass(frozen=True)
class Joining:
    """A party that wants to wait. `wishes` as in `WaitingEntry.wishes`."""

    offering_id: int
    customer_id: int
    first_day: dt.date
    last_day: dt.date
    party: int = 1
    nights: int = 0
    session_id: int | None = None
    wishes: dict[str, Any] = field(default_factory=dict)


def waiting_join(*, caller: Caller, joining: Joining, now: dt.datetime | None = None) -> WaitingEntry:
    """Put a party on the waiting list. Raises Invalid, and Conflict when the list is closed or they wait already."""
    now = now or utcnow()
    offer = offer_get(joining.offering_id)
    if not offer.row.waiting_open:
        raise Conflict(_("This waiting list takes nobody new."), code="waiting_closed")
    _check(offer, joining, now)
    try:
        with unit():
            entry = row_insert(
                WaitingEntry(
                    offering_id=joining.offering_id,
                    session_id=joining.session_id,
                    customer_id=joining.customer_id,
                    party=joining.party,
                    nights=joining.nights,
                    first_day=joining.first_day,
                    last_day=joining.last_day,
                    wishes=joining.wishes,
                    created_at=now,
                )
            )
            _record(caller.actor, events.WAITING_JOINED, entry, now)
    except IntegrityError as error:
        raise Conflict(_("You are on this waiting list already."), code="waits_already") from error
    return entry


def _check(offer: Offer, joining: Joining, now: dt.datetime) -> None:
    today = now.astimezone(zone(offer.tz)).date()
    if joining.last_day < max(joining.first_day, today):
        raise Invalid(_("These days have passed."), fields={"last_day": _("Choose a later day.")})
    if not 1 <= joining.party <= offer.terms.max_party:
        most = offer.terms.max_party
        raise Invalid(_("This is for up to %(max)s persons.") % {"max": most}, fields={"party": _("Choose fewer.")})
    if joining.session_id and not Session.objects.filter(pk=joining.session_id, offering=offer.row).exists():
        raise Invalid(_("Choose a date."), fields={"session": _("There is no such date.")})
    try:
        wishes_of(WaitingEntry(first_day=joining.first_day, last_day=joining.last_day, wishes=joining.wishes))
    except (ValueError, TypeError, AttributeError) as error:
        told = _("Write times like 09:00 and weekdays as 0 (Monday) to 6.")
        raise Invalid(_("These wishes cannot be read."), fields={"wishes": told}) from error


def waiting_hang(*, entry_id: int, encounter_id: int) -> None:
    """Hang a wish on its encounter: the desk does, once it has opened one."""
    WaitingEntry.objects.filter(pk=entry_id, encounter=None).update(encounter_id=encounter_id)


def waiting_leave(*, caller: Caller, entry_id: int, now: dt.datetime | None = None) -> WaitingEntry:
    """Wait no longer. Raises Conflict when that is over already."""
    now = now or utcnow()
    if caller.viewer is not None:
        entry_visible(caller, entry_id)
    with unit():
        [entry] = lock_rows(WaitingEntry.objects.all(), [entry_id])
        if entry.state != WaitingState.WAITING:
            raise Conflict(_("This wait is over already."), code=f"waiting_{entry.state}")
        _end(entry, WaitingState.LEFT, now)
        _record(caller.actor, events.WAITING_LEFT, entry, now)
    return entry


def entry_visible(caller: Caller, entry_id: int) -> WaitingEntry:
    """An entry that a member of staff may see. Raises Conflict for none."""
    found = waiting_visible(caller.viewer).filter(pk=entry_id).first() if caller.viewer else None
    if found is None:
        raise Conflict(_("This wait is over already."), code="no_entry")
    return found


def waiting_offer(
    *, caller: Caller, entry_id: int, start: dt.datetime | None = None, now: dt.datetime | None = None
) -> Booking:
    """A member of staff offers a place to somebody who waits: this start, or the first that fits their wishes.

    Raises Taken when there is none, Conflict when they were offered one or wait no longer.
    """
    if caller.viewer is None:
        raise NotAllowed(_("Only staff offers places."))
    now = now or utcnow()
    entry = entry_visible(caller, entry_id)
    offer = offer_get(entry.offering_id)
    fitting = [s for s in _fitting(offer, entry, now) if start is None or s.start == start]
    if entry.state != WaitingState.WAITING:
        raise Conflict(_("They were offered a place already, or wait no longer."), code=f"waiting_{entry.state}")
    if not fitting:
        raise Taken(_("There is no place that fits these wishes."), code="no_place")
    return _offer(caller.actor, offer, entry, fitting[0], now)


def waiting_run(*, now: dt.datetime | None = None) -> int:
    """Offer free places to those who wait, in their order; returns how many were offered.

    For the ticker. Never after the start; one offer at a time for each; who was passed over is noted with the reason.
    """
    now = now or utcnow()
    done = 0
    ids = WaitingEntry.objects.filter(state=WaitingState.WAITING).values_list("offering_id", flat=True).distinct()
    for offering_id in list(ids.order_by("offering_id")):
        offer = supply().offers.get(offering_id)
        if offer is not None and offer.row.waiting_auto:
            done += _run(offer, now)
    return done


def _run(offer: Offer, now: dt.datetime) -> int:
    done, passed = 0, []
    for entry in line_of(offer):
        fitting = _fitting(offer, entry, now)
        if not fitting:
            passed.append(entry)
            continue
        try:
            booking = _offer(Actor.system(), offer, entry, fitting[0], now)
        except (Taken, Conflict):
            continue  # somebody was faster; the next round sees what is left
        done += 1
        _note_passed(offer, passed, fitting[0], booking, now)
    return done


def _note_passed(offer: Offer, passed: Sequence[WaitingEntry], slot: Slot, booking: Booking, now: dt.datetime) -> None:
    """Those ahead in line whose wishes this met, but whose party did not fit, are told so when they ask."""
    place = _place(offer, slot)
    for entry in passed:
        if misfit(wishes_of(entry), place) is None:
            seen = [now.isoformat(), booking.starts_at.isoformat(), Reason.PARTY.value]
            entry.passed_over = [*entry.passed_over, seen][-REMEMBERED:]
            entry.save(update_fields=["passed_over"])


def _offer(actor: Actor, offer: Offer, entry: WaitingEntry, slot: Slot, now: dt.datetime) -> Booking:
    """Hold the place in their name, and say so in the ledger: the desk writes to them."""
    minutes = min(offer.row.offer_minutes, int((slot.start - now).total_seconds() // 60))
    wanted = Wanted(
        offer.row.pk,
        slot.start,
        entry.party,
        nights=entry.nights or 1,
        session_id=slot.session_id,
        wished=wishes_of(entry).resources & frozenset(slot.resource_ids),
    )
    with unit():
        [entry] = lock_rows(WaitingEntry.objects.all(), [entry.pk])
        if entry.state != WaitingState.WAITING:
            raise Conflict(_("They were offered a place already, or wait no longer."), code=f"waiting_{entry.state}")
        caller = Caller.house()
        booking = booking_hold(caller=caller, wanted=wanted, minutes=minutes, customer_id=entry.customer_id, now=now)
        entry.state, entry.booking_id, entry.offered_at = WaitingState.OFFERED, booking.pk, now
        entry.save(update_fields=["state", "booking", "offered_at"])
        until = booking.held_until.isoformat() if booking.held_until else None
        _record(actor, events.WAITING_OFFERED, entry, now, booking=booking, until=until)
    return booking


def _fitting(offer: Offer, entry: WaitingEntry, now: dt.datetime) -> list[Slot]:
    """Free starts that meet the wishes of an entry, in order."""
    place = zone(offer.tz)
    first = max(entry.first_day, now.astimezone(place).date())
    last = min(entry.last_day, first + dt.timedelta(days=MOST_DAYS))
    if last < first:
        return []
    asked = Asked(party=entry.party, nights=entry.nights or 1, wished=wishes_of(entry).resources)
    slots = slots_between(offer, first, last, asked, now=now)
    soonest = now + dt.timedelta(minutes=max(offer.terms.notice_minutes, 1))
    wishes = wishes_of(entry)
    return [s for s in slots if s.places > 0 and s.start > soonest and misfit(wishes, _place(offer, s)) is None]


def _place(offer: Offer, slot: Slot) -> Place:
    local = slot.start.astimezone(zone(offer.tz))
    return Place(local, slot.places, frozenset(slot.resource_ids), slot.session_id)


def waiting_settle(*, now: dt.datetime | None = None) -> int:
    """Note how offers ended: booked, lapsed or cancelled; end waits whose days are over. Returns how many."""
    now = now or utcnow()
    ended = {
        BookingState.CONFIRMED: WaitingState.BOOKED,
        BookingState.ARRIVED: WaitingState.BOOKED,
        BookingState.DONE: WaitingState.BOOKED,
        BookingState.NO_SHOW: WaitingState.BOOKED,
        BookingState.EXPIRED: WaitingState.LAPSED,
        BookingState.CANCELLED: WaitingState.LEFT,
    }
    offered = WaitingEntry.objects.filter(state=WaitingState.OFFERED, booking__state__in=list(ended))
    over = WaitingEntry.objects.filter(state=WaitingState.WAITING, last_day__lt=now.date() - dt.timedelta(days=1))
    ids = [*offered.values_list("pk", flat=True)[:200], *over.values_list("pk", flat=True)[:200]]
    if not ids:
        return 0
    open_still = WaitingEntry.objects.filter(state__in=[WaitingState.OFFERED, WaitingState.WAITING])
    with unit():
        states = dict(Booking.objects.filter(waiting__pk__in=ids).values_list("pk", "state"))
        for entry in lock_rows(open_still, ids):
            _settle(entry, ended.get(states.get(entry.booking_id), WaitingState.LEFT), now)  # type: ignore[call-overload]
    return len(ids)


def _settle(entry: WaitingEntry, state: WaitingState, now: dt.datetime) -> None:
    _end(entry, state, now)
    names = {WaitingState.LAPSED: events.WAITING_LAPSED, WaitingState.LEFT: events.WAITING_LEFT}
    if state in names:
        _record(Actor.system(), names[state], entry, now)


def _end(entry: WaitingEntry, state: WaitingState, now: dt.datetime) -> None:
    entry.state, entry.ended_at = state, now
    entry.save(update_fields=["state", "ended_at"])


@dataclass(frozen=True)
class Answer:
    """Why a place was not offered to somebody. `ahead`: how many wait before them for it; `free`: how much was free."""

    reason: Reason | None
    ahead: int
    free: int
    passed_over: Sequence[Sequence[str]] = ()


def waiting_why(
    *, entry: WaitingEntry, start: dt.datetime, session_id: int | None = None, now: dt.datetime | None = None
) -> Answer:
    """Why the place at this start is not offered to this entry as things stand; reason None: it will be, next.

    `entry`: a row the caller may see.
    """
    now = now or utcnow()
    offer = offer_get(entry.offering_id)
    local = start.astimezone(zone(offer.tz))
    asked = Asked(party=1 if by_person(offer) else entry.party, nights=entry.nights or 1)
    slots = slots_between(offer, local.date(), local.date(), asked, now=now)
    slot = next((s for s in slots if s.start == start and (session_id is None or s.session_id == session_id)), None)
    place = _place(offer, slot) if slot else Place(local, 0, session=session_id)
    line = [as_waiting(offer, e) for e in _line_with(offer, entry)]
    before = [w for w in line[: [w.key for w in line].index(entry.pk)] if misfit(w.wishes, place) is None]
    return Answer(why_not(line, entry.pk, place, now=now), len(before), place.free, entry.passed_over)


def _line_with(offer: Offer, entry: WaitingEntry) -> Iterable[WaitingEntry]:
    line = line_of(offer)
    return line if any(e.pk == entry.pk for e in line) else [*line, entry]


def _record(
    actor: Actor, name: str, entry: WaitingEntry, now: dt.datetime, booking: Booking | None = None, **data: Any
) -> None:
    told = {"entry": entry.pk, "offering": entry.offering_id, "party": entry.party, **data}
    if booking is not None:
        told |= {"booking": booking.pk, "starts_at": booking.starts_at.isoformat()}
    site_id = supply().offers[entry.offering_id].row.site_id if entry.offering_id in supply().offers else None
    fact = Fact(name, encounter_id=entry.encounter_id, customer_id=entry.customer_id, site_id=site_id, data=told)
    entries_record(actor=actor, facts=[fact], at=now)

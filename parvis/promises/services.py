"""Every promise goes through this door; one watch warns before it breaks."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import calendar_of, site_get
from parvis.encounters.selectors import encounter_visible
from parvis.encounters.services import encounter_due_set, encounter_lock
from parvis.kernel.business_hours import Calendar, NeverOpen
from parvis.kernel.clock import parse_instant, utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.promises import events
from parvis.promises.domain.promise import Deadline, Kind, Pause, State, deadline_at, deadline_by_hours
from parvis.promises.models import Promise
from parvis.promises.selectors import promise_visible
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows, unit
from parvis.toolkit.inserts import rows_insert
from parvis.toolkit.prepared import prepared

WATCH_BATCH = 500


@dataclass(frozen=True)
class Term:
    """What is promised: a span of opening time, or a stated instant; for amounts, how much at most."""

    kind: str
    business_seconds: int | None = None
    due_at: dt.datetime | None = None
    note: str = ""
    amount_minor: int | None = None
    currency: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Planned:
    """A term with the deadline it comes to, before it is promised."""

    term: Term
    deadline: Deadline


def promises_plan(*, site_id: int, terms: Iterable[Term], at: dt.datetime) -> list[Planned]:
    """What promises made at a site now would come to, the nearest first.

    Raises Invalid for a term whose time has passed, or that has neither a span nor an instant.
    """
    planned = [Planned(term, _deadline(site_id, term, at)) for term in terms]
    return sorted(planned, key=lambda p: p.deadline.due_at)


def promises_enter(*, actor: Actor, encounter: Any, planned: Iterable[Planned], at: dt.datetime) -> list[Promise]:
    """Write planned promises of an encounter that has just been opened with the nearest of them as its due time."""
    with unit():
        made = rows_insert([_new(actor, encounter, p, at) for p in planned])
        _record(actor, events.MADE, made, at)
    return made


def promises_make(
    *, actor: Actor, encounter: Any, terms: Iterable[Term], at: dt.datetime | None = None
) -> list[Promise]:
    """Make promises on an encounter (a row of `encounters`) in one go. Authorised by the caller's service.

    Raises Invalid as `promises_plan`.
    """
    at = at or utcnow()
    with unit():
        planned = promises_plan(site_id=encounter.site_id, terms=terms, at=at)
        made = promises_enter(actor=actor, encounter=encounter, planned=planned, at=at)
        _repeat_nearest(encounter.pk)
    return made


def promise_make(*, viewer: Viewer, encounter_id: int, term: Term) -> Promise:
    """A member promises something to the customer: a call back, news, an amount. Raises as `promises_make`."""
    encounter = encounter_visible(viewer, encounter_id)
    return promises_make(actor=actor_of(viewer), encounter=encounter, terms=[term])[0]


def _new(actor: Actor, encounter: Any, planned: Planned, at: dt.datetime) -> Promise:
    term, deadline = planned.term, planned.deadline
    return Promise(
        encounter_id=encounter.pk,
        customer_id=encounter.customer_id,
        site_id=encounter.site_id,
        kind=term.kind,
        made_at=at,
        made_by_id=actor.id if actor.kind == "member" else None,
        note=term.note[:200],
        business_seconds=term.business_seconds,
        due_at=deadline.due_at,
        warn_at=deadline.warn_at,
        amount_minor=term.amount_minor,
        currency=term.currency,
        confidence=term.confidence,
    )


def _deadline(site_id: int, term: Term, at: dt.datetime) -> Deadline:
    if term.due_at is not None:
        if term.due_at <= at:
            raise Invalid(_("That time has passed."), fields={"due_at": _("Choose a time that lies ahead.")})
        # A wait lasts minutes: a quarter of an hour before its end is often before its beginning.
        return deadline_at(at, term.due_at, *([dt.timedelta()] if term.kind == Kind.WAIT else []))
    if term.business_seconds is None:
        raise Invalid(_("A promise needs a time."), fields={"due_at": _("Say by when.")})
    try:
        deadline = deadline_by_hours(calendar_for(site_id, at), at, term.business_seconds, [])
    except NeverOpen:  # a site without hours yet: the customer is still told a time, by the clock on the wall
        deadline = None
    return deadline or deadline_at(at, at + dt.timedelta(seconds=term.business_seconds))


def calendar_for(site_id: int, around: dt.datetime) -> Calendar:
    """The calendar of a site by id. Raises Invalid if the site is gone."""
    site = site_get(site_id)
    if site is None:
        raise Invalid(_("This site no longer exists."))
    return calendar_of(site, around=around)


def promise_renegotiate(*, viewer: Viewer, promise_id: int, due_at: dt.datetime, reason: str) -> Promise:
    """Replace an open promise by a later (or earlier) one, with the reason the customer is told.

    Telling them is the desk's part (`desk.services.promise_renegotiate`). Raises Conflict if it is no longer open.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": _("The customer is told this reason.")})
    with unit():
        old = _lock_open(promise_visible(viewer, promise_id).pk)
        return _replace(actor_of(viewer), old, due_at, reason, utcnow())


def _replace(actor: Actor, old: Promise, due_at: dt.datetime, reason: str, at: dt.datetime) -> Promise:
    """Another promise in the place of a locked one."""
    old.state, old.settled_at, old.reason = State.RENEGOTIATED, at, reason[:300]
    old.save()
    term = Term(old.kind, due_at=due_at, note=old.note, amount_minor=old.amount_minor, currency=old.currency)
    [new] = promises_make(actor=actor, encounter=old.encounter, terms=[term], at=at)
    old.replaced_by = new
    old.save(update_fields=["replaced_by"])
    _record(actor, events.RENEGOTIATED, [old], at, by=new.pk)
    return new


def promises_renegotiate(
    *, actor: Actor, encounter_id: int, kind: str, due_at: dt.datetime, reason: str = "", at: dt.datetime | None = None
) -> list[Promise]:
    """Move what an encounter was promised of a kind: with the customer, who knows the reason. Returns the new ones."""
    at = at or utcnow()
    with unit():
        found = lock_rows(Promise.objects.filter(encounter_id=encounter_id, kind=kind, state=State.OPEN))
        return [_replace(actor, old, due_at, reason, at) for old in found]


def promises_drop(
    *, actor: Actor, encounter_id: int, kind: str, reason: str = "", broken: bool = False, at: dt.datetime | None = None
) -> int:
    """What was promised of a kind will not take place: void, or `broken` when it is the house that gives up.

    Returns how many promises that were.
    """
    at = at or utcnow()
    unsettled = Q(state=State.OPEN) | Q(state=State.BROKEN, settled_at=None)
    with unit():
        found = lock_rows(Promise.objects.filter(unsettled, encounter_id=encounter_id, kind=kind))
        for promise in found:
            promise.state, promise.settled_at, promise.reason = State.BROKEN if broken else State.VOID, at, reason[:300]
            promise.broken_at = at if broken else None
            promise.save()
        _record(actor, events.BROKEN if broken else events.VOIDED, found, at)
        if found:
            _repeat_nearest(encounter_id)
    return len(found)


def promises_give_up(*, actor: Actor, encounter_id: int, kind: str, at: dt.datetime | None = None) -> None:
    """The customer waits no longer: void where the time had not come, else broken for good."""
    at = at or utcnow()
    unsettled = Q(state=State.OPEN) | Q(state=State.BROKEN, settled_at=None)
    with unit():
        found = lock_rows(Promise.objects.filter(unsettled, encounter_id=encounter_id, kind=kind))
        for promise in found:
            late, told = promise.due_at < at, promise.state == State.BROKEN
            promise.state, promise.settled_at = State.BROKEN if late else State.VOID, at
            promise.broken_at = (promise.broken_at or promise.due_at) if late else None
            promise.save()
            if not (late and told):
                _record(actor, events.BROKEN if late else events.VOIDED, [promise], at)
        if found:
            _repeat_nearest(encounter_id)


def promise_keep(*, viewer: Viewer, promise_id: int) -> Promise:
    """Mark a promise done by hand: the call was made, the amount was held."""
    with unit():
        promise = _lock_unsettled(promise_visible(viewer, promise_id).pk)
        _settle(actor_of(viewer), [promise], utcnow())
        _repeat_nearest(promise.encounter_id)
    return promise


def promise_void(*, viewer: Viewer, promise_id: int, reason: str) -> Promise:
    """Drop a promise that no longer applies, saying why. It counts neither as kept nor as broken."""
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": _("A promise is not dropped without a reason.")})
    with unit():
        promise = _lock_open(promise_visible(viewer, promise_id).pk)
        at = utcnow()
        promise.state, promise.settled_at, promise.reason = State.VOID, at, reason[:300]
        promise.save()
        _record(actor_of(viewer), events.VOIDED, [promise], at)
        _repeat_nearest(promise.encounter_id)
    return promise


def promises_settle(
    *,
    actor: Actor,
    encounter_id: int,
    kinds: Iterable[str],
    at: dt.datetime | None = None,
    judged_at: dt.datetime | None = None,
) -> list[int]:
    """What was promised has happened: kept if in time, broken (and now done) if late. Returns the ids settled.

    `judged_at`: by which instant it is judged, where the customer was late and not the house; default: `at`.
    """
    at = at or utcnow()
    with unit():
        unsettled = Q(state=State.OPEN) | Q(state=State.BROKEN, settled_at=None)
        found = Promise.objects.filter(unsettled, encounter_id=encounter_id, kind__in=list(kinds))
        promises = lock_rows(found)
        if promises:
            _settle(actor, promises, at, judged_at)
            _repeat_nearest(encounter_id)
    return [p.pk for p in promises]


def _settle(actor: Actor, promises: list[Promise], at: dt.datetime, judged_at: dt.datetime | None = None) -> None:
    for promise in promises:
        if judged_at is not None:  # the watch may have spoken meanwhile, but it was not the house that was late
            in_time = judged_at <= promise.due_at
            promise.broken_at = None if in_time else promise.broken_at
        else:
            in_time = promise.state == State.OPEN and (promise.paused or at <= promise.due_at)
        promise.state = State.KEPT if in_time else State.BROKEN
        promise.settled_at = at
        if not in_time and promise.broken_at is None:
            promise.broken_at = promise.due_at
        _close_pause(promise, at)
        promise.save()
        _record(actor, events.KEPT if in_time else events.SETTLED_LATE, [promise], at)


def promises_unsettle(*, actor: Actor, promise_ids: Iterable[int]) -> None:
    """Undo `promises_settle`: the reply that kept them was taken back within its ten seconds."""
    promises = lock_rows(Promise.objects.filter(state__in=[State.KEPT, State.BROKEN]), promise_ids)
    now = utcnow()
    for promise in promises:
        promise.state = State.OPEN if promise.broken_at is None or promise.broken_at > now else State.BROKEN
        promise.settled_at = None
        promise.save()
    if promises:
        _record(actor, events.REOPENED, promises, now)
        _repeat_nearest(promises[0].encounter_id)


def promises_pause(*, actor: Actor, encounter_id: int, at: dt.datetime | None = None) -> None:
    """The house waits for the customer: promised spans stand still. Stated instants do not."""
    at = at or utcnow()
    found = Promise.objects.filter(
        encounter_id=encounter_id, state=State.OPEN, paused=False, business_seconds__isnull=False
    )
    with unit():
        promises = lock_rows(found)
        for promise in promises:
            promise.pauses = [*promise.pauses, [at.isoformat(), None]]
            promise.paused = True
            promise.save()
        if promises:
            _record(actor, events.PAUSED, promises, at)
            _repeat_nearest(encounter_id)


def promises_resume(*, actor: Actor, encounter_id: int, at: dt.datetime | None = None) -> None:
    """The customer spoke: the clock runs again, and what is due moves by the time waited."""
    at = at or utcnow()
    with unit():
        promises = lock_rows(Promise.objects.filter(encounter_id=encounter_id, state=State.OPEN, paused=True))
        for promise in promises:
            _close_pause(promise, at)
            deadline = deadline_by_hours(
                calendar_for(promise.site_id, at), promise.made_at, promise.business_seconds or 0, pauses_of(promise)
            )
            if deadline is not None:
                promise.due_at, promise.warn_at = deadline.due_at, deadline.warn_at
            promise.save()
        if promises:
            _record(actor, events.RESUMED, promises, at)
            _repeat_nearest(encounter_id)


def pauses_of(promise: Promise) -> list[Pause]:
    """The pauses of a promise as instants."""
    return [(parse_instant(a), parse_instant(b) if b else None) for a, b in promise.pauses]


def _close_pause(promise: Promise, at: dt.datetime) -> None:
    if promise.paused:
        promise.pauses = [*promise.pauses[:-1], [promise.pauses[-1][0], at.isoformat()]]
        promise.paused = False


def promises_watch(*, now: dt.datetime | None = None) -> tuple[int, int]:
    """One round of the watch: warn of what is near, mark what broke. Returns how many of each.

    Rows are claimed by a conditional update, so that two watches never tell the same thing twice.
    """
    now = now or utcnow()
    running = Promise.objects.filter(state=State.OPEN, paused=False)
    warned = _watch_mark(running.filter(warned_at=None, warn_at__lte=now), events.WARNED, {"warned_at": now}, now)
    broken = _watch_mark(running.filter(due_at__lt=now), events.BROKEN, {"state": State.BROKEN, "broken_at": now}, now)
    return warned, broken


def _watch_mark(found: Any, name: str, change: dict[str, Any], now: dt.datetime) -> int:
    count = 0
    for promise in list(found.order_by("pk")[:WATCH_BATCH]):
        with unit():
            still = {"state": State.OPEN, "paused": False, "due_at": promise.due_at}
            if Promise.objects.filter(pk=promise.pk, **still).update(**change):
                _record(Actor.system(), name, [promise], now)
                count += 1
    return count


def _lock_open(promise_id: int) -> Promise:
    promise = _lock_unsettled(promise_id)
    if promise.state not in (State.OPEN, State.BROKEN):
        raise Conflict(_("This promise is no longer open."), hint=_("Reload the page to see how it ended."))
    return promise


def _lock_unsettled(promise_id: int) -> Promise:
    # The encounter first, as everywhere: whoever changes an encounter and its promises takes the locks in this order.
    encounter_lock(Promise.objects.values_list("encounter_id", flat=True).get(pk=promise_id))
    [promise] = lock_rows(Promise.objects.all(), [promise_id])
    if promise.settled_at is not None:
        raise Conflict(_("This promise is settled already."), hint=_("Reload the page to see how it ended."))
    return promise


def _repeat_nearest(encounter_id: int) -> None:
    [(due_at, kind)] = _nearest(encounter=encounter_id) or [(None, "")]
    encounter_due_set(encounter_id=encounter_id, due_at=due_at, due_kind=kind)


@prepared
def _nearest(*, encounter: int) -> QuerySet[Promise, tuple[dt.datetime, str]]:
    unsettled = Q(state=State.OPEN, paused=False) | Q(state=State.BROKEN, settled_at=None)
    found = Promise.objects.filter(unsettled, encounter_id=encounter)
    return found.order_by("due_at").values_list("due_at", "kind")[:1]


def _record(actor: Actor, name: str, promises: list[Promise], at: dt.datetime, **data: Any) -> None:
    entries_record(
        actor=actor,
        at=at,
        facts=[
            Fact(
                name,
                encounter_id=p.encounter_id,
                customer_id=p.customer_id,
                site_id=p.site_id,
                data={"promise": p.pk, "kind": p.kind, "due_at": p.due_at.isoformat(), **data},
            )
            for p in promises
        ],
    )


def promises_move(*, encounter_ids: Iterable[int], to_customer: int) -> None:
    """Promises follow their encounters to another record of the customer: merging, or taking a merge apart."""
    Promise.objects.filter(encounter_id__in=list(encounter_ids)).update(customer_id=to_customer)


def promises_forget(*, encounter_ids: Iterable[int]) -> None:
    """Remove what was written into the promises of an erased customer; how they ended stays, for the score."""
    Promise.objects.filter(encounter_id__in=list(encounter_ids)).update(note="", reason="")

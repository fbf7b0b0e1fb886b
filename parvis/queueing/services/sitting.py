"""Agents sign on at a counter, take breaks, and sign off."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotAllowed
from parvis.queueing import events
from parvis.queueing.models import Sitting, Turn
from parvis.queueing.selectors import at_counter, counter_visible, sitting_of
from parvis.queueing.services.records import counter_busy, record_counter
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.db import lock_rows, unit


def no_sitting() -> Conflict:
    """What is said to somebody who is at no counter."""
    return Conflict(_("You are at no counter."), code="not_sitting", hint=_("Choose a counter and sign on."))


def sign_on(
    *, viewer: Viewer, counter_id: int, until: dt.datetime | None = None, now: dt.datetime | None = None
) -> Sitting:
    """Sit down at a counter; whoever sits at another one leaves it.

    Raises Conflict when somebody else sits here, Invalid for an `until` that has passed.
    """
    now = now or utcnow()
    _ahead("until", until, now)
    if viewer.member_id is None or not viewer.may(Right.SERVE):
        raise NotAllowed(_("Only a member of staff sits at a counter."))
    counter = counter_visible(viewer, counter_id)
    if not counter.is_active:
        raise Conflict(_("This counter is not in use."), code="counter_closed")
    with unit():
        mine = mine_locked(viewer)
        if mine is not None and mine.counter_id == counter_id:
            return mine
        if mine is not None:
            _end(viewer, mine, now)
        taken = Sitting.objects.filter(counter_id=counter_id, until=None).select_related("member").first()
        if taken is None:
            try:
                with transaction.atomic():
                    sitting = Sitting.objects.create(
                        counter_id=counter_id, member_id=viewer.member_id, since=now, until_planned=until
                    )
            except IntegrityError:
                taken = Sitting.objects.filter(counter_id=counter_id, until=None).select_related("member").first()
        if taken is not None:
            who = taken.member.name
            raise Conflict(
                _("%(name)s sits at this counter.") % {"name": who},
                code="counter_taken",
                hint=_("Choose another counter, or ask them to sign off."),
            )
        record_counter(viewer, events.SIGNED_ON, counter, at=now)
    return sitting


def sign_off(*, viewer: Viewer, now: dt.datetime | None = None) -> None:
    """Leave the counter. Raises Conflict while somebody is being served there, or when sitting at none."""
    with unit():
        mine = mine_locked(viewer)
        if mine is None:
            raise no_sitting()
        _end(viewer, mine, now or utcnow())


def sitting_end(*, viewer: Viewer, sitting_id: int, now: dt.datetime | None = None) -> None:
    """Sign somebody off who forgot to: for leads and above. Whoever they were serving waits again at the front."""
    if not viewer.may(Right.ASSIGN_OTHERS):
        raise NotAllowed(_("Only a lead signs others off."))
    with unit():
        found = lock_rows(Sitting.objects.select_related("counter").filter(until=None), [sitting_id])
        if not found or not viewer.sees_site(found[0].counter.site_id):
            raise no_sitting()
        _end(viewer, found[0], now or utcnow())


def pause(*, viewer: Viewer, back_at: dt.datetime | None = None, now: dt.datetime | None = None) -> Sitting:
    """Take a break: the counter calls nobody, and estimates count on `back_at`. Raises Conflict at no counter, Invalid
    for a time that has passed.
    """
    now = now or utcnow()
    _ahead("back_at", back_at, now)
    with unit():
        mine = mine_locked(viewer)
        if mine is None:
            raise no_sitting()
        if mine.paused_at is None:
            mine.paused_at, mine.back_at = now, back_at
            mine.save(update_fields=["paused_at", "back_at"])
            record_counter(viewer, events.PAUSED, mine.counter, at=mine.paused_at)
    return mine


def resume(*, viewer: Viewer, now: dt.datetime | None = None) -> Sitting:
    """Back from the break."""
    now = now or utcnow()
    with unit():
        mine = mine_locked(viewer)
        if mine is None:
            raise no_sitting()
        if mine.paused_at is not None:
            _close_pause(mine, now)
            mine.save(update_fields=["pauses", "paused_at", "back_at"])
            record_counter(viewer, events.RESUMED_WORK, mine.counter, at=now)
    return mine


def _ahead(field: str, at: dt.datetime | None, now: dt.datetime) -> None:
    if at is not None and at <= now:
        raise Invalid(_("That time has passed."), fields={field: _("Choose a time that lies ahead.")})


def mine_locked(viewer: Viewer) -> Sitting | None:
    """Where the viewer sits, locked until the transaction ends."""
    mine = sitting_of(viewer.member_id)
    if mine is None:
        return None
    found = lock_rows(Sitting.objects.select_related("counter").filter(until=None), [mine.pk])
    return found[0] if found else None


def _end(viewer: Viewer, sitting: Sitting, now: dt.datetime) -> None:
    current = at_counter(sitting.counter_id)
    if current is not None:
        raise counter_busy(current.ticket.code)
    _close_pause(sitting, now)
    sitting.until = now
    sitting.save(update_fields=["until", "pauses", "paused_at", "back_at"])
    # Who was kept for this counter would wait there for ever: whoever takes the line may call them.
    Turn.objects.filter(reserved_id=sitting.counter_id, ended_at=None).update(reserved=None)
    record_counter(viewer, events.SIGNED_OFF, sitting.counter, at=now, member=sitting.member_id)


def _close_pause(sitting: Sitting, now: dt.datetime) -> None:
    if sitting.paused_at is not None:
        sitting.pauses = [*sitting.pauses, [sitting.paused_at.isoformat(), now.isoformat()]]
    sitting.paused_at = sitting.back_at = None

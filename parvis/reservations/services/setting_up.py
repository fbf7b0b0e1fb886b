"""What can be booked is set up: resources, their absences, offerings with what they need, dates of sessions."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from parvis.catalog.domain.week import hours_checked
from parvis.catalog.services.common import authorise, changed_fields, only_known
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.ledger.services import Fact, entries_record
from parvis.reservations import events
from parvis.reservations.availability import Asked
from parvis.reservations.domain.rules import Unit, limits_check
from parvis.reservations.domain.spans import Buffers, epoch, span_of
from parvis.reservations.models import Absence, Booking, Claim, Offering, Requirement, Resource, Session
from parvis.reservations.services.changing import booking_cancel
from parvis.reservations.services.guard import Visit, expired_release, guarded, pick
from parvis.reservations.services.holding import Caller
from parvis.reservations.supply import offer_get
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows, unit
from parvis.toolkit.inserts import rows_insert

RESOURCE_FIELDS = frozenset(f.attname for f in Resource._meta.local_concrete_fields) - {"id"}
OFFERING_FIELDS = frozenset(f.attname for f in Offering._meta.local_concrete_fields) - {"id"}


@dataclass(frozen=True)
class Need:
    """One thing an offering needs, as it is set up: see `Requirement`."""

    resource_ids: Sequence[int]
    count: int = 1
    units: int = 1
    per_person: bool = False
    setup_minutes: int = 0


def resource_save(*, viewer: Viewer, resource_id: int | None = None, **changes: Any) -> Resource:
    """Add a resource or change one. Raises Invalid with `fields`, NotFound for one of a site out of sight.

    A smaller capacity does not undo what is booked: it shows as oversold.
    """
    authorise(viewer)
    only_known(changes, RESOURCE_FIELDS)
    with unit():
        row = _one(Resource, viewer, resource_id) if resource_id is not None else Resource()
        if changes.get("hours"):
            changes["hours"] = hours_checked(changes["hours"])
        _save(row, changes, viewer)
    return row


def offering_save(
    *, viewer: Viewer, offering_id: int | None = None, needs: Iterable[Need] | None = None, **changes: Any
) -> Offering:
    """Add an offering or change one; `needs` replaces what it needs. Raises Invalid with `fields`, NotFound.

    What is booked already keeps its time, price and terms of money.
    """
    authorise(viewer)
    only_known(changes, OFFERING_FIELDS)
    with unit():
        row = _one(Offering, viewer, offering_id) if offering_id is not None else Offering()
        if "limits" in changes:
            changes["limits"] = limits_check(changes["limits"] or {})
        _save(row, changes, viewer)
        if needs is not None:
            _needs_set(row, list(needs))
    return row


def _needs_set(row: Offering, needs: list[Need]) -> None:
    wanted = {pk for need in needs for pk in need.resource_ids}
    here = set(Resource.objects.filter(pk__in=wanted, site_id=row.site_id).values_list("pk", flat=True))
    if wanted - here or any(len(set(n.resource_ids)) < n.count or n.count < 1 or n.units < 1 for n in needs):
        told = _("Choose enough resources of the same site.")
        raise Invalid(told, fields={"needs": told})
    Requirement.objects.filter(offering=row).delete()
    for position, need in enumerate(needs):
        made = Requirement.objects.create(
            offering=row,
            count=need.count,
            units=need.units,
            per_person=need.per_person,
            setup_minutes=need.setup_minutes,
            position=position,
        )
        made.resources.set(need.resource_ids)
    row.save()  # renews the version once the resources are known


def session_plan(
    *, viewer: Viewer, offering_id: int, starts_at: dt.datetime, ends_at: dt.datetime, seats: int, note: str = ""
) -> Session:
    """Plan a date of an offering of sessions; what it needs (a room, a person) is taken for that time.

    Raises Taken when a resource is not free, Invalid.
    """
    authorise(viewer)
    offer = offer_get(offering_id)
    if offer.row.unit != Unit.SESSION or not viewer.sees_site(offer.row.site_id):
        raise Invalid(_("This offering has no planned dates."), code="no_sessions")
    if ends_at <= starts_at or seats < 1:
        raise Invalid(_("A session ends after it begins and has seats."), fields={"ends_at": _("Choose a later time.")})
    now = utcnow()
    visit = Visit(offer, starts_at, ends_at, Asked(any_hours=True))
    with guarded(visit.resource_ids):
        expired_release(visit.resource_ids, now=now)
        picks = pick(visit, now=now) if offer.needs else []
        name = f"{offer.row.slug} {starts_at:%F %H:%M}"[:120]
        resource = Resource.objects.create(site_id=offer.row.site_id, name=name, kind="session", capacity=seats)
        session = Session.objects.create(
            offering_id=offering_id, resource=resource, starts_at=starts_at, ends_at=ends_at, note=note[:200]
        )
        rows_insert([_claim(session, p) for p in picks])
        _record(viewer, events.SETTINGS_CHANGED, offer.row.site_id, session=session.pk)
    return session


def _claim(session: Session, picked: Any) -> Claim:
    span = picked.span
    return Claim(
        session_id=session.pk,
        resource_id=picked.resource_id,
        hard_from=span.hard_from,
        hard_until=span.hard_until,
        soft_from=span.soft_from,
        soft_until=span.soft_until,
        units=picked.units,
        share=f"s{session.pk}",
        exclusive=picked.exclusive,
    )


def session_change(*, viewer: Viewer, session_id: int, seats: int) -> Session:
    """Give a session more or fewer seats. Raises Conflict for fewer than are booked, NotFound."""
    authorise(viewer)
    session = Session.objects.select_related("resource", "offering").filter(pk=session_id).first()
    if session is None or not viewer.sees_site(session.offering.site_id):
        raise NotFound(_("There is no such date."), code="no_session")
    with guarded([session.resource_id]):
        sold = sum(Claim.objects.filter(resource_id=session.resource_id).values_list("units", flat=True))
        if seats < max(sold, 1):
            raise Conflict(_("%(count)s seats are booked already.") % {"count": sold}, code="seats_booked")
        Resource.objects.filter(pk=session.resource_id).update(capacity=seats)
        session.resource.capacity = seats
        _record(viewer, events.SETTINGS_CHANGED, session.offering.site_id, session=session.pk, seats=seats)
    return session


def session_cancel(*, viewer: Viewer, session_id: int, reason: str = "") -> int:
    """Call a date off: what is booked is cancelled by the house, and what the date took is free; returns how many.

    Raises NotFound, Conflict when it was called off already or has begun.
    """
    authorise(viewer)
    session = Session.objects.select_related("resource", "offering").filter(pk=session_id).first()
    if session is None or not viewer.sees_site(session.offering.site_id):
        raise NotFound(_("There is no such date."), code="no_session")
    now = utcnow()
    with guarded([session.resource_id]):
        called_off = Session.objects.filter(pk=session_id, cancelled_at=None, starts_at__gt=now)
        if not called_off.update(cancelled_at=now):
            raise Conflict(_("This date was called off already, or has begun."), code="session_over")
        booked = Booking.objects.filter(session_id=session_id, state__in=["held", "confirmed"]).order_by("pk")
        ids = list(booked.values_list("pk", flat=True))
        for booking_id in ids:
            booking_cancel(caller=Caller.staff(viewer), booking_id=booking_id, reason=reason, by_house=True, now=now)
        Claim.objects.filter(session_id=session_id).delete()
        _record(viewer, events.SETTINGS_CHANGED, session.offering.site_id, session=session_id, bookings=len(ids))
    return len(ids)


def absence_add(
    *,
    viewer: Viewer,
    resource_id: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str = "",
    source: str = "",
) -> tuple[Absence, list[Booking]]:
    """Note that a resource is away; returns the bookings that this hits, which stay until somebody moves them.

    Raises Invalid, NotFound.
    """
    if ends_at <= starts_at:
        raise Invalid(_("An absence ends after it begins."), fields={"ends_at": _("Choose a later time.")})
    with guarded([resource_id]):
        resource = _one(Resource, viewer, resource_id)
        if resource.member_id != viewer.member_id or viewer.member_id is None:
            authorise(viewer, Right.ASSIGN_OTHERS)
        absence = Absence.objects.create(
            resource=resource, starts_at=starts_at, ends_at=ends_at, reason=reason[:120], source=source
        )
        span = span_of(epoch(starts_at), epoch(ends_at), Buffers())
        hit = Booking.objects.filter(
            claims__resource=resource, claims__hard_from__lt=span.hard_until, claims__hard_until__gt=span.hard_from
        )
        found = list(hit.select_related("customer", "offering").order_by("starts_at").distinct())
        _record(viewer, events.ABSENCE_ADDED, resource.site_id, resource=resource.pk, hits=len(found))
    return absence, found


def absence_remove(*, viewer: Viewer, absence_id: int) -> None:
    """The resource is there after all. Raises NotFound, Conflict for a time that another calendar says."""
    with unit():
        absence = Absence.objects.select_related("resource").filter(pk=absence_id).first()
        if absence is None or not viewer.sees_site(absence.resource.site_id):
            raise NotFound(_("There is no such absence."), code="no_absence")
        if absence.resource.member_id != viewer.member_id or viewer.member_id is None:
            authorise(viewer, Right.ASSIGN_OTHERS)
        if absence.source:
            told = _("This time comes from the calendar “%(name)s”: change it there, or remove the calendar.")
            raise Conflict(told % {"name": absence.reason}, code="from_calendar")
        absence.delete()
        _record(viewer, events.ABSENCE_REMOVED, absence.resource.site_id, resource=absence.resource_id)


def _one(model: type[models.Model], viewer: Viewer, pk: int) -> Any:
    found = [row for row in lock_rows(model._default_manager.all(), [pk]) if viewer.sees_site(row.site_id)]
    if not found:
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found[0]


def _save(row: Any, changes: dict[str, Any], viewer: Viewer) -> None:
    names: Collection[str] = changed_fields(row, changes)
    if not viewer.sees_site(row.site_id):
        raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
    try:
        row.full_clean(validate_unique=True)
        row.save()
    except ValidationError as error:
        fields = {name: [str(m) for m in messages] for name, messages in error.message_dict.items()}
        raise Invalid(_("Something is missing or wrong."), fields=fields) from error
    except IntegrityError as error:
        raise Invalid(_("This name is taken."), fields={"name": _("Choose another name.")}) from error
    _record(viewer, events.SETTINGS_CHANGED, row.site_id, what=row._meta.model_name, row=row.pk, fields=sorted(names))


def _record(viewer: Viewer, name: str, site_id: int, **data: Any) -> None:
    entries_record(actor=actor_of(viewer), facts=[Fact(name, site_id=site_id, data=data)])

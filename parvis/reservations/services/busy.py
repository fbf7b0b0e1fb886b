"""Busy times in: calendars that somebody keeps elsewhere, whose times become absences here.

What is asked of a stranger's server, and what its answer costs to read, stays outside any transaction. Then, under the
guard of the resource, only the difference is written; nothing is, where nothing changed.
"""

import datetime as dt
import logging
import random
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from parvis.catalog.selectors import site_get
from parvis.catalog.services.common import authorise, needed
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Conflict, Invalid, NotFound, ParvisError
from parvis.kernel.ical.strip import bare
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.reservations import events
from parvis.reservations.busy import MOST_BYTES, Busy, busy_of, calendar_checked, next_due
from parvis.reservations.calendars import is_ours
from parvis.reservations.domain.spans import epoch
from parvis.reservations.models import Absence, Booking, BusyCalendar, BusyPattern, Resource
from parvis.reservations.services.guard import guarded
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import unit
from parvis.toolkit.outgoing import Answer, Unreachable, address_checked, ask

log = logging.getLogger("parvis.calendars")

MOST_CALENDARS = 10
SECONDS, REDIRECTS = 15.0, 3
CLAIMED_FOR = dt.timedelta(minutes=3)  # by whoever asks, so that no second one does meanwhile
_PORTION = 500


def resource_of_calendars(viewer: Viewer, resource_id: int) -> Resource:
    """A resource whose calendars this viewer looks after: a manager, or the person it is.

    Raises NotFound alike for none and for one out of sight, NotAllowed.
    """
    found = Resource.objects.exclude(kind="session").filter(pk=resource_id).first()
    if found is None or not viewer.sees_site(found.site_id):
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    if viewer.member_id is None or found.member_id != viewer.member_id:
        authorise(viewer)
    return found


def calendar_of(viewer: Viewer, calendar_id: int) -> BusyCalendar:
    """A calendar that this viewer looks after. Raises NotFound, NotAllowed."""
    found = BusyCalendar.objects.select_related("resource").filter(pk=calendar_id).first()
    if found is None or not viewer.sees_site(found.resource.site_id):
        raise NotFound(_("There is no such calendar."), code="no_calendar")
    resource_of_calendars(viewer, found.resource_id)
    return found


def calendar_address(text: str) -> str:
    """The address of a calendar as it is asked for. Raises Invalid with `fields`.

    webcal:// means https://. Such an address is a key, and travels encrypted: http only where the house's operator
    opened networks of its own (PARVIS_OUTGOING_NETWORKS).
    """
    scheme, colon, rest = text.strip().partition("://")
    if colon and scheme.lower() in ("webcal", "webcals"):
        scheme = "https"
    address = f"{scheme.lower()}{colon}{rest}"
    try:
        if len(address) > 2000:
            raise Invalid(_("This address is too long."))
        address = address_checked(address)
        if scheme.lower() == "http" and not settings.PARVIS_OUTGOING_NETWORKS:
            raise Invalid(_("The address of a calendar is a key: it has to begin with https:// or webcal://."))
    except Invalid as error:
        raise Invalid(error.message, fields={"address": error.message}) from None
    return address


def calendar_add(
    *, viewer: Viewer, resource_id: int, name: str, address: str = "", file: bytes | None = None
) -> BusyCalendar:
    """Let the busy times of a calendar count for a resource: of one at an address, or of an uploaded file.

    An address is asked at once; should it fail, the calendar stays with its error and is asked again. A file that
    cannot be read is refused. Raises Invalid with `fields`, NotFound, NotAllowed, Conflict for too many calendars.
    """
    resource = resource_of_calendars(viewer, resource_id)
    clean = needed(name, longest=80)
    if bool(address.strip()) == (file is not None):
        told = _("Give the address of a calendar, or a file.")
        raise Invalid(told, fields={"address": told})
    where = calendar_address(address) if file is None else ""
    if file is not None:
        _file_checked(file, resource)
    with guarded([resource_id]):
        if BusyCalendar.objects.filter(resource_id=resource_id).count() >= MOST_CALENDARS:
            raise Conflict(_("%(count)s calendars are enough.") % {"count": MOST_CALENDARS}, code="too_many_calendars")
        made = BusyCalendar.objects.create(resource=resource, name=clean, address=where, due_at=utcnow() + CLAIMED_FOR)
        _record(viewer, resource, calendar=made.pk)
    _refresh(made, file=file)
    made.refresh_from_db()
    return made


def calendar_change(*, viewer: Viewer, calendar_id: int, name: str, file: bytes | None = None) -> BusyCalendar:
    """Name a calendar anew, or replace an uploaded file by another. Raises Invalid, NotFound, NotAllowed."""
    found = calendar_of(viewer, calendar_id)
    clean = needed(name, longest=80)
    if file is not None and found.address:
        told = _("This calendar is fetched from its address.")
        raise Invalid(told, fields={"file": told})
    if file is not None:
        _file_checked(file, found.resource)
    with guarded([found.resource_id]):
        if clean != found.name:
            BusyCalendar.objects.filter(pk=found.pk).update(name=clean)
            Absence.objects.filter(resource_id=found.resource_id, source=found.source).update(reason=clean)
        _record(viewer, found.resource, calendar=found.pk)
    found.name = clean
    if file is not None:
        _refresh(found, file=file)
    found.refresh_from_db()
    return found


def calendar_remove(*, viewer: Viewer, calendar_id: int) -> None:
    """Its busy times count no longer. Raises NotFound, NotAllowed."""
    found = calendar_of(viewer, calendar_id)
    with guarded([found.resource_id]):
        Absence.objects.filter(resource_id=found.resource_id, source=found.source).delete()
        found.delete()
        _record(viewer, found.resource, calendar_removed=True)
        _told(found, actor_of(viewer), hits=0)


def calendar_refresh(*, viewer: Viewer, calendar_id: int) -> BusyCalendar:
    """Ask a calendar now; how it went stands on the row. Raises NotFound, NotAllowed."""
    found = calendar_of(viewer, calendar_id)
    _refresh(found, anew=True)
    found.refresh_from_db()
    return found


def calendars_refresh(now: dt.datetime | None = None) -> int:
    """Ask the calendar that is due longest, if any; returns how many were asked. One that fails stops no other."""
    now = now or utcnow()
    due = BusyCalendar.objects.filter(due_at__lte=now, resource__is_active=True).select_related("resource")
    found = due.order_by("due_at", "pk").first()
    if found is None:
        return 0
    claimed = BusyCalendar.objects.filter(pk=found.pk, due_at=found.due_at).update(due_at=now + CLAIMED_FOR)
    if claimed:
        _refresh(found, now=now)
    return 1


def clashes_of(resource_id: int, spans: Iterable[tuple[dt.datetime, dt.datetime]], now: dt.datetime) -> list[Booking]:
    """Bookings to come that stand in any of these times, by start. One statement."""
    times = sorted(spans)
    if not times:
        return []
    ahead = Booking.objects.filter(
        claims__resource_id=resource_id,
        claims__hard_until__gt=epoch(max(now, times[0][0])),
        claims__hard_from__lt=epoch(max(end for __, end in times)),
        ends_at__gt=now,
        state__in=["held", "confirmed", "arrived"],
    )
    found = ahead.select_related("customer", "offering").order_by("starts_at", "pk").distinct()
    return [b for b in found if any(b.starts_at < end and b.ends_at > start for start, end in times)]


def _file_checked(file: bytes, resource: Resource) -> None:
    try:
        busy_of(bare(calendar_checked(file), skip=is_ours), tz=_tz(resource), now=utcnow())
    except Invalid as error:
        raise Invalid(error.message, fields={"file": error.message}) from None


def _refresh(
    row: BusyCalendar, *, file: bytes | None = None, anew: bool = False, now: dt.datetime | None = None
) -> None:
    """Read a calendar (its file, its address, or what is kept of it) and write what changed. Never raises for it."""
    now = now or utcnow()
    state: dict[str, Any] = {}
    try:
        known = pattern = _kept(row)
        if file is not None:
            pattern = bare(calendar_checked(file), skip=is_ours)
        elif row.address:
            answer = _asked(row, fresh=pattern is None)
            if answer.status != 304:
                pattern = bare(calendar_checked(answer.body), skip=is_ours)
                state = {name: _header(answer, header) for name, header in _VALIDATORS.items()}
        today = now.astimezone(zone(_tz(row.resource))).date()
        read = None
        if pattern is not None and (pattern != known or anew or row.read_on != today):
            read = busy_of(pattern, tz=_tz(row.resource), now=now)
    except ParvisError as error:
        _failed(row, error, now)
        return
    state |= {"error": "", "status": None, "failures": 0, "worked_at": now}
    if read is None:
        BusyCalendar.objects.filter(pk=row.pk, round=row.round).update(**state, **_asked_at(row, now, 0))
    else:
        state |= {"read_on": today, "unknown_zone": read.unknown_zone[:80], "unread": read.unread}
        _take(row, read, state, pattern if pattern != known else None, now)


_VALIDATORS = {"etag": "etag", "last_modified": "last-modified"}
_LONGEST = {"etag": 250, "last-modified": 60}


def _header(answer: Answer, name: str) -> str:
    """A validator of the answer; none, rather than half of one that is too long to keep."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and len(value) <= _LONGEST[name] else ""


def _kept(row: BusyCalendar) -> str | None:
    return BusyPattern.objects.filter(calendar_id=row.pk).values_list("content", flat=True).first()


def _tz(resource: Resource) -> str:
    site = site_get(resource.site_id)
    return site.timezone if site else "UTC"


def _asked(row: BusyCalendar, *, fresh: bool) -> Answer:
    """The answer of a calendar's address. Raises Unreachable or Invalid in words."""
    headers = {"Accept": "text/calendar, */*;q=0.5"}
    if not fresh:
        given = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
        headers |= {name: value for name, value in given.items() if value}
    answer = ask("GET", row.address, headers=headers, timeout=SECONDS, max_bytes=MOST_BYTES, redirects=REDIRECTS)
    if answer.ok or answer.status == 304:
        return answer
    told = _("It answered with an error (%(status)s).")
    if answer.status in (401, 403):
        told = _("It asks for a password, or is shared no longer: copy its address anew from where it is kept.")
    elif answer.status in (404, 410):
        told = _("There is no calendar at this address (any more).")
    elif answer.status in (301, 302, 303, 307, 308):
        told = _("It sends on too often.")
    raise Unreachable(told, code=str(answer.status))


def _failed(row: BusyCalendar, error: ParvisError, now: dt.datetime) -> None:
    """Its busy times stay as they were; it is asked again, ever more seldom."""
    failures = min(row.failures + 1, 1000)
    with override("en"):
        text = str(error.message)
    log.info("calendar %s: %s", row.pk, text)
    status = int(error.code) if error.code.isdigit() else None
    BusyCalendar.objects.filter(pk=row.pk, round=row.round).update(
        error=text[:300], status=status, failures=failures, **_asked_at(row, now, failures)
    )


def _asked_at(row: BusyCalendar, now: dt.datetime, failures: int) -> dict[str, Any]:
    chance = random.random()  # noqa: S311 (spreads requests, keeps no secret)
    due = next_due(now, failures=failures, by_file=not row.address, chance=chance)
    return {"checked_at": now, "due_at": due}


def _take(row: BusyCalendar, read: Busy, state: dict[str, Any], pattern: str | None, now: dt.datetime) -> None:
    """Write the difference between what a calendar says and what counts, if nobody read it anew meanwhile."""
    with guarded([row.resource_id]):
        current = BusyCalendar.objects.filter(pk=row.pk, round=row.round)
        if not current.update(**state, **_asked_at(row, now, 0), round=F("round") + 1):
            return
        if pattern is not None:
            BusyPattern.objects.update_or_create(calendar_id=row.pk, defaults={"content": pattern})
        name = BusyCalendar.objects.values_list("name", flat=True).get(pk=row.pk)
        had = {
            (start, end): pk
            for pk, start, end in Absence.objects.filter(resource_id=row.resource_id, source=row.source).values_list(
                "pk", "starts_at", "ends_at"
            )
        }
        gone, new = set(had) - set(read.spans), sorted(set(read.spans) - set(had))
        drop = sorted(had[span] for span in gone)
        for at in range(0, len(drop), _PORTION):
            Absence.objects.filter(pk__in=drop[at : at + _PORTION]).delete()
        made = [
            Absence(resource_id=row.resource_id, starts_at=a, ends_at=b, reason=name, source=row.source) for a, b in new
        ]
        Absence.objects.bulk_create(made, batch_size=_PORTION)
        if gone or new:
            _told(row, Actor.system(), hits=len(clashes_of(row.resource_id, new, now)))


def _told(row: BusyCalendar, actor: Actor, *, hits: int) -> None:
    fact = Fact(events.BUSY_CHANGED, site_id=row.resource.site_id, data={"resource": row.resource_id, "hits": hits})
    entries_record(actor=actor, facts=[fact])


def _record(viewer: Viewer, resource: Resource, **data: Any) -> None:
    """What was set up: never an address, which is a key."""
    fact = Fact(
        events.SETTINGS_CHANGED, site_id=resource.site_id, data={"what": "calendar", "resource": resource.pk, **data}
    )
    entries_record(actor=actor_of(viewer), facts=[fact])


def feed_renew(*, viewer: Viewer, resource_id: int) -> Resource:
    """Give a resource's calendar a new address; the one given out answers no more. Raises NotFound, NotAllowed."""
    resource = resource_of_calendars(viewer, resource_id)
    with unit():
        Resource.objects.filter(pk=resource.pk).update(feed_key=F("feed_key") + 1)
        fact = Fact(events.FEED_RENEWED, site_id=resource.site_id, data={"resource": resource.pk})
        entries_record(actor=actor_of(viewer), facts=[fact])
    resource.refresh_from_db()
    return resource

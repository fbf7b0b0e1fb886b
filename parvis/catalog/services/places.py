"""Sites with their hours, touchpoints, and who works where."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.domain.week import hours_checked, spans_checked
from parvis.catalog.models import Channel, Site, SiteMember, Touchpoint
from parvis.catalog.services.common import authorise, changed_fields, needed, only_known, record
from parvis.catalog.services.house import country_checked, zone_checked
from parvis.kernel.contact import is_email
from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.kernel.holidays import has_holidays
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.db import lock_rows

SITE_FIELDS = frozenset(
    {
        "name",
        "address",
        "phone",
        "email",
        "timezone",
        "country",
        "region",
        "observes_holidays",
        "hours",
        "exceptional_days",
        "is_active",
    }
)
TOUCHPOINT_FIELDS = frozenset({"channel", "name", "address", "team_id", "is_active"})
NOTE_LENGTH = 80


def site_save(*, viewer: Viewer, site_id: int | None = None, **changes: Any) -> Site:
    """Add a site (no `site_id`) or change one that the viewer sees.

    Fields: name, address, phone, email, timezone, country, region (ISO 3166-2 without the country), observes_holidays,
    hours ({"mon": [["09:00", "12:30"], …], …}; an end before its start is on the next day), exceptional_days
    ({"2026-12-24": {"spans": […], "note": "…"}}), is_active. Raises Invalid with `fields` (hours: "hours_mon" …),
    NotFound alike for no such site and one out of sight, Conflict for the last site that is open.
    """
    authorise(viewer)
    only_known(changes, SITE_FIELDS)
    with transaction.atomic():
        site = _site_locked(viewer, site_id) if site_id is not None else _site_new(viewer)
        names = changed_fields(site, {name: _site_clean(name, value) for name, value in changes.items()})
        _check_site(site, names)
        if site.pk is None:
            site.slug = free_slug(Site, site.name, longest=40)
            site.save()
            record(viewer, events.SITE_ADDED, site_id=site.pk, site=site.pk)
        elif names:
            site.save(update_fields=names)
            record(viewer, events.SITE_CHANGED, site_id=site.pk, site=site.pk, fields=names)
    return site


def _site_locked(viewer: Viewer, site_id: int) -> Site:
    found = lock_rows(Site.objects.all(), [site_id]) if viewer.sees_site(site_id) else []
    if not found:
        raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
    return found[0]


def _site_new(viewer: Viewer) -> Site:
    if viewer.site_ids is not None:
        raise NotAllowed(_("Only somebody who sees every site adds one."))
    from parvis.catalog.selectors import business

    house = business()
    return Site(
        country=house.country if house else "FR", timezone=house.timezone if house else "Europe/Paris", is_active=True
    )


def _site_clean(name: str, value: Any) -> Any:
    match name:
        case "name":
            return needed(value, longest=120)
        case "country":
            return country_checked(value)
        case "timezone":
            return zone_checked(value)
        case "hours":
            return hours_checked(value or {})
        case "exceptional_days":
            return {day: _exception(day, given) for day, given in (value or {}).items()}
        case "email":
            return _address(value, "email") if value else ""
        case "address" | "phone" | "region":
            return str(value or "").strip()
    return value


def _exception(day: str, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        dt.date.fromisoformat(day)
    except ValueError as error:
        raise Invalid(_("Choose a day."), fields={"day": _("Choose a day.")}) from error
    note = " ".join(str(given.get("note") or "").split())[:NOTE_LENGTH]
    return {"spans": spans_checked(given.get("spans") or [], field="spans"), "note": note}


def _check_site(site: Site, names: Sequence[str]) -> None:
    if not site.name:
        raise Invalid(_("A site needs a name."), fields={"name": _("A site needs a name.")})
    if Site.objects.filter(name=site.name).exclude(pk=site.pk).exists():
        raise Invalid(_("A site has this name already."), fields={"name": _("A site has this name already.")})
    if site.observes_holidays and not has_holidays(site.country, site.region or None):
        message = _("The public holidays of this place are not known. Leave the region empty, or switch them off.")
        raise Invalid(message, fields={"region": message})
    if "is_active" in names and not site.is_active and not Site.objects.filter(is_active=True).exclude(pk=site.pk):
        raise Conflict(_("The house needs a site that is in use."), hint=_("Add another one first."))


def free_slug(model: Any, name: str, *, longest: int) -> str:
    base = slugify(name)[: longest - 4].strip("-") or model.__name__.lower()
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)


def exceptional_day_set(
    *, viewer: Viewer, site_id: int, day: dt.date, spans: Iterable[Sequence[str]] = (), note: str = ""
) -> Site:
    """On this date a site has other hours than its week says; no spans: closed. `note` tells customers why."""
    authorise(viewer)
    with transaction.atomic():
        site = _site_locked(viewer, site_id)
        days = {**site.exceptional_days, day.isoformat(): {"spans": [list(s) for s in spans], "note": note}}
        return site_save(viewer=viewer, site_id=site.pk, exceptional_days=dict(sorted(days.items())))


def exceptional_day_remove(*, viewer: Viewer, site_id: int, day: dt.date) -> Site:
    """On this date the week's hours count again. A date that was none of the exceptional ones changes nothing."""
    authorise(viewer)
    with transaction.atomic():
        site = _site_locked(viewer, site_id)
        days = {key: value for key, value in site.exceptional_days.items() if key != day.isoformat()}
        return site_save(viewer=viewer, site_id=site.pk, exceptional_days=days)


def touchpoint_save(
    *, viewer: Viewer, site_id: int | None = None, touchpoint_id: int | None = None, **changes: Any
) -> Touchpoint:
    """Add a contact point to a site (`site_id`, channel and name are needed) or change one (`touchpoint_id`).

    Fields: channel, name, address (mailboxes have one, others none), team_id, is_active. Raises Invalid with `fields`,
    NotFound alike for none and for one of a site out of sight.
    """
    authorise(viewer)
    only_known(changes, TOUCHPOINT_FIELDS)
    with transaction.atomic():
        touchpoint = _touchpoint(viewer, site_id, touchpoint_id)
        names = changed_fields(touchpoint, {name: _touchpoint_clean(name, v) for name, v in changes.items()})
        _check_touchpoint(touchpoint)
        if names or touchpoint.pk is None:
            touchpoint.save()
            data = {"touchpoint": touchpoint.pk, "fields": names}
            record(viewer, events.TOUCHPOINT_SAVED, site_id=touchpoint.site_id, **data)
    return touchpoint


def _touchpoint(viewer: Viewer, site_id: int | None, touchpoint_id: int | None) -> Touchpoint:
    if touchpoint_id is None:
        if site_id is None:
            raise TypeError("a new touchpoint needs a site_id")
        return Touchpoint(site=_site_locked(viewer, site_id))
    found = Touchpoint.objects.filter(pk=touchpoint_id).first()
    if found is None or not viewer.sees_site(found.site_id) or (site_id is not None and found.site_id != site_id):
        raise NotFound(_("There is no such contact point, or it is not yours to see."), code="no_touchpoint")
    return found


def _touchpoint_clean(name: str, value: Any) -> Any:
    match name:
        case "name":
            return needed(value, longest=80)
        case "channel" if value not in Channel.values:
            raise Invalid(_("Choose a channel."), fields={"channel": _("Choose a channel.")})
        case "address":
            return _address(value, "address") if value else ""
    return value


def _check_touchpoint(touchpoint: Touchpoint) -> None:
    if not touchpoint.name:
        raise Invalid(_("A contact point needs a name."), fields={"name": _("A contact point needs a name.")})
    if touchpoint.channel != Channel.EMAIL:
        touchpoint.address = ""
    elif not touchpoint.address:
        message = _("A mailbox needs the address that customers write to.")
        raise Invalid(message, fields={"address": message})
    same = Touchpoint.objects.exclude(pk=touchpoint.pk).exclude(address="").filter(address=touchpoint.address)
    if touchpoint.address and same.exists():
        message = _("Another mailbox has this address.")
        raise Invalid(message, fields={"address": message})


def _address(value: Any, field: str) -> str:
    text = str(value).strip().lower()
    if not is_email(text):
        raise Invalid(_("This is not an e-mail address."), fields={field: _("Write it as name@example.com.")})
    return text


def member_sites_set(*, viewer: Viewer, member_id: int, site_ids: Iterable[int]) -> None:
    """The sites a member works at, and so whose rows they see: these and no others. Raises NotFound."""
    authorise(viewer, Right.MANAGE_PEOPLE)
    wanted = set(site_ids)
    with transaction.atomic():
        if Site.objects.filter(pk__in=wanted).count() != len(wanted):
            raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
        before = set(SiteMember.objects.filter(member_id=member_id).values_list("site_id", flat=True))
        if before == wanted:
            return
        SiteMember.objects.filter(member_id=member_id, site_id__in=before - wanted).delete()
        SiteMember.objects.bulk_create([SiteMember(site_id=s, member_id=member_id) for s in sorted(wanted - before)])
        record(viewer, events.MEMBER_SITES_SET, member=member_id, sites=sorted(wanted))

"""Reads of the catalog: sites and their calendars, touchpoints, the tree of needs, texts."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.catalog.models import Business, Channel, Need, Site, SiteMember, Touchpoint
from parvis.catalog.snapshot import snapshot
from parvis.catalog.texts import DEFAULTS
from parvis.kernel.business_hours import Calendar
from parvis.kernel.errors import Invalid
from parvis.kernel.holidays import holiday_dates
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import fill, in_language

# What the house promises where no node of the tree says otherwise.
DEFAULT_FIRST_ANSWER_MINUTES = 240
# Holidays are expanded this far around the day at hand; a promise never runs longer.
YEARS_AROUND = (-1, 0, 1, 2)


def business() -> Business | None:
    """The house, without the bytes of its logo; None before `parvis init`."""
    return snapshot().business


def logo() -> tuple[bytes, str] | None:
    """The logo's bytes and media type."""
    row = Business.objects.exclude(logo=None).values_list("logo", "logo_type").first()
    return (bytes(row[0]), row[1]) if row and row[0] else None


def site_ids_of_member(member_id: int) -> frozenset[int]:
    """The sites a member works at."""
    return frozenset(SiteMember.objects.filter(member_id=member_id).values_list("site_id", flat=True))


def member_ids_of_site(site_id: int) -> frozenset[int]:
    """Who works at a site."""
    return frozenset(SiteMember.objects.filter(site_id=site_id).values_list("member_id", flat=True))


def sites(viewer: Viewer | None = None) -> QuerySet[Site]:
    """Active sites that the viewer sees; all of them for the portal (viewer None)."""
    found = Site.objects.filter(is_active=True)
    if viewer is not None and viewer.site_ids is not None:
        found = found.filter(pk__in=viewer.site_ids)
    return found


def site_get(site_id: int) -> Site | None:
    """A site by id, active or not."""
    return snapshot().sites.get(site_id)


def site_by_slug(slug: str) -> Site:
    """An active site by its slug. Raises Invalid."""
    found = next((s for s in snapshot().sites.values() if s.slug == slug and s.is_active), None)
    if found is None:
        raise Invalid(_("There is no site “%(slug)s”.") % {"slug": slug[:40]}, code="no_site")
    return found


def need_by_slug(slug: str) -> Need:
    """An active need by its slug. Raises Invalid."""
    found = next((n for n in snapshot().needs.values() if n.slug == slug and n.is_active), None)
    if found is None:
        raise Invalid(_("There is no need “%(slug)s”.") % {"slug": slug[:40]}, code="no_need")
    return found


def calendar_of(site: Site, *, around: dt.datetime) -> Calendar:
    """The opening hours of a site with its public holidays and exceptional days, for the years around an instant."""
    years = tuple(around.year + offset for offset in YEARS_AROUND)
    holidays = (site.country, site.region) if site.observes_holidays else None
    return _calendar(site.timezone, json.dumps(site.hours), json.dumps(site.exceptional_days), holidays, years)


def calendar_between(
    site: Site,
    first: dt.date,
    last: dt.date,
    *,
    hours: dict[str, object] | None = None,
    exceptional_days: dict[str, object] | None = None,
) -> Calendar:
    """The calendar of a site for the years of two days, or of something at the site that keeps `hours` of its own.

    Days that the site makes an exception of hold for all of it, unless `exceptional_days` say otherwise.
    """
    years = tuple(range(first.year - 1, last.year + 2))
    holidays = (site.country, site.region) if site.observes_holidays else None
    special = {**site.exceptional_days, **(exceptional_days or {})}
    return _calendar(
        site.timezone, json.dumps(hours if hours is not None else site.hours), json.dumps(special), holidays, years
    )


@lru_cache(maxsize=256)
def _calendar(tz: str, hours: str, exceptional: str, place: tuple[str, str] | None, years: tuple[int, ...]) -> Calendar:
    special = {day: value.get("spans", []) for day, value in json.loads(exceptional).items()}
    holidays = holiday_dates(place[0], place[1] or None, years) if place else {}
    return Calendar.from_json(
        {
            "tz": tz,
            "hours": json.loads(hours),
            "holidays": {d.isoformat(): name for d, name in holidays.items() if d.isoformat() not in special},
            "special_hours": special,
        }
    )


def site_default(site_id: int | None = None) -> Site | None:
    """This site if it is active, else the first active one; None in a house without any."""
    active = [s for s in snapshot().sites.values() if s.is_active]
    return next((s for s in active if s.pk == site_id), active[0] if active else None)


def touchpoint_get(touchpoint_id: int | None) -> Touchpoint | None:
    """A touchpoint by id."""
    return snapshot().touchpoints.get(touchpoint_id) if touchpoint_id is not None else None


def _touchpoints_active() -> list[Touchpoint]:
    return [t for t in snapshot().touchpoints.values() if t.is_active and t.site.is_active]


def touchpoint_default(channel: str, *, site_ids: Iterable[int] | None = None) -> Touchpoint | None:
    """The first active touchpoint of a channel (at one of these sites, if given)."""
    among = set(site_ids) if site_ids is not None else None
    fitting = [t for t in _touchpoints_active() if t.channel == channel and (among is None or t.site_id in among)]
    return min(fitting, key=lambda t: (t.site_id, t.pk), default=None)


def touchpoint_for_addresses(addresses: Iterable[str]) -> Touchpoint | None:
    """The mail touchpoint one of these addresses belongs to; `box+anything@host` belongs to `box@host`."""
    by_address = {t.address.lower(): t for t in _touchpoints_active() if t.channel == Channel.EMAIL and t.address}
    for address in addresses:
        local, _at, host = address.lower().rpartition("@")
        for form in (f"{local}@{host}", f"{local.partition('+')[0]}@{host}"):
            if form in by_address:
                return by_address[form]
    return None


def own_addresses() -> frozenset[str]:
    """Every address the house itself receives mail at: never a customer."""
    return frozenset(t.address.lower() for t in snapshot().touchpoints.values() if t.address)


@dataclass(frozen=True)
class NeedNode:
    """A node of the tree as shown: its row, its depth (trunk: 0) and its branches."""

    need: Need
    depth: int
    children: tuple["NeedNode", ...]

    @property
    def name(self) -> str:
        return in_language(self.need.name)


def needs_tree(*, public_only: bool = False) -> tuple[NeedNode, ...]:
    """The tree of needs, trunk to branch. A node hides its branches when it is hidden."""
    rows = [n for n in snapshot().needs.values() if n.is_active and (n.is_public or not public_only)]
    by_parent: dict[int | None, list[Need]] = defaultdict(list)
    for need in rows:
        by_parent[need.parent_id].append(need)

    def branch(parent_id: int | None, depth: int) -> tuple[NeedNode, ...]:
        return tuple(NeedNode(n, depth, branch(n.pk, depth + 1)) for n in by_parent[parent_id])

    return branch(None, 0)


def needs_flat(*, public_only: bool = False) -> list[NeedNode]:
    """The same tree as a list in reading order, for selects."""

    def walk(nodes: Iterable[NeedNode]) -> Iterable[NeedNode]:
        for node in nodes:
            yield node
            yield from walk(node.children)

    return list(walk(needs_tree(public_only=public_only)))


@dataclass(frozen=True)
class Targets:
    """What the house promises for a need: minutes of opening time; resolution may be unpromised."""

    first_answer_minutes: int
    resolution_minutes: int | None
    priority: int
    team_id: int | None


def targets_of(need_id: int | None) -> Targets:
    """The targets of a need: its own, or those of the nearest node towards the trunk that has some."""
    first, resolution, team, priority = None, None, None, 2
    seen: set[int] = set()
    if need_id is not None:
        nodes = snapshot().needs
        node = nodes.get(need_id)
        priority = node.priority if node else 2
        while node is not None and node.pk not in seen:
            seen.add(node.pk)
            first = first if first is not None else node.first_answer_minutes
            resolution = resolution if resolution is not None else node.resolution_minutes
            team = team if team is not None else node.team_id
            node = nodes.get(node.parent_id) if node.parent_id else None
    return Targets(first if first is not None else DEFAULT_FIRST_ANSWER_MINUTES, resolution, priority, team)


def text_of(key: str, language: str, values: dict[str, object]) -> tuple[str, str]:
    """Subject and body of a text of the house in a language, its placeholders filled.

    Raises KeyError for a key that `texts.py` does not know.
    """
    default = DEFAULTS[key]
    row = snapshot().texts.get(key)
    subject = in_language(row.subject, language) if row else ""
    body = in_language(row.body, language) if row else ""
    return (
        fill(subject or in_language(default.subject, language), values),
        fill(body or in_language(default.body, language), values),
    )

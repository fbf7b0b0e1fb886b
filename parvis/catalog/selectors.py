"""Reads of the catalog: sites and their calendars, touchpoints, the tree of needs, texts."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from parvis.catalog.models import Business, Channel, Need, Site, SiteMember, Text, Touchpoint
from parvis.catalog.texts import DEFAULTS
from parvis.kernel.business_hours import Calendar
from parvis.kernel.holidays import holiday_dates
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import fill, in_language

# What the house promises where no node of the tree says otherwise.
DEFAULT_FIRST_ANSWER_MINUTES = 240
# Holidays are expanded this far around the day at hand; a promise never runs longer.
YEARS_AROUND = (-1, 0, 1, 2)


def business() -> Business | None:
    """The house, without the bytes of its logo; None before `parvis init`."""
    return Business.objects.defer("logo").order_by("pk").first()


def logo() -> tuple[bytes, str] | None:
    """The logo's bytes and media type."""
    row = Business.objects.exclude(logo=None).values_list("logo", "logo_type").first()
    return (bytes(row[0]), row[1]) if row else None


def site_ids_of_member(member_id: int) -> frozenset[int]:
    """The sites a member works at."""
    return frozenset(SiteMember.objects.filter(member_id=member_id).values_list("site_id", flat=True))


def sites(viewer: Viewer | None = None) -> QuerySet[Site]:
    """Active sites that the viewer sees; all of them for the portal (viewer None)."""
    found = Site.objects.filter(is_active=True)
    if viewer is not None and viewer.site_ids is not None:
        found = found.filter(pk__in=viewer.site_ids)
    return found


def site_get(site_id: int) -> Site | None:
    """A site by id."""
    return Site.objects.filter(pk=site_id).first()


def calendar_of(site: Site, *, around: dt.datetime) -> Calendar:
    """The opening hours of a site with its public holidays and exceptional days, good for a few years around an instant."""
    years = tuple(around.year + offset for offset in YEARS_AROUND)
    holidays = (site.country, site.region) if site.observes_holidays else None
    return _calendar(site.timezone, json.dumps(site.hours), json.dumps(site.exceptional_days), holidays, years)


@lru_cache(maxsize=256)
def _calendar(
    tz: str, hours: str, exceptional: str, place: tuple[str, str] | None, years: tuple[int, ...]
) -> Calendar:
    special = {day: value.get("spans", []) for day, value in json.loads(exceptional).items()}
    holidays = holiday_dates(place[0], place[1] or None, years) if place else {}
    return Calendar.from_json(
        {
            "tz": tz,
            "hours": json.loads(hours),
            "holidays": [day.isoformat() for day in holidays if day.isoformat() not in special],
            "special_hours": special,
        }
    )


def touchpoint_default(channel: str, *, site_ids: Iterable[int] | None = None) -> Touchpoint | None:
    """The first active touchpoint of a channel (at one of these sites, if given)."""
    found = Touchpoint.objects.filter(channel=channel, is_active=True, site__is_active=True)
    if site_ids is not None:
        found = found.filter(site_id__in=list(site_ids))
    return found.select_related("site").order_by("site_id", "id").first()


def touchpoint_for_addresses(addresses: Iterable[str]) -> Touchpoint | None:
    """The mail touchpoint one of these addresses belongs to; `box+anything@host` belongs to `box@host`."""
    wanted: list[str] = []
    for address in addresses:
        local, _at, host = address.lower().rpartition("@")
        wanted += [f"{local}@{host}", f"{local.partition('+')[0]}@{host}"]
    found = Touchpoint.objects.filter(channel=Channel.EMAIL, address__in=wanted, is_active=True)
    by_address = {t.address: t for t in found.select_related("site")}
    return next((by_address[a] for a in wanted if a in by_address), None)


def own_addresses() -> frozenset[str]:
    """Every address the house itself receives mail at: never a customer."""
    return frozenset(Touchpoint.objects.exclude(address="").values_list("address", flat=True))


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
    """The tree of needs, trunk to branch, in one query. A node hides its branches when it is hidden."""
    rows = Need.objects.filter(is_active=True)
    if public_only:
        rows = rows.filter(is_public=True)
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
        nodes = {n.pk: n for n in Need.objects.all()}
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
    row = Text.objects.filter(key=key).first()
    subject = in_language(row.subject, language) if row else ""
    body = in_language(row.body, language) if row else ""
    return (
        fill(subject or in_language(default.subject, language), values),
        fill(body or in_language(default.body, language), values),
    )

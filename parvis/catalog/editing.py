"""Reads for whoever sets the house up: closed sites, retired needs and rewritten texts included."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.db.models import Count, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from parvis.catalog.models import Need, Site, SiteMember, Text, Touchpoint
from parvis.catalog.selectors import DEFAULT_FIRST_ANSWER_MINUTES
from parvis.kernel.errors import NotFound
from parvis.kernel.holidays import has_holidays
from parvis.kernel.text import fold
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.bilingual import in_language


def sites_editable(viewer: Viewer) -> list[Site]:
    """The sites a viewer sees, closed ones last, with `open_touchpoints` and `people` counted."""
    found = Site.objects.annotate(
        open_touchpoints=Count("touchpoints", filter=Q(touchpoints__is_active=True), distinct=True),
        people=Count("site_members", distinct=True),
    )
    if viewer.site_ids is not None:
        found = found.filter(pk__in=viewer.site_ids)
    return list(found.order_by("-is_active", "id"))


def site_editable(viewer: Viewer, site_id: int) -> Site:
    """A site to be changed. Raises NotFound alike for none and for one out of sight."""
    found = Site.objects.filter(pk=site_id).first() if viewer.sees_site(site_id) else None
    if found is None:
        raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
    return found


def touchpoints_of(site_id: int) -> list[Touchpoint]:
    """The contact points of a site, those in use first."""
    return list(
        Touchpoint.objects.filter(site_id=site_id).select_related("team").order_by("-is_active", "channel", "id")
    )


def touchpoint_editable(viewer: Viewer, touchpoint_id: int) -> Touchpoint:
    """A contact point to be changed. Raises NotFound alike for none and for one of a site out of sight."""
    found = Touchpoint.objects.select_related("site").filter(pk=touchpoint_id).first()
    if found is None or not viewer.sees_site(found.site_id):
        raise NotFound(_("There is no such contact point, or it is not yours to see."), code="no_touchpoint")
    return found


def site_choices() -> list[tuple[int, str]]:
    """Every site in use as (id, name)."""
    return list(Site.objects.filter(is_active=True).order_by("id").values_list("pk", "name"))


def sites_of_member(member_id: int) -> set[int]:
    """The sites a member works at."""
    return set(SiteMember.objects.filter(member_id=member_id).values_list("site_id", flat=True))


# The tree ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Target:
    """What is promised for a need: minutes, and the node it is inherited from (None: its own, or the house's)."""

    minutes: int | None
    own: bool
    from_name: str = ""


@dataclass(frozen=True)
class Branch:
    """A node as the editor shows it, with its branches."""

    need: Need
    depth: int
    name: str
    first_answer: Target
    resolution: Target
    children: tuple["Branch", ...]
    is_first: bool
    is_last: bool


def tree_editable() -> tuple[Branch, ...]:
    """The tree in use, with what each node inherits; two queries whatever its size."""
    by_parent: dict[int | None, list[Need]] = defaultdict(list)
    for need in Need.objects.filter(is_active=True).select_related("team").order_by("position", "id"):
        by_parent[need.parent_id].append(need)

    def grow(parent_id: int | None, depth: int, first: Target, resolution: Target) -> tuple[Branch, ...]:
        nodes = by_parent[parent_id]
        grown = []
        for index, need in enumerate(nodes):
            name = in_language(need.name)
            own_first, own_resolution = _target(need, "first_answer", first), _target(need, "resolution", resolution)
            below = grow(need.pk, depth + 1, _handed_on(own_first, name), _handed_on(own_resolution, name))
            ends = (index == 0, index == len(nodes) - 1)
            grown.append(Branch(need, depth, name, own_first, own_resolution, below, *ends))
        return tuple(grown)

    return grow(None, 0, Target(DEFAULT_FIRST_ANSWER_MINUTES, False), Target(None, False))


def _target(need: Need, which: str, inherited: Target) -> Target:
    minutes = getattr(need, f"{which}_minutes")
    return Target(minutes, True) if minutes is not None else inherited


def _handed_on(target: Target, name: str) -> Target:
    return Target(target.minutes, False, name if target.own else target.from_name)


def needs_retired() -> list[Need]:
    """Nodes no longer offered, by name."""
    return sorted(Need.objects.filter(is_active=False), key=lambda need: in_language(need.name).casefold())


def need_editable(need_id: int) -> Need:
    """A node to be changed. Raises NotFound."""
    found = Need.objects.select_related("team").filter(pk=need_id).first()
    if found is None:
        raise NotFound(_("There is no such need."), code="no_need")
    return found


def parent_choices(need_id: int | None) -> list[tuple[int, str]]:
    """Where a node may hang: everywhere but on itself and its own branches; indented by depth."""
    choices: list[tuple[int, str]] = []

    def walk(branches: tuple[Branch, ...]) -> None:
        for branch in branches:
            if branch.need.pk != need_id:
                choices.append((branch.need.pk, "\u2003" * branch.depth + branch.name))
                walk(branch.children)

    walk(tree_editable())
    return choices


def texts_rewritten() -> dict[str, Text]:
    """The texts that the house has put in its own words, by key."""
    return {text.key: text for text in Text.objects.all()}


# Choices -------------------------------------------------------------------------------------------------------------
# Territories of CLDR that are no countries.
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


def country_choices() -> list[tuple[str, str]]:
    """Countries as (code, name), by name in the active language."""
    names: dict[str, str] = dict(Locale.parse((get_language() or "en")[:2]).territories)
    codes = [code for code in names if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES]
    return sorted(((code, names[code]) for code in codes), key=lambda pair: fold(pair[1]))


def holidays_known(country: str, region: str = "") -> bool:
    """Whether the public holidays of a place are known."""
    return has_holidays(country, region or None)


def region_examples(country: str) -> list[str]:
    """Codes of the regions of a country that have holidays of their own, as far as they are known."""
    import holidays

    known: dict[str, Any] = holidays.list_supported_countries(include_aliases=False)
    return list(known.get(country, []))

"""How this context's ledger entries read."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.snapshot import snapshot
from parvis.ledger.words import Phrase, names_register, phrases_register
from parvis.toolkit.bilingual import in_language


def site_names(site_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, closed sites included."""
    sites = snapshot().sites
    return {pk: sites[pk].name for pk in site_ids if pk in sites}


def need_names(need_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in the active language."""
    needs = snapshot().needs
    return {pk: in_language(needs[pk].name) for pk in need_ids if pk in needs}


def touchpoint_names(touchpoint_ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    touchpoints = snapshot().touchpoints
    return {pk: touchpoints[pk].name for pk in touchpoint_ids if pk in touchpoints}


phrases_register(
    "catalog",
    _("Settings"),
    {
        events.HOUSE_FOUNDED: Phrase(_("%(actor)s opened the house"), "door-enter"),
        events.BUSINESS_CHANGED: Phrase(_("%(actor)s changed the settings of the house"), "settings"),
        events.LOGO_CHANGED: Phrase(_("%(actor)s changed the logo"), "photo"),
        events.SITE_ADDED: Phrase(_("%(actor)s added the site %(site)s"), "building-store", {"site": "site"}),
        events.SITE_CHANGED: Phrase(_("%(actor)s changed the site %(site)s"), "building-store", {"site": "site"}),
        events.MEMBER_SITES_SET: Phrase(_("%(actor)s set the sites of %(member)s"), "users", {"member": "member"}),
        events.TOUCHPOINT_SAVED: Phrase(
            _("%(actor)s saved the contact point %(touchpoint)s"), "map-pin", {"touchpoint": "touchpoint"}
        ),
        events.NEED_ADDED: Phrase(_("%(actor)s added the need “%(need)s”"), "binary-tree", {"need": "need"}),
        events.NEED_CHANGED: Phrase(_("%(actor)s changed the need “%(need)s”"), "binary-tree", {"need": "need"}),
        events.NEED_MOVED: Phrase(_("%(actor)s moved the need “%(need)s”"), "binary-tree", {"need": "need"}),
        events.TEXT_CHANGED: Phrase(_("%(actor)s rewrote a text of the house"), "pencil"),
        events.TEXT_RESET: Phrase(_("%(actor)s put a text of the house back"), "arrow-back-up"),
    },
)
names_register("site", site_names)
names_register("need", need_names)
names_register("touchpoint", touchpoint_names)

"""What every page of the shell shows: the house's brand, the rail, and where the shell's own parts live.

Each value is a function that templates call when they draw it: a fragment that shows no rail pays for none.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.opening import opening_now
from parvis.catalog.selectors import business, site_default
from parvis.desk.attention import waiting
from parvis.kernel.clock import utcnow
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.bilingual import in_language


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor; docs/ui.md says what the templates read from it."""
    house = business()
    found: dict[str, Any] = {"business": house, "brand": cache(lambda: _brand(house))}
    viewer = getattr(request, "viewer", None)
    if viewer is not None:
        found |= {"rail": cache(lambda: _rail(request, viewer)), "shell": cache(_places)}
    return found


def _brand(house: Any) -> dict[str, Any]:
    if house is None:
        return {"name": "Parvis", "home_url": "/"}
    site = site_default()
    greeting = in_language(house.greeting)
    return {
        "name": house.name,
        # The version in the address lets browsers keep the brand for ever and still see a new one at once.
        "css_url": _versioned("brand_css", house),
        "favicon_url": _versioned("brand_icon", house),
        "logo_url": _versioned("brand_logo", house) if house.logo_type else "",
        "home_url": "/",
        "greeting": greeting,
        "staff_greeting": greeting,
        "address": " ".join(site.address.split()) if site else "",
        "hours": lambda: opening_now(site, utcnow()).line if site else "",
        "phone": site.phone if site else "",
    }


def _versioned(name: str, house: Any) -> str:
    return f"{reverse(name)}?v={int(house.updated_at.timestamp() * 1000)}"


def _places() -> dict[str, str]:
    return {
        "live_url": reverse("live"),
        "search_url": reverse("palette"),
        "profile_url": reverse("profile"),
        "theme_url": reverse("profile_theme"),
        "signout_url": reverse("account_logout"),
        "language_url": reverse("profile_language"),
    }


@dataclass(frozen=True)
class Item:
    """One place of the rail; `action` says in the palette what the short label cannot."""

    label: str
    icon: str
    url: str
    key: str
    shown: bool = True
    count: int = 0
    dialog: bool = False
    round: bool = False
    action: str = ""
    active: bool = False


def _rail(request: HttpRequest, viewer: Viewer) -> list[Item]:
    counts = waiting(viewer)
    log = Item(pgettext("in the rail", "Log"), "phone-plus", reverse("contact_log"), "c", dialog=True, round=True)
    manage_outbox, see_mail = viewer.may(Right.MANAGE_OUTBOX), viewer.may(Right.SEE_MAIL_LEDGER)
    items = [
        Item(_("Today"), "sun", reverse("today"), "g t"),
        Item(_("Inbox"), "inbox", reverse("inbox", args=["mine"]), "g i", count=counts.conversations),
        replace(log, action=_("Log a contact")),
        Item(_("Calendar"), "calendar", reverse("calendar"), "g b"),
        Item(
            pgettext("in the rail", "Book"),
            "calendar-plus",
            reverse("visit_new"),
            "b",
            dialog=True,
            action=_("New booking"),
        ),
        Item(
            pgettext("in the rail", "Queue"),
            "ticket",
            reverse("console"),
            "g q",
            shown=counts.lines > 0 or viewer.may(Right.CONFIGURE),
            count=counts.people,
        ),
        Item(_("Customers"), "users", reverse("customers"), "g c"),
        Item(_("Search"), "search", reverse("search"), "/"),
        Item(_("Outbox"), "send", reverse("outbox"), "g o", shown=manage_outbox),
        Item(_("Mail"), "mail", reverse("mail_ledger"), "g m", shown=see_mail),
        Item(_("Audit"), "history", reverse("audit"), "g a", shown=viewer.may(Right.SEE_AUDIT)),
        Item(_("Settings"), "settings", reverse("settings"), "g s", shown=viewer.may(Right.CONFIGURE)),
    ]
    here = _open_item(request.path, [item.url for item in items])
    return [replace(item, active=item.url == here) for item in items if item.shown]


def _open_item(path: str, urls: list[str]) -> str:
    """The item whose part of the house the page belongs to: the one with the same first folder."""
    first = path.strip("/").partition("/")[0]
    related = {"encounters": "inbox", "organisations": "customers", "bookings": "calendar", "waiting": "calendar"}
    folder = related.get(first, first)
    return next((u for u in urls if u.strip("/").partition("/")[0] == folder), "")

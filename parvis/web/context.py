"""What every page of the shell shows: the house's brand, the rail, and where the shell's own parts live.

Each value is a function that templates call when they draw it: a fragment that shows no rail pays for none.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.selectors import business, sites
from parvis.desk.attention import conversations_waiting
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
    place = cache(lambda: sites().order_by("pk").first())
    greeting = in_language(house.greeting)
    return {
        "name": house.name,
        # The version in the address lets browsers keep the brand for ever and still see a new one at once.
        "css_url": _versioned("brand_css", house),
        "logo_url": _versioned("brand_logo", house) if house.logo_type else "",
        "logo_has_name": bool(house.logo_type),
        "home_url": "/",
        "greeting": greeting,
        "staff_greeting": greeting,
        "address": _of(place, "address"),
        "phone": _of(place, "phone"),
    }


def _of(place: Callable[[], Any], name: str) -> Callable[[], str]:
    return lambda: " ".join(getattr(place(), name, "").split())


def _versioned(name: str, house: Any) -> str:
    address = url_or_nothing(name)
    return f"{address}?v={int(house.updated_at.timestamp())}" if address else ""


def _places() -> dict[str, str]:
    return {
        "live_url": url_or_nothing("live"),
        "search_url": url_or_nothing("palette"),
        "profile_url": url_or_nothing("profile"),
        "theme_url": url_or_nothing("profile_theme"),
        "signout_url": url_or_nothing("account_logout"),
        "language_url": url_or_nothing("profile_language"),
    }


def _rail(request: HttpRequest, viewer: Viewer) -> list[dict[str, Any]]:
    inbox = conversations_waiting(viewer)
    items = [
        (_("Today"), "sun", url_or_nothing("today"), "g t", 0, True),
        (_("Inbox"), "inbox", url_or_nothing("inbox", "mine"), "g i", inbox, True),
        (pgettext("in the rail", "Log"), "phone-plus", url_or_nothing("contact_log"), "c", 0, True),
        (_("Customers"), "users", url_or_nothing("customers"), "g c", 0, True),
        (_("Search"), "search", url_or_nothing("search"), "/", 0, True),
        (_("Outbox"), "send", url_or_nothing("outbox"), "g o", 0, viewer.may(Right.MANAGE_OUTBOX)),
        (_("Mail"), "mail", url_or_nothing("mail_ledger"), "g m", 0, viewer.may(Right.SEE_MAIL_LEDGER)),
        (_("Audit"), "history", url_or_nothing("audit"), "g a", 0, viewer.may(Right.SEE_AUDIT)),
        (_("Settings"), "settings", url_or_nothing("settings_business"), "g s", 0, viewer.may(Right.CONFIGURE)),
    ]
    here = _open_item(request.path, [url for __, __, url, __, __, __ in items])
    return [
        {
            "label": label,
            "icon": icon,
            "url": url,
            "key": key,
            "count": count,
            "active": url == here,
            "dialog": icon == "phone-plus",
        }
        for label, icon, url, key, count, shown in items
        if shown and url
    ]


def _open_item(path: str, urls: list[str]) -> str:
    """The item whose part of the house the page belongs to: the one with the same first folder."""
    first = path.strip("/").partition("/")[0]
    related = {"encounters": "inbox", "organisations": "customers"}
    folder = related.get(first, first)
    return next((u for u in urls if u and u.strip("/").partition("/")[0] == folder), "")


def url_or_nothing(name: str, *args: Any) -> str:
    """The address of a page, or "" where this house has none: the shell leaves out what is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""

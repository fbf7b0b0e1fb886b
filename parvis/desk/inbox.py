"""What the inbox shows: saved views, their counts, and rows ready for the list."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.desk.models import Direction, Message, Reading
from parvis.encounters.selectors import VIEWS, encounters_in_view, view_order
from parvis.kernel.clock import utcnow
from parvis.promises.selectors import promises_at_risk
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.addresses import address
from parvis.toolkit.drawn import drawn
from parvis.toolkit.pagination import Page, keyset_page, page_of
from parvis.toolkit.prepared import counts_prepared, prepared

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

PAGE_SIZE = 25
# How many rows a list fetched again may hold: beyond, whoever scrolled that far loads more again.
REFRESH_AT_MOST = 200
COUNTED = ("mine", "unassigned", "at_risk", "waiting")
CHANNEL_ICONS = {
    "email": "mail",
    "form": "world",
    "phone": "phone",
    "counter": "building-store",
    "chat": "message-circle",
    "sms": "message",
    "api": "api",
}


@dataclass(frozen=True)
class Filters:
    """What narrows a view: ids of a site, a team, a need; None for all."""

    site: int | None = None
    team: int | None = None
    need: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """From the query of an address; what is no number counts as nothing."""
        chosen = {name: query.get(name, "") for name in ("site", "team", "need")}
        return cls(**{name: int(v) for name, v in chosen.items() if v.isascii() and v.isdigit() and len(v) < 19})

    def query(self, **others: str) -> str:
        """As a query string (with others), "" or "?…"."""
        chosen = {"site": self.site, "team": self.team, "need": self.need} | others
        found = urlencode({name: value for name, value in chosen.items() if value})
        return f"?{found}" if found else ""

    def __bool__(self) -> bool:
        return any((self.site, self.team, self.need))


def view_or_default(name: str) -> str:
    """The name of a saved view; "mine" for one that there is not."""
    return name if name in VIEWS else "mine"


def conversations_in(
    viewer: Viewer, view: str, filters: Filters, *, now: dt.datetime | None = None
) -> "tuple[QuerySet[Encounter], list[str]]":
    """The encounters of a saved view, narrowed, and the order of its list.

    At risk are those with a promise warned of or broken, as `promises_at_risk` says, the most urgent first.
    """
    found, order = encounters_in_view(viewer, view)
    if view == "at_risk":
        found = found.filter(Exists(promises_at_risk(viewer, now=now).filter(encounter_id=OuterRef("pk"))))
    narrowed = {"site_id": filters.site, "team_id": filters.team, "need_id": filters.need}
    return found.filter(**{name: value for name, value in narrowed.items() if value}), order


def views_with_counts(viewer: Viewer, current: str, filters: Filters) -> list[dict[str, Any]]:
    """The saved views as tabs, those to act on with how many they hold (counted to 100, in one query)."""
    counts = _counts(viewer, filters, now=utcnow())
    return [
        {
            "label": _short(name, label),
            "url": reverse("inbox", args=[name]) + filters.query(),
            "active": name == current,
            "count": counts.get(name, 0),
        }
        for name, label in VIEWS.items()
    ]


_counts = counts_prepared(
    lambda viewer, filters, now: {name: conversations_in(viewer, name, filters, now=now)[0] for name in COUNTED}
)


def _short(view: str, label: Any) -> Any:
    """Five tabs side by side: the longest names are shortened."""
    short = {"at_risk": pgettext("tab", "At risk"), "waiting": pgettext("tab", "Waiting")}
    return short.get(view, label)


@dataclass(frozen=True)
class Rows:
    """A page of the list: rows as `web/ui/inbox_row.html` wants them, drawn (`html`), and the next page's address."""

    rows: list[dict[str, Any]]
    more_url: str


def inbox_rows(
    viewer: Viewer, view: str, filters: Filters, *, cursor: str | None = None, size: int = PAGE_SIZE, current: int = 0
) -> Rows:
    """One page of a saved view. Three queries, however many rows. Raises Invalid for a cursor that is not ours."""
    page = _page(viewer, view, filters, cursor, size)
    more = ""
    if page.next_cursor:
        more = reverse("inbox_more", args=[view]) + filters.query(cursor=page.next_cursor)
    rows = rows_of(viewer, page.rows, suffix=filters.query(view=view), current=current)
    for row in rows:
        row["html"] = drawn("web/ui/inbox_row.html", {"row": row, "target": "#pane-thread"})
    return Rows(rows, more)


def _page(viewer: Viewer, view: str, filters: Filters, cursor: str | None, size: int) -> "Page[Encounter]":
    if cursor:
        found, order = conversations_in(viewer, view, filters)
        return keyset_page(_lean(found), order, cursor=cursor, size=size)
    order = view_order(view)
    # Only what hangs on the clock takes it, so that the statement of the other views is one.
    clock = {"now": utcnow()} if view == "at_risk" else {}
    return page_of(_first(viewer, view, filters, size, **clock), order, size)


_SHOWN = (
    *("subject", "last_line", "last_activity_at", "status", "channel", "due_at"),
    *("customer__name", "organisation__name", "owner__name"),
)


@prepared
def _first(
    viewer: Viewer, view: str, filters: Filters, size: int, now: dt.datetime | None = None
) -> "QuerySet[Encounter]":
    found, order = conversations_in(viewer, view, filters, now=now)
    return _lean(found).order_by(*order)[: size + 1]


def _lean(found: "QuerySet[Encounter]") -> "QuerySet[Encounter]":
    """Nothing but what a row shows."""
    return found.select_related(None).select_related("customer", "organisation", "owner").only(*_SHOWN)


def rows_of(
    viewer: Viewer, encounters: "Sequence[Encounter]", *, suffix: str = "", current: int = 0
) -> list[dict[str, Any]]:
    """Encounters as rows of the list, with what is unread and the state of the nearest promise."""
    now = utcnow()
    unread = _unread(viewer, encounters)
    risky = {key for (key,) in _risky(viewer, now=now, ids=tuple(e.pk for e in encounters if e.due_at is not None))}
    return [
        {
            "id": e.pk,
            "url": address("encounter", e.reference) + suffix,
            "name": str(e.customer),
            "org": e.organisation.name if e.organisation else "",
            "subject": e.subject,
            "line": e.last_line,
            "at": e.last_activity_at,
            "unread": e.pk in unread and e.pk != current,
            "current": e.pk == current,
            "channel": CHANNEL_ICONS.get(e.channel, "message"),
            "assignee": {"id": e.owner.pk, "name": e.owner.name} if e.owner else None,
            "chip": _chip(e, e.pk in risky, now),
        }
        for e in encounters
    ]


def _chip(encounter: "Encounter", risky: bool, now: dt.datetime) -> dict[str, Any] | None:
    if encounter.due_at is not None:
        state = "late" if encounter.due_at <= now else "at_risk" if risky else "on_time"
        return {"state": state, "due": encounter.due_at}
    if encounter.status == "waiting":
        return {"state": "paused", "text": _("Waiting")}
    return None


@prepared
def _risky(viewer: Viewer, now: dt.datetime, ids: tuple[int, ...]) -> QuerySet:
    return promises_at_risk(viewer, now=now).order_by().filter(encounter_id__in=ids).values_list("encounter_id")


def _unread(viewer: Viewer, encounters: "Sequence[Encounter]") -> set[int]:
    """Encounters not closed in which somebody else said something that the viewer has not read."""
    ids = tuple(e.pk for e in encounters if e.status != "closed")
    newest = _newest(ids=ids, member=viewer.person)
    return {encounter for encounter, message, read in newest if message > (read or 0)}


@prepared
def _newest(ids: tuple[int, ...], member: int) -> QuerySet:
    """Per encounter: the newest message by somebody else, and up to which the member has read."""
    spoken = Message.objects.filter(encounter_id__in=ids, direction__in=[Direction.IN, Direction.NOTE])
    by_others = spoken.filter(Q(author=None) | ~Q(author_id=member))
    read = Reading.objects.filter(encounter_id=OuterRef("encounter_id"), member_id=member)
    newest = by_others.values("encounter_id").annotate(newest=Max("id"), read=Subquery(read.values("message_id")[:1]))
    return newest.values_list("encounter_id", "newest", "read")


def conversation_after(viewer: Viewer, view: str, filters: Filters, encounter: "Encounter") -> "Encounter | None":
    """The encounter to go on with when this one is done: the next in its saved view, else the first left there.

    encounter: as it was before it was done, since that may have taken it out of the view.
    """
    found, order = conversations_in(viewer, view, filters)
    left = found.exclude(pk=encounter.pk).order_by(*order)
    field, way = order[0].lstrip("-"), "lt" if order[0].startswith("-") else "gt"
    value = getattr(encounter, field)
    after = left.filter(**{f"{field}__{way}": value}).first() if value is not None else None
    return after or left.first()

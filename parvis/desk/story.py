"""The quiet lines of a thread: what the ledger says happened between the messages."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.selectors import needs_flat
from parvis.desk import events as desk
from parvis.encounters import events as encounters
from parvis.kernel.clock import parse_instant
from parvis.kernel.references import reference_of
from parvis.ledger.selectors import timeline
from parvis.promises import events as promises
from parvis.promises.shown import kind_label
from parvis.staff.domain.viewer import Viewer
from parvis.staff.selectors import member_names

if TYPE_CHECKING:
    from parvis.ledger.models import Entry

# No thread shows more of them at once: an encounter that was handed around a hundred times is still read.
AT_MOST = 150
Teller = Callable[["Entry", dict[int, str]], str]


def story_of(
    viewer: Viewer, encounter_id: int, *, since: dt.datetime | None = None, until: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """Lines as `web/ui/message.html` wants them, oldest first, of [since, until). Two queries."""
    entries = timeline(encounter_id=encounter_id, site_ids=viewer.site_ids).filter(name__in=list(_TELLERS))
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    found = list(entries[:AT_MOST])[::-1]
    names = member_names(_members(found))
    lines = [(entry, _TELLERS[entry.name]) for entry in found]
    return [
        {"kind": "system", "id": f"e{entry.pk}", "at": entry.at, "channel": icon, "text": text}
        for entry, (icon, tell) in lines
        if (text := tell(entry, names))
    ]


def _members(entries: "Iterable[Entry]") -> set[int]:
    ids = {e.actor_id for e in entries if e.actor_kind == "member"} | {e.data.get("owner") for e in entries}
    return {pk for pk in ids if pk is not None}


def _who(entry: "Entry", names: dict[int, str]) -> str:
    if entry.actor_kind == "member":
        return names.get(entry.actor_id or 0, _("Somebody"))
    return {"customer": _("The customer"), "token": _("Another system")}.get(entry.actor_kind, "Parvis")


def _opened(entry: "Entry", names: dict[int, str]) -> str:
    if entry.data.get("initiative") == "company":
        return _("%(who)s opened this encounter") % {"who": _who(entry, names)}
    by = {
        "email": _("Opened by an e-mail"),
        "form": _("Opened by the web form"),
        "phone": _("Opened by a call"),
        "counter": _("Opened at the counter"),
        "api": _("Opened by another system"),
    }
    return by.get(entry.data.get("channel", ""), _("Opened"))


def _assigned(entry: "Entry", names: dict[int, str]) -> str:
    who, owner = _who(entry, names), entry.data.get("owner")
    if owner is None:
        return _("%(who)s put this back for anybody to take") % {"who": who}
    if entry.actor_kind == "member" and owner == entry.actor_id:
        return _("%(who)s took this on") % {"who": who}
    return _("%(who)s gave this to %(owner)s") % {"who": who, "owner": names.get(owner, _("Somebody"))}


def _classified(entry: "Entry", names: dict[int, str]) -> str:
    if not (need := entry.data.get("need_id")):
        return ""
    name = next((n.name for n in needs_flat() if n.need.pk == need), "")
    return _("%(who)s named the need: %(need)s") % {"who": _who(entry, names), "need": name} if name else ""


def _closed(entry: "Entry", names: dict[int, str]) -> str:
    return _("%(who)s closed this encounter") % {"who": _who(entry, names)}


def _reopened(entry: "Entry", names: dict[int, str]) -> str:
    because = {
        "customer_spoke": _("Taken up again: the customer wrote"),
        "doubted": _("Taken up again: something was forgotten"),
    }
    again = _("%(who)s took this up again") % {"who": _who(entry, names)}
    return because.get(entry.data.get("because", ""), again)


def _linked(entry: "Entry", names: dict[int, str]) -> str:
    other = entry.data.get("other")
    return _("Linked to %(other)s") % {"other": reference_of("E", other)} if other else ""


def _promised(entry: "Entry", names: dict[int, str]) -> str:
    due = timezone.localtime(parse_instant(entry.data["due_at"]))
    when = date_format(due, pgettext("a time in a line of the thread", r"D j M, H:i"))
    return _("Promised: %(what)s by %(when)s") % {"what": _what(entry), "when": when}


def _what(entry: "Entry") -> str:
    return kind_label(entry.data.get("kind", "")).lower()


def _answered(entry: "Entry", names: dict[int, str]) -> str:
    if entry.data.get("all_done"):
        return _("The customer says: nothing was forgotten")
    return _("The customer says: something was forgotten")


# The entries a thread tells, each with its icon. Pauses, warnings and stages are seen elsewhere on the page.
_TELLERS: dict[str, tuple[str, Teller]] = {
    encounters.OPENED: ("door-enter", _opened),
    encounters.ASSIGNED: ("user-check", _assigned),
    encounters.CLASSIFIED: ("binary-tree", _classified),
    encounters.WAITING: ("player-pause", lambda entry, names: _("Waiting for the customer")),
    encounters.CLOSED: ("check", _closed),
    encounters.REOPENED: ("refresh", _reopened),
    encounters.LINKED: ("link", _linked),
    promises.MADE: ("hourglass", _promised),
    promises.KEPT: ("circle-check", lambda entry, names: _("Promise kept: %(what)s") % {"what": _what(entry)}),
    promises.BROKEN: ("circle-x", lambda entry, names: _("Promise broken: %(what)s") % {"what": _what(entry)}),
    promises.SETTLED_LATE: ("circle-x", lambda entry, names: _("Done late: %(what)s") % {"what": _what(entry)}),
    promises.RENEGOTIATED: (
        "refresh",
        lambda entry, names: _("%(who)s renegotiated: %(what)s") % {"who": _who(entry, names), "what": _what(entry)},
    ),
    promises.VOIDED: (
        "ban",
        lambda entry, names: _("%(who)s dropped: %(what)s") % {"who": _who(entry, names), "what": _what(entry)},
    ),
    desk.FOLLOW_UP_ANSWERED: ("mood-smile", _answered),
}

"""The quiet lines of a thread: what the ledger says happened between the messages."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parvis.desk import events as desk
from parvis.encounters import events as encounters
from parvis.ledger.selectors import timeline
from parvis.ledger.words import Told, tell
from parvis.promises import events as promises
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared

if TYPE_CHECKING:
    from parvis.ledger.models import Entry

# No thread shows more of them at once: an encounter that was handed around a hundred times is still read.
AT_MOST = 150
# What a thread tells. Messages speak for themselves; pauses, warnings and stages are seen elsewhere on the page.
TOLD = (
    encounters.OPENED,
    encounters.ASSIGNED,
    encounters.CLASSIFIED,
    encounters.WAITING,
    encounters.CLOSED,
    encounters.REOPENED,
    encounters.LINKED,
    promises.MADE,
    promises.KEPT,
    promises.BROKEN,
    promises.SETTLED_LATE,
    promises.RENEGOTIATED,
    promises.VOIDED,
    desk.FOLLOW_UP_ANSWERED,
)


def story_of(
    viewer: Viewer, encounter_id: int, *, since: dt.datetime | None = None, until: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """Lines as `web/ui/message.html` wants them, oldest first, of [since, until)."""
    bounds = {name: at for name, at in (("since", since), ("until", until)) if at is not None}
    entries = _entries(viewer, encounter=encounter_id, **bounds)
    found = [entry for entry in entries if entry.name != encounters.CLASSIFIED or entry.data.get("need_id")]
    for entry in found:
        # Whose encounter this is stands on the page: their names need not be looked up.
        entry.customer_id = entry.encounter_id = None
    return [
        {
            "kind": "system",
            "id": f"e{told.entry.pk}",
            "at": told.entry.at,
            "channel": told.icon,
            "text": _text(told),
            "rank": _rank(told.entry),
        }
        for told in reversed(tell(found))
    ]


@prepared
def _entries(
    viewer: Viewer, encounter: int, since: dt.datetime | None = None, until: dt.datetime | None = None
) -> QuerySet:
    entries = timeline(encounter_id=encounter, site_ids=viewer.site_ids).filter(name__in=TOLD)
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    return entries[:AT_MOST]


def _text(told: Told) -> str:
    entry = told.entry
    if entry.name == encounters.ASSIGNED and entry.actor_kind == "member" and entry.data.get("owner") == entry.actor_id:
        return _("%(who)s took this on") % {"who": told.actor}
    return told.text


def _rank(entry: "Entry") -> int:
    """Before (-1) or after (1) what was said at the same instant."""
    return -1 if entry.name == encounters.OPENED else 1

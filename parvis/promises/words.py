"""How this context's ledger entries read."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from parvis.kernel.clock import parse_instant
from parvis.ledger.words import Phrase, phrases_register
from parvis.promises import events
from parvis.promises.models import KINDS

_KIND = dict(KINDS)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    due = timezone.localtime(parse_instant(data["due_at"])) if data.get("due_at") else None
    return {
        "kind": _KIND.get(data.get("kind", ""), data.get("kind", "")),
        "due": date_format(due, pgettext("when something is due", "D j M, H:i")) if due else "",
    }


phrases_register(
    "promise",
    _("Promises"),
    {
        events.MADE: Phrase(_("%(actor)s promised: %(kind)s by %(due)s"), "clock", values=_values),
        events.WARNED: Phrase(_("Soon due: %(kind)s by %(due)s"), "hourglass", values=_values),
        events.BROKEN: Phrase(_("Promise broken: %(kind)s by %(due)s"), "circle-x", values=_values),
        events.KEPT: Phrase(_("Promise kept: %(kind)s"), "circle-check", values=_values),
        events.SETTLED_LATE: Phrase(_("Done late: %(kind)s"), "circle-check", values=_values),
        events.RENEGOTIATED: Phrase(
            _("%(actor)s moved a promise: %(kind)s, until then %(due)s"), "refresh", values=_values
        ),
        events.VOIDED: Phrase(_("%(actor)s dropped a promise: %(kind)s"), "ban", values=_values),
        events.PAUSED: Phrase(_("The clock stands still: %(kind)s"), "player-pause", values=_values),
        events.RESUMED: Phrase(_("The clock runs again: %(kind)s by %(due)s"), "clock", values=_values),
        events.REOPENED: Phrase(_("Open again: %(kind)s by %(due)s"), "refresh", values=_values),
    },
)

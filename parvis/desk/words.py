"""How this context's ledger entries read."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parvis.desk import events
from parvis.encounters.words import by_channel
from parvis.ledger.words import Phrase, phrases_register


def _sent(data: Mapping[str, Any]) -> Promise:
    if data.get("purpose") == "renegotiation":
        return _("%(actor)s told the customer of the new time, %(how)s")
    return _("%(actor)s answered, %(how)s")


def _answered(data: Mapping[str, Any]) -> Promise:
    if data.get("all_done"):
        return _("The customer says that nothing was forgotten")
    return _("The customer says that something was forgotten")


phrases_register(
    "message",
    _("Messages"),
    {
        events.RECEIVED: Phrase(_("A message from the customer, %(how)s"), "message", values=by_channel),
        events.SENT: Phrase(_sent, "send", values=by_channel),
        events.TAKEN_BACK: Phrase(_("%(actor)s took a reply back before it left"), "arrow-back-up"),
        events.RETURNED: Phrase(_("A mail of ours did not arrive"), "alert-triangle"),
        events.NOTED: Phrase(_("%(actor)s wrote a note"), "note"),
        events.BOOKING_TOLD: Phrase(_("The customer was written to about the booking"), "mail"),
        events.GREETED: Phrase(_("The customer was told that their message arrived"), "mood-smile"),
    },
)
phrases_register(
    "follow_up",
    _("Follow-up"),
    {
        events.FOLLOW_UP_ASKED: Phrase(_("The customer was asked whether anything was forgotten"), "help-circle"),
        events.FOLLOW_UP_ANSWERED: Phrase(_answered, "mood-smile"),
        events.DOOR_OPENED: Phrase(_("The door was left open: they are welcome again"), "door"),
    },
)

"""How this context's ledger entries read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.ledger.words import Phrase, phrases_register
from parvis.webhooks import events
from parvis.webhooks.models import OffBecause


def _called(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"called": data.get("called", "")}


def _off(data: Mapping[str, Any]) -> Any:
    if data.get("because") == OffBecause.PERSON:
        return _("%(actor)s switched off the webhook %(called)s")
    if data.get("because") == OffBecause.GONE:
        return _("%(actor)s switched off the webhook %(called)s: it is gone for good")
    return _("%(actor)s switched off the webhook %(called)s: it took nothing for days")


def _phrase(text: Any, icon: str) -> Phrase:
    return Phrase(text, icon, values=_called)


phrases_register(
    "webhook",
    _("Webhooks"),
    {
        events.ADDED: _phrase(_("%(actor)s added the webhook %(called)s"), "plus"),
        events.CHANGED: _phrase(_("%(actor)s changed the webhook %(called)s"), "pencil"),
        events.ROTATED: _phrase(_("%(actor)s gave the webhook %(called)s a new secret"), "key"),
        events.REMOVED: _phrase(_("%(actor)s removed the webhook %(called)s"), "trash"),
        events.SWITCHED_OFF: _phrase(_off, "ban"),
        events.SWITCHED_ON: _phrase(_("%(actor)s switched on the webhook %(called)s"), "refresh"),
    },
)

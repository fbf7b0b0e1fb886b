"""How this context's ledger entries read, and what is behind ids of encounters."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parvis.encounters import events
from parvis.encounters.models import STAGES, Encounter
from parvis.kernel.references import reference_of
from parvis.ledger.words import Phrase, names_register, phrases_register

BY_CHANNEL: dict[str, Promise] = {
    "email": _("by e-mail"),
    "form": _("by the web form"),
    "phone": _("by phone"),
    "counter": _("at the counter"),
    "chat": _("by chat"),
    "sms": _("by SMS"),
    "api": _("by another program"),
}
_STAGE = dict(STAGES)


def by_channel(data: Mapping[str, Any]) -> dict[str, Any]:
    """The words %(how)s for an entry that names its channel."""
    return {"how": BY_CHANNEL.get(data.get("channel", ""), data.get("channel", ""))}


def encounter_names(encounter_ids: Iterable[int]) -> dict[int, str]:
    """Subjects by id."""
    return dict(Encounter.objects.filter(pk__in=set(encounter_ids)).values_list("pk", "subject"))


def _assigned(data: Mapping[str, Any]) -> Promise:
    if data.get("owner") is None and data.get("team") is None:
        return _("%(actor)s put it back into the common pool")
    if data.get("owner") is None:
        return _("%(actor)s gave it to the team %(team)s")
    return _("%(actor)s gave it to %(owner)s")


def _classified(data: Mapping[str, Any]) -> Promise:
    return (
        _("%(actor)s named the need: %(need_id)s") if data.get("need_id") else _("%(actor)s changed what it is about")
    )


def _opened(data: Mapping[str, Any]) -> Promise:
    if data.get("initiative") == "company":
        return _("%(actor)s got in touch with the customer, %(how)s")
    return _("The customer got in touch, %(how)s")


def _other(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"other": reference_of(Encounter.REFERENCE_PREFIX, data["other"]) if data.get("other") else ""}


phrases_register(
    "encounter",
    _("Encounters"),
    {
        events.OPENED: Phrase(_opened, "door-enter", values=by_channel),
        events.ASSIGNED: Phrase(_assigned, "user-check", {"owner": "member", "team": "team"}),
        events.CLASSIFIED: Phrase(_classified, "tag", {"need_id": "need"}),
        events.STAGE_REACHED: Phrase(
            _("Stage reached: %(stage)s"), "target", values=lambda d: {"stage": _STAGE.get(d.get("stage", ""), "")}
        ),
        events.WAITING: Phrase(_("%(actor)s is waiting for the customer’s answer"), "hourglass"),
        events.CLOSED: Phrase(_("%(actor)s closed it"), "check"),
        events.REOPENED: Phrase(_("%(actor)s took it up again"), "refresh"),
        events.LINKED: Phrase(_("%(actor)s tied it to %(other)s"), "link", values=_other),
        events.UNLINKED: Phrase(_("%(actor)s untied it from %(other)s"), "link", values=_other),
    },
)
names_register("encounter", encounter_names, lambda pk: reference_of(Encounter.REFERENCE_PREFIX, pk))

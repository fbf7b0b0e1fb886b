"""How this context's ledger entries read."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.ledger.words import Phrase, names_register, phrases_register
from parvis.queueing import events
from parvis.queueing.models import Counter, Line
from parvis.toolkit.bilingual import in_language


def _line_names(ids: Iterable[int]) -> dict[int, str]:
    return {pk: in_language(name) for pk, name in Line.objects.filter(pk__in=list(ids)).values_list("pk", "name")}


def _counter_names(ids: Iterable[int]) -> dict[int, str]:
    return {pk: in_language(name) for pk, name in Counter.objects.filter(pk__in=list(ids)).values_list("pk", "name")}


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": data.get("code", ""), "call": data.get("call", 1)}


names_register("line", _line_names)
names_register("counter", _counter_names)


def _phrase(text: Any, icon: str, **names: str) -> Phrase:
    return Phrase(text, icon, names, _data)


phrases_register(
    "ticket",
    _("Queue"),
    {
        events.TAKEN: _phrase(_("Took ticket %(code)s: %(line)s"), "ticket", line="line"),
        events.CALLED: _phrase(_("%(actor)s called %(code)s to %(counter)s"), "speakerphone", counter="counter"),
        events.RECALLED: _phrase(_("%(actor)s called %(code)s again (%(call)s)"), "speakerphone"),
        events.LET_GO: _phrase(_("%(actor)s took the call of %(code)s back"), "arrow-back-up"),
        events.STARTED: _phrase(_("%(actor)s began to serve %(code)s"), "user-check"),
        events.FINISHED: _phrase(_("%(actor)s served %(code)s"), "circle-check"),
        events.MISSED: _phrase(_("%(code)s did not come when called"), "user-off"),
        events.RETURNED: _phrase(_("%(code)s came back"), "door-enter"),
        events.HELD: _phrase(_("%(actor)s set %(code)s aside"), "player-pause"),
        events.MORE_TIME: _phrase(_("%(code)s asked for more time"), "hourglass"),
        events.RESUMED: _phrase(_("%(code)s is in the line again"), "player-play"),
        events.LEFT: _phrase(_("%(code)s left the line"), "door-exit"),
        events.SENT_ON: _phrase(_("%(actor)s sent %(code)s on to %(to)s"), "arrow-right", to="line"),
        events.VOIDED: _phrase(_("Ticket %(code)s is void"), "ban"),
        events.REOPENED: _phrase(_("%(actor)s goes on serving %(code)s"), "arrow-back-up"),
        events.TAKEN_BACK: _phrase(_("%(actor)s took it back: %(code)s is at the counter"), "arrow-back-up"),
        events.CHANGED: _phrase(_("%(actor)s changed ticket %(code)s"), "edit"),
        events.NEAR: _phrase(_("%(code)s was told that it is nearly time"), "bell"),
        events.ASKED: _phrase(_("%(code)s was asked whether they are still here"), "help-circle"),
        events.FOLLOWED_UP: _phrase(_("%(code)s answered whether anything was forgotten"), "message-check"),
    },
)
phrases_register(
    "counter",
    _("Counters"),
    {
        events.SIGNED_ON: _phrase(_("%(actor)s signed on at %(counter)s"), "login", counter="counter"),
        events.SIGNED_OFF: _phrase(_("%(actor)s signed off at %(counter)s"), "logout", counter="counter"),
        events.PAUSED: _phrase(_("%(actor)s takes a break at %(counter)s"), "coffee", counter="counter"),
        events.RESUMED_WORK: _phrase(_("%(actor)s is back at %(counter)s"), "player-play", counter="counter"),
        events.SETTINGS_CHANGED: Phrase(_("%(actor)s changed the queue's settings"), "settings"),
    },
)

"""How a booking may go on from where it stands."""

from enum import StrEnum

from parvis.kernel.errors import Conflict
from parvis.kernel.phrases import Phrase as _


class Event(StrEnum):
    """What can happen to a booking."""

    CONFIRM = "confirm"
    MOVE = "move"
    CANCEL = "cancel"
    EXPIRE = "expire"
    ARRIVE = "arrive"
    FINISH = "finish"
    MISS = "miss"
    RESTORE = "restore"


_NEXT = {
    Event.CONFIRM: {"held": "confirmed"},
    Event.MOVE: {"held": "held", "confirmed": "confirmed"},
    Event.CANCEL: {"held": "cancelled", "confirmed": "cancelled"},
    Event.EXPIRE: {"held": "expired"},
    Event.ARRIVE: {"confirmed": "arrived", "no_show": "arrived"},
    Event.FINISH: {"arrived": "done", "confirmed": "done"},
    Event.MISS: {"confirmed": "no_show"},
    Event.RESTORE: {"cancelled": "confirmed", "no_show": "confirmed", "arrived": "confirmed", "done": "arrived"},
}
# What takes places: everything else has given them back.
TAKING = frozenset({"held", "confirmed", "arrived"})
_WHY = {
    "held": _("The booking is only held, not confirmed."),
    "confirmed": _("The booking stands."),
    "arrived": _("The customer is here already."),
    "done": _("The visit is over."),
    "no_show": _("The customer did not come."),
    "cancelled": _("The booking was cancelled."),
    "expired": _("The time to decide ran out."),
}


def after(state: str, event: Event) -> str:
    """The state that follows. Raises Conflict when the event makes no sense in this one."""
    following = _NEXT[event].get(state)
    if following is None:
        raise Conflict(_WHY[state], code=f"booking_{state}", hint=_("Look at the booking as it is now."))
    return following

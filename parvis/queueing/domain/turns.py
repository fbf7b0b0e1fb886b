"""How a turn in a line may go on from where it stands."""

from enum import StrEnum

from parvis.kernel.errors import Conflict
from parvis.kernel.phrases import Phrase as _


class Event(StrEnum):
    """What can happen to a turn."""

    CALL = "call"
    RECALL = "recall"
    LET_GO = "let_go"
    START = "start"
    FINISH = "finish"
    MISS = "miss"
    COME_BACK = "come_back"
    HOLD = "hold"
    MORE_TIME = "more_time"
    RESUME = "resume"
    LEAVE = "leave"
    SEND_ON = "send_on"
    VOID = "void"
    REOPEN = "reopen"
    TAKE_BACK = "take_back"
    GO_ON = "go_on"


_NEXT = {
    Event.CALL: {"waiting": "called", "held": "called", "no_show": "called"},
    Event.RECALL: {"called": "called"},
    Event.LET_GO: {"called": "waiting"},
    Event.START: {"called": "serving"},
    # Whoever forgot to press "start" has served all the same.
    Event.FINISH: {"called": "done", "serving": "done"},
    Event.MISS: {"called": "no_show"},
    Event.COME_BACK: {"no_show": "waiting", "left": "waiting"},
    Event.HOLD: {"waiting": "held", "called": "held", "serving": "held"},
    Event.MORE_TIME: {"waiting": "held", "called": "held"},
    Event.RESUME: {"held": "waiting"},
    Event.LEAVE: {"waiting": "left", "held": "left", "called": "left", "no_show": "left"},
    Event.SEND_ON: {"waiting": "moved", "held": "moved", "called": "moved", "serving": "moved"},
    Event.VOID: {"waiting": "void", "held": "void", "called": "void"},
    Event.REOPEN: {"done": "serving"},
    # A slip of the hand: they stand at the counter to which they were called before.
    Event.TAKE_BACK: {"no_show": "called", "held": "called"},
    Event.GO_ON: {"held": "serving"},
}
_WHY = {
    "waiting": _("This ticket is waiting."),
    "held": _("This ticket was set aside."),
    "called": _("This ticket has been called."),
    "serving": _("This ticket is being served."),
    "done": _("This ticket has been served."),
    "moved": _("This ticket was sent on to another line."),
    "no_show": _("This ticket was given up: nobody came."),
    "left": _("This person has left."),
    "void": _("This ticket is void."),
}


def after(state: str, event: Event) -> str:
    """The state that follows. Raises Conflict when the event makes no sense in this one."""
    following = _NEXT[event].get(state)
    if following is None:
        raise Conflict(_WHY[state], code=f"turn_{state}", hint=_("Look at the line as it is now."))
    return following

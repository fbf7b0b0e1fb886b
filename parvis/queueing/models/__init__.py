from parvis.queueing.models.estimates import Learning, Told
from parvis.queueing.models.lines import Counter, Line, LineDay, Screen, ServiceGoal, Sitting
from parvis.queueing.models.tickets import AT_COUNTER, OPEN, Call, Precedence, Source, Ticket, Turn, TurnState

__all__ = [
    "AT_COUNTER",
    "OPEN",
    "Call",
    "Counter",
    "Learning",
    "Line",
    "LineDay",
    "Precedence",
    "Screen",
    "ServiceGoal",
    "Sitting",
    "Source",
    "Ticket",
    "Told",
    "Turn",
    "TurnState",
]

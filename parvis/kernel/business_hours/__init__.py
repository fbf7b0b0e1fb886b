"""Opening hours: the calendar value and the sums over it (see ``sums`` for what is decided at the edges)."""

from .calendar import WEEKDAYS, Calendar
from .days import NeverOpen
from .explain import ExplainedSpan, Reason, explain
from .sums import Pause, closes_at, due, elapsed, is_open, next_open, open_between

__all__ = [
    "WEEKDAYS",
    "Calendar",
    "ExplainedSpan",
    "NeverOpen",
    "Pause",
    "Reason",
    "closes_at",
    "due",
    "elapsed",
    "explain",
    "is_open",
    "next_open",
    "open_between",
]

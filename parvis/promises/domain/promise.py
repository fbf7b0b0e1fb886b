"""Pure decisions about one promise: when it is due, when to warn, how it ends."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from parvis.kernel.business_hours import Calendar, due


class Kind(StrEnum):
    """What is promised."""

    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"
    CALL_BACK = "call_back"
    NEXT_NEWS = "next_news"
    DELIVERY = "delivery"
    AMOUNT = "amount"
    APPOINTMENT = "appointment"
    WAIT = "wait"


class State(StrEnum):
    """How it stands. A renegotiated promise points to the one that replaced it."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RENEGOTIATED = "renegotiated"
    VOID = "void"


Pause = tuple[dt.datetime, dt.datetime | None]

# The watch speaks when this share of the time is used up: early enough to act, late enough to be believed.
WARN_SHARE = 0.75
WARN_AT_LEAST = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Deadline:
    """When a promise is due and when the watch warns."""

    due_at: dt.datetime
    warn_at: dt.datetime


def deadline_by_hours(
    calendar: Calendar, made_at: dt.datetime, business_seconds: int, pauses: list[Pause]
) -> Deadline | None:
    """The deadline of a span of opening time from `made_at`, leaving out pauses; None while a pause is open."""
    end = due(calendar, made_at, business_seconds, pauses)
    warn = due(calendar, made_at, business_seconds * WARN_SHARE, pauses)
    return Deadline(end, warn or end) if end is not None else None


def deadline_at(made_at: dt.datetime, due_at: dt.datetime, warn_at_least: dt.timedelta = WARN_AT_LEAST) -> Deadline:
    """The deadline of a stated instant: the watch warns in its last quarter, at least 15 minutes before."""
    lead = max((due_at - made_at) * (1 - WARN_SHARE), warn_at_least)
    return Deadline(due_at, max(made_at, due_at - lead))


def urgency(*, state: str, paused: bool, due_at: dt.datetime, warn_at: dt.datetime, now: dt.datetime) -> str:
    """How a promise looks on a chip: kept | broken | void | renegotiated | paused | late | at_risk | on_time."""
    if state != "open":
        return state
    if paused:
        return "paused"
    if now >= due_at:
        return "late"
    return "at_risk" if now >= warn_at else "on_time"

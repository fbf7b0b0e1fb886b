"""The five stages of an encounter as a state machine (T7–T11). Pure: the instant is passed in."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from parvis.kernel.errors import Conflict
from parvis.kernel.phrases import Phrase as _


class Stage(StrEnum):
    """Welcome, understand, serve, follow up, open door: the order in which an encounter runs."""

    WELCOME = "welcome"
    UNDERSTAND = "understand"
    SERVE = "serve"
    FOLLOW_UP = "follow_up"
    OPEN_DOOR = "open_door"


class Status(StrEnum):
    """Whose turn it is: the house's, the customer's, or nobody's."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Initiative(StrEnum):
    """Who started it (F9)."""

    CUSTOMER = "customer"
    COMPANY = "company"


class Nature(StrEnum):
    """What it is about (F9)."""

    SERVICE = "service"
    SALES = "sales"
    ADVICE = "advice"


class Event(StrEnum):
    """What can happen to an encounter, as far as its stage and status are concerned."""

    GREETED = "greeted"  # the customer was told that they were heard
    UNDERSTOOD = "understood"  # the need was named
    ANSWERED = "answered"  # the house replied with what was asked for
    ASKED = "asked"  # the house replied and now waits for the customer
    CUSTOMER_SPOKE = "customer_spoke"
    CLOSED = "closed"  # the work is done: time to ask whether anything was forgotten
    CONFIRMED = "confirmed"  # "nothing was forgotten"
    DOUBTED = "doubted"  # "something was forgotten"
    DOOR_OPENED = "door_opened"  # the invitation to return went out, or nobody answered
    REOPENED = "reopened"  # by a member of staff


_ORDER = list(Stage)


@dataclass(frozen=True)
class Progress:
    """Where an encounter stands."""

    stage: Stage
    status: Status
    reached: dict[str, str]  # stage → ISO instant first reached
    reopened: int = 0


def opened(now: dt.datetime) -> Progress:
    """A new encounter: the customer stands at the door."""
    return Progress(Stage.WELCOME, Status.OPEN, {Stage.WELCOME.value: now.isoformat()})


def advance(progress: Progress, event: Event, now: dt.datetime) -> Progress:
    """The progress after `event`.

    Stages only go forward within one round; a customer who speaks after closing, or who says that something was
    forgotten, starts a new round at "understand". Raises Conflict when the event makes no sense where we stand.
    """
    stage, status = progress.stage, progress.status
    closed = status is Status.CLOSED
    match event:
        case Event.GREETED:
            return progress  # welcomed is where everyone starts; the instant is in the ledger
        case Event.UNDERSTOOD:
            return _move(progress, max(stage, Stage.UNDERSTAND, key=_ORDER.index), status, now)
        case Event.ANSWERED | Event.ASKED if closed:
            return progress  # a word after closing changes nothing about where we stand
        case Event.ANSWERED:
            return _move(progress, max(stage, Stage.SERVE, key=_ORDER.index), Status.OPEN, now)
        case Event.ASKED:
            return _move(progress, max(stage, Stage.UNDERSTAND, key=_ORDER.index), Status.WAITING, now)
        case Event.CUSTOMER_SPOKE if closed:
            return _reopen(progress, now)
        case Event.CUSTOMER_SPOKE:
            return _move(progress, stage, Status.OPEN, now)
        case Event.CLOSED if closed:
            raise Conflict(_("This encounter is closed already."), code="already_closed")
        case Event.CLOSED:
            return _move(progress, Stage.FOLLOW_UP, Status.CLOSED, now)
        case Event.CONFIRMED | Event.DOOR_OPENED if closed:
            return _move(progress, Stage.OPEN_DOOR, Status.CLOSED, now)
        case Event.DOUBTED | Event.REOPENED if closed:
            return _reopen(progress, now)
        case Event.DOUBTED | Event.CONFIRMED | Event.DOOR_OPENED:
            return progress  # the round has gone on without this answer
        case Event.REOPENED:
            raise Conflict(_("This encounter is open already."), code="already_open")
    raise AssertionError(event)


def _reopen(progress: Progress, now: dt.datetime) -> Progress:
    kept = {k: v for k, v in progress.reached.items() if k in (Stage.WELCOME, Stage.UNDERSTAND)}
    kept.setdefault(Stage.UNDERSTAND.value, now.isoformat())
    return Progress(Stage.UNDERSTAND, Status.OPEN, kept, progress.reopened + 1)


def _move(progress: Progress, stage: Stage, status: Status, now: dt.datetime) -> Progress:
    reached = progress.reached
    if stage.value not in reached:
        reached = {**reached, stage.value: now.isoformat()}
    return Progress(stage, status, reached, progress.reopened)


def stepper(progress: Progress) -> list[tuple[Stage, str]]:
    """For each stage: "done", "current", "skipped" or "todo". A stage passed without being reached was skipped."""
    here = _ORDER.index(progress.stage)
    states = []
    for i, stage in enumerate(_ORDER):
        if i == here:
            states.append((stage, "current"))
        elif i > here:
            states.append((stage, "todo"))
        else:
            states.append((stage, "done" if stage.value in progress.reached else "skipped"))
    return states

"""Mail from an archive: it tells the story of a customer, and asks nothing of anybody any more."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from parvis.customers.services import customer_counted
from parvis.desk import events
from parvis.desk.models import Direction
from parvis.desk.services.messages import last_line_of, message_add
from parvis.encounters.domain.stages import Event, Status
from parvis.encounters.services import encounter_advance, encounter_lock, encounter_restore, progress_of
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor

if TYPE_CHECKING:
    from parvis.desk.services.intake import Arrival
    from parvis.encounters.models import Encounter

# What came in within this time may still wait for an answer; older matters are closed as they come in.
MAY_WAIT = dt.timedelta(days=14)


def archive_open(encounter: "Encounter", at: dt.datetime) -> None:
    """Close an encounter just opened for an old mail: nobody is waiting for an answer to it, nor asked about it."""
    if utcnow() - at <= MAY_WAIT:
        return
    actor = Actor.system()
    encounter_advance(actor=actor, encounter=encounter, event=Event.CLOSED, at=at, unanswered=False)
    encounter_advance(actor=actor, encounter=encounter, event=Event.DOOR_OPENED, at=at)
    customer_counted(customer_id=encounter.customer_id, open_change=-1)


def archive_add(arrival: "Arrival", encounter_id: int, how: str, *, by_house: bool) -> None:
    """Add an old mail to the encounter it belongs to, without reopening it; or one that the house wrote elsewhere."""
    encounter = encounter_lock(encounter_id)
    words = arrival.words()
    message_add(
        actor=Actor.system(),
        event=events.SENT if by_house else events.RECEIVED,
        encounter=encounter,
        direction=Direction.OUT if by_house else Direction.IN,
        words=words,
        at=arrival.at,
        channel="email",
        customer_id=None if by_house or arrival.by_machine else encounter.customer_id,
        **arrival.fields(how),
    )
    if arrival.by_machine or arrival.at < encounter.last_activity_at:
        return
    changes: dict[str, Any] = {
        "last_line": last_line_of(words.text) or encounter.last_line,
        "last_activity_at": arrival.at,
    }
    if arrival.history:  # elsewhere a sender's word that it was us is not enough to take a question for answered
        changes["unanswered"] = encounter.status != Status.CLOSED and not by_house
    if not by_house:
        changes["last_customer_at"] = arrival.at
    encounter_restore(encounter=encounter, progress=progress_of(encounter), **changes)

"""What machines say about mail of ours: returned, late, complained about, out of the office. Seen, not silent."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation

from parvis.catalog.selectors import business
from parvis.channels import sayings
from parvis.channels.outbox import outmail_returned
from parvis.channels.selectors import SentMail, sent_mail_of
from parvis.customers.services import address_bounced
from parvis.desk import events
from parvis.desk.domain.arriving import returned_ids, still_trying
from parvis.desk.domain.threading import encounter_of_token
from parvis.desk.models import Direction, Message
from parvis.desk.services.contacts import reopened
from parvis.desk.services.letters import thread_key
from parvis.desk.services.messages import Words, last_line_of, message_add
from parvis.encounters.domain.stages import Event, Status
from parvis.encounters.services import encounter_advance, encounter_lock, encounter_restore, progress_of
from parvis.ledger.services import Actor, entries_collected
from parvis.toolkit.db import unit

if TYPE_CHECKING:
    from parvis.desk.services.intake import Arrival
    from parvis.encounters.models import Encounter


def mail_returned(arrival: "Arrival") -> str:
    """Take in a report about a mail of ours; returns how it was recognised, "" when it is about no mail of ours.

    The address is marked as dead where the report says so and we did write to it: a report is easily forged, the
    id of our mail is not. Unless the report only says "late", or the mail was an automatic one, the encounter is
    unanswered again, and open again if it was closed: the customer has not got what we believe they have.
    """
    sent, encounter_id = _returned(arrival)
    if sent is None or encounter_id is None:
        return ""
    complaint = arrival.auto.kind == "feedback-report"
    late = not complaint and still_trying(arrival.parsed, arrival.auto)
    if not late and not complaint:
        _mark_dead(arrival, sent)
        outmail_returned(out_mail_id=sent.pk, at=arrival.at)
    encounter = encounter_lock(encounter_id)
    line = _line(sayings.UNWANTED if complaint else sayings.LATE if late else sayings.RETURNED, sent)
    parsed = arrival.parsed
    message_add(
        actor=Actor.system(),
        event=events.RETURNED,
        encounter=encounter,
        direction=Direction.IN,
        words=Words(line, subject=parsed.subject, quoted=parsed.text),
        at=arrival.at,
        channel="email",
        **arrival.fields("returned"),
    )
    if not (late or complaint or sent.automatic):
        _ask_for_attention(encounter, line, arrival.at)
    return "returned"


def _returned(arrival: "Arrival") -> tuple[SentMail | None, int | None]:
    """The mail of ours that a report is about, and its encounter."""
    named = returned_ids(arrival.parsed)
    sent = sent_mail_of([i.strip("<>") for i in named if i and len(i) < 400])
    if sent is not None:
        return sent, Message.objects.filter(out_mail_id=sent.pk).values_list("encounter_id", flat=True).first()
    encounter_id = encounter_of_token(named, thread_key())
    if encounter_id is None:
        return None, None
    # The encounter is certain, the mail is not: the last one that left for an address the report names.
    wanted = {r.address.lower() for r in arrival.auto.recipients}
    for message in Message.objects.filter(encounter_id=encounter_id, out_mail__isnull=False).order_by("-id")[:10]:
        if not wanted or wanted & {a.lower() for a in message.recipients.get("to", [])}:
            return sent_mail_of([], out_mail_id=message.out_mail_id), encounter_id
    return None, None


def _mark_dead(arrival: "Arrival", sent: SentMail) -> None:
    written_to = {a.lower(): a for a in sent.recipients}
    dead = [r.address.lower() for r in arrival.auto.recipients if r.permanent]
    # A server behind a forwarder names an address we never wrote to; with one recipient it is clear who is meant.
    if len(written_to) == 1 and dead:
        dead = list(written_to)
    for address in dead:
        if address in written_to:
            address_bounced(actor=Actor.system(), address=written_to[address], at=arrival.at)


def _line(words: Any, sent: SentMail) -> str:
    """What happened, in the language of the house: it is stored, and read by all of its staff."""
    house = business()
    language = house.languages[0] if house and house.languages else settings.LANGUAGE_CODE
    with translation.override(language):
        return str(words) % {"address": ", ".join(sent.recipients)}


def _ask_for_attention(encounter: "Encounter", line: str, at: dt.datetime) -> None:
    changes: dict[str, Any] = {
        "unanswered": True,
        "last_line": last_line_of(line),
        "last_activity_at": max(at, encounter.last_activity_at),
    }
    if encounter.status == Status.CLOSED:
        encounter_advance(actor=Actor.system(), encounter=encounter, event=Event.REOPENED, at=at, **changes)
        reopened(encounter, at)
    else:
        encounter_restore(encounter=encounter, progress=progress_of(encounter), **changes)


def mail_given_up(*, out_mail_id: int, at: dt.datetime) -> None:
    """A message could not even leave: its encounter tells so, and is unanswered again if a person had written it."""
    sent = sent_mail_of([], out_mail_id=out_mail_id)
    encounter_id = Message.objects.filter(out_mail_id=out_mail_id).values_list("encounter_id", flat=True).first()
    if sent is None or encounter_id is None:
        return
    with unit(), entries_collected():
        encounter = encounter_lock(encounter_id)
        line = _line(sayings.UNSENT_SMS if sent.kind == "sms" else sayings.UNSENT, sent)
        message_add(
            actor=Actor.system(),
            event=events.RETURNED,
            encounter=encounter,
            direction=Direction.IN,
            words=Words(line),
            at=at,
            channel=sent.kind,
            automatic="bounce",
            sender_name="Parvis",
        )
        if not sent.automatic:
            _ask_for_attention(encounter, line, at)


def machine_said(arrival: "Arrival", encounter_id: int, how: str) -> None:
    """An automatic answer in an encounter belongs to its story, but nobody spoke: no reopening, no clock, no answer."""
    message_add(
        actor=Actor.system(),
        event=events.RECEIVED,
        encounter=encounter_lock(encounter_id),
        direction=Direction.IN,
        words=arrival.words(),
        at=arrival.at,
        channel="email",
        **arrival.fields(how),
    )

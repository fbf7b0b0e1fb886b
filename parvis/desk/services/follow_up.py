"""After closing: "did we forget anything?" One question, one click, a comment; then the door stays open (T10, T11)."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import business
from parvis.customers.selectors import email_of
from parvis.desk import events
from parvis.desk.models import Direction, FollowUp, Purpose
from parvis.desk.selectors import reply_address, thread_references
from parvis.desk.services.automatic import letter_automatic
from parvis.desk.services.letters import FOLLOW_UP_SALT, follow_up_link, house_text, language_of
from parvis.desk.services.messages import Words, last_line_of, message_add
from parvis.encounters.domain.stages import Event
from parvis.encounters.services import encounter_advance, encounter_lock, record
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound
from parvis.ledger.services import Actor

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

BATCH = 50
DEFAULT_DELAY_HOURS = 24


def follow_up_schedule(*, encounter: "Encounter", at: dt.datetime) -> FollowUp:
    """Plan the question for this round of an encounter, inside the transaction that closes it."""
    house = business()
    hours = house.follow_up_hours if house else DEFAULT_DELAY_HOURS
    follow_up, __ = FollowUp.objects.update_or_create(
        encounter_id=encounter.pk,
        round=encounter.reopened_count,
        defaults={"ask_at": at + dt.timedelta(hours=hours), "asked_at": None},
    )
    return follow_up


def follow_ups_ask(*, now: dt.datetime | None = None) -> int:
    """Ask what is due to be asked; returns how many mails were queued.

    Nobody is asked twice about one round, nor after the encounter was taken up again.
    """
    now = now or utcnow()
    due = FollowUp.objects.filter(asked_at=None, ask_at__lte=now)
    return sum(_ask(pk, now) for pk in list(due.order_by("ask_at").values_list("pk", flat=True)[:BATCH]))


def _ask(follow_up_id: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        if not FollowUp.objects.filter(pk=follow_up_id, asked_at=None).update(asked_at=now):
            return False
        follow_up = FollowUp.objects.get(pk=follow_up_id)
        encounter = encounter_lock(follow_up.encounter_id)
        address = reply_address(encounter.pk) or email_of(encounter.customer_id)
        if encounter.status != "closed" or encounter.reopened_count != follow_up.round or not address:
            return False
        customer = encounter.customer
        subject, text = house_text(
            "follow_up", encounter, customer, language_of(customer), link=follow_up_link(follow_up.pk)
        )
        letter_automatic(
            key=f"follow_up:{follow_up.pk}",
            event=events.FOLLOW_UP_ASKED,
            purpose=Purpose.FOLLOW_UP,
            encounter=encounter,
            address=address,
            subject=subject,
            text=text,
            references=thread_references(encounter.pk),
            at=now,
        )
    return True


def follow_up_of_token(token: str) -> FollowUp:
    """The question behind a signed link. Raises NotFound for a link that is not ours."""
    try:
        pk = signing.loads(token, salt=FOLLOW_UP_SALT)
        return FollowUp.objects.select_related("encounter__customer", "encounter__site").get(pk=pk)
    except (signing.BadSignature, FollowUp.DoesNotExist) as error:
        raise NotFound(
            _("This link is not valid."), hint=_("Check that the whole address was copied from the mail.")
        ) from error


def follow_up_answer(*, token: str, all_done: bool, comment: str = "") -> FollowUp:
    """The customer's answer. A bad one reopens the encounter; a good one leaves the door open.

    Given again (a second thought, a comment added) the later answer holds. Raises NotFound for a link that is not ours.
    """
    with transaction.atomic():
        follow_up = follow_up_of_token(token)
        encounter = encounter_lock(follow_up.encounter_id)
        actor, now = Actor("customer", encounter.customer_id), utcnow()
        follow_up.answered_at, follow_up.all_done, follow_up.comment = now, all_done, comment.strip()[:4000]
        follow_up.save()
        record(actor, encounter, events.FOLLOW_UP_ANSWERED, now, all_done=all_done)
        if all_done:
            _open_the_door(encounter, follow_up, now)
        else:
            _take_up_again(encounter, follow_up, now)
    return follow_up


def _open_the_door(encounter: "Encounter", follow_up: FollowUp, now: dt.datetime) -> None:
    if encounter.stage != "follow_up":
        return
    encounter_advance(actor=Actor.system(), encounter=encounter, event=Event.CONFIRMED, at=now)
    customer = encounter.customer
    subject, text = house_text("open_door", encounter, customer, language_of(customer))
    message_add(
        actor=Actor.system(),
        event=events.DOOR_OPENED,
        encounter=encounter,
        direction=Direction.OUT,
        purpose=Purpose.OPEN_DOOR,
        words=Words(text, subject=subject),
        at=now,
        channel="form",
    )


def _take_up_again(encounter: "Encounter", follow_up: FollowUp, now: dt.datetime) -> None:
    from parvis.desk.services.contacts import reopened

    text = follow_up.comment or str(_("Something was forgotten."))
    closed = encounter.status == "closed"
    message_add(
        actor=Actor("customer", encounter.customer_id),
        event=events.RECEIVED,
        encounter=encounter,
        direction=Direction.IN,
        purpose=Purpose.FOLLOW_UP,
        words=Words(text),
        at=now,
        channel="form",
        customer_id=encounter.customer_id,
    )
    encounter_advance(
        actor=Actor("customer", encounter.customer_id),
        encounter=encounter,
        event=Event.DOUBTED,
        at=now,
        last_line=last_line_of(text),
        last_activity_at=now,
        last_customer_at=now,
        unanswered=True,
    )
    if closed:
        reopened(encounter, now)

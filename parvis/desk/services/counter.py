"""A contact noted by whoever picked up the phone or stood at the counter, with what they told the customer."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import site_get, targets_of
from parvis.customers.finding import customers_by_any
from parvis.customers.selectors import customer_visible, customers_visible
from parvis.customers.services import customer_create
from parvis.desk.services.contacts import Contact, contact_log, customer_spoke
from parvis.desk.services.conversation import conversation_close
from parvis.desk.services.messages import Words
from parvis.encounters.domain.stages import Event, Initiative
from parvis.encounters.selectors import encounter_visible
from parvis.encounters.services import encounter_advance, encounter_lock
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid
from parvis.promises.domain.promise import Kind
from parvis.promises.services import Term, promises_make, promises_settle
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter


class Outcome(StrEnum):
    """How the customer left."""

    OWED = "owed"  # the house owes an answer, within the time it promises for the need
    CALL_BACK = "call_back"  # a call back was promised for a stated time
    ANSWER_BY = "answer_by"  # an answer was promised by a stated time
    ANSWERED = "answered"  # answered on the spot, though not finished
    DONE = "done"  # nothing is left to do


@dataclass(frozen=True)
class Note:
    """What was noted.

    `due_at` goes with CALL_BACK and ANSWER_BY; `encounter_id` adds to one that is open already; `surely_new` says that
    whoever noted it saw the known customers with this address, and that it is none of them.
    """

    contact: Contact
    outcome: Outcome = Outcome.OWED
    due_at: dt.datetime | None = None
    encounter_id: int | None = None
    surely_new: bool = False


def contact_note(*, viewer: Viewer, note: Note) -> "Encounter":
    """Note a contact: a new encounter, or more words in one that is open; then what was promised, in one transaction.

    Raises NotFound for a customer or encounter out of sight, Invalid when nothing was said, when nobody is named, for a
    site that is not the viewer's, and for a stated time that is missing or has passed.
    """
    timed = note.outcome in (Outcome.CALL_BACK, Outcome.ANSWER_BY)
    if timed and note.due_at is None:
        raise Invalid(_("Say when."), fields={"when": _("Such as 15:30, tomorrow 9, or Monday 10:00.")})
    if timed and note.due_at and note.due_at <= utcnow():
        raise Invalid(_("That time has passed."), fields={"when": _("Choose a time that lies ahead.")})
    with transaction.atomic():
        if note.encounter_id is not None:
            encounter = _said_more(viewer, note)
        else:
            contact = replace(_recognised(viewer, note.contact, note.surely_new), promise=not timed)
            encounter = contact_log(viewer=viewer, contact=contact, answered=note.outcome is Outcome.ANSWERED)
        if timed:
            _promise(viewer, encounter, note)
        elif note.outcome is Outcome.DONE:
            encounter = conversation_close(viewer=viewer, encounter_id=encounter.pk)
        elif note.encounter_id is not None and note.outcome is Outcome.ANSWERED:
            encounter = _answered(viewer, encounter.pk)
    return encounter


def _recognised(viewer: Viewer, contact: Contact, surely_new: bool) -> Contact:
    """The contact with its customer: the one chosen, one known by this address, or a new one.

    `surely_new` only speaks of the customers in sight (a couple shares a number). One that another site knows was not
    shown, and has just given the address themselves: they are that customer.
    """
    if contact.customer_id is not None:
        customer_visible(viewer, contact.customer_id)
        return contact
    if not (contact.name or contact.phone or contact.email):
        raise Invalid(_("Who was it?"), fields={"who": _("Give a name, a number or an e-mail address.")})
    site = site_get(contact.site_id) if contact.site_id else None
    if site is None or not viewer.sees_site(site.pk):
        raise Invalid(_("Choose a site you work at."), fields={"site": _("Choose a site you work at.")})
    known = customers_by_any(email=contact.email, phone=contact.phone, country=site.country)
    seen = set(customers_visible(viewer).filter(pk__in=[c.pk for c in known]).values_list("pk", flat=True))
    elsewhere = [c for c in known if c.pk not in seen]
    if elsewhere and not seen:
        return replace(contact, customer_id=elsewhere[0].pk)
    if seen and not surely_new:
        return replace(contact, customer_id=next(c.pk for c in known if c.pk in seen))
    made = customer_create(
        actor=actor_of(viewer),
        site_id=site.pk,
        name=contact.name,
        emails=[contact.email] if contact.email else [],
        phones=[contact.phone] if contact.phone else [],
        language=contact.language,
        country=site.country,
    )
    return replace(contact, customer_id=made.pk)


def _said_more(viewer: Viewer, note: Note) -> "Encounter":
    encounter = encounter_visible(viewer, note.encounter_id or 0)
    if not note.contact.text.strip():
        raise Invalid(_("There is nothing in this message."), fields={"text": _("Say what it is about.")})
    if note.contact.customer_id not in (None, encounter.customer_id):
        raise Invalid(_("This encounter is another customer’s."), fields={"into": _("Choose one of theirs.")})
    by_customer = note.contact.initiative is Initiative.CUSTOMER
    if not by_customer:
        from parvis.desk.services.conversation import reply_send

        reply_send(viewer=viewer, encounter_id=encounter.pk, text=note.contact.text, channel=note.contact.channel)
        return encounter_visible(viewer, encounter.pk)
    customer_spoke(
        actor=actor_of(viewer),
        encounter_id=encounter.pk,
        words=Words(note.contact.text),
        at=utcnow(),
        customer_id=encounter.customer_id,
        channel=note.contact.channel,
        author_id=viewer.member_id,
    )
    return encounter_visible(viewer, encounter.pk)


def _promise(viewer: Viewer, encounter: "Encounter", note: Note) -> None:
    """The stated time takes the place of the first answer the house would have promised."""
    call = note.outcome is Outcome.CALL_BACK
    actor = actor_of(viewer)
    # The customer was heard and told a time: that is an answer to what was open, and a new promise.
    promises_settle(actor=actor, encounter_id=encounter.pk, kinds=[Kind.FIRST_ANSWER])
    kind = Kind.CALL_BACK if call else Kind.FIRST_ANSWER if note.encounter_id is None else Kind.NEXT_NEWS
    terms = [Term(kind.value, due_at=note.due_at)]
    minutes = targets_of(note.contact.need_id).resolution_minutes if note.encounter_id is None else None
    if minutes:
        terms.append(Term(Kind.RESOLUTION.value, business_seconds=minutes * 60))
    promises_make(actor=actor, encounter=encounter, terms=terms)


def _answered(viewer: Viewer, encounter_id: int) -> "Encounter":
    actor = actor_of(viewer)
    promises_settle(actor=actor, encounter_id=encounter_id, kinds=[Kind.FIRST_ANSWER, Kind.NEXT_NEWS])
    locked = encounter_lock(encounter_id)
    return encounter_advance(actor=actor, encounter=locked, event=Event.ANSWERED, unanswered=False)

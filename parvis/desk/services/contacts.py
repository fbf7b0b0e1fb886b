"""A contact comes in, by whatever door: recognise, welcome, promise."""

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import site_default, targets_of, touchpoint_default, touchpoint_get
from parvis.customers.selectors import customer_visible, email_of, organisation_id_of, organisation_visible
from parvis.customers.services import customer_counted, customer_for_sender, customer_opened, known_at_make
from parvis.desk import events
from parvis.desk.models import Direction, Message, Purpose
from parvis.desk.services.automatic import letter_automatic
from parvis.desk.services.letters import house_text, language_of, stated_time, zone_of
from parvis.desk.services.messages import File, Words, last_line_of, message_add
from parvis.encounters.domain.stages import Event, Initiative, Nature
from parvis.encounters.services import Opening, encounter_advance, encounter_lock, encounter_open
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotAllowed
from parvis.kernel.text import first_line
from parvis.ledger.services import Actor, entries_collected
from parvis.promises.domain.promise import Kind
from parvis.promises.services import (
    Planned,
    Term,
    promises_enter,
    promises_make,
    promises_plan,
    promises_resume,
    promises_settle,
)
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import unit
from parvis.toolkit.drafts import written
from parvis.toolkit.rates import rate_reserve

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

GREETINGS_A_DAY = 5


@dataclass(frozen=True)
class Contact:
    """A first contact, as the door it came by has it."""

    channel: str
    text: str
    subject: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    customer_id: int | None = None
    organisation_id: int | None = None
    language: str = ""
    site_id: int | None = None
    touchpoint_id: int | None = None
    need_id: int | None = None
    owner_id: int | None = None
    initiative: Initiative = Initiative.CUSTOMER
    nature: Nature = Nature.SERVICE
    greet: bool = True
    promise: bool = True
    files: Sequence[File] = field(default_factory=tuple)
    references: Sequence[str] = field(default_factory=tuple)


def contact_receive(
    *, actor: Actor, contact: Contact, at: dt.datetime | None = None, **message_fields: Any
) -> "tuple[Encounter, Message]":
    """Open an encounter for a contact: the customer recognised or created, promises made, the greeting queued.

    Raises Invalid when there is nobody, nothing said, or no site to serve it.
    """
    at = at or utcnow()
    if not (contact.text.strip() or contact.subject.strip()):
        raise Invalid(_("There is nothing in this message."), fields={"text": _("Say what it is about.")})
    # Files are stored as they come by: a transaction around makes them part of the whole.
    with unit() if contact.files else nullcontext():
        return written(lambda: _compose(actor, contact, at, dict(message_fields)))


def _compose(
    actor: Actor, contact: Contact, at: dt.datetime, message_fields: dict[str, Any]
) -> "tuple[Encounter, Message]":
    site_id, touchpoint_id, country = _place(contact)
    customer = _customer(actor, contact, site_id, country, at)
    organisation_id = contact.organisation_id
    if organisation_id is None:
        organisation_id = organisation_id_of(customer, contact.email)
    targets = targets_of(contact.need_id)
    by_customer = contact.initiative is Initiative.CUSTOMER
    planned = _plan(site_id, targets, at) if by_customer and contact.promise else []
    encounter = encounter_open(
        actor=actor,
        at=at,
        opening=Opening(
            customer_id=customer.pk,
            organisation_id=organisation_id,
            site_id=site_id,
            touchpoint_id=touchpoint_id,
            channel=contact.channel,
            need_id=contact.need_id,
            owner_id=contact.owner_id,
            team_id=targets.team_id,
            initiative=contact.initiative,
            nature=contact.nature,
            priority=targets.priority,
            subject=contact.subject.strip() or first_line(contact.text)[:120],
            last_line=last_line_of(contact.text),
            due_at=planned[0].deadline.due_at if planned else None,
            due_kind=planned[0].term.kind if planned else "",
        ),
    )
    message = _first_message(actor, contact, encounter, customer.pk, at, message_fields)
    customer_opened(customer=customer, at=at)
    if planned:
        promises_enter(actor=Actor.system(), encounter=encounter, planned=planned, at=at)
    if planned and contact.greet:
        first_answer = next(p for p in planned if p.term.kind == Kind.FIRST_ANSWER)
        address = contact.email or email_of(customer.pk)
        _greet(encounter, customer, address, first_answer.deadline.due_at, list(contact.references))
    return encounter, message


def _first_message(
    actor: Actor, contact: Contact, encounter: "Encounter", customer_id: int, at: dt.datetime, fields: dict[str, Any]
) -> Message:
    by_customer = contact.initiative is Initiative.CUSTOMER
    fields.setdefault("sender_name", contact.name)
    fields.setdefault("sender_address", contact.email or contact.phone)
    return message_add(
        actor=actor,
        event=events.RECEIVED if by_customer else events.SENT,
        encounter=encounter,
        direction=Direction.IN if by_customer else Direction.OUT,
        words=Words(
            contact.text,
            subject=contact.subject,
            quoted=fields.pop("quoted", ""),
            html=fields.pop("html", ""),
            files=contact.files,
        ),
        at=at,
        customer_id=customer_id if by_customer else None,
        author_id=actor.id if actor.kind == "member" else None,
        **fields,
    )


def _place(contact: Contact) -> tuple[int, int | None, str]:
    at_sites = [contact.site_id] if contact.site_id else None
    touchpoint = touchpoint_get(contact.touchpoint_id) or touchpoint_default(contact.channel, site_ids=at_sites)
    site = site_default(contact.site_id or (touchpoint.site_id if touchpoint else None))
    if site is None:
        raise Invalid(_("This house has no site yet."), hint=_("Add one under Settings, Sites."))
    return site.pk, touchpoint.pk if touchpoint else None, site.country


def _customer(actor: Actor, contact: Contact, site_id: int, country: str, at: dt.datetime) -> Any:
    if contact.customer_id is not None:
        customer = customer_visible(Viewer.house(), contact.customer_id)
        known_at_make(customer_id=customer.pk, site_id=site_id)
        return customer
    customer, __ = customer_for_sender(
        actor=actor,
        site_id=site_id,
        email=contact.email,
        phone=contact.phone,
        name=contact.name,
        language=contact.language if contact.language in dict(settings.LANGUAGES) else "",
        country=country,
        at=at,
    )
    return customer


def _plan(site_id: int, targets: Any, at: dt.datetime) -> list[Planned]:
    terms = [Term(Kind.FIRST_ANSWER.value, business_seconds=targets.first_answer_minutes * 60)]
    if targets.resolution_minutes:
        terms.append(Term(Kind.RESOLUTION.value, business_seconds=targets.resolution_minutes * 60))
    return promises_plan(site_id=site_id, terms=terms, at=at)


def _greet(encounter: "Encounter", customer: Any, address: str, due_at: dt.datetime, references: list[str]) -> None:
    if not address or not rate_reserve(
        bucket=f"greet:{address.lower()}", limit=GREETINGS_A_DAY, window=dt.timedelta(days=1)
    ):
        return
    language = language_of(customer)
    due = stated_time(due_at, zone_of(encounter), language)
    subject, text = house_text("greeting", encounter, customer, language, due=due)
    letter_automatic(
        key=f"greeting:{encounter.pk}",
        event=events.GREETED,
        purpose=Purpose.GREETING,
        encounter=encounter,
        address=address,
        subject=subject,
        text=text,
        references=references,
        at=utcnow(),
    )


def contact_open(*, viewer: Viewer, contact: Contact) -> "tuple[Encounter, Message]":
    """A member, or a program in their name, opens an encounter for a contact they vouch for.

    Without a site it opens at one the viewer sees. Raises Invalid for another site, NotFound for a customer or
    organisation out of sight, and as `contact_receive`.
    """
    if contact.site_id is None and viewer.site_ids is not None:
        contact = replace(contact, site_id=min(viewer.site_ids, default=None))
        if contact.site_id is None:
            raise NotAllowed(_("You work at no site yet."), hint=_("An administrator can add you to one."))
    if contact.site_id is not None and not viewer.sees_site(contact.site_id):
        raise Invalid(_("Choose a site you work at."), fields={"site": _("Choose a site you work at.")})
    if contact.customer_id is not None:
        customer_visible(viewer, contact.customer_id)
    if contact.organisation_id is not None:
        organisation_visible(viewer, contact.organisation_id)
    return contact_receive(actor=actor_of(viewer), contact=contact)


def contact_log(*, viewer: Viewer, contact: Contact, answered: bool = False) -> "Encounter":
    """A member notes a contact at the counter or on the phone; `answered` when it was settled on the spot.

    The customer stands there, so no mail greets them.
    """
    if contact.site_id is not None and not viewer.sees_site(contact.site_id):
        raise Invalid(_("Choose a site you work at."), fields={"site": _("Choose a site you work at.")})
    with unit(), entries_collected():
        encounter, __ = contact_receive(actor=actor_of(viewer), contact=contact)
        if answered:
            actor = actor_of(viewer)
            promises_settle(actor=actor, encounter_id=encounter.pk, kinds=[Kind.FIRST_ANSWER])
            encounter = encounter_lock(encounter.pk)
            encounter_advance(actor=actor, encounter=encounter, event=Event.ANSWERED, unanswered=False)
    return encounter


def customer_spoke(
    *, actor: Actor, encounter_id: int, words: Words, at: dt.datetime, customer_id: int | None, **fields: Any
) -> Message:
    """The customer says more in an encounter they have: the clock runs again, a closed one is reopened."""
    with unit(), entries_collected():
        encounter = encounter_lock(encounter_id)
        was_closed = encounter.status == "closed"
        message = message_add(
            actor=actor,
            event=events.RECEIVED,
            encounter=encounter,
            direction=Direction.IN,
            words=words,
            at=at,
            customer_id=customer_id,
            **fields,
        )
        encounter_advance(
            actor=actor,
            encounter=encounter,
            event=Event.CUSTOMER_SPOKE,
            at=at,
            last_line=last_line_of(words.text) or encounter.last_line,
            last_activity_at=max(at, encounter.last_activity_at),
            last_customer_at=at,
            unanswered=True,
        )
        promises_resume(actor=actor, encounter_id=encounter.pk, at=at)
        if was_closed:
            reopened(encounter, at)
        elif customer_id:
            customer_counted(customer_id=encounter.customer_id, at=at)
    return message


def reopened(encounter: "Encounter", at: dt.datetime) -> None:
    """A closed encounter came back: counted as open again, and a new answer is promised."""
    customer_counted(customer_id=encounter.customer_id, open_change=1, at=at)
    targets = targets_of(encounter.need_id)
    term = Term(Kind.FIRST_ANSWER.value, business_seconds=targets.first_answer_minutes * 60)
    promises_settle(actor=Actor.system(), encounter_id=encounter.pk, kinds=[Kind.FIRST_ANSWER], at=at)
    promises_make(actor=Actor.system(), encounter=encounter, terms=[term], at=at)

"""The only way to write encounters. Each service writes its ledger entries in the same transaction."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.encounters import events
from parvis.encounters.domain import stages
from parvis.encounters.domain.stages import Event, Initiative, Nature, Progress, Stage, Status
from parvis.encounters.models import Encounter, Link
from parvis.encounters.selectors import encounter_visible
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotAllowed
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import is_postgres, unit
from parvis.toolkit.inserts import row_insert
from parvis.toolkit.prepared import prepared


@dataclass(frozen=True)
class Opening:
    """What is known when an encounter begins."""

    customer_id: int
    site_id: int
    channel: str
    subject: str
    organisation_id: int | None = None
    touchpoint_id: int | None = None
    need_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    initiative: Initiative = Initiative.CUSTOMER
    nature: Nature = Nature.SERVICE
    priority: int = 2
    last_line: str = ""
    due_at: dt.datetime | None = None
    due_kind: str = ""


def progress_of(encounter: Encounter) -> Progress:
    """Where an encounter stands, as the state machine sees it."""
    return Progress(
        Stage(encounter.stage), Status(encounter.status), encounter.stages_reached, encounter.reopened_count
    )


def encounter_open(*, actor: Actor, opening: Opening, at: dt.datetime | None = None) -> Encounter:
    """Open an encounter at `welcome` (at `understand` when the need is known). Authorised by the caller's service."""
    at = at or utcnow()
    progress = stages.opened(at)
    if opening.need_id is not None:
        progress = stages.advance(progress, Event.UNDERSTOOD, at)
    by_customer = opening.initiative is Initiative.CUSTOMER
    with unit():
        encounter = Encounter(
            customer_id=opening.customer_id,
            organisation_id=opening.organisation_id,
            site_id=opening.site_id,
            touchpoint_id=opening.touchpoint_id,
            channel=opening.channel,
            need_id=opening.need_id,
            owner_id=opening.owner_id,
            team_id=opening.team_id,
            initiative=opening.initiative.value,
            nature=opening.nature.value,
            priority=opening.priority,
            subject=opening.subject[:200],
            last_line=opening.last_line[:160],
            opened_at=at,
            last_activity_at=at,
            last_customer_at=at if by_customer else None,
            unanswered=by_customer,
            due_at=opening.due_at,
            due_kind=opening.due_kind,
        )
        _put(encounter, progress)
        row_insert(encounter)
        data = {"channel": opening.channel, "initiative": opening.initiative.value, "nature": opening.nature.value}
        record(actor, encounter, events.OPENED, at, need=opening.need_id, owner=opening.owner_id, **data)
    return encounter


def record(actor: Actor, encounter: Encounter, name: str, at: dt.datetime | None = None, **data: Any) -> None:
    """Write one ledger entry about an encounter; values that are None are left out."""
    fact = Fact(
        name,
        encounter_id=encounter.pk,
        customer_id=encounter.customer_id,
        site_id=encounter.site_id,
        data={k: v for k, v in data.items() if v is not None},
    )
    entries_record(actor=actor, facts=[fact], at=at)


def encounter_lock(encounter_id: int) -> Encounter:
    """The encounter, locked until the transaction ends; every change of its progress starts here."""
    [found] = _locked(pk=encounter_id)
    return found


@prepared
def _locked(*, pk: int) -> QuerySet[Encounter]:
    found = Encounter.objects.filter(pk=pk)
    return found.select_for_update(of=("self",)) if is_postgres() else found


def encounter_advance(
    *, actor: Actor, encounter: Encounter, event: Event, at: dt.datetime | None = None, **changes: Any
) -> Encounter:
    """Apply an event of the state machine to a locked encounter, together with other field changes.

    Raises Conflict when the event makes no sense where the encounter stands.
    """
    at = at or utcnow()
    before = progress_of(encounter)
    after = stages.advance(before, event, at)
    _put(encounter, after)
    if after.status is not before.status:
        encounter.closed_at = at if after.status is Status.CLOSED else None
        encounter.waiting_since = at if after.status is Status.WAITING else None
    for name, value in changes.items():
        setattr(encounter, name, value)
    encounter.save()
    if after.reopened > before.reopened:
        record(actor, encounter, events.REOPENED, at, because=event.value)
    elif after.status is Status.CLOSED and before.status is not Status.CLOSED:
        record(actor, encounter, events.CLOSED, at)
    elif after.status is Status.WAITING and before.status is not Status.WAITING:
        record(actor, encounter, events.WAITING, at)
    if after.stage is not before.stage:
        record(actor, encounter, events.STAGE_REACHED, at, stage=after.stage.value)
    return encounter


def _put(encounter: Encounter, progress: Progress) -> None:
    encounter.stage = progress.stage.value
    encounter.status = progress.status.value
    encounter.stages_reached = progress.reached
    encounter.reopened_count = progress.reopened


def encounter_restore(*, encounter: Encounter, progress: Progress, **changes: Any) -> None:
    """Put a locked encounter back where it stood: taking back a reply within its ten seconds."""
    _put(encounter, progress)
    for name, value in changes.items():
        setattr(encounter, name, value)
    encounter.save()


def encounter_assign(
    *, viewer: Viewer, encounter_id: int, owner_id: int | None = None, team_id: int | None = None
) -> Encounter:
    """Give an encounter to a member and/or a team; (None, None) puts it back into the common pool.

    Anybody takes a free one or hands on their own; taking one out of a colleague's hands needs the lead's right.
    """
    with unit():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        theirs = encounter.owner_id not in (None, viewer.member_id)
        if theirs and owner_id != encounter.owner_id and not viewer.may(Right.ASSIGN_OTHERS):
            raise NotAllowed(
                _("This encounter is in a colleague’s hands."), hint=_("Ask them, or a lead, to hand it to you.")
            )
        encounter.owner_id, encounter.team_id = owner_id, team_id if team_id is not None else encounter.team_id
        encounter.save(update_fields=["owner", "team"])
        record(actor_of(viewer), encounter, events.ASSIGNED, owner=owner_id, team=team_id)
    return encounter


def encounter_classify(*, viewer: Viewer, encounter_id: int, **changes: Any) -> Encounter:
    """Say what an encounter is about: `need_id`, `nature`, `priority`, `subject`, `organisation_id`.

    Naming the need is understanding it: the stage follows. Raises Invalid for a field that is not one of these.
    """
    allowed = {"need_id", "nature", "priority", "subject", "organisation_id"}
    if unknown := set(changes) - allowed:
        raise Invalid(_("This cannot be changed here."), code="unknown_field", fields=dict.fromkeys(unknown, ""))
    with unit():
        encounter = encounter_lock(encounter_visible(viewer, encounter_id).pk)
        actor = actor_of(viewer)
        facts = {k: v for k, v in changes.items() if k != "subject"}
        if changes.get("need_id"):
            encounter_advance(actor=actor, encounter=encounter, event=Event.UNDERSTOOD, **changes)
        else:
            for name, value in changes.items():
                setattr(encounter, name, value)
            encounter.save()
        record(actor, encounter, events.CLASSIFIED, **facts)
    return encounter


def encounter_due_set(*, encounter_id: int, due_at: dt.datetime | None, due_kind: str) -> None:
    """Repeat the nearest open promise on the encounter. Called by `promises` only; no ledger entry of its own."""
    Encounter.objects.filter(pk=encounter_id).update(due_at=due_at, due_kind=due_kind)


def encounter_link(*, viewer: Viewer, encounter_id: int, other_id: int, kind: str = "related") -> Link:
    """Tie two encounters together. Raises Invalid for an encounter and itself."""
    if encounter_id == other_id:
        raise Invalid(_("An encounter cannot be linked to itself."), fields={"other": _("Choose another encounter.")})
    source, target = encounter_visible(viewer, encounter_id), encounter_visible(viewer, other_id)
    return link_make(actor=actor_of(viewer), source=source, target=target, kind=kind)


def link_make(*, actor: Actor, source: Encounter, target: Encounter, kind: str) -> Link:
    """Tie two encounters together on the house's own account; the same pair is tied once."""
    with unit():
        link, created = Link.objects.get_or_create(source=source, target=target, defaults={"kind": kind})
        if created:
            record(actor, source, events.LINKED, other=target.pk, kind=kind)
    return link


def encounter_unlink(*, viewer: Viewer, encounter_id: int, link_id: int) -> None:
    """Untie an encounter from another; nothing happens if this link is none of its own."""
    with unit():
        pk = encounter_visible(viewer, encounter_id).pk
        links = Link.objects.filter(Q(source_id=pk) | Q(target_id=pk), pk=link_id)
        link = links.select_related("source").first()
        if link is None:
            return
        record(actor_of(viewer), link.source, events.UNLINKED, other=link.target_id)
        link.delete()


def encounters_move(*, from_customer: int, to_customer: int, only: list[int] | None = None) -> list[int]:
    """Move encounters between customers for a merge (or its undo, with `only`); return their ids."""
    found = Encounter.objects.filter(customer_id=from_customer)
    if only is not None:
        found = found.filter(pk__in=only)
    ids = list(found.values_list("pk", flat=True))
    Encounter.objects.filter(pk__in=ids).update(customer_id=to_customer)
    return ids


def encounters_forget(*, encounter_ids: list[int]) -> None:
    """Remove what was said from the rows of encounters whose customer is erased."""
    Encounter.objects.filter(pk__in=encounter_ids).update(subject="–", last_line="", organisation=None)

"""Saying what an encounter is about, and what follows from it."""

from typing import TYPE_CHECKING, Any

from parvis.catalog.selectors import targets_of
from parvis.encounters.domain.stages import Initiative, Status
from parvis.encounters.services import encounter_classify
from parvis.ledger.services import Actor, entries_collected
from parvis.promises.domain.promise import Kind
from parvis.promises.selectors import promises_of_encounter
from parvis.promises.services import Term, promises_make
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import unit

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter


def encounter_describe(*, viewer: Viewer, encounter_id: int, **changes: Any) -> "Encounter":
    """Say what an encounter is about: as `encounter_classify`, which see for the changes and errors.

    A need with a target for its resolution is promised to be resolved by then, from now on, if the customer began the
    encounter and no resolution was ever promised in it.
    """
    with unit(), entries_collected():
        encounter = encounter_classify(viewer=viewer, encounter_id=encounter_id, **changes)
        if changes.get("need_id") and _is_open(encounter):
            _promise_resolution(viewer, encounter)
    return encounter


def _is_open(encounter: "Encounter") -> bool:
    return encounter.status != Status.CLOSED and encounter.initiative == Initiative.CUSTOMER


def _promise_resolution(viewer: Viewer, encounter: "Encounter") -> None:
    minutes = targets_of(encounter.need_id).resolution_minutes
    promised = {promise.kind for promise in promises_of_encounter(viewer, encounter.pk)}
    if minutes and Kind.RESOLUTION not in promised:
        term = Term(Kind.RESOLUTION.value, business_seconds=minutes * 60)
        promises_make(actor=Actor.system(), encounter=encounter, terms=[term])

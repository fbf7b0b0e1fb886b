"""Reads of what asks for attention, for Today and the rail; each starts from what the viewer may see."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from parvis.desk.models import FollowUp
from parvis.encounters.selectors import ROW, encounters_visible
from parvis.queueing.selectors import lines, turns_visible
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.prepared import counts_prepared


def mine_first(found: QuerySet, viewer: Viewer, *order: str, owner: str = "owner") -> QuerySet:
    """The same rows in this order; for agents, their own and what nobody has come before the rest.

    `owner` is the path to the owner.
    """
    if viewer.may(Right.ASSIGN_OTHERS):
        return found.order_by(*order)
    theirs = Q(**{f"{owner}__isnull": True}) | Q(**{owner: viewer.member_id})
    rank = Case(When(theirs, then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.order_by(rank, *order)


def encounters_unanswered(viewer: Viewer) -> QuerySet:
    """Open encounters in which the customer spoke last, the longest waiting first (an agent's own before others')."""
    found = encounters_visible(viewer).filter(status="open", unanswered=True).select_related(*ROW)
    return mine_first(found, viewer, "last_customer_at", "id")


@dataclass(frozen=True)
class Waiting:
    """What the rail counts, each up to 100: customers who wait for a word, people in line, and lines there are."""

    conversations: int
    people: int
    lines: int


def waiting(viewer: Viewer) -> Waiting:
    """Who waits: for a word from this member or from anybody, and at the counters. One statement."""
    counts = _waiting(viewer)
    return Waiting(counts["conversations"], counts["people"], counts["lines"])


@counts_prepared
def _waiting(viewer: Viewer) -> dict[str, QuerySet]:
    found = encounters_visible(viewer).filter(status="open", unanswered=True)
    return {
        "conversations": found.filter(Q(owner=None) | Q(owner=viewer.member_id)),
        "people": turns_visible(viewer).filter(state="waiting"),
        "lines": lines(viewer),
    }


def follow_ups_bad(viewer: Viewer, *, since: dt.datetime) -> QuerySet[FollowUp]:
    """Answers "something was forgotten" given since an instant, newest first."""
    found = FollowUp.objects.filter(all_done=False, answered_at__gte=since)
    if viewer.site_ids is not None:
        found = found.filter(encounter__site_id__in=viewer.site_ids)
    return found.select_related("encounter__customer", "encounter__owner").order_by("-answered_at", "-id")

"""Reads of what asks for attention, for Today and the rail; each starts from what the viewer may see."""

import datetime as dt

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from parvis.desk.models import FollowUp
from parvis.encounters.selectors import ROW, encounters_visible
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.db import capped_count


def mine_first(found: QuerySet, viewer: Viewer, *, owner: str = "owner") -> QuerySet:
    """The same rows with a `rank`: for agents 0 on their own and on what nobody has, 1 on the rest; for others all 0.

    `owner` is the path to the owner. To be used as the first field of an order.
    """
    if viewer.may(Right.ASSIGN_OTHERS):
        return found.annotate(rank=Value(0, output_field=IntegerField()))
    theirs = Q(**{f"{owner}__isnull": True}) | Q(**{owner: viewer.member_id})
    return found.annotate(rank=Case(When(theirs, then=Value(0)), default=Value(1), output_field=IntegerField()))


def encounters_unanswered(viewer: Viewer) -> QuerySet:
    """Open encounters in which the customer spoke last, the longest waiting first (an agent's own before others')."""
    found = encounters_visible(viewer).filter(status="open", unanswered=True).select_related(*ROW)
    return mine_first(found, viewer).order_by("rank", "last_customer_at", "id")


def conversations_waiting(viewer: Viewer) -> int:
    """How many customers wait for a word from this member, or from anybody; counted up to 100."""
    found = encounters_visible(viewer).filter(status="open", unanswered=True)
    return capped_count(found.filter(Q(owner=None) | Q(owner=viewer.member_id)))


def follow_ups_bad(viewer: Viewer, *, since: dt.datetime) -> QuerySet[FollowUp]:
    """Answers "something was forgotten" given since an instant, newest first."""
    found = FollowUp.objects.filter(all_done=False, answered_at__gte=since)
    if viewer.site_ids is not None:
        found = found.filter(encounter__site_id__in=viewer.site_ids)
    return found.select_related("encounter__customer", "encounter__owner").order_by("-answered_at", "-id")

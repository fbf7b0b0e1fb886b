"""Reads of promises: what is open, why it is due when it is due, how reliable the house is."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import calendar_of, site_get
from parvis.kernel.business_hours import ExplainedSpan, explain
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound
from parvis.promises.domain.promise import State, urgency
from parvis.promises.models import Promise
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared


def promises_visible(viewer: Viewer) -> QuerySet[Promise]:
    """All promises of the viewer's sites."""
    found = Promise.objects.all()
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def promise_visible(viewer: Viewer, promise_id: int) -> Promise:
    """One promise. Raises NotFound alike for one that does not exist and for one the viewer may not see."""
    found = promises_visible(viewer).select_related("encounter", "customer").filter(pk=promise_id).first()
    if found is None:
        raise NotFound(_("There is no such promise, or it is not yours to see."), code="no_promise")
    return found


def promise_by_reference(viewer: Viewer, reference: str) -> Promise:
    """One promise by its reference. Raises NotFound."""
    return promise_visible(viewer, Promise.pk_of(reference))


def promises_of_encounter(viewer: Viewer, encounter_id: int) -> list[Promise]:
    """The promises of an encounter: unsettled ones first, the most urgent on top."""
    found = _of_encounter(viewer, encounter=encounter_id)
    return sorted(found, key=lambda p: (p.settled_at is not None, p.due_at if not p.settled_at else p.settled_at))


@prepared
def _of_encounter(viewer: Viewer, encounter: int) -> QuerySet[Promise]:
    return promises_visible(viewer).filter(encounter_id=encounter).select_related("made_by")


def promises_at_risk(viewer: Viewer, *, now: dt.datetime | None = None) -> QuerySet[Promise]:
    """Promises to act on now: warned or broken and not yet settled, the most urgent first."""
    now = now or utcnow()
    return (
        promises_visible(viewer)
        .filter(
            Q(state=State.OPEN, paused=False, warn_at__lte=now) | Q(state=State.BROKEN),
            settled_at=None,  # of both: what is not done yet has an index of its own, in the order of this list
        )
        .select_related("encounter__customer", "encounter__owner", "customer")
        .order_by("due_at", "id")
    )


def urgency_of(promise: Promise, now: dt.datetime | None = None) -> str:
    """How a promise looks on a chip; see `domain.promise.urgency`."""
    if promise.state == State.BROKEN and promise.settled_at is None:
        return "late"
    return urgency(
        state=promise.state,
        paused=promise.paused,
        due_at=promise.due_at,
        warn_at=promise.warn_at,
        now=now or utcnow(),
    )


def why(viewer: Viewer, promise_id: int) -> tuple[Promise, list[ExplainedSpan]]:
    """A promise and the spans between making and due time that count, or do not, with the reason of each."""
    from parvis.promises.services import pauses_of

    promise = promise_visible(viewer, promise_id)
    site = site_get(promise.site_id)
    if site is None or promise.business_seconds is None:
        return promise, []
    until = promise.due_at if not promise.paused else max(utcnow(), promise.made_at)
    return promise, explain(calendar_of(site, around=promise.made_at), promise.made_at, until, pauses_of(promise))


@dataclass(frozen=True)
class Score:
    """Of the promises that fell due in a period: kept, broken, renegotiated; void ones do not count."""

    kept: int
    broken: int
    renegotiated: int

    @property
    def total(self) -> int:
        return self.kept + self.broken

    @property
    def share(self) -> float | None:
        """Kept as a share of kept + broken; None when nothing fell due."""
        return self.kept / self.total if self.total else None

    @property
    def percent(self) -> int | None:
        """The share as whole per cent, rounded down: 100 only when none was broken."""
        return 100 * self.kept // self.total if self.total else None


def score(viewer: Viewer, *, since: dt.datetime, until: dt.datetime | None = None) -> Score:
    """How reliable the house was. Time basis: promises whose due time lies in [since, until)."""
    until = until or utcnow()
    counts = dict(_by_state(viewer, since=since, until=until))
    return Score(*(counts.get(state.value, 0) for state in (State.KEPT, State.BROKEN, State.RENEGOTIATED)))


@prepared
def _by_state(viewer: Viewer, since: dt.datetime, until: dt.datetime) -> QuerySet:
    found = promises_visible(viewer).filter(due_at__gte=since, due_at__lt=until)
    return found.order_by().values("state").annotate(number=Count("pk")).values_list("state", "number")


def promises_scored(viewer: Viewer, state: str, *, since: dt.datetime, until: dt.datetime) -> QuerySet[Promise]:
    """The rows behind one figure of `score`: promises of a state due in [since, until), latest first."""
    found = promises_visible(viewer).filter(due_at__gte=since, due_at__lt=until, state=state)
    return found.select_related("encounter__owner", "customer").order_by("-due_at", "-id")


def promises_broken_since(viewer: Viewer, since: dt.datetime) -> QuerySet[Promise]:
    """Promises that broke since an instant, the latest first."""
    found = promises_visible(viewer).filter(broken_at__gte=since, state=State.BROKEN)
    return found.select_related("encounter__owner", "customer").order_by("-broken_at", "-id")

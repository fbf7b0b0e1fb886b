"""The API of lines, and of the counters that call from them."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from parvis.kernel.errors import Conflict
from parvis.kernel.references import reference_of
from parvis.queueing import services
from parvis.queueing.api import (
    READ,
    WRITE,
    EstimateOut,
    Key,
    TicketOut,
    estimate_shown,
    tickets_shown,
)
from parvis.queueing.estimates import estimates_of
from parvis.queueing.models import Ticket, Turn
from parvis.queueing.selectors import (
    counter_visible,
    counters,
    lines,
    sitting_of,
    sittings_at,
    ticket_turn,
    turns_at,
    waiting,
)
from parvis.staff.api import viewer_of
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Instant, Reference

lines_router = Router(tags=["queue"])
counters_router = Router(tags=["queue"])


class LineOut(Schema):
    """A line. `estimate`: of whoever stands last in it now, about what one would hear who comes now.

    `at_work`: how many counters take from it at the moment; null as an estimate: nobody waits, or it cannot be said.
    """

    id: int
    site: int
    code: str
    name: dict[str, str]
    needs: list[str]
    waiting: int
    at_work: int
    estimate: EstimateOut | None


@lines_router.get("", auth=READ, response={200: list[LineOut], **PROBLEMS})
def lines_list(request: HttpRequest, site: Key | None = None) -> list[dict[str, Any]]:
    """The lines in use at the sites of the token, with how many wait in each."""
    rows = list(lines(viewer_of(request), site_id=site).prefetch_related("needs", "counters"))
    turns = list(waiting([row.pk for row in rows]))
    last = {turn.line_id: turn for turn in turns}
    estimates = estimates_of(list(last.values()))
    sits = sittings_at({c.pk for row in rows for c in row.counters.all()})
    working = {pk for pk, sitting in sits.items() if sitting.paused_at is None}
    return [
        {
            **{n: getattr(row, n) for n in ("code", "name")},
            "id": row.pk,
            "site": row.site_id,
            "needs": [need.slug for need in row.needs.all()],
            "waiting": sum(turn.line_id == row.pk for turn in turns),
            "at_work": sum(counter.pk in working for counter in row.counters.all()),
            "estimate": estimate_shown(estimates.get(last[row.pk].pk)) if row.pk in last else None,
        }
        for row in rows
    ]


class CounterOut(Schema):
    """A counter, who sits there (an address of staff), and the ticket that is called to it or served at it."""

    id: int
    site: int
    name: dict[str, str]
    lines: list[int]
    member: str | None
    on_break: bool
    back_at: Instant | None
    ticket: str | None


def _counters(viewer: Viewer, **narrowed: Any) -> list[dict[str, Any]]:
    rows = list(counters(viewer).filter(**narrowed).prefetch_related("lines"))
    ids = {row.pk for row in rows}
    sits, turns = sittings_at(ids), turns_at(ids)
    found = []
    for row in rows:
        sitting, turn = sits.get(row.pk), turns.get(row.pk)
        found.append(
            {
                "id": row.pk,
                "site": row.site_id,
                "name": row.name,
                "lines": [line.pk for line in row.lines.all() if line.is_active],
                "member": sitting.member.email if sitting else None,
                "on_break": sitting is not None and sitting.paused_at is not None,
                "back_at": sitting.back_at if sitting else None,
                "ticket": reference_of("T", turn.ticket_id) if turn else None,
            }
        )
    return found


@counters_router.get("", auth=READ, response={200: list[CounterOut], **PROBLEMS})
def counters_list(request: HttpRequest, site: Key | None = None) -> list[dict[str, Any]]:
    """The counters in use at the sites of the token."""
    return _counters(viewer_of(request), **({"site_id": site} if site is not None else {}))


class SignOnIn(Given):
    """`until`: when the member means to go, for the estimates."""

    until: Instant | None = None


@counters_router.post("/{counter_id}/sign_on", auth=WRITE, response={200: CounterOut, **PROBLEMS})
def counter_sign_on(request: HttpRequest, counter_id: Key, body: SignOnIn) -> dict[str, Any]:
    """The token's member sits down here, and leaves the counter they sat at. 409 where somebody else sits."""
    viewer = viewer_of(request)
    services.sign_on(viewer=viewer, counter_id=counter_id, until=body.until)
    return _counters(viewer, pk=counter_id)[0]


class BreakIn(Given):
    """`back_at`: when the member means to be back, for the estimates."""

    back_at: Instant | None = None


@counters_router.post("/{counter_id}/pause", auth=WRITE, response={200: CounterOut, **PROBLEMS})
def counter_pause(request: HttpRequest, counter_id: Key, body: BreakIn) -> dict[str, Any]:
    """The member takes a break: nobody is called here meanwhile."""
    viewer = _sits_at(request, counter_id)
    services.pause(viewer=viewer, back_at=body.back_at)
    return _counters(viewer, pk=counter_id)[0]


@counters_router.post("/{counter_id}/resume", auth=WRITE, response={200: CounterOut, **PROBLEMS})
def counter_resume(request: HttpRequest, counter_id: Key) -> dict[str, Any]:
    """The member is back."""
    viewer = _sits_at(request, counter_id)
    services.resume(viewer=viewer)
    return _counters(viewer, pk=counter_id)[0]


@counters_router.post("/{counter_id}/sign_off", auth=WRITE, response={200: CounterOut, **PROBLEMS})
def counter_sign_off(request: HttpRequest, counter_id: Key) -> dict[str, Any]:
    """The member leaves this counter. 409 while somebody is at it."""
    viewer = _sits_at(request, counter_id)
    services.sign_off(viewer=viewer)
    return _counters(viewer, pk=counter_id)[0]


class NextIn(Given):
    """`current`: the ticket believed to be at the counter. It is finished first; where another one is, 409."""

    current: Reference | None = None


class NextOut(Schema):
    """Who was called; null: nobody waits."""

    ticket: TicketOut | None


@counters_router.post("/{counter_id}/next", auth=WRITE, response={200: NextOut, **PROBLEMS})
def counter_next(request: HttpRequest, counter_id: Key, body: NextIn) -> dict[str, Any]:
    """The next, please: called to this counter, at which the token's member has signed on."""
    viewer = _sits_at(request, counter_id)
    current = _current(viewer, body.current)
    turn = services.call_next(viewer=viewer, current_id=current.pk if current else None)
    return {"ticket": tickets_shown([ticket_turn(viewer, turn.ticket_id)])[0] if turn else None}


def _current(viewer: Viewer, reference: str | None) -> Turn | None:
    return ticket_turn(viewer, Ticket.pk_of(reference)) if reference is not None else None


def _sits_at(request: HttpRequest, counter_id: int) -> Viewer:
    """Whom the token acts for. Raises NotFound for a counter out of sight, Conflict for one they do not sit at."""
    viewer = viewer_of(request)
    counter = counter_visible(viewer, counter_id)
    mine = sitting_of(viewer.member_id)
    if mine is None or mine.counter_id != counter.pk:
        raise Conflict(
            _("The member of this token does not sit at this counter."), code="not_sitting", hint=_("Sign on first.")
        )
    return viewer

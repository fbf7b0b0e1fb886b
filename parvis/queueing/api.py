"""The API of tickets: who waits, where they stand, and what becomes of them."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from parvis.catalog.selectors import need_by_slug, site_by_slug
from parvis.customers.api import Who
from parvis.customers.selectors import customer_met, customer_pk_of, customer_visible
from parvis.kernel.errors import Invalid
from parvis.kernel.references import reference_of
from parvis.queueing import services
from parvis.queueing.addresses import absolute, ticket_path
from parvis.queueing.estimates import Shown, estimate_tell, estimates_of
from parvis.queueing.models import Precedence, Source, Ticket, Turn
from parvis.queueing.selectors import latest_turns, line_for_need, line_visible, places_of, ticket_turn
from parvis.queueing.services import Caller, Taking
from parvis.staff.api import Token, viewer_of
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.api.strict import Given
from parvis.toolkit.api.values import PROBLEMS, Cursor, Instant, Line, Reference, Size, Text
from parvis.toolkit.pagination import keyset_page

tickets_router = Router(tags=["queue"])
READ, WRITE = Token("queue:read"), Token("queue:write")
Key = Annotated[int, Field(ge=1, le=2**62)]
Persons = Annotated[int, Field(ge=1, le=services.MOST_PERSONS)]
Day = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1), le=dt.date(2200, 1, 1))]
Ahead = Literal["usual", "assisted", "urgent"]
What = Literal[
    "called", "recalled", "let_go", "started", "served", "reopened",
    "missed", "returned", "held", "resumed", "taken_back", "left", "void",
]  # fmt: skip
State = Literal["waiting", "held", "called", "serving", "done", "no_show", "left", "void"]


class EstimateOut(Schema):
    """How long it will take from now: half of all waits end in the range, nine of ten before `very_likely_before`."""

    low_minutes: int
    high_minutes: int
    very_likely_before: Instant


class TicketOut(Schema):
    """A ticket and how it stands. `ahead` and `estimate`: while it waits; no estimate: it cannot be said.

    `link`: the status page, for its holder alone. Instants and `rule` are those of the line it stands in now.
    """

    reference: str
    code: str
    site: int
    line: int
    state: State
    source: str
    party: int
    precedence: Ahead
    language: str
    need: str | None
    name: str
    note: str
    customer: str | None
    encounter: str | None
    booking: str | None
    taken_at: Instant
    joined_at: Instant
    rule: str
    ahead: int | None
    estimate: EstimateOut | None
    counter: int | None
    calls: int
    called_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    ended_by: str
    link: str


class TicketPage(Schema):
    """A page of tickets."""

    items: list[TicketOut]
    next_cursor: str | None


def estimate_shown(estimate: Shown | None) -> dict[str, Any] | None:
    """An estimate as the API shows it; None: unknown."""
    if estimate is None:
        return None
    return {
        "low_minutes": estimate.low_minutes,
        "high_minutes": estimate.high_minutes,
        "very_likely_before": estimate.before,
    }


def shown(turn: Turn, ahead: int | None = None, estimate: Shown | None = None) -> dict[str, Any]:
    """The latest turn of a ticket (with ticket and its need) as the API shows it."""
    ticket = turn.ticket
    same = ("code", "source", "party", "precedence", "language", "name", "note", "taken_at")
    mine = ("state", "joined_at", "rule", "calls", "called_at", "started_at", "ended_at", "ended_by")
    refers = (("C", "customer"), ("E", "encounter"), ("B", "booking"))
    found = {name: (getattr(ticket, f"{name}_id"), prefix) for prefix, name in refers}
    return {
        **{n: getattr(ticket, n) for n in same},
        **{n: getattr(turn, n) for n in mine},
        **{name: reference_of(prefix, pk) if pk else None for name, (pk, prefix) in found.items()},
        "reference": ticket.reference,
        "site": ticket.site_id,
        "line": turn.line_id,
        "counter": turn.counter_id,
        "need": ticket.need.slug if ticket.need else None,
        "ahead": ahead,
        "estimate": estimate_shown(estimate),
        "link": absolute(ticket_path(ticket.token)),
    }


def tickets_shown(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Several tickets, those that wait with their place and the estimate that staff sees."""
    waiting = [turn for turn in turns if turn.state == "waiting"]
    places, estimates = places_of(waiting), estimates_of(waiting)
    return [shown(turn, places.get(turn.pk), estimates.get(turn.pk)) for turn in turns]


def _answer(viewer: Viewer, ticket_id: int) -> dict[str, Any]:
    return tickets_shown([ticket_turn(viewer, ticket_id)])[0]


@tickets_router.get("", auth=READ, response={200: TicketPage, **PROBLEMS})
def tickets_list(
    request: HttpRequest,
    line: Key | None = None,
    state: State | None = None,
    day: Annotated[Day | None, Query(description="of the site")] = None,
    customer: Reference | None = None,
    cursor: Cursor = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Tickets in the order in which they were taken."""
    found = latest_turns(viewer_of(request))
    given = {
        "line_id": line,
        "state": state,
        "ticket__day": day,
        "ticket__customer_id": customer_pk_of(customer) if customer is not None else None,
    }
    found = found.filter(**{name: value for name, value in given.items() if value is not None})
    page = keyset_page(found, ["ticket_id"], cursor=cursor, size=limit)
    return {"items": tickets_shown(page.rows), "next_cursor": page.next_cursor}


class TicketIn(Given):
    """Somebody who joins a line: the line itself, or a need and the site, whose line for it is found.

    `customer`: one we know by reference; or a name, a number, an address. Whose number or address we know already is
    recognised; the others stay strangers until somebody at the counter learns who they are.
    """

    line: Key | None = None
    need: Annotated[Line | None, Field(description="slug")] = None
    site: Annotated[Line | None, Field(description="slug; with a need and no line")] = None
    party: Persons = 1
    precedence: Annotated[Ahead, Field(description="the line says what a head start is worth")] = "usual"
    customer: Who | None = None
    language: Literal["", "fr", "en"] = ""
    note: Annotated[Text, Field(max_length=200)] = ""
    source: Annotated[Literal["api", "agent", "phone"], Field(description="how they came")] = "api"


@tickets_router.post("", auth=WRITE, response={201: TicketOut, **PROBLEMS})
def ticket_create(request: HttpRequest, body: TicketIn) -> Status[dict[str, Any]]:
    """Take a ticket. The estimate of the answer counts as told to its holder, and is scored."""
    viewer = viewer_of(request)
    need_id = need_by_slug(body.need).pk if body.need else None
    line = line_visible(viewer, body.line) if body.line is not None else _line_of(viewer, body.site, need_id)
    who = body.customer or Who()
    known = _known(viewer, who, line.site.country)
    taking = Taking(
        line_id=line.pk,
        source=Source(body.source),
        need_id=need_id,
        party=body.party,
        precedence=Precedence(body.precedence),
        language=body.language or who.language or (known.language if known else ""),
        name=who.name.strip() or (known.name if known else ""),
        phone=who.phone,
        email=who.email,
        note=body.note,
        customer_id=known.pk if known else None,
    )
    turn = services.ticket_take(caller=Caller.staff(viewer), taking=taking)
    return Status(201, _told(viewer, turn))


def _line_of(viewer: Viewer, site: str | None, need_id: int | None) -> Any:
    told = _("Give a line, or a need and the site.")
    if site is None or need_id is None:
        raise Invalid(told, fields={"line": told})
    row = site_by_slug(site)
    if not viewer.sees_site(row.pk):
        raise Invalid(_("Choose a site you work at."), code="no_site")
    found = line_for_need(row.pk, need_id)
    if found is None:
        raise Invalid(_("No line takes this need: choose the line."), code="no_line", fields={"need": told})
    return found


def _known(viewer: Viewer, who: Who, country: str) -> Any:
    if who.reference:
        return customer_visible(viewer, customer_pk_of(who.reference))
    return customer_met(viewer, email=who.email.strip(), phone=who.phone.strip(), country=country)


def _told(viewer: Viewer, turn: Turn) -> dict[str, Any]:
    """A ticket whose holder hears the answer: the estimate is kept as told."""
    row = ticket_turn(viewer, turn.ticket_id)
    return shown(row, places_of([row]).get(row.pk), estimate_tell(row))


@tickets_router.get("/{reference}", auth=READ, response={200: TicketOut, **PROBLEMS})
def ticket_get(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """One ticket. Its estimate is what staff sees now; to tell it to the holder, see `tell`."""
    return _answer(viewer_of(request), Ticket.pk_of(reference))


class TicketChange(Given):
    """What to change; what is left out stays as it is."""

    customer: Reference | None = None
    party: Persons | None = None
    precedence: Ahead | None = None
    note: Annotated[Text | None, Field(max_length=200)] = None


@tickets_router.patch("/{reference}", auth=WRITE, response={200: TicketOut, **PROBLEMS})
def ticket_edit(request: HttpRequest, reference: Reference, body: TicketChange) -> dict[str, Any]:
    """Say who somebody is, how many they are, or that they have a head start."""
    viewer = viewer_of(request)
    turn = ticket_turn(viewer, Ticket.pk_of(reference))
    changes = body.dict(exclude_none=True)
    if not changes:
        raise Invalid(_("Say what to change."), code="nothing_to_change")
    if "customer" in changes:
        changes["customer_id"] = customer_pk_of(changes.pop("customer"))
    if "precedence" in changes:
        changes["precedence"] = Precedence(changes["precedence"])
    services.ticket_change(viewer=viewer, turn_id=turn.pk, **changes)
    return _answer(viewer, turn.ticket_id)


class NotedIn(Given):
    """What happened to a ticket. `called`, out of turn, and what follows it is done by whoever sits at a counter."""

    what: What


def _by_viewer(service: Callable[..., Turn]) -> Callable[[Viewer, int], Turn]:
    return lambda viewer, pk: service(viewer=viewer, turn_id=pk)


def _by_staff(service: Callable[..., Turn]) -> Callable[[Viewer, int], Turn]:
    return lambda viewer, pk: service(caller=Caller.staff(viewer), turn_id=pk)


_NOTED: dict[str, Callable[[Viewer, int], Turn]] = {
    "called": _by_viewer(services.turn_call),
    "recalled": _by_viewer(services.turn_recall),
    "let_go": _by_viewer(services.turn_let_go),
    "started": _by_viewer(services.turn_start),
    "served": _by_viewer(services.turn_finish),
    "reopened": _by_viewer(services.turn_reopen),
    "missed": _by_viewer(services.turn_miss),
    "returned": _by_staff(services.turn_come_back),
    "held": _by_viewer(services.turn_hold),
    "resumed": _by_staff(services.turn_resume),
    "taken_back": _by_viewer(services.turn_take_back),
    "left": _by_staff(services.turn_leave),
    "void": _by_staff(services.ticket_void),
}


@tickets_router.post("/{reference}/note", auth=WRITE, response={200: TicketOut, **PROBLEMS})
def ticket_note(request: HttpRequest, reference: Reference, body: NotedIn) -> dict[str, Any]:
    """Note what happened: 409 where it makes no sense as things stand, or the line's rule forbids it yet."""
    viewer = viewer_of(request)
    turn = ticket_turn(viewer, Ticket.pk_of(reference))
    _NOTED[body.what](viewer, turn.pk)
    return _answer(viewer, turn.ticket_id)


class SendIn(Given):
    """Another line of the site, and what its counter should know."""

    line: Key
    note: Annotated[Text, Field(max_length=120)] = ""


@tickets_router.post("/{reference}/send_on", auth=WRITE, response={200: TicketOut, **PROBLEMS})
def ticket_send_on(request: HttpRequest, reference: Reference, body: SendIn) -> dict[str, Any]:
    """Send somebody on to another line; they keep the time they have waited."""
    viewer = viewer_of(request)
    turn = ticket_turn(viewer, Ticket.pk_of(reference))
    services.turn_send_on(viewer=viewer, turn_id=turn.pk, line_id=body.line, note=body.note)
    return _answer(viewer, turn.ticket_id)


@tickets_router.post("/{reference}/tell", auth=WRITE, response={200: TicketOut, **PROBLEMS})
def ticket_tell(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """The ticket, its estimate told to the holder: kept and scored, as the status page does."""
    viewer = viewer_of(request)
    return _told(viewer, ticket_turn(viewer, Ticket.pk_of(reference)))

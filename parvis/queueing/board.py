"""What the console shows: who is at the counter, and the line beside it, in a handful of statements."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from parvis.catalog.selectors import needs_flat, site_get
from parvis.customers.selectors import recognition_of
from parvis.encounters.selectors import encounters_of_customer
from parvis.kernel.clock import zone
from parvis.queueing.domain.placing import Rule
from parvis.queueing.models import AT_COUNTER, Counter, Line, Sitting, Turn
from parvis.queueing.selectors import counters, in_order, lines, sitting_of, sittings_open, turns_visible
from parvis.queueing.shown import rule_words
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.bilingual import in_language

# Whoever missed their call longer ago is hardly standing there still.
MISSED_SHOWN = dt.timedelta(hours=2)
FINISHED_UNDO = dt.timedelta(minutes=10)
ROWS_SHOWN = 60
OPEN_SHOWN = 3
LANGUAGES = {"fr": "FR", "en": "EN"}


@dataclass(frozen=True)
class Row:
    """Somebody beside the counter: waiting, set aside, or missed."""

    turn: Turn
    code: str
    who: str
    what: str
    rule: str
    waited: int
    reserved: str
    appointment: dt.datetime | None
    language: str
    until: dt.datetime | None = None  # asked for more time until then

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to say of their place: in the order of arrival, without a head start."""
        return self.turn.rule == Rule.ARRIVAL and not self.precedence

    @property
    def line_name(self) -> str:
        """The line they stand in."""
        return in_language(self.turn.line.name)

    @property
    def precedence(self) -> str:
        """ "assisted" or "urgent"; empty for the others."""
        return "" if self.turn.ticket.precedence == "usual" else self.turn.ticket.precedence


@dataclass(frozen=True)
class Person(Row):
    """Who is at the counter, with what one should know of them."""

    customer: Any = None
    recognition: Any = None
    open: list[Any] = field(default_factory=list)
    encounter: Any = None
    calls_spent: bool = False
    due: dt.datetime | None = None  # until when they may take to come


@dataclass(frozen=True)
class Board:
    """The console of one member of staff. Without a sitting it shows the line, and the counters to choose from."""

    sitting: Sitting | None
    site_id: int | None
    counter: str = ""
    lines: list[Line] = field(default_factory=list)
    line_names: list[str] = field(default_factory=list)
    person: Person | None = None
    waiting: list[Row] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)  # wait as well, for another counter alone
    held: list[Row] = field(default_factory=list)
    missed: list[Row] = field(default_factory=list)
    undo: Turn | None = None

    @property
    def several(self) -> bool:
        """Whether people of more than one line stand here."""
        return len(self.lines) > 1


def board(viewer: Viewer, *, site_id: int | None, now: dt.datetime) -> Board:
    """The console as it stands. `site_id`: whose line is shown to somebody who sits nowhere."""
    sitting = sitting_of(viewer.member_id)
    if sitting is not None and not viewer.sees_site(sitting.counter.site_id):
        sitting = None
    if sitting is None:
        taken = list(lines(viewer, site_id=site_id)) if site_id is not None else []
        return _board(viewer, None, site_id, taken, now)
    taken = list(Line.objects.filter(counters=sitting.counter_id, is_active=True))
    return _board(viewer, sitting, sitting.counter.site_id, taken, now)


def _board(viewer: Viewer, sitting: Sitting | None, site_id: int | None, taken: list[Line], now: dt.datetime) -> Board:
    site = site_get(site_id) if site_id is not None else None
    tz = site.timezone if site else "UTC"
    needs = {node.need.pk: node.name for node in needs_flat()}
    here = _whole(turns_visible(viewer).filter(counter_id=sitting.counter_id, state__in=AT_COUNTER)) if sitting else []
    person = next(iter(here), None)
    turns = _standing(viewer, [line.pk for line in taken], now)
    rows: dict[str, list[Row]] = {"waiting": [], "kept": [], "held": [], "no_show": []}
    for turn in turns:
        part = "kept" if _is_elsewhere(turn, sitting) else turn.state
        if part in rows and len(rows[part]) < ROWS_SHOWN:
            rows[part].append(Row(**_row(turn, tz, needs, now)))
    return Board(
        sitting=sitting,
        site_id=site_id,
        counter=in_language(sitting.counter.name) if sitting else "",
        lines=taken,
        line_names=[in_language(line.name) for line in taken],
        person=_person(viewer, person, tz, needs, now) if person else None,
        waiting=rows["waiting"],
        kept=rows["kept"],
        held=rows["held"],
        missed=rows["no_show"],
        undo=_last_finished(sitting, now) if sitting and person is None else None,
    )


def _is_elsewhere(turn: Turn, sitting: Sitting | None) -> bool:
    """Whether somebody waits for another counter than the one looked from."""
    if sitting is None or turn.state != "waiting" or turn.reserved_id is None:
        return False
    return turn.reserved_id != sitting.counter_id


def _standing(viewer: Viewer, line_ids: list[int], now: dt.datetime) -> QuerySet[Turn]:
    """Who waits in these lines, is set aside, or missed their call lately; the next one first."""
    lately = Q(state__in=["waiting", "held"]) | Q(state="no_show", ended_at__gte=now - MISSED_SHOWN)
    return _whole(turns_visible(viewer).filter(lately, line_id__in=line_ids))[: 3 * ROWS_SHOWN]


def _whole(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    """With all that a row shows."""
    return in_order(
        turns.select_related("ticket__customer", "ticket__encounter", "ticket__booking", "line", "reserved")
    )


def _row(turn: Turn, tz: str, needs: dict[int, str], now: dt.datetime) -> dict[str, Any]:
    ticket = turn.ticket
    until = (turn.called_at if turn.state in AT_COUNTER else None) or now
    elsewhere = turn.reserved if turn.reserved_id is not None else None
    return {
        "turn": turn,
        "code": ticket.code,
        "who": str(ticket.customer) if ticket.customer_id else ticket.name,
        "what": needs.get(ticket.need_id or 0, ""),
        "rule": rule_words(turn, tz),
        "waited": max(int((until - turn.joined_at).total_seconds() // 60), 0),
        "reserved": in_language(elsewhere.name) if elsewhere else "",
        "appointment": ticket.booking.starts_at if ticket.booking_id and ticket.booking else None,
        "until": turn.held_until.astimezone(zone(tz)) if turn.state == "held" and turn.held_until else None,
        "language": LANGUAGES.get(ticket.language[:2], ticket.language[:2].upper()),
    }


def _person(viewer: Viewer, turn: Turn, tz: str, needs: dict[int, str], now: dt.datetime) -> Person:
    customer = turn.ticket.customer
    matters = encounters_of_customer(viewer, customer.pk).exclude(status="closed")[:OPEN_SHOWN] if customer else ()
    called = turn.state == "called" and turn.recalled_at is not None
    return Person(
        **_row(turn, tz, needs, now),
        customer=customer,
        recognition=recognition_of(customer) if customer else None,
        open=list(matters),
        encounter=turn.ticket.encounter,
        calls_spent=turn.calls >= turn.line.calls,
        due=turn.recalled_at + dt.timedelta(seconds=turn.line.grace_seconds) if called and turn.recalled_at else None,
    )


def _last_finished(sitting: Sitting, now: dt.datetime) -> Turn | None:
    """Whom this sitting served last, if a moment ago: finished by mistake, they can be taken back."""
    found = Turn.objects.filter(
        counter_id=sitting.counter_id, server_id=sitting.member_id, state="done", ended_at__gte=now - FINISHED_UNDO
    )
    return found.select_related("ticket").order_by("-ended_at").first()


@dataclass(frozen=True)
class Place:
    """A counter to sign on at."""

    row: Counter
    name: str
    lines: str
    sitting: Sitting | None


def places(viewer: Viewer, site_id: int) -> list[Place]:
    """The counters in use of a site, in their order, with who sits there."""
    sits = {s.counter_id: s for s in sittings_open(site_id)}
    found = []
    for counter in counters(viewer, site_id=site_id).prefetch_related("lines"):
        names = ", ".join(in_language(line.name) for line in counter.lines.all() if line.is_active)
        found.append(Place(counter, in_language(counter.name), names, sits.get(counter.pk)))
    return found


def may_watch(viewer: Viewer) -> bool:
    """Whether somebody may look at the day of a site, and sign others off."""
    return viewer.may(Right.ASSIGN_OTHERS)

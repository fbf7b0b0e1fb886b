"""Reads of the queue, starting from what the viewer may see."""

import datetime as dt
from collections import Counter as Counted
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import calendar_of, needs_flat, site_get
from parvis.customers.selectors import customers_by_contact
from parvis.kernel.business_hours import is_open
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid, NotFound
from parvis.kernel.text import fold
from parvis.queueing.domain.placing import Terms
from parvis.queueing.models import AT_COUNTER, Call, Counter, Line, Screen, Sitting, Ticket, Turn
from parvis.reservations.selectors import booking_pk_of, bookings_visible
from parvis.staff.domain.viewer import Viewer


def no_ticket() -> NotFound:
    """What is said alike of a ticket that does not exist and of one out of sight."""
    return NotFound(_("There is no such ticket, or it is not yours to see."), code="no_ticket")


def lines(viewer: Viewer, *, site_id: int | None = None, active_only: bool = True) -> QuerySet[Line]:
    """The lines of the viewer's sites, in their order."""
    found = Line.objects.all()
    if viewer.site_ids is not None:
        found = found.filter(site_id__in=viewer.site_ids)
    if site_id is not None:
        found = found.filter(site_id=site_id)
    return found.filter(is_active=True) if active_only else found


def line_visible(viewer: Viewer, line_id: int) -> Line:
    """One line. Raises NotFound alike for none and for one out of sight."""
    found = lines(viewer, active_only=False).filter(pk=line_id).first()
    if found is None:
        raise NotFound(_("There is no such line, or it is not yours to see."), code="no_line")
    return found


def has_tickets(line_id: int) -> bool:
    """Whether a line has ever given a ticket."""
    return Turn.objects.filter(line_id=line_id).exists()


def has_been_used(counter_id: int) -> bool:
    """Whether anybody has ever sat at a counter."""
    return Sitting.objects.filter(counter_id=counter_id).exists()


def counters(viewer: Viewer, *, site_id: int | None = None, active_only: bool = True) -> QuerySet[Counter]:
    """The counters of the viewer's sites, in their order."""
    found = Counter.objects.all()
    if viewer.site_ids is not None:
        found = found.filter(site_id__in=viewer.site_ids)
    if site_id is not None:
        found = found.filter(site_id=site_id)
    return found.filter(is_active=True) if active_only else found


def counter_visible(viewer: Viewer, counter_id: int) -> Counter:
    """One counter. Raises NotFound alike for none and for one out of sight."""
    found = counters(viewer, active_only=False).filter(pk=counter_id).first()
    if found is None:
        raise NotFound(_("There is no such counter, or it is not yours to see."), code="no_counter")
    return found


def turns_visible(viewer: Viewer) -> QuerySet[Turn]:
    """Turns at the viewer's sites, with ticket and line."""
    found = Turn.objects.select_related("ticket", "line")
    return found if viewer.site_ids is None else found.filter(line__site_id__in=viewer.site_ids)


def turn_visible(viewer: Viewer, turn_id: int) -> Turn:
    """One turn. Raises NotFound alike for none and for one out of sight."""
    found = turns_visible(viewer).filter(pk=turn_id).first()
    if found is None:
        raise no_ticket()
    return found


def ticket_of_token(token: str) -> Ticket:
    """The ticket behind a status page's address. Raises NotFound."""
    found = Ticket.objects.filter(token=token).select_related("site").first() if token else None
    if found is None:
        raise no_ticket()
    return found


def ticket_get(ticket_id: int) -> Ticket | None:
    """A ticket with what hangs on it, for the house's own reactions."""
    found = Ticket.objects.select_related("site", "need", "customer", "booking")
    return found.filter(pk=ticket_id).first()


def ticket_of_booking(booking_id: int) -> Ticket | None:
    """The ticket of an appointment, if it has come."""
    return Ticket.objects.filter(booking_id=booking_id).first()


def turn_of_ticket(ticket_id: int) -> Turn:
    """The latest turn of a ticket, with ticket, line and counter."""
    return Turn.objects.filter(ticket_id=ticket_id).select_related("ticket", "line", "counter").latest("pk")


def turn_get(turn_id: int) -> Turn | None:
    """A turn with its ticket, for the house's own reactions."""
    return Turn.objects.filter(pk=turn_id).select_related("ticket").first()


def known_waiting() -> list[Turn]:
    """Who waits, was never set aside, and hangs on an encounter; with their tickets."""
    found = Turn.objects.filter(state="waiting", ended_at=None, was_held=False, ticket__encounter__isnull=False)
    return list(found.select_related("ticket").order_by("pk"))


def turns_of(ticket_id: int) -> QuerySet[Turn]:
    """All turns of a ticket, the first one first: which lines it stood in and who served it there."""
    return Turn.objects.filter(ticket_id=ticket_id).select_related("line", "server").order_by("pk")


def latest_turns(viewer: Viewer) -> QuerySet[Turn]:
    """The latest turn of every ticket at the viewer's sites, with ticket, its need, and line.

    Only a turn that was sent on is followed by another one.
    """
    return turns_visible(viewer).exclude(state="moved").select_related("ticket__need", "line__site")


def ticket_turn(viewer: Viewer, ticket_id: int) -> Turn:
    """The latest turn of a ticket. Raises NotFound alike for none and for one out of sight."""
    found = latest_turns(viewer).filter(ticket_id=ticket_id).order_by("-pk").first()
    if found is None:
        raise no_ticket()
    return found


def places_of(turns: Collection[Turn]) -> dict[int, int]:
    """How many would be called before each of these waiting turns, by their ids. One statement."""
    wanted = {turn.pk for turn in turns if turn.state == "waiting"}
    if not wanted:
        return {}
    before: Counted[int] = Counted()
    found = {}
    for pk, line_id in waiting({turn.line_id for turn in turns}).values_list("pk", "line_id"):
        if pk in wanted:
            found[pk] = before[line_id]
        before[line_id] += 1
    return found


def sittings_at(counter_ids: Iterable[int]) -> dict[int, Sitting]:
    """Who sits at these counters now, by counter."""
    found = Sitting.objects.filter(counter_id__in=list(counter_ids), until=None).select_related("member")
    return {sitting.counter_id: sitting for sitting in found}


def turns_at(counter_ids: Iterable[int]) -> dict[int, Turn]:
    """Who is called to or served at these counters now, by counter."""
    found = Turn.objects.filter(counter_id__in=list(counter_ids), state__in=AT_COUNTER)
    return {turn.counter_id: turn for turn in found if turn.counter_id is not None}


def sitting_of(member_id: int | None) -> Sitting | None:
    """Where a member of staff sits now, with the counter."""
    return Sitting.objects.filter(member_id=member_id or 0, until=None).select_related("counter").first()


def sittings_open(site_id: int) -> list[Sitting]:
    """Who sits at the counters of a site now."""
    found = Sitting.objects.filter(counter__site_id=site_id, until=None).select_related("counter", "member")
    return list(found.order_by("counter__position", "counter_id"))


def screen_of_token(token: str, kind: str) -> Screen:
    """The device behind a secret address, with its site. Raises NotFound alike for none and one switched off."""
    found = Screen.objects.filter(token=token, kind=kind, is_active=True).select_related("site").first()
    if found is None:
        raise NotFound(_("This screen is not set up."), code="no_screen", hint=_("Open the address in the settings."))
    return found


def lines_of_screen(screen: Screen) -> list[Line]:
    """The lines that a device shows: those chosen for it, else all of its site."""
    chosen = screen.lines.filter(is_active=True)
    return list(chosen) or list(Line.objects.filter(site_id=screen.site_id, is_active=True))


def at_counter(counter_id: int) -> Turn | None:
    """Who is called to or served at a counter."""
    found = Turn.objects.filter(counter_id=counter_id, state__in=AT_COUNTER)
    return found.select_related("ticket__customer", "ticket__need", "line").first()


def waiting(line_ids: Iterable[int]) -> QuerySet[Turn]:
    """Who waits in these lines, the next one first."""
    return in_order(Turn.objects.filter(line_id__in=list(line_ids), state="waiting")).select_related("ticket", "line")


def waiting_at(site_id: int) -> int:
    """How many people wait at a site now."""
    return Turn.objects.filter(line__site_id=site_id, state="waiting").count()


def in_order(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    """The one order of a line."""
    return turns.order_by("rank_at", "pk")


def ahead_of(turn: Turn) -> int:
    """How many waiting people of the same line would be called before this one, as things stand."""
    before = Q(rank_at__lt=turn.rank_at) | Q(rank_at=turn.rank_at, pk__lt=turn.pk)
    return Turn.objects.filter(before, line_id=turn.line_id, state="waiting").count()


def may_call(turns: QuerySet[Turn], counter_id: int) -> QuerySet[Turn]:
    """Those of the turns that this counter may call: not those kept for another one."""
    return turns.filter(Q(reserved=None) | Q(reserved_id=counter_id))


def lines_of_counter(counter_id: int) -> list[int]:
    """The lines that a counter takes from."""
    return list(Line.objects.filter(counters=counter_id, is_active=True).values_list("pk", flat=True))


def line_for_need(site_id: int, need_id: int | None) -> Line | None:
    """The line of a site for a need: its own, else that of the nearest node above; None where there is none."""
    return lines_by_need(site_id).get(need_id) if need_id is not None else None


def lines_by_need(site_id: int) -> dict[int, Line]:
    """The line of a site for each need that leads to one. Two statements."""
    own: dict[int, Line] = {}
    for line in Line.objects.filter(site_id=site_id, is_active=True).prefetch_related("needs"):
        for need in line.needs.all():
            own.setdefault(need.pk, line)
    found: dict[int, Line] = {}
    for node in needs_flat():  # whoever stands above comes first
        need = node.need
        nearest = own.get(need.pk) or (found.get(need.parent_id) if need.parent_id is not None else None)
        if nearest is not None:
            found[need.pk] = nearest
    return found


def calls_since(site_id: int, last_id: int, *, limit: int = 50) -> list[Call]:
    """The calls of a site after one that is known, oldest first: what a display has not shown yet."""
    found = Call.objects.filter(site_id=site_id, pk__gt=last_id).select_related("counter", "turn__ticket")
    found = found.order_by("-pk")[:limit]
    return list(found)[::-1]


def booking_expected(site_id: int, given: str, now: dt.datetime) -> int | None:
    """The booking of today at a site that somebody means by its reference, their phone number or their name.

    The whole name, or a part of it that fits one person only. None alike where nothing fits and where several people
    do: whoever asks learns nothing about others.
    """
    site = site_get(site_id)
    begin = now.astimezone(zone(site.timezone if site else "UTC")).replace(hour=0, minute=0, second=0, microsecond=0)
    today = bookings_visible(Viewer.house()).filter(
        site_id=site_id, starts_at__gte=begin, starts_at__lt=begin + dt.timedelta(days=1),
        state__in=["confirmed", "arrived", "no_show"],
    )  # fmt: skip
    with suppress(NotFound, Invalid):
        if today.filter(pk=(pk := booking_pk_of(given))).exists():
            return pk
    rows = list(today.select_related("customer").order_by("starts_at", "pk"))
    people = {row.customer.pk: str(row.customer.name) for row in rows if row.customer is not None}
    known = _people_meant(given, people, site.country if site else "FR")
    if len(known) != 1:
        return None
    theirs = [row for row in rows if row.customer_id in known]
    return next((row.pk for row in theirs if row.ends_at > now), theirs[-1].pk)


def _people_meant(given: str, people: Mapping[int, str], country: str) -> set[int]:
    if sum(letter.isdigit() for letter in given) >= 6:
        with suppress(Invalid):
            return {c.pk for c in customers_by_contact(phone=given, country=country)} & set(people)
        return set()
    words = set(fold(given).split())
    if not words or max(map(len, words)) < 2:
        return set()
    return {pk for pk, name in people.items() if words <= set(fold(name).split())}


def terms_of(line: Line) -> Terms:
    """The rule of a line, as the domain takes it."""
    return Terms(
        assisted_minutes=line.assisted_minutes,
        urgent_minutes=line.urgent_minutes,
        booked_minutes=line.booked_minutes,
        late_minutes=line.late_minutes,
        return_minutes=line.return_minutes,
    )


def today_at(site_id: int, now: dt.datetime | None = None) -> dt.date:
    """The day it is at a site."""
    site = site_get(site_id)
    return (now or utcnow()).astimezone(zone(site.timezone if site else "UTC")).date()


def site_is_open(site_id: int, now: dt.datetime | None = None) -> bool:
    """Whether a site is open now; a site without hours is always open."""
    now = now or utcnow()
    site = site_get(site_id)
    return site is not None and (not site.hours or is_open(calendar_of(site, around=now), now))


def turns_of_day(viewer: Viewer, site_id: int, day: dt.date) -> QuerySet[Turn]:
    """All turns of a day at a site, in order of joining, for the day's figures."""
    found = turns_visible(viewer).filter(ticket__site_id=site_id, ticket__day=day)
    return found.exclude(state="void").order_by("joined_at", "pk")

"""A booking is moved: dragged in the calendar, or by a dialog with what is free; and moved back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Conflict, Invalid, ParvisError
from parvis.reservations.availability import Asked
from parvis.reservations.errors import Taken
from parvis.reservations.explaining import closed_then
from parvis.reservations.forms import MoveForm
from parvis.reservations.models import Booking
from parvis.reservations.services import Caller, Wanted, booking_move
from parvis.reservations.supply import Offer, offer_get, supply
from parvis.reservations.times import times_around
from parvis.reservations.views.bookings import done
from parvis.reservations.views.common import (
    booking_asked,
    day_field,
    day_given,
    given,
    instant_given,
    number,
    numbers,
    refusal,
    when_words,
)
from parvis.reservations.views.making import choosable
from parvis.staff.middleware import require_viewer
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import dialog, dialog_done


@dataclass(frozen=True)
class Place:
    """Where a booking stands: what is needed to put it back there."""

    start: dt.datetime
    placed: tuple[int, ...]
    session_id: int | None
    override: str
    nights: int

    def undo_url(self, reference: str) -> str:
        """Moves it back, through the same guard."""
        values: dict[str, Any] = {"start": self.start.isoformat(), "placed": ",".join(map(str, self.placed)), "back": 1}
        if self.session_id:
            values["session"] = self.session_id
        if self.override:
            values["override"] = self.override
        return f"{reverse('visit_drop', args=[reference])}?{urlencode(values)}"


def _place(booking: Booking) -> Place:
    nights = max((booking.ends_at.date() - booking.starts_at.date()).days, 1)
    return Place(booking.starts_at, tuple(booking.placed), booking.session_id, booking.override, nights)


@require_http_methods(["POST"])
def drop(request: HttpRequest, reference: str) -> HttpResponse:
    """The booking was let go elsewhere in the calendar (`start`, `resource`, `from`), or is put back (`placed`).

    A refusal says why and offers what is free instead; the booking stays where it is.
    """
    viewer, found = require_viewer(request), booking_asked(request, reference)
    before, back = _place(found), given(request, "back")
    move_url, drop_url = (reverse(name, args=[reference]) for name in ("visit_move", "visit_drop"))
    try:
        wanted = _dropped(request, found, before)
        moved = booking_move(caller=Caller.staff(viewer), booking_id=found.pk, wanted=wanted)
    except (Taken, Invalid, Conflict) as error:
        _say_closed(request, error, found)
        placed = ",".join(map(str, sorted(numbers(request, "placed"))))
        asked = {name: given(request, name, 40) for name in ("start", "at", "resource") if given(request, name, 40)}
        options = {
            "drop_url": drop_url,
            "placed": placed,
            "resource": number(request, "resource") or "",
            "tz": found.site.timezone,
        }
        return refusal(request, error, **options, move_url=f"{move_url}?{urlencode(asked)}")
    if back:
        return done(request, moved, _("Back where it was."))
    return done(request, moved, _told(moved), undo=before.undo_url(reference))


def _say_closed(request: HttpRequest, error: ParvisError, found: Booking) -> None:
    """Nobody took a time at which the house is closed: say so instead."""
    if not isinstance(error, Taken) or error.code != "taken":
        return
    offer = offer_get(found.offering_id)
    start = instant_given(request, offer.tz)
    asked = Asked(party=found.party, but_booking=found.pk)
    if start is not None and closed_then(offer, start, asked, utcnow()):
        error.message = _("Closed at this time, or not open for as long as this takes.")


def _dropped(request: HttpRequest, found: Booking, before: Place) -> Wanted:
    """Where the booking was let go. Raises Invalid for a column that does not serve it."""
    offer = offer_get(found.offering_id)
    wished = numbers(request, "placed") or _wished(offer, before, number(request, "resource"))
    start = instant_given(request, offer.tz)
    if start is not None and offer.row.unit == "slot":
        start = _on_five_minutes(start)
    return Wanted(
        found.offering_id,
        start,
        found.party,
        nights=before.nights,
        session_id=number(request, "session"),
        wished=wished,
        override=given(request, "override", 300),
    )


def _on_five_minutes(start: dt.datetime) -> dt.datetime:
    return start.replace(minute=start.minute // 5 * 5, second=0, microsecond=0)


def _wished(offer: Offer, before: Place, target: int | None) -> frozenset[int]:
    """The column it was let go in, and otherwise the same people as before. Raises Invalid."""
    known = supply().resources
    people = {pk for pk in before.placed if pk in known and known[pk].kind == "person"}
    if target is None:
        return frozenset(people)
    need = next((n for n in offer.needs if target in n.resource_ids), None)
    if need is None:
        name = known[target].name if target in known else "?"
        raise Invalid(_("%(name)s is not among what this needs.") % {"name": name}, code="wrong_resource")
    return frozenset((people - set(need.resource_ids)) | {target})


def _told(moved: Booking) -> str:
    """Where it stands now, and with whom."""
    known = supply().resources
    people = [known[pk].name for pk in moved.placed if pk in known and known[pk].kind == "person"]
    when = when_words(moved.starts_at, moved.site.timezone)
    if people:
        return _("Moved to %(when)s, with %(who)s.") % {"when": when, "who": ", ".join(people)}
    return _("Moved to %(when)s.") % {"when": when}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """The dialog: free times of two weeks, for the keyboard and for what dragging cannot reach."""
    viewer, found = require_viewer(request), booking_asked(request, reference)
    offer, before = offer_get(found.offering_id), _place(found)
    options: dict[str, Any] = {"resources": choosable(offer), "auto_id": "move_%s"}
    form = (
        MoveForm(request.POST, **options)
        if request.method == "POST"
        else MoveForm(initial=_initial(request, found, offer), **options)
    )
    alternatives: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            moved = _moved(found, offer, before, form, Caller.staff(viewer))
        except Taken as taken:
            alternatives = [(_value(s), s.start.astimezone(zone(offer.tz))) for s in taken.alternatives]
            form.add_error(None, str(taken))
        except (Invalid, Conflict) as error:
            put_errors(form, error)
        else:
            url, topics = reverse("visit", args=[reference]), ("booking", f"booking:{found.pk}")
            return dialog_done(request, url, *topics, text=_told(moved), undo_url=before.undo_url(reference))
    context = {"form": form, "booking": found, "offer": offer, "alternatives": alternatives, "refused": form.is_bound}
    context |= {"when": when_words(found.starts_at, offer.tz), **_when(request, found, offer)}
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/move.html", context, title=_("Move this booking"), status=status)


def _value(slot: Any) -> str:
    return f"s{slot.session_id}" if slot.session_id else slot.start.isoformat()


def _initial(request: HttpRequest, found: Booking, offer: Offer) -> dict[str, Any]:
    """Who serves it now stays chosen; a time that was asked for by dragging stands as one's own."""
    among = {pk for pk, __ in choosable(offer)}
    asked, start = number(request, "resource"), instant_given(request, offer.tz)
    current = next((pk for pk in found.placed if pk in among), None)
    initial: dict[str, Any] = {"resource": asked if asked in among else current}
    if start is not None and offer.row.unit == "slot":
        initial["own_time"] = start.astimezone(zone(offer.tz)).time()
    return initial


def _moved(found: Booking, offer: Offer, before: Place, form: MoveForm, caller: Caller) -> Booking:
    data = form.cleaned_data
    start, session_id = form.begin(zone(offer.tz))
    wanted = Wanted(
        offer.row.pk,
        start,
        found.party,
        nights=before.nights,
        session_id=session_id,
        wished=frozenset({data["resource"]} - {None}),
        override=data["override"].strip(),
    )
    return booking_move(caller=caller, booking_id=found.pk, wanted=wanted, reason=data["reason"])


@require_safe
def move_when(request: HttpRequest, reference: str) -> HttpResponse:
    """What is free for the booking that moves."""
    found = booking_asked(request, reference)
    offer = offer_get(found.offering_id)
    form = MoveForm(
        initial={"resource": number(request, "resource"), "own_time": given(request, "own_time", 5)},
        resources=choosable(offer),
        auto_id="move_%s",
    )
    context = {"form": form, "offer": offer, "booking": found, **_when(request, found, offer)}
    return render(request, "reservations/when.html", context)


def _when(request: HttpRequest, found: Booking, offer: Offer) -> dict[str, Any]:
    place = zone(offer.tz)
    try:
        start = instant_given(request, offer.tz) or found.starts_at
    except Invalid:
        start = found.starts_at
    day = day_given(request, day_field(request), start.astimezone(place).date())
    among = {pk for pk, __ in choosable(offer)}
    current = next((pk for pk in found.placed if pk in among), None)
    wished = number(request, "resource") if "resource" in {*request.GET, *request.POST} else current
    asked = Asked(
        party=found.party,
        nights=_place(found).nights,
        wished=frozenset({wished or 0}) & among,
        but_booking=found.pk,
    )
    times = times_around(offer, asked, day=day, wished=start, now=utcnow())
    when_url = reverse("visit_move_when", args=[found.reference])
    is_slot = offer.row.unit == "slot"
    return {"times": times, "is_slot": is_slot, "is_night": offer.row.unit == "night", "when_url": when_url}

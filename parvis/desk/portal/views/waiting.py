"""The waiting list from outside: join it, see one's place in it, leave it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.catalog.opening import day_words
from parvis.desk.portal.booking.asking import Ask, ask_of
from parvis.desk.portal.booking.forms import WaitForm
from parvis.desk.portal.booking.frames import PORTAL
from parvis.desk.portal.booking.services import Visitor, Wish, wish_join
from parvis.desk.portal.booking.shown import offer_shown, public_offer
from parvis.desk.portal.booking.tokens import entry_of_token, waiting_token
from parvis.desk.portal.booking.words import clock_told, headed, instant_words, party_words, refusal_words
from parvis.desk.portal.tokens import form_stamp, stamp_read
from parvis.desk.portal.views.booking import doubt_of, fresh
from parvis.desk.portal.views.common import client_ip, page_language, tokened
from parvis.desk.services.letters import booking_link
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import ParvisError, TooMany
from parvis.reservations.availability import MOST_DAYS, Asked, Slot, slots_between
from parvis.reservations.choosing import days_offered
from parvis.reservations.domain.rules import Unit, window
from parvis.reservations.domain.waiting import Place, Reason, Wishes, misfit
from parvis.reservations.services import Caller, Door
from parvis.reservations.services.queue import wishes_of
from parvis.reservations.services.waiting import Answer, waiting_leave, waiting_why
from parvis.reservations.supply import Offer, supply

if TYPE_CHECKING:
    from parvis.reservations.models import WaitingEntry

# How many days an answer is given for: the nearest ones.
DAYS_TOLD = 2
FREE_TOLD = 3


# Join --------------------------------------------------------------------------------------------------------------
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest, slug: str) -> HttpResponse:
    """When somebody would come, and where to write to them."""
    offer = public_offer(slug)
    if offer is None or not offer.row.waiting_open:
        raise Http404(slug)
    now = utcnow()
    today = now.astimezone(zone(offer.tz)).date()
    dates = _dates(offer, now) if offer.row.unit == Unit.SESSION else []
    named = [(str(s.session_id), headed(instant_words(s.start, offer.tz))) for s in dates]
    options: dict[str, Any] = {
        "offer": offer,
        "dates": [("any", _("Any date")), *named],
        "today": today,
    }
    if request.method != "POST":
        return _form_page(request, offer, WaitForm(initial=_initial(request, offer, today), **options))
    form = WaitForm(request.POST, **options)
    stamp = stamp_read(request.POST.get("stamp", ""))
    if not form.is_valid():
        return _form_page(request, offer, form, status=422, renew=stamp.verdict in ("old", "bad"))
    if doubt := doubt_of(form, stamp.verdict):
        return _form_page(request, offer, form, status=422, notice=doubt, renew=stamp.verdict != "fast")
    visitor, wish = Visitor(Caller.public(Door.PORTAL), client_ip(request), stamp.nonce), _wish(form, offer, dates, now)
    if free := _free(offer, wish, now):
        told = _("You need not wait: there are free times that suit you.")
        return _form_page(request, offer, form, status=409, notice=told, free=free)
    try:
        entry = wish_join(visitor=visitor, offer=offer, wish=wish)
    except TooMany as error:
        return _form_page(request, offer, form, status=429, notice=f"{error} {error.hint}")
    except ParvisError as error:
        return _form_page(request, offer, form, status=409, notice=refusal_words(error))
    return redirect(f"{reverse('waiting', args=[waiting_token(entry.pk)])}?joined")


def _initial(request: HttpRequest, offer: Offer, today: dt.date) -> dict[str, Any]:
    ask = ask_of(request.GET, offer)
    first = max(ask.day or today, today)
    return {
        "stamp": form_stamp(),
        "first_day": first,
        "last_day": first + dt.timedelta(days=0 if ask.day else 14),
        "party": ask.party,
        "nights": ask.nights,
        "session": str(request.GET.get("start", "any")).removeprefix("s")[:20],
    }


def _dates(offer: Offer, now: dt.datetime) -> list[Slot]:
    """The dates of an offering of sessions that one can wait for."""
    today = now.astimezone(zone(offer.tz)).date()
    slots = slots_between(offer, today, today + dt.timedelta(days=MOST_DAYS), Asked(), now=now)
    return [s for s in slots if s.start > now]


def _wish(form: WaitForm, offer: Offer, dates: list[Slot], now: dt.datetime) -> Wish:
    data, place = form.cleaned_data, zone(offer.tz)
    first, last = now.astimezone(place).date(), window(offer.terms, now)[1].astimezone(place).date()
    session = int(data["session"]) if data.get("session", "any") != "any" else None
    chosen = next((s for s in dates if s.session_id == session), None) if session else None
    if chosen is not None:
        first = last = chosen.start.astimezone(place).date()
    return Wish(
        name=data["name"],
        email=data["email"],
        first_day=data.get("first_day") or first,
        last_day=data.get("last_day") or last,
        party=data.get("party") or 1,
        nights=data.get("nights") or 0,
        session_id=session,
        weekdays=tuple(data.get("weekdays") or ()),
        begin=data.get("begin"),
        end=data.get("end"),
        language=page_language(),
    )


def _free(offer: Offer, wish: Wish, now: dt.datetime) -> list[tuple[str, str]]:
    """Free starts that meet a wish, the first of some days, with their addresses: who can have one need not wait.

    Nobody who waits keeps a place from others that they could have had at once.
    """
    ask = Ask(wish.party, max(wish.nights, 1))
    wishes = Wishes(
        wish.first_day, wish.last_day, frozenset(wish.weekdays), wish.begin, wish.end, frozenset(), wish.session_id
    )
    first = max(wish.first_day, now.astimezone(zone(offer.tz)).date())
    if wish.last_day < first:
        return []
    found = []
    for day in days_offered(offer, first, wish.last_day, ask.asked(), now=now):
        fits = [s for s in day.slots if not misfit(wishes, _as_place(s, offer))]
        if fits:
            query = replace(ask, first=day.day, day=day.day).query()
            found.append((PORTAL.times(offer.row.slug, query), headed(instant_words(fits[0].start, offer.tz))))
    return found[:FREE_TOLD]


def _as_place(slot: Slot, offer: Offer) -> Place:
    local = slot.start.astimezone(zone(offer.tz))
    return Place(local, slot.places, frozenset(slot.resource_ids), slot.session_id)


def _form_page(
    request: HttpRequest,
    offer: Offer,
    form: WaitForm,
    *,
    status: int = 200,
    notice: str = "",
    renew: bool = False,
    free: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    fresh(form, renew=renew)
    context = {
        "form": form,
        "offer": offer_shown(offer),
        "notice": notice,
        "free": free,
        "back_url": PORTAL.times(offer.row.slug),
    }
    return render(request, "portal/booking/wait.html", context, status=status)


# One's place -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """What is to be said about one day: the day, how many are before, and what would happen now."""

    day: str
    ahead: str
    answer: str


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, token: str) -> HttpResponse:
    """How it stands with somebody who waits, and the way out."""
    entry = entry_of_token(token)
    notice, status = "", 200
    if request.method == "POST":
        try:
            waiting_leave(caller=Caller.public(Door.PORTAL, entry.customer_id), entry_id=entry.pk)
            return redirect(f"{reverse('waiting', args=[token])}?left")
        except ParvisError:
            notice, status = _("This wait is over already."), 409
            entry = entry_of_token(token)
    now, offer = utcnow(), supply().offers.get(entry.offering_id)
    waits = entry.state == "waiting" and offer is not None
    context = {
        "entry": entry,
        "offer": offer_shown(offer) if offer else None,
        "wishes": _wishes_told(entry, offer) if offer else [],
        "lines": _lines(entry, offer, now) if waits and offer else [],
        "waits": waits,
        "booking_url": booking_link(entry.booking_id) if entry.booking_id else "",
        "again_url": PORTAL.times(offer.row.slug) if offer and offer.row.is_public else "",
        "told": next((word for word in ("joined", "left") if word in request.GET), ""),
        "notice": notice,
    }
    return render(request, "portal/booking/place.html", context, status=status)


def _wishes_told(entry: "WaitingEntry", offer: Offer) -> list[str]:
    """What they wait for, in words."""
    wishes, first, last = wishes_of(entry), entry.first_day, entry.last_day
    if first == last:
        told = [headed(day_words(first))]
    else:
        told = [_("From %(first)s to %(last)s") % {"first": day_words(first), "last": day_words(last)}]
    if wishes.weekdays:
        told.append(headed(", ".join(str(WEEKDAYS[n]) for n in sorted(wishes.weekdays))))
    if wishes.not_before and wishes.not_after:
        between = {"first": clock_told(wishes.not_before), "last": clock_told(wishes.not_after)}
        told.append(_("Between %(first)s and %(last)s") % between)
    elif wishes.not_before:
        told.append(_("From %(time)s on") % {"time": clock_told(wishes.not_before)})
    elif wishes.not_after:
        told.append(_("Until %(time)s") % {"time": clock_told(wishes.not_after)})
    if offer.terms.max_party > 1:
        told.append(party_words(entry.party))
    return told


def _lines(entry: "WaitingEntry", offer: Offer, now: dt.datetime) -> list[Line]:
    found: dict[dt.date, Slot] = {}
    clocks = zone(offer.tz)
    for slot in _starts(entry, offer, now):
        found.setdefault(slot.start.astimezone(clocks).date(), slot)
    lines = []
    for day in sorted(found)[:DAYS_TOLD]:
        answer = waiting_why(entry=entry, start=found[day].start, session_id=found[day].session_id, now=now)
        lines.append(Line(headed(day_words(day)), _ahead(answer.ahead), _answer(answer, entry)))
    return lines


def _starts(entry: "WaitingEntry", offer: Offer, now: dt.datetime) -> list[Slot]:
    """The starts that meet the wishes, free or not; for each day, one that is free comes first."""
    today = now.astimezone(zone(offer.tz)).date()
    first = max(entry.first_day, today)
    last = min(entry.last_day, first + dt.timedelta(days=MOST_DAYS))
    if last < first:
        return []
    asked = Asked(party=entry.party, nights=entry.nights or 1)
    slots = slots_between(offer, first, last, asked, now=now)
    wishes, clocks = wishes_of(entry), zone(offer.tz)
    fits = [s for s in slots if s.start > now and not misfit(wishes, _as_place(s, offer))]
    return sorted(fits, key=lambda s: (s.start.astimezone(clocks).date(), s.places == 0, s.start))


def _ahead(count: int) -> str:
    if count == 0:
        return _("You are first in line")
    return ngettext("%(count)s before you", "%(count)s before you", count) % {"count": count}


_ANSWERS: dict[Reason, str | Promise] = {
    Reason.BEHIND: gettext_lazy("Whoever is before you is asked first."),
    Reason.STARTED: gettext_lazy("It has begun already."),
    Reason.RESOURCE: gettext_lazy("Somebody else than you wished for would be free."),
}


def _answer(answer: Answer, entry: "WaitingEntry") -> str:
    """Why the place is not theirs yet, honestly."""
    if answer.reason is None:
        return _("A place is free: you are the next we write to.")
    if answer.reason is Reason.PARTY:
        if answer.free and entry.party > 1:
            return _("There is room, but not for all of you together.")
        return _("Everything is taken so far.")
    return str(_ANSWERS.get(answer.reason, _("Nothing that fits your wishes is free so far.")))

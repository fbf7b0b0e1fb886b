"""Who waits for a place, with their wishes: offer one now, see why none was offered, let them go."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from parvis.kernel.clock import parse_instant, utcnow, zone
from parvis.kernel.errors import Invalid, NotFound, ParvisError
from parvis.reservations.domain.waiting import Reason
from parvis.reservations.models import WaitingEntry
from parvis.reservations.selectors import waiting_visible
from parvis.reservations.services import Caller
from parvis.reservations.services.queue import wishes_of
from parvis.reservations.services.waiting import waiting_leave, waiting_offer, waiting_why
from parvis.reservations.supply import offer_get, supply
from parvis.reservations.views.common import given, refusal, when_words
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.htmx import dialog, go_to, is_fragment, nothing, toast, with_topics

MOST_SHOWN = 200
REASONS = {
    Reason.STARTED: gettext_lazy("It has begun."),
    Reason.DAY: gettext_lazy("They wish for other days."),
    Reason.WEEKDAY: gettext_lazy("They wish for other days of the week."),
    Reason.TIME: gettext_lazy("They wish for another time of day."),
    Reason.RESOURCE: gettext_lazy("They wish for somebody else."),
    Reason.OTHER_DATE: gettext_lazy("They wait for another date."),
    Reason.PARTY: gettext_lazy("There is not enough room for all of them."),
    Reason.BEHIND: gettext_lazy("Others were there before them."),
}


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The lines, one for each offering, in the order of joining."""
    found = waiting_visible(require_viewer(request)).filter(state__in=["waiting", "offered"])
    rows = found.select_related("customer", "offering", "booking").order_by("offering__position", "created_at", "pk")
    lines: dict[int, dict[str, Any]] = {}
    for entry in rows[:MOST_SHOWN]:
        line = lines.setdefault(entry.offering_id, {"name": in_language(entry.offering.name), "entries": []})
        line["entries"].append({"row": entry, "place": len(line["entries"]) + 1, "wishes": wishes_words(entry)})
    template = "reservations/queue.html#lines" if is_fragment(request) else "reservations/queue.html"
    return render(request, template, {"lines": list(lines.values())})


def wishes_words(entry: WaitingEntry) -> str:
    """What somebody would take: "26 Nov to 3 Dec, Tue, Thu, after 17:00, with Malik"."""
    wishes, form = wishes_of(entry), pgettext("a day of a wish", "j M")
    first, last = date_format(entry.first_day, form), date_format(entry.last_day, form)
    parts = [first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}]
    if wishes.weekdays:
        parts.append(", ".join(str(WEEKDAYS_ABBR[d]) for d in sorted(wishes.weekdays)))
    if wishes.not_before:
        parts.append(_("from %(time)s") % {"time": f"{wishes.not_before:%H:%M}"})
    if wishes.not_after:
        parts.append(_("until %(time)s") % {"time": f"{wishes.not_after:%H:%M}"})
    known = supply().resources
    if names := [known[pk].name for pk in sorted(wishes.resources) if pk in known]:
        parts.append(_("with %(who)s") % {"who": ", ".join(names)})
    return ", ".join(parts)


def _entry(request: HttpRequest, reference: str) -> WaitingEntry:
    found = waiting_visible(require_viewer(request)).filter(pk=WaitingEntry.pk_of(reference))
    entry = found.select_related("customer", "offering", "session").first()
    if entry is None:
        raise NotFound(_("There is nobody of this name on a list of yours."), code="no_entry")
    return entry


def _answer(request: HttpRequest, text: str) -> HttpResponse:
    if not is_fragment(request):
        return go_to(request, reverse("queue"))
    return toast(with_topics(nothing(), "waiting", "booking"), text)


@require_POST
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    """Offer the first place that fits their wishes; it is held in their name."""
    entry = _entry(request, reference)
    try:
        booking = waiting_offer(caller=Caller.staff(require_viewer(request)), entry_id=entry.pk)
    except ParvisError as error:
        if not is_fragment(request):
            raise
        return refusal(request, error)
    when = when_words(booking.starts_at, offer_get(entry.offering_id).tz)
    return _answer(request, _("%(name)s is offered %(when)s.") % {"name": entry.customer, "when": when})


@require_POST
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """They wait no longer."""
    entry = _entry(request, reference)
    waiting_leave(caller=Caller.staff(require_viewer(request)), entry_id=entry.pk)
    return _answer(request, _("%(name)s waits no longer.") % {"name": entry.customer})


@require_safe
def why(request: HttpRequest, reference: str) -> HttpResponse:
    """Why a place was not offered to them: one they ask about, and those they were passed over for."""
    entry = _entry(request, reference)
    tz = offer_get(entry.offering_id).tz
    context: dict[str, Any] = {"entry": entry, "wishes": wishes_words(entry), "at": given(request, "at", 16)}
    if not context["at"]:
        context["at"] = _first_wished(entry, tz)
    else:
        try:
            answer = waiting_why(entry=entry, start=parse_instant(context["at"], tz))
        except Invalid as error:
            context["error"] = str(error)
        else:
            context["answer"] = answer
            context["reason"] = REASONS[answer.reason] if answer.reason else _("Nothing: it goes to them next.")
    context["passed"] = [_passed(seen, tz) for seen in reversed(entry.passed_over)]
    return dialog(request, "reservations/queue_why.html", context, title=_("Why was no place offered?"))


def _first_wished(entry: WaitingEntry, tz: str) -> str:
    """The time to begin asking with, as a field takes it: their date, else the first of their days still ahead."""
    if entry.session:
        return entry.session.starts_at.astimezone(zone(tz)).strftime("%Y-%m-%dT%H:%M")
    day = max(entry.first_day, utcnow().astimezone(zone(tz)).date())
    time = wishes_of(entry).not_before or dt.time(9)
    return f"{day:%Y-%m-%d}T{time:%H:%M}"


def _passed(seen: list[str], tz: str) -> dict[str, Any]:
    at, start, reason = seen
    told = REASONS[Reason(reason)] if reason in set(Reason) else reason
    return {
        "at": dt.datetime.fromisoformat(at),
        "when": when_words(parse_instant(start).astimezone(zone(tz)), tz),
        "reason": told,
    }

"""The counter's console: sign on, the next please, what becomes of whoever comes, breaks."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import NotFound, ParvisError
from parvis.queueing import services
from parvis.queueing.forms import BreakForm
from parvis.queueing.models import Turn
from parvis.queueing.selectors import counter_visible, no_ticket, sitting_of, turn_visible
from parvis.queueing.services import Caller
from parvis.queueing.views.common import acted, console_page, given, number, refused
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, dialog_done

Act = Callable[[Viewer, int], Turn]


@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """Who is at the counter and who waits beside it; to whoever sits nowhere, where to sit."""
    return console_page(request)


@require_POST
def console_sign_on(request: HttpRequest) -> HttpResponse:
    """Sit down at a counter, until a time if one is said."""
    viewer, counter_id = require_viewer(request), number(request, "counter")
    try:
        counter = counter_visible(viewer, counter_id or 0)
        until = clock_time(given(request, "until", 5), counter.site_id)
        services.sign_on(viewer=viewer, counter_id=counter.pk, until=until)
    except ParvisError as error:
        return refused(request, error)
    return acted(request)


@require_POST
def console_sign_off(request: HttpRequest) -> HttpResponse:
    """Leave the counter."""
    try:
        services.sign_off(viewer=require_viewer(request))
    except ParvisError as error:
        return refused(request, error)
    return acted(request, _("You have signed off."))


@require_POST
def console_next(request: HttpRequest) -> HttpResponse:
    """Finish with who is at the counter, and call the next. `current` guards against pressing twice."""
    try:
        turn = services.call_next(viewer=require_viewer(request), current_id=number(request, "current"))
    except ParvisError as error:
        return refused(request, error)
    if turn is None:
        return acted(request, _("Nobody is waiting."), level="info")
    return acted(request, said=_("%(code)s is called.") % {"code": turn.ticket.code})


@require_http_methods(["GET", "HEAD", "POST"])
def console_break(request: HttpRequest) -> HttpResponse:
    """Go on a break, and say when one means to be back."""
    viewer = require_viewer(request)
    mine = sitting_of(viewer.member_id)
    if mine is None:
        return refused(request, services.no_sitting())
    form = BreakForm(request.POST or None, auto_id="dialog_%s")
    if request.method == "POST" and form.is_valid():
        try:
            services.pause(viewer=viewer, back_at=form.back_at(utcnow(), _tz(mine.counter.site_id)))
        except ParvisError as error:
            return refused(request, error)
        return dialog_done(request, reverse("console"), "counter", text=_("Enjoy your break."))
    status = 422 if form.is_bound else 200
    return dialog(request, "queueing/break.html", {"form": form}, title=_("Take a break"), status=status)


@require_POST
def console_back(request: HttpRequest) -> HttpResponse:
    """Back from the break."""
    try:
        services.resume(viewer=require_viewer(request))
    except ParvisError as error:
        return refused(request, error)
    return acted(request, _("Welcome back."))


def clock_time(text: str, site_id: int) -> dt.datetime | None:
    """The next time the site's clocks show "16:30"; None for nothing, and for what is no time."""
    try:
        time = dt.time.fromisoformat(text)
    except ValueError:
        return None
    now = utcnow().astimezone(zone(_tz(site_id)))
    found = dt.datetime.combine(now.date(), time.replace(tzinfo=None), tzinfo=now.tzinfo)
    return (found if found > now else found + dt.timedelta(days=1)).astimezone(dt.UTC)


def _tz(site_id: int) -> str:
    site = site_get(site_id)
    return site.timezone if site else "UTC"


# What is done with a turn -----------------------------------------------------------------------------------------


def _by_staff(service: Callable[..., Turn], **more: Any) -> Act:
    """A service that asks who calls."""
    return lambda viewer, pk: service(caller=Caller.staff(viewer), turn_id=pk, **more)


def _by_viewer(service: Callable[..., Turn]) -> Act:
    return lambda viewer, pk: service(viewer=viewer, turn_id=pk)


def _ready_here(viewer: Viewer, pk: int) -> Turn:
    """Who was set aside is ready, and goes on where they were: at this counter."""
    mine = sitting_of(viewer.member_id)
    return services.turn_resume(caller=Caller.staff(viewer), turn_id=pk, same_counter=mine.counter_id if mine else None)


# What the button says: the service, and the word about it. Those that may be taken back name the verb that does it.
ACTS: dict[str, tuple[Act, str, str]] = {
    "call": (_by_viewer(services.turn_call), "", ""),
    "recall": (_by_viewer(services.turn_recall), "", ""),
    "start": (_by_viewer(services.turn_start), "", ""),
    "finish": (_by_viewer(services.turn_finish), "served", "reopen"),
    "reopen": (_by_viewer(services.turn_reopen), "", ""),
    "miss": (_by_viewer(services.turn_miss), "missed", "take-back"),
    "hold": (_by_viewer(services.turn_hold), "held", "take-back"),
    "take-back": (_by_viewer(services.turn_take_back), "", ""),
    "let-go": (_by_viewer(services.turn_let_go), "let_go", ""),
    "ready": (_by_staff(services.turn_resume), "ready", ""),
    "ready-here": (_ready_here, "ready", ""),
    "back": (_by_staff(services.turn_come_back), "back", ""),
    "leave": (_by_staff(services.turn_leave), "left", "back"),
    "void": (_by_staff(services.ticket_void), "void", ""),
}


def _told(word: str, code: str) -> str:
    words = {
        "served": _("%(code)s has been served."),
        "missed": _("%(code)s did not come. They can come back to their place."),
        "held": _("%(code)s is set aside and keeps the place."),
        "let_go": _("The call of %(code)s is taken back."),
        "ready": _("%(code)s is in the line again."),
        "back": _("%(code)s is back in the line."),
        "left": _("%(code)s has left."),
        "void": _("Ticket %(code)s is void."),
    }
    return words[word] % {"code": code}


@require_POST
def turn_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One act on one turn, by the name of its button."""
    viewer = require_viewer(request)
    if verb not in ACTS:
        raise NotFound(_("There is no such button."), code="no_act")
    turn_visible(viewer, pk)
    act, word, undo = ACTS[verb]
    try:
        turn = act(viewer, pk)
    except ParvisError as error:
        if error.code == no_ticket().code:
            raise
        return refused(request, error)
    code = turn.ticket.code
    said = _("%(code)s is called.") % {"code": code} if verb in ("call", "recall") else ""
    more = {"undo_url": reverse("turn_act", args=[pk, undo])} if undo else {}
    return acted(request, _told(word, code) if word else "", said=said, **more)

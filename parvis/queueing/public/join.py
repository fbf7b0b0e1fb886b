"""Joining a line by one's own phone: a QR code on the wall, or a link."""

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.catalog.opening import opening_now
from parvis.catalog.selectors import site_by_slug
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotFound, ParvisError, TooMany
from parvis.queueing.models import OPEN, Source
from parvis.queueing.public.choosing import Tree, Wish
from parvis.queueing.public.common import client_ip, copy_read, copy_stamp, held_token, hold_token, page_language
from parvis.queueing.public.forms import JoinForm
from parvis.queueing.selectors import lines, site_is_open, ticket_of_token, today_at, turn_of_ticket
from parvis.queueing.services import Taking, ticket_take_once
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.rates import rate_take

# A waiting room shares one network address: generous by address, so that nobody in it is turned away.
TICKETS_AN_HOUR = 60
HOUR = dt.timedelta(hours=1)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, site: str) -> HttpResponse:
    """What you need, who you are if you like, and your place. Whoever holds a ticket already is shown it."""
    place = _site(site)
    if (held := _held(request, place.pk)) is not None:
        return redirect("ticket", token=held)
    open_lines = [line for line in lines(Viewer.house(), site_id=place.pk) if line.takes_remote]
    if not open_lines:
        raise Http404(site)
    now = utcnow()
    if not site_is_open(place.pk, now):
        return render(request, "queueing/public/join_closed.html", {"site": place, "opening": opening_now(place, now)})
    return _chosen(request, place, Tree(place.pk, open_lines))


def _chosen(request: HttpRequest, place: Any, tree: Tree) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    try:
        if given.get("line", "").isdecimal():
            wish = tree.wish(int(given["line"]), given.get("need", ""))
            return _sent(request, place, wish) if request.method == "POST" else _form(request, place, wish, None)
        found = tree.at(given.get("need", ""))
        if (only := found.only) is not None:
            return _form(request, place, tree.wish(only.line_id or 0, only.slug), None)
    except NotFound as error:
        raise Http404(place.slug) from error
    other = tree.other(found.trail[-1]) if found.trail else None
    context = {"site": place, "found": found, "other": other, "here": reverse("join", args=[place.slug])}
    return render(request, "queueing/public/join_choose.html", context)


def _form(
    request: HttpRequest, place: Any, wish: Wish, form: JoinForm | None, error: ParvisError | None = None
) -> HttpResponse:
    form = form or JoinForm(initial={"line": wish.line.pk, "need": wish.slug, "stamp": copy_stamp(), "party": 1})
    refused = form.is_bound
    status = (error.http_status if error else 422) if refused else 200
    context = {"site": place, "wish": wish, "form": form, "error": error, "here": reverse("join", args=[place.slug])}
    return render(request, "queueing/public/join.html", context, status=status)


def _sent(request: HttpRequest, place: Any, wish: Wish) -> HttpResponse:
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _form(request, place, wish, form)
    data = form.cleaned_data
    if data["website"]:
        # Whoever fills in what people do not see is no person; a person's browser may, and presses once more.
        form = JoinForm({**request.POST.dict(), "website": "", "stamp": copy_stamp()})
        return _form(request, place, wish, form, TooMany(_("Please press the button once more."), retry_after=1.0))
    taking = Taking(
        line_id=wish.line.pk, source=Source.REMOTE, need_id=wish.need_id, party=data["party"],
        language=page_language(), name=data["name"], phone=data["phone"], email=data["email"],
    )  # fmt: skip
    try:
        _limit(request)
        turn = ticket_take_once(copy=copy_read(data["stamp"]), taking=taking)
    except ParvisError as error:
        for name, told in error.fields.items():
            if name in form.fields:
                form.add_error(name, str(told))
        return _form(request, place, wish, form, None if error.fields else error)
    return hold_token(redirect("ticket", token=turn.ticket.token), turn.ticket.token)


def _limit(request: HttpRequest) -> None:
    if not rate_take(bucket=f"queue:join:{client_ip(request)}", limit=TICKETS_AN_HOUR, window=HOUR):
        raise TooMany(
            _("Many tickets were taken from here within the hour."),
            hint=_("Please ask at the counter."),
            retry_after=HOUR.total_seconds(),
        )


def _site(slug: str) -> Any:
    try:
        return site_by_slug(slug)
    except Invalid as error:
        raise Http404(slug) from error


def _held(request: HttpRequest, site_id: int) -> str | None:
    try:
        ticket = ticket_of_token(held_token(request))
    except NotFound:
        return None
    if ticket.site_id != site_id or ticket.day != today_at(site_id):
        return None
    return ticket.token if turn_of_ticket(ticket.pk).state in OPEN else None

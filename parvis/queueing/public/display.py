"""The display of the waiting room: codes and counters, never a name."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import utcnow
from parvis.queueing.estimates import Shown, estimates_of
from parvis.queueing.models import Call, Line, Screen, Turn
from parvis.queueing.public.common import clock, tokened
from parvis.queueing.public.shown import wait_words
from parvis.queueing.selectors import calls_since, lines_of_screen, screen_of_token, site_is_open, waiting
from parvis.toolkit.bilingual import in_language

LAST_SHOWN = 6
NEXT_SHOWN = 6


@tokened
@require_GET
def display(request: HttpRequest, token: str) -> HttpResponse:
    """The whole page."""
    screen = screen_of_token(token, "display")
    return render(request, "queueing/public/display.html", _context(screen))


@tokened
@require_GET
def display_card(request: HttpRequest, token: str) -> HttpResponse:
    """Who is next and how long it takes: what changes without a call."""
    return render(request, "queueing/public/display_lines.html", _lines(screen_of_token(token, "display")))


@tokened
@require_GET
def display_calls(request: HttpRequest, token: str) -> JsonResponse:
    """The calls after `after`, oldest first: none is lost, however many came at once."""
    screen = screen_of_token(token, "display")
    given = request.GET.get("after", "")
    after = int(given) if re.fullmatch(r"[0-9]{1,18}", given) else 0
    calls = calls_since(screen.site_id, after)
    shown = _of_lines(calls, screen)
    return JsonResponse({"calls": [_call(c) for c in shown], "last": calls[-1].pk if calls else after})


def _context(screen: Screen) -> dict[str, Any]:
    site = site_get(screen.site_id)
    last = _of_lines(calls_since(screen.site_id, 0), screen)
    latest: dict[str, Call] = {}
    for call in last:
        latest.pop(call.code, None)
        latest[call.code] = call
    calls = [_call(call) for call in list(latest.values())[::-1][: LAST_SHOWN + 1]]
    return {
        **_lines(screen),
        "screen": screen,
        "site": site,
        "now_called": calls[0] if calls else None,
        "called": calls[1:],
        "last_id": last[-1].pk if last else 0,
        "pulse": reverse("display_pulse", args=[screen.token]),
        "calls_url": reverse("display_calls", args=[screen.token]),
        "card": reverse("display_card", args=[screen.token]),
    }


def _lines(screen: Screen) -> dict[str, Any]:
    lines = lines_of_screen(screen)
    turns = list(waiting([line.pk for line in lines]))
    # How long the last of each line will wait: about what somebody who comes now would.
    last = {turn.line_id: turn for turn in turns}
    told = estimates_of(list(last.values()))
    return {
        "next_codes": [turn.ticket.code for turn in turns[:NEXT_SHOWN]],
        "more": max(len(turns) - NEXT_SHOWN, 0),
        "lines": [_line(line, [turn for turn in turns if turn.line_id == line.pk], told) for line in lines],
        "open": site_is_open(screen.site_id, utcnow()),
    }


def _line(line: Line, turns: list[Turn], told: dict[int, Shown]) -> dict[str, Any]:
    estimate = told.get(turns[-1].pk) if turns else None
    wait = wait_words(estimate) if estimate else _("wait not known yet")
    return {"name": in_language(line.name), "count": len(turns), "wait": wait}


def _of_lines(calls: list[Call], screen: Screen) -> list[Call]:
    chosen = set(screen.lines.filter(is_active=True).values_list("pk", flat=True))
    return [call for call in calls if not chosen or call.turn.line_id in chosen]


def _call(call: Call) -> dict[str, Any]:
    """A call as the display shows and speaks it, in the language of its ticket."""
    language = call.turn.ticket.language[:2]
    return {
        "id": call.pk,
        "code": call.code,
        "counter": in_language(call.counter.name),
        "at": clock(call.site_id, call.at),
        "language": language,
        "spoken": in_language(call.counter.name, language),
        "age": round((utcnow() - call.at).total_seconds()),
    }

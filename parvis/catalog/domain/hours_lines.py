"""Questions about opening hours as lines of JSON, for `parvis hours`.

A line is ``{"id", "op", "calendar", "start", …}``; ``op`` is one of

* ``due``       (start, business_seconds or business_minutes, pauses) → ``{"id", "due"}``
* ``next_open`` (start, pauses) → ``{"id", "due"}``
* ``elapsed``   (start, end, pauses) → ``{"id", "business_seconds"}``

``calendar`` is what ``Calendar.from_json`` reads. ``pauses`` are pairs of instants, a null end meaning still paused;
``due`` is null when such a pause keeps it from being known. A time without offset is on the clocks of the calendar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from parvis.kernel.business_hours import Calendar, Pause, due, elapsed
from parvis.kernel.clock import parse_instant
from parvis.kernel.errors import Invalid, ParvisError
from parvis.kernel.phrases import Phrase as _


def answer_text(line: str) -> dict[str, Any]:
    """The answer to one line of JSON, or ``{"id", "error"}`` when it cannot be answered; never raises."""
    try:
        question = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": str(_("This is not JSON: %(error)s", error=error))}
    if not isinstance(question, Mapping):
        return {"id": None, "error": str(_("A line must be a JSON object."))}
    try:
        return answer_line(question)
    except ParvisError as error:
        return {"id": question.get("id"), "error": str(error)}
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return {"id": question.get("id"), "error": f"{type(error).__name__}: {error}"}


def answer_line(question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one question, ``{"id", "due"}`` or ``{"id", "business_seconds"}``. Raises Invalid."""
    operation = question.get("op")
    if operation not in ("due", "next_open", "elapsed"):
        raise Invalid(_("“%(op)s” is not one of due, next_open, elapsed.", op=operation), code="bad_operation")
    calendar = Calendar.from_json(_needed(question, "calendar"))
    start = parse_instant(_needed(question, "start"), calendar.tz)
    pauses = [_pause(pair, calendar.tz) for pair in _list(question.get("pauses"))]
    if operation == "elapsed":
        end = parse_instant(_needed(question, "end"), calendar.tz)
        seconds = elapsed(calendar, start, end, pauses)
        return {
            "id": question.get("id"),
            "business_seconds": int(seconds) if seconds.is_integer() else seconds,
        }
    # The next opening is when nothing is left to wait for.
    target = _target(question) if operation == "due" else 0
    return {"id": question.get("id"), "due": _text(due(calendar, start, target, pauses))}


def _needed(question: Mapping[str, Any], name: str) -> Any:
    value = question.get(name)
    if value is None:
        raise Invalid(_("“%(name)s” is missing.", name=name), code="missing")
    return value


def _target(question: Mapping[str, Any]) -> Any:
    if question.get("business_seconds") is not None:
        return question["business_seconds"]
    minutes = _needed(question, "business_minutes")
    return minutes * 60 if isinstance(minutes, int | float) and not isinstance(minutes, bool) else minutes


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid(_("Pauses are a list of pairs: start and end, or null while it lasts."), code="bad_pause")
    return value


def _pause(pair: Any, tz: str) -> Pause:
    if not isinstance(pair, list) or len(pair) != 2 or pair[0] is None:
        raise Invalid(_("Pauses are a list of pairs: start and end, or null while it lasts."), code="bad_pause")
    start, end = pair
    return parse_instant(start, tz), None if end is None else parse_instant(end, tz)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

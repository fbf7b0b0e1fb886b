"""Promises as pages show them: in words, with what may be done about each."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parvis.kernel.clock import format_span, utcnow
from parvis.kernel.money import Money, format_money
from parvis.promises.domain.promise import State
from parvis.promises.models import KINDS
from parvis.promises.selectors import promises_of_encounter, urgency_of, why
from parvis.staff.domain.viewer import Viewer

if TYPE_CHECKING:
    from parvis.promises.models import Promise


def kind_label(kind: str) -> str:
    """What is promised, in the reader's language; the word itself for one unknown here."""
    return str(dict(KINDS).get(kind, kind))


def amount_words(promise: "Promise") -> str:
    """ "at most 180,00 €", or "" for a promise of no amount."""
    if promise.amount_minor is None or not promise.currency:
        return ""
    money = format_money(Money(promise.amount_minor, promise.currency), get_language() or "en")
    return _("at most %(amount)s") % {"amount": money}


def promise_cards(viewer: Viewer, encounter_id: int, *, now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The promises of an encounter for its panel: unsettled ones first, the most urgent on top."""
    now = now or utcnow()
    return [promise_card(promise, now) for promise in promises_of_encounter(viewer, encounter_id)]


def promise_card(promise: "Promise", now: dt.datetime) -> dict[str, Any]:
    """One promise in words. `open`: it may be kept, moved or dropped."""
    return {
        "id": promise.pk,
        "reference": promise.reference,
        "kind": promise.kind,
        "what": kind_label(promise.kind),
        "details": " · ".join(part for part in (promise.note, amount_words(promise)) if part),
        "state": urgency_of(promise, now),
        "due": promise.due_at,
        "settled_at": promise.settled_at,
        "made_at": promise.made_at,
        "by": promise.made_by.name if promise.made_by else "",
        "reason": promise.reason,
        "open": promise.settled_at is None and promise.state in (State.OPEN, State.BROKEN),
        "spans": promise.business_seconds is not None,
    }


def reason_words(reason: str, name: str = "") -> str:
    """Why a stretch of time counts or does not; `name` is that of a holiday."""
    words = {
        "open": _("open"),
        "closed": _("closed"),
        "between": _("closed at midday"),
        "break": _("break"),
        "holiday": _("public holiday"),
        "special": _("special hours"),
        "paused": _("waiting for the customer"),
    }
    found = words.get(reason, reason)
    return f"{found} ({name})" if name else found


def why_lines(viewer: Viewer, promise_id: int) -> dict[str, Any]:
    """Why a promise is due when it is due: its stretches of time, counted or not, and their sum.

    Raises NotFound alike for none and for one out of sight.
    """
    promise, spans = why(viewer, promise_id)
    language = get_language() or "en"
    counted = sum(span.seconds for span in spans if span.counted)
    return {
        "promise": promise_card(promise, utcnow()),
        "encounter": promise.encounter,
        "lines": [
            {
                "start": span.start,
                "end": span.end,
                "counted": span.counted,
                "length": format_span(span.seconds, language),
                "reason": reason_words(span.reason.value, span.name),
            }
            for span in spans
        ],
        "total": format_span(counted, language),
        "promised": format_span(promise.business_seconds, language) if promise.business_seconds is not None else "",
        "paused": promise.paused,
    }

"""What staff is told of a forecast: a discreet word where it is notable, and which facts move it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parvis.reservations.models import Booking, Door, Forecast


@dataclass(frozen=True)
class RiskTold:
    """The word, its two parts, and the reasons, the strongest first."""

    percent: int
    cancelled: int
    no_show: int
    reasons: list[str]


def risk_told(booking: Booking, now: dt.datetime) -> RiskTold | None:
    """What to tell of a booking that stands and is still to come; None where nothing is worth a word.

    `booking`: with its `forecast` selected, or a statement is spent on it.
    """
    forecast: Forecast | None = getattr(booking, "forecast", None)
    if forecast is None or not forecast.is_notable or booking.state != "confirmed" or booking.starts_at <= now:
        return None
    if forecast.moves != booking.moves:  # of the time it had before; the next round asks again
        return None
    told = [text for reason in forecast.reasons if (text := _reason(reason))]
    return RiskTold(_percent(forecast.missed), _percent(forecast.cancelled), _percent(forecast.no_show), told)


def _percent(share: float) -> int:
    return round(share * 100)


def _reason(reason: Mapping[str, Any]) -> str:
    more = reason["more"]
    match reason["about"]:
        case "past":
            return _past(reason, more=more)
        case "confirmed":
            return _("They said again that they will come.")
        case "offering":
            return (
                _("This offering is missed more often than others here.")
                if more
                else _("This offering is missed less often than others here.")
            )
        case "door":
            text = (
                _("Missed more often when booked through: %(door)s.")
                if more
                else _("Missed less often when booked through: %(door)s.")
            )
            return text % {"door": Door(reason["door"]).label}
        case "ahead":
            return _days(reason["days"], more=more)
        case _:
            return _circumstance(reason, more=more)


def _past(reason: Mapping[str, Any], *, more: bool) -> str:
    """Of the customer's earlier bookings."""
    missed, cancelled = reason["no_shows"], reason["cancelled"]
    every = reason["kept"] + missed + cancelled
    if not more:
        return ngettext(
            "They kept %(kept)s of %(n)s earlier booking.", "They kept %(kept)s of their %(n)s earlier bookings.", every
        ) % {"kept": reason["kept"], "n": every}
    if missed and cancelled:
        text = _("Of %(n)s earlier bookings they missed %(missed)s and cancelled %(cancelled)s.")
    elif missed:
        text = ngettext(
            "They missed %(missed)s of %(n)s earlier booking.",
            "They missed %(missed)s of %(n)s earlier bookings.",
            every,
        )
    else:
        text = ngettext(
            "They cancelled %(cancelled)s of %(n)s earlier booking.",
            "They cancelled %(cancelled)s of %(n)s earlier bookings.",
            every,
        )
    return text % {"n": every, "missed": missed, "cancelled": cancelled}


def _days(days: int, *, more: bool) -> str:
    if not more:  # nearer, fewer come: true of some houses, and no news about this booking
        return ""
    return ngettext("There is still %(n)s day to cancel.", "There are still %(n)s days to cancel.", days) % {"n": days}


def _circumstance(reason: Mapping[str, Any], *, more: bool) -> str:
    """What only trees know."""
    match reason["about"]:
        case "lead":
            text = ngettext("It was booked %(n)s day ahead", "It was booked %(n)s days ahead", reason["days"])
            text %= {"n": reason["days"]}
        case "weekday":
            text = _("The day of the week: %(day)s") % {"day": WEEKDAYS[reason["weekday"]]}
        case "hour":
            text = _("The time of day: %(time)s") % {"time": reason["hour"]}
        case "party":
            text = ngettext("A party of %(n)s person", "A party of %(n)s persons", reason["party"])
            text %= {"n": reason["party"]}
        case "price":
            text = _("Its price")
        case _:
            return ""
    told = _("%(fact)s: missed more often here.") if more else _("%(fact)s: missed less often here.")
    return told % {"fact": text}

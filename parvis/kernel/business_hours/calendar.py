"""The calendar of a business: when it is open, as people say it, on the clocks of its own zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..clock import zone
from ..errors import Invalid
from ..phrases import Phrase as _

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(\d{1,2})(?:[:hH.](\d\d))?(?::(\d\d))?")

Span = tuple[int, int]
"""Seconds on the clock after midnight of the date on which it begins: 0 <= start < DAY, start < end <= 2 *
DAY.
"""

Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Calendar:
    """Opening hours as a value that can be compared, hashed and shared; make it with ``build`` or
    ``from_json``.

    tz:            IANA name of the zone whose clocks the spans are read on.
    hours:         seven tuples of spans, Monday first. A span past midnight belongs to the day on which it
    begins.
    holidays:      (date, name) by date. Nothing begins on a holiday; the night before still runs to its end.
    special_hours: (date, spans) by date. They replace what begins on that date, on a holiday too; no spans:
    closed.
    breaks:        (date, spans) by date. They cut out of whatever is open then, also out of the night before.
    """

    tz: str
    hours: tuple[Spans, ...]
    holidays: tuple[tuple[date, str], ...] = ()
    special_hours: tuple[tuple[date, Spans], ...] = ()
    breaks: tuple[tuple[date, Spans], ...] = ()

    def __hash__(self) -> int:
        # Hashing a few hundred dates for every sum would cost more than the sum.
        known = self.__dict__.get("_hash")
        if known is None:
            known = hash((self.tz, self.hours, self.holidays, self.special_hours, self.breaks))
            object.__setattr__(self, "_hash", known)
        return known

    def __reduce__(self) -> tuple[Any, ...]:
        # Hashes differ from process to process: the kept one must not travel.
        return Calendar, (self.tz, self.hours, self.holidays, self.special_hours, self.breaks)

    @classmethod
    def build(
        cls,
        tz: str,
        hours: Mapping[str, Any] | None = None,
        holidays: Mapping[Any, str] | Iterable[Any] = (),
        special_hours: Mapping[Any, Any] | None = None,
        breaks: Mapping[Any, Any] | None = None,
    ) -> Calendar:
        """A checked calendar from what people and forms write.

        hours:    ``{"mon": [("09:00", "12:00"), ("18:00", "02:00")]}``; an absent day is closed, names may
        be longer.
                  An end that is not after its start is on the next day; ``24:00`` and ``00:00``-``00:00``
                  are allowed.
        holidays: dates, or ``{date: name}``. Dates are ``date`` or ISO text. Raises Invalid, with the place
        in ``fields``, for anything that is not so.
        """
        zone(tz)
        week: dict[str, Spans] = {}
        for name, spans in _mapping(hours, "hours").items():
            day = str(name).strip().lower()[:3]
            if day not in WEEKDAYS:
                raise _invalid("hours", _("“%(day)s” is not a day of the week.", day=name))
            week[day] = _spans(spans, f"hours.{day}")
        return cls(
            tz=tz,
            hours=tuple(week.get(day, ()) for day in WEEKDAYS),
            holidays=_holidays(holidays),
            special_hours=_by_date(special_hours, "special_hours"),
            breaks=_by_date(breaks, "breaks"),
        )

    @classmethod
    def always(cls, tz: str = "UTC") -> Calendar:
        """Open day and night."""
        zone(tz)
        return cls(tz=tz, hours=(((0, DAY),),) * 7)

    @classmethod
    def from_json(cls, data: Any) -> Calendar:
        """The calendar of ``{"tz", "hours", "holidays", "special_hours", "breaks"}`` as JSON gives it (see
        ``build``).

        Only ``tz`` must be there. Raises Invalid.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("tz"), str):
            raise _invalid("tz", _("A calendar needs a time zone."))
        return cls.build(
            data["tz"],
            data.get("hours"),
            data.get("holidays") or (),
            data.get("special_hours"),
            data.get("breaks"),
        )

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads back into an equal calendar. Holidays are a list of dates while none has
        a name.
        """
        named = any(name for _day, name in self.holidays)
        return {
            "tz": self.tz,
            "hours": {name: _span_texts(spans) for name, spans in zip(WEEKDAYS, self.hours, strict=True) if spans},
            "holidays": {day.isoformat(): name for day, name in self.holidays}
            if named
            else [day.isoformat() for day, _name in self.holidays],
            "special_hours": {day.isoformat(): _span_texts(spans) for day, spans in self.special_hours},
            "breaks": {day.isoformat(): _span_texts(spans) for day, spans in self.breaks},
        }


def _invalid(field: str, message: Any) -> Invalid:
    return Invalid(message, code="bad_calendar", fields={field: message})


def _mapping(value: Any, field: str) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _invalid(field, _("“%(field)s” must be given by day.", field=field))
    return value


def _holidays(value: Any) -> tuple[tuple[date, str], ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _invalid("holidays", _("“%(field)s” must be given by day.", field="holidays"))
    named = value if isinstance(value, Mapping) else dict.fromkeys(value, "")
    return tuple(sorted((_date(day, "holidays"), str(name or "")) for day, name in named.items()))


def _by_date(value: Any, field: str) -> tuple[tuple[date, Spans], ...]:
    entries = {_date(day, field): _spans(spans, f"{field}.{day}") for day, spans in _mapping(value, field).items()}
    return tuple(sorted(entries.items()))


def _date(value: Any, field: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value.strip())
    except (AttributeError, ValueError) as error:
        raise _invalid(field, _("“%(text)s” is not a date such as 2026-12-25.", text=value)) from error


def _spans(value: Any, field: str) -> Spans:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _invalid(field, _("Opening hours are pairs such as 09:00 and 17:30."))
    return tuple(sorted(_span(pair, field) for pair in value))


def _span(pair: Any, field: str) -> Span:
    if isinstance(pair, str) or not isinstance(pair, Iterable) or len(ends := tuple(pair)) != 2:
        raise _invalid(field, _("Opening hours are pairs such as 09:00 and 17:30."))
    start, end = (_seconds(value, field) for value in ends)
    # Equal ends would be a whole day or nothing; only midnight to midnight is clear.
    if start == end != 0:
        raise _invalid(field, _("Opening and closing at the same time, %(text)s, is not clear.", text=ends[0]))
    if end <= start:
        end += DAY
    if start >= DAY or end > 2 * DAY:
        raise _invalid(field, _("A day begins at 00:00 and ends at 24:00, not at %(text)s.", text=ends[1]))
    return start, end


def _seconds(value: Any, field: str) -> int:
    if hasattr(value, "hour"):
        return value.hour * 3600 + value.minute * 60 + value.second
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise _invalid(field, _("“%(text)s” is not a time of day such as 09:30.", text=value))
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 48 or minute > 59 or second > 59:
        raise _invalid(field, _("“%(text)s” is not a time of day such as 09:30.", text=value))
    return hour * 3600 + minute * 60 + second


def _span_texts(spans: Spans) -> list[list[str]]:
    # Within a day of its start an end reads as a time of day; beyond that as 30:00, so that nothing is lost.
    return [[_text(start), _text(end - DAY if DAY < end <= start + DAY else end)] for start, end in spans]


def _text(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")

"""Instants: reading the clock, reading and placing times, and saying how long something lasts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import Invalid
from .phrases import Phrase as _

NBSP = "\u00a0"

_EXAMPLE = _("Write it like 2026-03-29T09:00:00+02:00.")
_ISO = re.compile(
    r"(?P<date>\d{4}-?\d\d-?\d\d)"
    r"(?:[T\s]\s*(?P<hour>\d\d):?(?P<minute>\d\d)?(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+\-\u2212]\d\d(?::?\d\d(?::?\d\d)?)?)?"
    r"(?:\[(?P<name>[\w/+\-]+)\])?",
    re.IGNORECASE,
)


_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def utcnow() -> datetime:
    """The present instant, aware, in UTC. The only place in Parvis that reads the clock."""
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def clock_at(instant: datetime) -> Iterator[None]:
    """Inside, `utcnow` answers `instant`, for this thread alone: the demo plays what happened when it happened.

    Raises Invalid for an instant without a time zone.
    """
    token = _stopped.set(_aware(instant).astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise Invalid(
            _("“%(name)s” is not a time zone.", name=name), code="bad_zone", hint=_("Write a zone like Europe/Paris.")
        ) from error


def to_zone(instant: datetime, name: str) -> datetime:
    """The same instant on the clocks of the zone ``name``. Raises Invalid for a naive instant or no such
    zone.
    """
    return _aware(instant).astimezone(zone(name))


def parse_instant(value: str | datetime, default_zone: str | tzinfo | None = None) -> datetime:
    """An instant in UTC from a datetime, ISO 8601 or the date of a mail (RFC 5322).

    Understood: extended and basic ISO, blank or ``T``, any number of decimals (kept to the microsecond),
    ``Z``, ``UTC``, ``+02:00``, ``+0200``, ``+02``, ``[Europe/Paris]`` behind, 24:00, leap seconds, a date
    alone (its midnight). A time without offset is on the clocks of ``default_zone``: the earlier instant
    where the hour comes twice, and shifted forward by the gap where it does not exist. Raises Invalid for
    anything else, and for a time without offset when there is no ``default_zone``.
    """
    parsed = value if isinstance(value, datetime) else _parse(value)
    if parsed.tzinfo is None and default_zone is not None:
        parsed = parsed.replace(tzinfo=zone(default_zone) if isinstance(default_zone, str) else default_zone)
    try:
        return _aware(parsed).astimezone(UTC)
    except OverflowError as error:
        raise Invalid(_("“%(text)s” is out of the range of dates.", text=value), code="bad_instant") from error


def format_span(seconds: float, language: str = "en") -> str:
    """A length of time for a person: ``45 s``, ``3 min``, ``2 h``, ``2 h 15``, ``1 day 4 h``, ``9 days``
    (``jours``).

    Rounds towards zero, keeps the two greatest units (one beyond a week); what is negative begins with a
    true minus sign. The blanks do not break, so that a chip never ends in a lone number. ``language``: fr…
    is French, else English.
    """
    sign = "−" if seconds <= -1 else ""
    whole = int(abs(seconds))
    days, hours, minutes = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60
    if days:
        day = ("jour" if days == 1 else "jours") if language.startswith("fr") else ("day" if days == 1 else "days")
        text = f"{days} {day}" + (f" {hours} h" if hours and days < 7 else "")
    elif hours:
        text = f"{hours} h" + (f" {minutes:02}" if minutes else "")
    elif minutes:
        text = f"{minutes} min"
    else:
        text = f"{whole} s"
    return sign + text.replace(" ", NBSP)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise Invalid(
            _("“%(text)s” does not say in which time zone it is.", text=instant),
            code="naive_instant",
            hint=_EXAMPLE,
        )
    return instant


def _parse(text: object) -> datetime:
    if not isinstance(text, str):
        raise Invalid(
            _("“%(text)s” is not a date and time.", text=text),
            code="bad_instant",
            hint=_EXAMPLE,
        )
    try:
        match = _ISO.fullmatch(text.strip())
        return _from_iso(match) if match else parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise Invalid(
            _("“%(text)s” is not a date and time.", text=text[:60]),
            code="bad_instant",
            hint=_EXAMPLE,
        ) from error


def _from_iso(match: re.Match[str]) -> datetime:
    part = match.groupdict()
    midnight = datetime.strptime(part["date"].replace("-", ""), "%Y%m%d")  # noqa: DTZ007 (the zone comes below)
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    micros = int(((part["fraction"] or "") + "000000")[:6])
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second or micros)):
        raise ValueError("no such time of day")
    # Adding on the wall clock takes care of 24:00 and of the leap second alike.
    wall = midnight + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)
    offset = (part["zone"] or "").upper().replace("−", "-")
    if offset in ("Z", "UTC", "GMT"):
        return wall.replace(tzinfo=UTC)
    if offset:
        return datetime.strptime(
            f"{wall.isoformat(timespec='microseconds')}{offset}{'00' * (len(offset) == 3)}",
            "%Y-%m-%dT%H:%M:%S.%f%z",
        )
    return wall.replace(tzinfo=zone(part["name"])) if part["name"] else wall

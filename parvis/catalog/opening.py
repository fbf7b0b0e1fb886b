"""Opening hours in the words of a door sign: open until when, open again when, the week, the days that differ."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from parvis.catalog.selectors import calendar_of
from parvis.kernel.business_hours import WEEKDAYS, NeverOpen, closes_at, is_open, next_open
from parvis.kernel.clock import to_zone
from parvis.kernel.holidays import holiday_dates

# "Opens on Thursday" is clear within a week; beyond, the date is said.
A_WEEK = 7
NOTICE = dt.timedelta(days=45)


@dataclass(frozen=True)
class Opening:
    """How a site stands at one instant.

    until: when it closes (None: open day and night); again: when it opens next (None: open, or not in sight);
    text: both in words, for a door sign; reason: why it is closed today, if not by its week.
    """

    is_open: bool
    until: dt.datetime | None
    again: dt.datetime | None
    text: str
    reason: str = ""

    @property
    def line(self) -> str:
        """Text and reason on one line."""
        return f"{self.text} ({self.reason})" if self.reason else self.text


def opening_now(site: Any, now: dt.datetime) -> Opening:
    """How a site stands at `now`, in words of the active language and on the site's clocks."""
    calendar = calendar_of(site, around=now)
    if is_open(calendar, now):
        until = closes_at(calendar, now)
        if until is None:
            return Opening(True, None, None, _("Open day and night"))
        return Opening(
            True, until, None, _("Open until %(time)s") % {"time": clock_words(to_zone(until, site.timezone))}
        )
    reason = reason_of(site, to_zone(now, site.timezone).date())
    try:
        again = next_open(calendar, now)
    except NeverOpen:
        return Opening(False, None, None, pgettext("opening hours", "Closed"), reason)
    return Opening(False, None, again, _reopens(to_zone(again, site.timezone), to_zone(now, site.timezone)), reason)


def _reopens(again: dt.datetime, now: dt.datetime) -> str:
    days, time = (again.date() - now.date()).days, clock_words(again)
    if days == 0:
        return _("Closed, opens at %(time)s") % {"time": time}
    if days == 1:
        return _("Closed, opens tomorrow at %(time)s") % {"time": time}
    if days < A_WEEK:
        return _("Closed, opens on %(day)s at %(time)s") % {"day": date_format(again, "l"), "time": time}
    return _("Closed, opens on %(day)s at %(time)s") % {"day": day_words(again.date()), "time": time}


def clock_words(at: dt.datetime | dt.time) -> str:
    """A time of day as one says it: "18:30"; « 18 h 30 », « 9 h »."""
    whole, parts = pgettext("time on the hour", "H:i"), pgettext("time of day", "H:i")
    return date_format(at, parts if at.minute else whole) if isinstance(at, dt.datetime) else _time(at, whole, parts)


def _time(at: dt.time, whole: str, parts: str) -> str:
    from django.utils.dateformat import time_format

    return time_format(at, parts if at.minute else whole)


def day_words(day: dt.date) -> str:
    """A date as one says it: "Thursday 24 December"."""
    return date_format(day, pgettext("date", "l j F"))


def spans_words(spans: list[list[str]]) -> str:
    """The spans of a day in words: "09:00–12:30, 14:00–18:30", or "closed"."""
    if not spans:
        return pgettext("opening hours", "closed")
    if spans == [["00:00", "24:00"]]:
        return _("day and night")
    return ", ".join(f"{_text(start)}–{_text(end)}" for start, end in spans)


def _text(written: str) -> str:
    hour, minute = (int(part) for part in written.split(":")[:2])
    return clock_words(dt.time(hour % 24, minute))


@dataclass(frozen=True)
class WeekLine:
    """Consecutive days with the same hours: "Monday–Friday", "09:00–12:30, 14:00–18:30"."""

    days: str
    hours: str
    today: bool


def week_lines(site: Any, now: dt.datetime) -> list[WeekLine]:
    """The week as a sign shows it, equal neighbours on one line."""
    today = to_zone(now, site.timezone).weekday()
    runs: list[list[int]] = []
    for index, day in enumerate(WEEKDAYS):
        if runs and site.hours.get(day, []) == site.hours.get(WEEKDAYS[runs[-1][0]], []):
            runs[-1].append(index)
        else:
            runs.append([index])
    return [WeekLine(_run(r), spans_words(site.hours.get(WEEKDAYS[r[0]], [])), today in r) for r in runs]


def _run(days: list[int]) -> str:
    first, last = str(WEEKDAY_NAMES[days[0]]).capitalize(), str(WEEKDAY_NAMES[days[-1]])
    if len(days) == 1:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last} if len(days) > 2 else f"{first}, {last}"


@dataclass(frozen=True)
class SpecialDay:
    """A date on which the week's hours do not hold."""

    day: dt.date
    hours: str
    reason: str
    is_holiday: bool


def special_days(site: Any, now: dt.datetime, *, within: dt.timedelta = NOTICE) -> list[SpecialDay]:
    """Public holidays and exceptional days from today on, in order; an exceptional day outdoes a holiday."""
    today = to_zone(now, site.timezone).date()
    last = today + within
    found = {
        day: SpecialDay(day, spans_words([]), name, True)
        for day, name in holidays_of(site, (today.year, last.year)).items()
        if today <= day <= last
    }
    for text, given in site.exceptional_days.items():
        day = dt.date.fromisoformat(text)
        if today <= day <= last:
            reason = given.get("note", "") or (found[day].reason if day in found else "")
            found[day] = SpecialDay(day, spans_words(given.get("spans", [])), reason, False)
    return [found[day] for day in sorted(found)]


def reason_of(site: Any, day: dt.date) -> str:
    """Why this date is not like its day of the week: the note of an exceptional day, or the name of a holiday."""
    given = site.exceptional_days.get(day.isoformat())
    if given is not None:
        return str(given.get("note", ""))
    return holidays_of(site, (day.year,)).get(day, "")


def holidays_of(site: Any, years: tuple[int, ...]) -> dict[dt.date, str]:
    """The public holidays on which a site closes, with their names in the active language."""
    if not site.observes_holidays:
        return {}
    return holiday_dates(site.country, site.region or None, years, (get_language() or "en")[:2])

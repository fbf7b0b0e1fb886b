"""Times in the words of a busy counter: "2 h 10 left", "late 25 min", "Yesterday", "12 Nov".

static/web/js/timeago.js keeps the same words current while a page stays open.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext

NBSP = "\u00a0"


def duration_words(span: timedelta) -> str:
    """A length of time, sign left out: "25 min", "2 h", "2 h 10", from a day on "3 d"."""
    minutes = int(abs(span.total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}{NBSP}{pgettext('short for days', 'd')}"
    if hours == 0:
        return f"{rest}{NBSP}{pgettext('short for minutes', 'min')}"
    words = f"{hours}{NBSP}{pgettext('short for hours', 'h')}"
    return f"{words}{NBSP}{rest:02d}" if rest else words


def time_left_words(due: datetime, now: datetime | None = None) -> str:
    """What is left until ``due``, or by how much it is late; both aware."""
    left = due - (now or timezone.now())
    sentence = gettext("{t} left") if left > timedelta(0) else gettext("late {t}")
    return sentence.replace("{t}", duration_words(left))


def ago_words(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, or in how long: "now", "5 min ago", "in 3 d"; aware."""
    passed = (now or timezone.now()) - moment
    if abs(passed) < timedelta(minutes=1):
        return gettext("now")
    sentence = gettext("{t} ago") if passed > timedelta(0) else gettext("in {t}")
    return sentence.replace("{t}", duration_words(passed))


def short_words(moment: datetime, now: datetime | None = None) -> str:
    """A moment as a list shows it, in the viewer's zone: the time today, then the day, then the date."""
    local = timezone.localtime(moment)
    today = timezone.localtime(now or timezone.now()).date()
    days = (today - local.date()).days
    if days == 0:
        return local.strftime("%H:%M")
    if days == 1:
        return gettext("Yesterday")
    if 1 < days < 7:
        return _date_words(local.date(), "D", get_language())
    pattern = pgettext("date format", "j M") if local.year == today.year else pgettext("date format", "j M Y")
    return _date_words(local.date(), pattern, get_language())


@lru_cache(maxsize=4096)
def _date_words(day: date, pattern: str, language: str | None) -> str:
    """`date_format` of a day, remembered: a page shows many moments of a few days. `language`: the active one."""
    return date_format(day, pattern)


def full_words(moment: datetime) -> str:
    """The whole moment with its zone, for a tooltip: "Thursday 26 November 2026, 14:32 CET"."""
    local = timezone.localtime(moment)
    return f"{_date_words(local.date(), 'l j F Y', get_language())}, {local:%H:%M} {local.tzname()}"


def day_words(moment: datetime) -> str:
    """Day and time in short: "Thu 26 Nov, 14:32"."""
    local = timezone.localtime(moment)
    pattern = pgettext("date format", "D j M")
    return f"{_date_words(local.date(), pattern, get_language())}, {local:%H:%M}"

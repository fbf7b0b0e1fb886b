"""The month in numbers: how many visits each day sees, and on which days the house is closed."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

from parvis.catalog.opening import reason_of
from parvis.catalog.selectors import calendar_between
from parvis.kernel.business_hours import open_between
from parvis.kernel.clock import zone
from parvis.reservations.domain.slots import day_bounds
from parvis.reservations.selectors import bookings_between
from parvis.staff.domain.viewer import Viewer

ONE_DAY = dt.timedelta(days=1)
# Beyond this a month is not counted to the end: its days then show at least so many.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class MonthDay:
    """A day of the month's grid. `share`: its visits in tenths of the busiest day's."""

    day: dt.date
    count: int
    missed: int
    share: int
    closed: str
    is_today: bool
    is_other: bool


def month_grid(viewer: Viewer, site: Any, day: dt.date, *, now: dt.datetime) -> list[list[MonthDay]]:
    """The weeks, Monday first, that the month of a day touches. One statement."""
    first = day.replace(day=1)
    begin = first - ONE_DAY * first.weekday()
    after = (first + ONE_DAY * 31).replace(day=1)
    weeks = -(-(after - begin).days // 7)
    days = [begin + ONE_DAY * n for n in range(7 * weeks)]
    low, high = day_bounds(days[0], days[-1], site.timezone)
    rows = bookings_between(viewer, low, high, site_id=site.pk).filter(starts_at__gte=low)
    place, visits, missed = zone(site.timezone), Counter[dt.date](), Counter[dt.date]()
    for starts_at, state in rows.select_related(None).values_list("starts_at", "state")[:MOST_COUNTED]:
        local = starts_at.astimezone(place).date()
        visits[local] += 1
        missed[local] += state == "no_show"
    most, today = max(visits.values(), default=1), now.astimezone(place).date()
    cells = [
        MonthDay(
            d, visits[d], missed[d], -(-10 * visits[d] // most), _closed(site, d), d == today, d.month != day.month
        )
        for d in days
    ]
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _closed(site: Any, day: dt.date) -> str:
    begin, end = day_bounds(day, day, site.timezone)
    if any(open_between(calendar_between(site, day, day), begin, end)):
        return ""
    return reason_of(site, day) or pgettext("a day in the calendar", "Closed")

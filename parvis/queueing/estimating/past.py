"""The history of a site's lines, as the engine learns from it."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from parvis.kernel.clock import zone
from parvis.kernel.holidays import holiday_dates
from parvis.queueing.domain.waits.history import Floats, History
from parvis.queueing.domain.waits.rates import KindOfDay
from parvis.queueing.models import Line, Precedence, Turn

if TYPE_CHECKING:
    from parvis.catalog.models import Site

KEPT_DAYS = 90
PRECEDENCES = tuple(Precedence.values)
_HOLIDAY = 7
_OVER = ("done", "moved", "left")


def history_of(site: "Site", *, now: dt.datetime) -> History:
    """The turns of the 90 days before `now` at a site that were over by then, in order of joining; an empty history
    where there is none.

    A service is a line, a server a member of staff, a priority a precedence; all by id or name as text. Who was set
    aside, missed a call, or got a void ticket has no wait to learn from.
    """
    began = now - dt.timedelta(days=KEPT_DAYS)
    rows = list(
        Turn.objects.filter(line__site=site, joined_at__gte=began, ended_at__lte=now, state__in=_OVER)
        .filter(was_held=False, reserved=None)
        .exclude(state="left", ended_by="staff")
        .order_by("joined_at", "pk")
        .values_list(
            *("line_id", "ticket__precedence", "server_id", "joined_at", "called_at", "ended_at", "state"),
        )
    )
    services = tuple(str(pk) for pk in Line.objects.filter(site=site).order_by("pk").values_list("pk", flat=True))
    servers = tuple(sorted({str(row[2]) for row in rows if row[2]}))
    first = (rows[0][3] if rows else now).astimezone(zone(site.timezone)).date()
    arrived, called, ended = (_seconds(site, first, [row[column] for row in rows]) for column in (3, 4, 5))
    served = np.array([row[4] is not None and row[2] is not None for row in rows], dtype=bool)
    service = np.array([services.index(str(row[0])) for row in rows], dtype=np.int64)
    return History(
        first_day=first,
        services=services,
        priorities=PRECEDENCES,
        servers=servers,
        # What somebody sees of the queue is their own line, then as now (present.signals_of).
        line=service,
        service=service,
        priority=np.array([PRECEDENCES.index(row[1]) for row in rows], dtype=np.int64),
        server=np.array(
            [servers.index(str(row[2])) if ok else -1 for row, ok in zip(rows, served, strict=True)], dtype=np.int64
        ),
        arrived=arrived,
        called=np.where(served, called, np.nan),
        left=np.where(served, np.nan, ended),
        finished=np.where(served, ended, np.nan),
    )


def second_of_day(site: "Site", instant: dt.datetime) -> float:
    """Seconds since midnight on the clocks of the site."""
    local = instant.astimezone(zone(site.timezone))
    return local.hour * 3600 + local.minute * 60 + local.second


def kind_of_day(site: "Site", around: dt.date) -> KindOfDay:
    """Which days are alike at a site: weekdays, and public holidays by themselves."""
    feasts: set[dt.date] = set()
    if site.country:
        years = (around.year - 1, around.year, around.year + 1)
        feasts = set(holiday_dates(site.country, site.region or None, years))
    return lambda day: _HOLIDAY if day in feasts else day.weekday()


def _seconds(site: "Site", first: dt.date, instants: list[dt.datetime | None]) -> Floats:
    """Seconds on the site's clocks since the midnight that began `first`, NaN for None.

    On a day when the clocks change, a wait across the change is an hour off: two nights a year, when nobody waits.
    """
    here = zone(site.timezone)
    midnight = dt.datetime.combine(first, dt.time())
    return np.array(
        [
            np.nan if t is None else (t.astimezone(here).replace(tzinfo=None) - midnight).total_seconds()
            for t in instants
        ],
        dtype=np.float64,
    )

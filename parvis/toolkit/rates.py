"""Limits on how often something may happen, kept in the database so that they hold across processes."""

import datetime as dt

from django.db import connection
from django.db.models import QuerySet

from parvis.kernel.clock import utcnow
from parvis.toolkit.drafts import at_writing
from parvis.toolkit.models import RateWindow
from parvis.toolkit.prepared import prepared


def rate_take(*, bucket: str, limit: int, window: dt.timedelta) -> bool:
    """Take one of `limit` turns per `window` (fixed windows); False when they are used up. One statement, no race."""
    now = utcnow()
    table = connection.ops.quote_name(RateWindow._meta.db_table)
    over = f"{table}.window_start <= %s"
    sql = (
        f"INSERT INTO {table} (bucket, window_start, hits) VALUES (%s, %s, 1) "  # noqa: S608
        f"ON CONFLICT (bucket) DO UPDATE SET hits = CASE WHEN {over} THEN 1 ELSE {table}.hits + 1 END, "
        f"window_start = CASE WHEN {over} THEN excluded.window_start ELSE {table}.window_start END RETURNING hits"
    )
    at, lapsed = (connection.ops.adapt_datetimefield_value(t) for t in (now, now - window))
    with connection.cursor() as cursor:
        cursor.execute(sql, [bucket[:120], at, lapsed, lapsed])
        return bool(cursor.fetchone()[0] <= limit)


def rate_reserve(*, bucket: str, limit: int, window: dt.timedelta) -> bool:
    """The same while a draft is composed: False when the turns are used up; else one is taken when it is written."""
    if any(hits >= limit for hits in _hits(bucket=bucket[:120], since=utcnow() - window)):
        return False
    at_writing(lambda: rate_take(bucket=bucket, limit=limit, window=window))
    return True


@prepared
def _hits(bucket: str, since: dt.datetime) -> QuerySet[RateWindow, int]:
    return RateWindow.objects.filter(bucket=bucket, window_start__gt=since).values_list("hits", flat=True)


def rates_forget(*, older_than: dt.timedelta = dt.timedelta(days=2)) -> int:
    """Drop windows long past; returns how many."""
    return RateWindow.objects.filter(window_start__lt=utcnow() - older_than).delete()[0]

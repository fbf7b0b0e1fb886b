"""Limits on how often something may happen, kept in the database so that they hold across processes."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from parvis.kernel.clock import utcnow
from parvis.toolkit.models import RateWindow


def rate_take(*, bucket: str, limit: int, window: dt.timedelta) -> bool:
    """Take one of `limit` turns per `window` (fixed windows); False when they are used up."""
    now = utcnow()
    with transaction.atomic():
        row, __ = RateWindow.objects.get_or_create(bucket=bucket[:120], defaults={"window_start": now})
        fresh = RateWindow.objects.filter(pk=row.pk, window_start__lte=now - window)
        if fresh.update(window_start=now, hits=1):
            return True
        return bool(RateWindow.objects.filter(pk=row.pk, hits__lt=limit).update(hits=F("hits") + 1))


def rates_forget(*, older_than: dt.timedelta = dt.timedelta(days=2)) -> int:
    """Drop windows long past; returns how many."""
    return RateWindow.objects.filter(window_start__lt=utcnow() - older_than).delete()[0]

"""Signs of life of the pages and devices of the queue."""

import datetime as dt
from collections.abc import Collection

from parvis.kernel.clock import utcnow
from parvis.queueing.models import Screen, Ticket

BATCH = 500


def tickets_seen(*, tokens: Collection[str], now: dt.datetime | None = None) -> None:
    """The status pages of these tickets are alive. No entry in the ledger: it is no deed of anybody's."""
    ordered = sorted(tokens)
    for begin in range(0, len(ordered), BATCH):
        Ticket.objects.filter(token__in=ordered[begin : begin + BATCH]).update(seen_at=now or utcnow())


def screens_seen(*, ids: Collection[int], now: dt.datetime | None = None) -> None:
    """These kiosks and displays are switched on and reach the house."""
    if ids:
        Screen.objects.filter(pk__in=ids).update(seen_at=now or utcnow())

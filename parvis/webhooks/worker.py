"""The worker's part: endpoints side by side, so that a slow one holds up no other."""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import connections

from parvis.kernel.clock import utcnow
from parvis.toolkit.pumps import Pump
from parvis.webhooks.models import Delivery
from parvis.webhooks.services import deliveries_forget, endpoint_deliver
from parvis.webhooks.services.sending import due

LANES = 8
# After this an endpoint makes room for the next one that waits, if there are more than lanes.
LANE_SECONDS = 5.0
# How long a portion waits for lanes: shorter than an answer may take, so that who comes next is not kept waiting.
PATIENCE = 0.5


class Courier:
    """Sends what is due on a few threads, one endpoint on each: within an endpoint the oldest message goes first."""

    def __init__(self, lanes: int = LANES) -> None:
        self._pool = ThreadPoolExecutor(lanes, thread_name_prefix="webhooks")
        self._lanes = lanes
        self._busy: dict[int, Future[int]] = {}

    def run(self) -> int:
        """Start a lane for every endpoint that has something due and none yet; how many are at work or have ended.

        Waits a moment at most. 0: nothing is due and nobody is at work.
        """
        ended = self._collect()
        free = self._lanes - len(self._busy)
        if free > 0:
            for endpoint_id in _endpoints_due(set(self._busy), free):
                self._busy[endpoint_id] = self._pool.submit(_lane, endpoint_id)
        at_work = len(self._busy)
        if at_work:
            wait(self._busy.values(), timeout=PATIENCE, return_when=FIRST_COMPLETED)
        return ended + at_work

    def _collect(self) -> int:
        """Take leave of the lanes that have ended. Raises what one of them failed with."""
        over = [pk for pk, lane in self._busy.items() if lane.done()]
        return sum(1 for lane in [self._busy.pop(pk) for pk in over] if lane.result() >= 0)


def _endpoints_due(busy: set[int], limit: int) -> list[int]:
    found = Delivery.objects.filter(due(utcnow()), endpoint__is_active=True).exclude(endpoint_id__in=busy)
    return list(dict.fromkeys(found.order_by("next_at", "pk").values_list("endpoint_id", flat=True)[:1000]))[:limit]


def _lane(endpoint_id: int) -> int:
    try:
        return endpoint_deliver(endpoint_id=endpoint_id, seconds=LANE_SECONDS)
    finally:
        connections.close_all()


def pumps() -> list[Pump]:
    """What the worker does about webhooks, and how often."""
    return [
        Pump("webhooks", Courier().run, every=0.5),
        Pump("old webhooks", deliveries_forget, every=3600.0),
    ]

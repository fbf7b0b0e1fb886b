"""What was learned of a site's waits, kept in a row and in each process's memory."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from parvis.kernel.clock import utcnow
from parvis.queueing.domain.waits.correction import Correction
from parvis.queueing.domain.waits.habits import Habits, learn
from parvis.queueing.domain.waits.history import History
from parvis.queueing.domain.waits.order import Order
from parvis.queueing.domain.waits.recalibration import Recalibration
from parvis.queueing.estimating.past import PRECEDENCES
from parvis.queueing.models import Learning, Line

if TYPE_CHECKING:
    from parvis.catalog.models import Site

# The house applies its own order; now and then a member of staff calls somebody out of turn.
_NOISE_SECONDS = 5.0


@dataclass(frozen=True)
class Learned:
    """Habits, the correction where one won, and how far what is told has to move to keep its shares."""

    habits: Habits
    correction: Correction | None
    recalibration: Recalibration
    fitted: bool


def learned_of(site: "Site", lines: list[Line]) -> Learned:
    """What is known of the lines of a site: from its history, or from what the house says a service takes."""
    services = tuple(str(line.pk) for line in lines)
    row = Learning.objects.filter(site=site).first()
    if row is not None:
        habits = _habits_of(row)
        # A line added since is not known to them: the house's own word goes for all until they are learned anew.
        if set(services) <= set(habits.services):
            correction = Correction.from_json(row.correction) if row.correction else None
            return Learned(habits, correction, Recalibration.from_json(row.recalibration), fitted=True)
    minutes = tuple((str(line.pk), float(line.typical_minutes)) for line in lines)
    return Learned(_by_word(site.pk, minutes, utcnow().date().isoformat()), None, Recalibration(), fitted=False)


def own_order(services: int) -> Order:
    """The order of a house that keeps its own rule: everybody's head start is known."""
    return Order(np.zeros((services, len(PRECEDENCES))), _NOISE_SECONDS)


def nothing_happened(services: tuple[str, ...]) -> History:
    """The history of a house that opens today."""
    none, never = np.zeros(0, dtype=np.int64), np.zeros(0)
    return History(utcnow().date(), services, PRECEDENCES, (), none, none, none, none, never, never, never, never)


_kept: dict[int, tuple[str, Habits]] = {}


def _habits_of(row: Learning) -> Habits:
    """The habits of a row, read once for each time it was learned anew."""
    fitted = row.fitted_at.isoformat()
    known = _kept.get(row.site_id)
    if known is None or known[0] != fitted:
        known = _kept[row.site_id] = (fitted, Habits.from_json(row.habits))
    return known[1]


@lru_cache(maxsize=64)
def _by_word(site_id: int, minutes: tuple[tuple[str, float], ...], day: str) -> Habits:
    services = tuple(name for name, __ in minutes)
    return learn(nothing_happened(services), dict(minutes), order=own_order(len(services)))

"""What was learned of a site's waits, kept as arrays in a row and in each process's memory."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from parvis.kernel.clock import utcnow
from parvis.queueing.domain.correction import Correction
from parvis.queueing.domain.habits import Habits, learn
from parvis.queueing.domain.history import History
from parvis.queueing.domain.order import Order
from parvis.queueing.domain.rates import Rates
from parvis.queueing.domain.recalibration import Recalibration
from parvis.queueing.estimating.past import PRECEDENCES
from parvis.queueing.models import Learning, Line

if TYPE_CHECKING:
    from parvis.catalog.models import Site

# The house applies its own order; now and then a member of staff calls somebody out of turn.
_NOISE_SECONDS = 5.0
_ARRAYS = ("service_time", "pace", "pause", "patience", "mix", "known")
_RATES = ("arrivals", "starts")


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
        habits = _unpacked(row.site_id, row.fitted_at.isoformat(), bytes(row.habits))
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


def packed(habits: Habits) -> bytes:
    """The habits as a compressed archive of arrays, without any code in it."""
    arrays: dict[str, Any] = {name: getattr(habits, name) for name in _ARRAYS}
    for name in _RATES:
        rates: Rates = getattr(habits, name)
        arrays[f"{name}_kinds"], arrays[f"{name}_rates"] = np.array(rates.kinds), rates.per_second
    arrays |= {"services": np.array(habits.services), "servers": np.array(habits.servers, dtype=np.str_)}
    arrays |= {"head_start": habits.order.head_start, "noise": np.array(habits.order.noise)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, people=np.array(habits.people), **arrays)
    return buffer.getvalue()


@lru_cache(maxsize=64)
def _unpacked(site_id: int, fitted: str, content: bytes) -> Habits:
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        arrays: dict[str, Any] = {name: kept[name] for name in _ARRAYS}
        for name in _RATES:
            arrays[name] = Rates(tuple(int(kind) for kind in kept[f"{name}_kinds"]), kept[f"{name}_rates"])
        return Habits(
            services=tuple(str(name) for name in kept["services"]),
            priorities=PRECEDENCES,
            servers=tuple(str(name) for name in kept["servers"]),
            order=Order(kept["head_start"], float(kept["noise"])),
            people=int(kept["people"]),
            **arrays,
        )


@lru_cache(maxsize=64)
def _by_word(site_id: int, minutes: tuple[tuple[str, float], ...], day: str) -> Habits:
    services = tuple(name for name, __ in minutes)
    return learn(nothing_happened(services), dict(minutes), order=own_order(len(services)))

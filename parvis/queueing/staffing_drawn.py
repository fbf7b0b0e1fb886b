"""A day's plan as shapes: expected arrivals as bars with their band, counters as a line of steps."""

from dataclasses import dataclass

import numpy as np

from parvis.queueing.staffing import Staffing

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 34, 12, 26


@dataclass(frozen=True)
class Bar:
    """A half hour: its bar, and the band in which eight of ten such days lie."""

    x: float
    width: float
    y: float
    height: float
    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Drawn:
    """What the template draws. `steps` is the path of the counters planned, `needed` that of the advice."""

    bars: list[Bar]
    steps: str
    needed: str
    hours: list[tuple[float, str]]
    people: list[tuple[float, int]]
    counters: list[tuple[float, int]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM


def staffing_drawn(found: Staffing, counters: np.ndarray) -> Drawn:
    """The drawing of the part of the day in which something happens."""
    expected, low, high = found.demand.expected, found.demand.band(0.1), found.demand.band(0.9)
    busy = np.flatnonzero((expected >= 0.05) | (counters > 0))
    first, last = (int(busy[0]), int(busy[-1]) + 1) if len(busy) else (16, 36)
    across = (WIDTH - _LEFT - _RIGHT) / (last - first)
    top_people = max(5, int(np.ceil(high[first:last].max(initial=1.0))))
    top_counters = max(2, int(max(counters.max(initial=0), found.plan.counters.max(initial=0))) + 1)

    def x(half_hour: float) -> float:
        return round(_LEFT + across * (half_hour - first), 1)

    def y(value: float, top: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top, 1)

    def steps(plan: np.ndarray) -> str:
        parts = [f"M{x(first)} {y(plan[first], top_counters)}"]
        for b in range(first, last):
            parts.append(f"V{y(plan[b], top_counters)}H{x(b + 1)}")
        return "".join(parts)

    bars = [
        Bar(
            x(b + 0.1), round(across * 0.8, 1), y(expected[b], top_people),
            round(HEIGHT - _BOTTOM - y(expected[b], top_people), 1),
            x(b + 0.5), y(low[b], top_people), y(high[b], top_people),
        )
        for b in range(first, last)
    ]  # fmt: skip
    every = 4 if last - first > 24 else 2
    return Drawn(
        bars,
        steps(counters),
        steps(found.plan.counters),
        [(x(b), f"{b // 2}:{30 * (b % 2):02d}") for b in range(first + first % 2, last + 1) if b % every == 0],
        [(y(value, top_people), value) for value in _ticks(top_people)],
        [(y(value, top_counters), value) for value in _ticks(top_counters)],
    )


def _ticks(top: int) -> list[int]:
    step = max(1, -(-top // 4))
    return list(range(0, top + 1, step))

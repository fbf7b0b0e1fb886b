"""The day as shapes: bars of who joined, lines of who waited and who was served; and the same as rows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from parvis.queueing.domain.day import STEP, Half

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 10, 14, 28
_LABELS, _WIDEST = 12, 48


@dataclass(frozen=True)
class Bar:
    """Half an hour: in words, and where it stands."""

    time: str
    joined: int
    waiting: str
    serving: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    is_tick: bool


@dataclass(frozen=True)
class Drawn:
    """What the template draws. `waiting` and `serving` are points of a polyline."""

    bars: list[Bar]
    waiting: str
    serving: str
    levels: list[tuple[float, int]]
    busiest: Bar
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM


def day_drawn(halves: Sequence[Half], place: dt.tzinfo) -> Drawn:
    """The drawing of a day; at least one half hour."""
    highest = max(max(h.joined, h.waiting, h.serving) for h in halves)
    top = _nice(highest)
    across = (WIDTH - _LEFT - _RIGHT) / len(halves)
    wide = min(across * 0.72, _WIDEST)
    floor, tall = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP

    def y(value: float) -> float:
        return round(floor - tall * value / top, 1)

    every = -(-len(halves) // _LABELS)
    every += every % 2 if every > 1 else 0  # whole hours
    bars = [
        Bar(
            time=f"{h.begin.astimezone(place):%H:%M}",
            joined=h.joined,
            waiting=number_format(round(h.waiting, 1), 1),
            serving=number_format(round(h.serving, 1), 1),
            x=round(_LEFT + across * (n + 0.5) - wide / 2, 1),
            y=y(h.joined),
            width=round(wide, 1),
            height=round(floor - y(h.joined), 1),
            middle=round(_LEFT + across * (n + 0.5), 1),
            is_tick=_whole_hours(h, n, every, place),
        )
        for n, h in enumerate(halves)
    ]
    busiest = max(range(len(halves)), key=lambda n: (halves[n].waiting, halves[n].joined))
    return Drawn(
        bars=bars,
        waiting=" ".join(f"{b.middle},{y(h.waiting)}" for b, h in zip(bars, halves, strict=True)),
        serving=" ".join(f"{b.middle},{y(h.serving)}" for b, h in zip(bars, halves, strict=True)),
        levels=[(y(value), value) for value in range(0, top + 1, max(top // 4, 1))],
        busiest=bars[busiest],
    )


def _whole_hours(half: Half, number: int, every: int, place: dt.tzinfo) -> bool:
    local = half.begin.astimezone(place)
    if every == 1:
        return True
    steps = dt.timedelta(hours=local.hour, minutes=local.minute) // STEP
    return steps % every == 0


def _nice(highest: float) -> int:
    """A round number not below, which four steps divide: 4, 8, 12, 20, 40, 60, 80, 100, …"""
    return next(n for n in (4, 8, 12, 20, 40, 60, *range(80, 10_000, 20)) if n >= highest)

"""A curve of expected costs as shapes: where lines, points and labels stand in the drawing, and the same as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language

from parvis.kernel.money import Money, format_money
from parvis.reservations.domain.attendance.overbooking import Point

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 26, 34
_TICKS = 10


@dataclass(frozen=True)
class Row:
    """One number of extra places: in words, and where its point stands."""

    extra: int
    turned_away: str
    empty: str
    cost: str
    x: float
    y: float
    is_best: bool
    is_policy: bool
    is_tick: bool


@dataclass(frozen=True)
class Drawn:
    """What the template draws. `best` and `policy` are rows; lines are points of a polyline."""

    rows: list[Row]
    total: str
    away: str
    empty: str
    best: Row
    policy: Row | None
    levels: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    floor: int = HEIGHT - _BOTTOM


def curve_drawn(points: Sequence[Point], best: int, policy: int, currency: str) -> Drawn:
    """The drawing of a curve that begins at no extra place. `points`: at least two."""
    highest = max(max(p.expected_cost for p in points), 1e-9)
    across = (WIDTH - _LEFT - _RIGHT) / (len(points) - 1)
    x = [round(_LEFT + across * p.extra, 1) for p in points]

    def y(cost: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * cost / highest, 1)

    every = -(-len(points) // _TICKS)
    rows = [
        Row(
            p.extra, _number(p.expected_turned_away), _number(p.expected_empty), _money(p.expected_cost, currency),
            x[p.extra], y(p.expected_cost), p.extra == best, p.extra == policy, p.extra % every == 0,
        )
        for p in points
    ]  # fmt: skip
    parts = _parts(points)
    return Drawn(
        rows=rows,
        total=_line(x, [row.y for row in rows]),
        away=_line(x, [y(cost) for cost in parts[0]]),
        empty=_line(x, [y(cost) for cost in parts[1]]),
        best=rows[best],
        policy=rows[policy] if policy < len(rows) else None,
        levels=[(y(highest * share), _money(highest * share, currency)) for share in (0, 0.5, 1)],
    )


def _parts(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Costs of those turned away, and of empty places. Costs per head follow from two of the points."""
    away, empty = [p.expected_turned_away for p in points], [p.expected_empty for p in points]
    first, last = points[0], points[-1]
    ground = away[0] * empty[-1] - away[-1] * empty[0]
    if abs(ground) < 1e-12:
        return [0.0] * len(points), [p.expected_cost for p in points]
    each_away = (first.expected_cost * empty[-1] - last.expected_cost * empty[0]) / ground
    return [each_away * n for n in away], [p.expected_cost - each_away * n for p, n in zip(points, away, strict=True)]


def _line(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{x},{y}" for x, y in zip(xs, ys, strict=True))


def _number(value: float) -> str:
    return number_format(round(value, 2), 2)


def _money(value: float, currency: str) -> str:
    return format_money(Money.of(Decimal(str(round(value))), currency), (get_language() or "en")[:2])

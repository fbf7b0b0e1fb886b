"""The plot of honesty as shapes: for each share promised, the share that came true, with its interval."""

from dataclasses import dataclass

from parvis.queueing.honesty import Share

SIZE = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 10, 30


@dataclass(frozen=True)
class Dot:
    """A share: where its point and its interval stand, and in words."""

    x: float
    y: float
    top: float
    bottom: float
    promised: int
    came: int
    is_kept: bool


@dataclass(frozen=True)
class Drawn:
    """What the template draws; `diagonal` is where honest points lie."""

    dots: list[Dot]
    ticks: list[tuple[float, float, int]]
    diagonal: str
    size: int = SIZE
    left: int = _LEFT
    right: int = SIZE - _RIGHT
    floor: int = SIZE - _BOTTOM


def honesty_drawn(levels: list[Share]) -> Drawn:
    """The drawing of the shares at each level."""
    dots = [
        Dot(
            _x(s.level), _y(s.observed), _y(s.high), _y(s.low),
            round(100 * s.level), round(100 * s.observed), s.is_kept,
        )
        for s in levels
    ]  # fmt: skip
    ticks = [(_x(share), _y(share), round(100 * share)) for share in (0, 0.25, 0.5, 0.75, 1)]
    return Drawn(dots, ticks, f"{_x(0)},{_y(0)} {_x(1)},{_y(1)}")


def _x(share: float) -> float:
    return round(_LEFT + (SIZE - _LEFT - _RIGHT) * share, 1)


def _y(share: float) -> float:
    return round(SIZE - _BOTTOM - (SIZE - _BOTTOM - _TOP) * share, 1)

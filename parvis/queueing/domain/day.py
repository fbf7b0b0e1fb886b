"""The figures of a day: how long people waited, and how many stood there when. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEP = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Stay:
    """One turn as the day's figures need it. `waited` counts for the figures: not for who was set aside or sent on."""

    joined: dt.datetime
    called: dt.datetime | None
    ended: dt.datetime | None
    state: str
    was_held: bool = False
    began: dt.datetime | None = None

    @property
    def waited(self) -> float | None:
        """Seconds until the call; None for who was not called, and for who was set aside."""
        if self.called is None or self.was_held:
            return None
        return (self.called - self.joined).total_seconds()

    @property
    def served(self) -> float | None:
        """Seconds of service of whoever was served."""
        begin = self.began or self.called
        return (self.ended - begin).total_seconds() if self.state == "done" and begin and self.ended else None


@dataclass(frozen=True)
class Figures:
    """Counts, and waits in seconds (None where nobody was called)."""

    taken: int
    served: int
    left: int
    missed: int
    there: int
    median: float | None
    high: float | None  # nine in ten waited less
    service: float | None


@dataclass(frozen=True)
class Half:
    """Half an hour: who joined in it, and how many waited and were served at once on average."""

    begin: dt.datetime
    joined: int
    waiting: float
    serving: float


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of them lies, between neighbours in proportion; None for none."""
    if not values:
        return None
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def figures(stays: Iterable[Stay]) -> Figures:
    """The figures of some turns. Who was sent on counts in the line where they ended."""
    found = [s for s in stays if s.state != "moved"]
    waits = [w for s in found if (w := s.waited) is not None]
    services = [w for s in found if (w := s.served) is not None]
    count = lambda *states: sum(s.state in states for s in found)  # noqa: E731
    return Figures(
        taken=len(found),
        served=count("done"),
        left=count("left"),
        missed=count("no_show"),
        there=count("waiting", "held", "called", "serving"),
        median=quantile(waits, 0.5),
        high=quantile(waits, 0.9),
        service=quantile(services, 0.5),
    )


def halves(stays: Sequence[Stay], *, now: dt.datetime, latest: dt.datetime) -> list[Half]:
    """The day in half hours, from the first who joined to the last who went; nothing after `now` nor `latest`."""
    until = min(now, latest)
    stays = [s for s in stays if s.joined < until]
    if not stays:
        return []
    begin = _floor(min(s.joined for s in stays))
    end = max(min(s.ended or until, until) for s in stays)
    found = []
    while begin <= end:
        after = begin + STEP
        waiting = sum(_within(s.joined, s.called or s.ended or until, begin, after) for s in stays)
        serving = sum(_within(s.called, s.ended or until, begin, after) for s in stays if s.called)
        seen = max((min(after, until) - begin).total_seconds(), 1.0)
        found.append(Half(begin, sum(begin <= s.joined < after for s in stays), waiting / seen, serving / seen))
        begin = after
    return found


def _within(begin: dt.datetime | None, end: dt.datetime, low: dt.datetime, high: dt.datetime) -> float:
    """Seconds of a span that lie in a window."""
    return max((min(end, high) - max(begin or low, low)).total_seconds(), 0.0)


def _floor(instant: dt.datetime) -> dt.datetime:
    return instant.replace(minute=instant.minute // 30 * 30, second=0, microsecond=0)

"""The encounters of a large house as plain numbers: who, when, how far. Pure; one seed, one house."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

YEARS = 3.0
DAY = 86_400
OPEN_SHARE = 0.025
CHANNELS = ("email", "form", "phone", "counter", "chat", "api")
CHANNEL_WEIGHTS = (62, 18, 10, 6, 2, 2)


@dataclass(frozen=True, slots=True)
class Said:
    """A message: "in", "out" or "note", why, and when (seconds since 1970)."""

    direction: str
    purpose: str
    at: float


@dataclass(frozen=True, slots=True)
class Life:
    """One encounter, by its number from 0."""

    number: int
    customer: int
    channel: str
    status: str
    stage: str
    opened: float
    closed: float
    said: tuple[Said, ...]
    reopened: bool
    late: bool
    content: bool | None


def customers_of(draw: random.Random, encounters: int, customers: int) -> list[int]:
    """Whose each encounter is: a few come often, most seldom, everybody at least once where there is room."""
    first = list(range(min(customers, encounters)))
    weights = [1 / (rank + 20) ** 0.8 for rank in range(customers)]
    found = [*first, *draw.choices(range(customers), weights, k=max(encounters - customers, 0))]
    draw.shuffle(found)
    return found


def lives(draw: random.Random, owners: list[int], now: float) -> Iterator[Life]:
    """Every encounter in the order it was opened, the last ones still running."""
    count = len(owners)
    span = YEARS * 365 * DAY
    # Open ones are recent: of the last 4 %, six in ten run.
    running_from = int(count * (1 - OPEN_SHARE / 0.6))
    for number, customer in enumerate(owners):
        opened = now - span * (1 - (number + draw.random()) / (count + 1)) ** 0.85
        running = number >= running_from and draw.random() < 0.6
        [channel] = draw.choices(CHANNELS, CHANNEL_WEIGHTS)
        yield _life(draw, number, customer, channel, min(opened, now - 60), running, now)


def _life(
    draw: random.Random, number: int, customer: int, channel: str, opened: float, running: bool, now: float
) -> Life:
    late = draw.random() < 0.09
    written = channel in ("email", "form", "api")
    said = [Said("in", "talk", opened)]
    if written:
        said.append(Said("out", "greeting", opened + 2))
    at = opened
    answered = not running or draw.random() < 0.55
    for turn in range(draw.choice((1, 1, 1, 2)) if answered else 0):
        at = min(at + draw.uniform(0.02, 0.2 if not late else 1.5) * DAY, now - 30)
        said.append(Said("out", "talk", at))
        if turn or draw.random() < 0.35:
            at = min(at + draw.uniform(0.05, 1.5) * DAY, now - 20)
            said.append(Said("in", "talk", at))
    if draw.random() < 0.2:
        said.append(Said("note", "talk", at))
    if running:
        waiting = answered and said[-1].direction != "in" and draw.random() < 0.5
        stage = ("serve" if answered else "welcome") if not waiting else "understand"
        status = "waiting" if waiting else "open"
        return Life(number, customer, channel, status, stage, opened, 0.0, tuple(said), False, late, None)
    closed = min(at + 3600, now - 10)
    content: bool | None = None
    if written:
        said.append(Said("out", "follow_up", min(closed + DAY, now - 5)))
        chance = draw.random()
        content = True if chance < 0.5 else False if chance < 0.04 + 0.5 else None
        if content:
            said.append(Said("out", "open_door", min(closed + 1.2 * DAY, now - 4)))
    stage = "open_door" if content else "follow_up"
    reopened = draw.random() < 0.05
    return Life(number, customer, channel, "closed", stage, opened, closed, tuple(said), reopened, late, content)

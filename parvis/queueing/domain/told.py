"""What stands of all that was told of one wait: by when it is very likely somebody's turn."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

# Less is no news: the earlier time stands. So is what rounding adds.
MOVED_BY = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Before:
    """A time told at an instant, rounded up as one says it, and the one it was rounded from."""

    at: dt.datetime
    told: dt.datetime
    exact: dt.datetime


def standing(said: Iterable[Before]) -> Before | None:
    """What a person may hold the house to, after all they were told, the first thing first.

    What was told first stands until the exact time is five minutes past it; an earlier one is a hope, not a promise.
    """
    stands: Before | None = None
    for before in said:
        if stands is None or before.exact - stands.told >= MOVED_BY:
            stands = before
    return stands

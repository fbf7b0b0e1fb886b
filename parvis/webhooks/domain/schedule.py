"""When a delivery that failed is tried again, and when nobody believes in its endpoint any more."""

import datetime as dt
import hashlib

SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
# The schedule that the specification recommends: ten attempts over a little more than three days.
PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
JITTER = 0.1
LONGEST = 24 * HOUR
# An endpoint that let a delivery run out is switched off if it has taken nothing at all for this long.
SILENT_TOO_LONG = 60 * HOUR


def pause(attempts: int, key: str, retry_after: str = "") -> dt.timedelta | None:
    """How long to wait after this many failed attempts; None when there is no further one.

    A tenth more or less, by `key` (the message's id): what failed together does not come back together.
    retry_after: the header of that name, heeded where it gives seconds and asks for longer, up to a day.
    """
    if not 1 <= attempts <= len(PAUSES):
        return None
    digest = hashlib.sha256(f"{key} {attempts}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 0xFFFFFFFF
    planned = PAUSES[attempts - 1] * (1 - JITTER + 2 * JITTER * share)
    return max(planned, _asked(retry_after))


def _asked(retry_after: str) -> dt.timedelta:
    text = retry_after.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return dt.timedelta()
    return min(SECOND * int(text), LONGEST)


def given_up(failing_since: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether an endpoint that lets a delivery run out now is to be switched off: it has taken nothing for days."""
    return failing_since is not None and now - failing_since >= SILENT_TOO_LONG

"""A log of a line as CSV: one row per person, with the times on the clocks of the house.

    line,service,priority,arrived_at,called_at,abandoned_at,finished_at,server

`arrived_at`, `called_at` and `finished_at` are needed; the others may be missing, or empty. Times are ISO 8601; an
offset of a time zone is dropped, since it is the hour of the day that counts. A priority is any text; numbers are
sorted as such.

Tolerated, as logs are not made for us: calls of one server that overlap; services without an end, which then last as
long as half of the others, or until the server's next call; services without a server, for which as few servers as
possible are assumed; people of whom nobody knows when they left, who are left out; a time after midnight that bears
the date of the evening before, as the open call centre log has it.
"""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import numpy as np

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .history import DAY, Floats, History, Ints

NEEDED = ("arrived_at", "called_at", "finished_at")
KNOWN = ("line", "service", "priority", "arrived_at", "called_at", "abandoned_at", "finished_at", "server")
_TIMES = ("arrived_at", "called_at", "abandoned_at", "finished_at")
_ASSUMED = "#"  # before the numbers of assumed servers


def read_log(path: Path) -> History:
    """The history in a CSV file. Raises `Invalid`, naming the place, when it cannot be read as one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Invalid(_("%(file)s cannot be opened: %(why)s", file=path.name, why=error.strerror or error)) from error
    except UnicodeDecodeError as error:
        raise Invalid(_("%(file)s is not text in UTF-8.", file=path.name)) from error
    return history_of(io.StringIO(text), path.name)


def history_of(lines: Iterable[str], name: str) -> History:
    """The history in lines of CSV; `name` stands in what `Invalid` says."""
    reader = csv.DictReader(lines)
    head = tuple(reader.fieldnames or ())
    for column in NEEDED:
        if column not in head:
            columns = ", ".join(KNOWN)
            raise Invalid(
                _("%(file)s has no column “%(column)s”.", file=name, column=column),
                hint=_("Its first line should name these: %(columns)s.", columns=columns),
            )
    cells: dict[str, list[str]] = {column: [] for column in KNOWN}
    numbers: list[int] = []
    for row in reader:
        numbers.append(reader.line_num)
        for column in KNOWN:
            cells[column].append((row.get(column) or "").strip())
    if not numbers:
        raise Invalid(_("%(file)s has a first line and nothing below it.", file=name))
    first_day, times = _times(cells, numbers, name)
    _past_midnight(times)
    _check(times, numbers, name)
    return _history(first_day, cells, times)


def _times(cells: dict[str, list[str]], numbers: list[int], name: str) -> tuple[date, dict[str, Floats]]:
    """Seconds since midnight of the first day, by column, NaN where empty."""
    moments = {
        column: [_moment(text, column, number, name) for text, number in zip(cells[column], numbers, strict=True)]
        for column in _TIMES
    }
    for moment, number in zip(moments["arrived_at"], numbers, strict=True):
        if moment is None:
            raise Invalid(_("%(file)s, line %(line)s: arrived_at is empty.", file=name, line=number))
    first_day = min(moment for moment in moments["arrived_at"] if moment).date()
    midnight = datetime.combine(first_day, datetime.min.time())
    return first_day, {
        column: np.array([np.nan if at is None else (at - midnight).total_seconds() for at in listed])
        for column, listed in moments.items()
    }


def _moment(text: str, column: str, number: int, name: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise Invalid(
            _("%(file)s, line %(line)s: %(column)s is “%(text)s”, which is not a time.",
              file=name, line=number, column=column, text=text),
            hint=_("Write it like 2026-03-02T14:05:00."),
        ) from None  # fmt: skip


def _past_midnight(times: dict[str, Floats]) -> None:
    """Move what lies more than half a day before what it follows to the next day, in place."""
    for earlier, later in (("arrived_at", "called_at"), ("arrived_at", "abandoned_at"), ("called_at", "finished_at")):
        times[later][times[earlier] - times[later] > DAY / 2] += DAY


def _check(times: dict[str, Floats], numbers: list[int], name: str) -> None:
    """Refuse what is out of order, or both served and left."""
    for earlier, later in (("arrived_at", "called_at"), ("arrived_at", "abandoned_at"), ("called_at", "finished_at")):
        wrong = np.flatnonzero(times[later] < times[earlier])
        if len(wrong):
            raise Invalid(_("%(file)s, line %(line)s: %(later)s is before %(earlier)s.",
                            file=name, line=numbers[wrong[0]], later=later, earlier=earlier))  # fmt: skip
    for column, other in (("called_at", "abandoned_at"), ("abandoned_at", "finished_at")):
        both = np.flatnonzero(~np.isnan(times[column]) & ~np.isnan(times[other]))
        if len(both):
            raise Invalid(_("%(file)s, line %(line)s has both %(one)s and %(other)s: was this person served?",
                            file=name, line=numbers[both[0]], one=column, other=other))  # fmt: skip
    if not (~np.isnan(times["called_at"])).any():
        raise Invalid(_("Nobody in %(file)s was served.", file=name))


def _history(first_day: date, cells: dict[str, list[str]], times: dict[str, Floats]) -> History:
    known = ~(np.isnan(times["called_at"]) & np.isnan(times["abandoned_at"]))
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(times["arrived_at"][rows], kind="stable")]
    lines = set(cells["line"])
    labels = [
        f"{line} · {service}" if len(lines) > 1 else service
        for line, service in zip(cells["line"], cells["service"], strict=True)
    ]
    services, service = _codes([labels[row] for row in rows])
    priorities, priority = _codes([cells["priority"][row] for row in rows])
    called, finished = times["called_at"][rows], times["finished_at"][rows]
    named = [cells["server"][row] if served else "" for row, served in zip(rows, ~np.isnan(called), strict=True)]
    finished = _finished(called, finished, named)
    servers, server = _codes(_assumed(called, finished, named))
    if servers and not servers[0]:
        servers, server = servers[1:], server - 1
    return History(
        first_day=first_day,
        services=services,
        priorities=priorities,
        servers=servers,
        line=_codes([cells["line"][row] for row in rows])[1],
        service=service,
        priority=priority,
        server=server,
        arrived=times["arrived_at"][rows],
        called=called,
        left=times["abandoned_at"][rows],
        finished=finished,
    )


def _codes(texts: list[str]) -> tuple[tuple[str, ...], Ints]:
    """The different texts, numbers in their order first, and the place of each text among them."""
    names = sorted(set(texts), key=lambda text: (not text.isdecimal(), int(text) if text.isdecimal() else 0, text))
    place = {name: code for code, name in enumerate(names)}
    if "" in place:  # nobody: comes first, whatever the others are
        names = ["", *(name for name in names if name)]
        place = {name: code for code, name in enumerate(names)}
    return tuple(names), np.array([place[text] for text in texts], dtype=np.int64)


def _finished(called: Floats, finished: Floats, named: list[str]) -> Floats:
    """The same with an end for every service."""
    lost = np.isnan(finished) & ~np.isnan(called)
    if not lost.any():
        return finished
    lengths = (finished - called)[~np.isnan(finished)]
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    answer = finished.copy()
    following: dict[str, float] = {}
    for row in np.argsort(-np.nan_to_num(called, nan=-np.inf), kind="stable"):
        if lost[row]:
            end = called[row] + usual
            answer[row] = min(end, following.get(named[row], end)) if named[row] else end
        if not np.isnan(called[row]):
            following[named[row]] = float(called[row])
    return answer


def _assumed(called: Floats, finished: Floats, named: list[str]) -> list[str]:
    """The servers' names; services without one go to the assumed server who has been free longest, day by day."""
    answer = list(named)
    free: list[tuple[int, float, int]] = []  # number of the day, free since, number of the server
    count, today = 0, -1
    for row in np.argsort(called, kind="stable"):
        if np.isnan(called[row]) or named[row]:
            continue
        if called[row] // DAY != today:
            today, count, free = int(called[row] // DAY), 0, []
        if free and free[0][1] <= called[row]:
            number = heapq.heappop(free)[2]
        else:
            count += 1
            number = count
        answer[row] = f"{_ASSUMED}{number}"
        heapq.heappush(free, (today, float(finished[row]), number))
    return answer

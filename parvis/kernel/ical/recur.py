"""Recurrence rules (RFC 5545 §3.3.10): reading, writing, and the clock times they give.

A rule is expanded on the clock of its series, without a zone; which instants these are is asked afterwards. Every step
is paid from a budget, so that a rule of a stranger cannot keep us busy.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product

YEARLY, MONTHLY, WEEKLY, DAILY = "YEARLY", "MONTHLY", "WEEKLY", "DAILY"
HOURLY, MINUTELY, SECONDLY = "HOURLY", "MINUTELY", "SECONDLY"
_SECONDS = {HOURLY: 3_600, MINUTELY: 60, SECONDLY: 1}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_DAY = timedelta(days=1)

# Field, name in the text, least and greatest absolute value, whether it may be negative.
_NUMBERS = (
    ("seconds", "BYSECOND", 0, 60, False),
    ("minutes", "BYMINUTE", 0, 59, False),
    ("hours", "BYHOUR", 0, 23, False),
    ("monthdays", "BYMONTHDAY", 1, 31, True),
    ("yeardays", "BYYEARDAY", 1, 366, True),
    ("weeks", "BYWEEKNO", 1, 53, True),
    ("months", "BYMONTH", 1, 12, False),
    ("positions", "BYSETPOS", 1, 366, True),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE. ``until`` is a date, an aware instant in UTC or a clock time, inclusive; ``days`` are pairs of the
    ordinal (0: every) and the weekday (0: Monday); all lists are sorted, empty where the rule says nothing.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    def text(self) -> str:
        """The rule as a RECUR value."""
        from .values import when_out

        parts = [f"FREQ={self.freq}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval != 1 else []
        parts += [f"COUNT={self.count}"] if self.count is not None else []
        parts += [f"UNTIL={when_out(self.until)}"] if self.until is not None else []
        if self.days:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{_DAYS[day]}" for nth, day in self.days))
        for field, name, *_ in _NUMBERS:
            if values := getattr(self, field):
                parts.append(f"{name}={','.join(map(str, values))}")
        parts += [f"WKST={_DAYS[self.week_start]}"] if self.week_start else []
        return ";".join(parts)

    @property
    def plain(self) -> bool:
        """It has no BY parts."""
        return not any(getattr(self, found.name) for found in fields(self)[4:13])


class Budget:
    """What an expansion may still cost. ``spent`` once the steps or the seconds are used up."""

    def __init__(self, steps: int = 400_000, seconds: float = 3.0) -> None:
        self.left = steps
        self.spent = False
        self._deadline = time.monotonic() + seconds

    def step(self, price: int = 1) -> bool:
        """Pay for a step; False when there is nothing left."""
        before, self.left = self.left, self.left - price
        # The watch is looked at once in 256 steps: looking costs as much as a step.
        late = before >> 8 != self.left >> 8 and time.monotonic() > self._deadline
        self.spent = self.spent or self.left < 0 or late
        return not self.spent


def rule_of(text: str) -> tuple[Rule, list[str]]:
    """The rule, and the parts of it that were left out because they mean nothing.

    Raises ValueError when there is no rule in it: no FREQ, or an UNTIL or COUNT that cannot be read, without which an
    end would become none.
    """
    from .values import when_of

    parts: dict[str, str] = {}
    odd: list[str] = []
    for part in text.strip().upper().split(";"):
        name, equals, value = part.partition("=")
        if equals and value.strip():
            parts.setdefault(name.strip(), value.strip())
        elif part.strip():
            odd.append(part)
    freq = parts.pop("FREQ", "")
    if freq not in (YEARLY, MONTHLY, WEEKLY, DAILY, *_SECONDS):
        raise ValueError("no frequency")
    found: dict[str, object] = {}
    for field, name, least, greatest, signed in _NUMBERS:
        found[field] = _numbers(parts.pop(name, ""), least, greatest, signed, odd)
    found["days"] = _weekdays(parts.pop("BYDAY", ""), odd)
    found["interval"] = max(1, _whole(parts.pop("INTERVAL", "1"), odd) or 1)
    count = parts.pop("COUNT", None)
    # Some programs write a negative count and mean no end.
    found["count"] = None if count is None or int(count) < 0 else int(count)
    found["until"] = when_of(parts.pop("UNTIL")) if "UNTIL" in parts else None
    start = parts.pop("WKST", "MO")
    found["week_start"] = _DAYS.index(start) if start in _DAYS else 0
    odd += [f"{name}={value}" for name, value in parts.items() if not name.startswith("X-")]
    return Rule(freq, **found), odd  # type: ignore[arg-type]


def _whole(text: str, odd: list[str]) -> int | None:
    try:
        return int(text) if len(text) < 12 else None
    except ValueError:
        odd.append(text)
        return None


def _numbers(text: str, least: int, greatest: int, signed: bool, odd: list[str]) -> tuple[int, ...]:
    values = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        value = _whole(part, odd)
        if value is None or not least <= abs(value) <= greatest or (value < 0 and not signed):
            odd.append(part)
        else:
            values.add(value)
    return tuple(sorted(values))


def _weekdays(text: str, odd: list[str]) -> tuple[tuple[int, int], ...]:
    values = set()
    for part in filter(None, (part.strip().replace(" ", "") for part in text.split(","))):
        if found := _BYDAY.fullmatch(part):
            values.add((int(found[1] or 0), _DAYS.index(found[2])))
        else:
            odd.append(part)
    return tuple(sorted(values))


def clock_times(rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """The clock times of the rule from ``first`` on that lie within [low, high], in order; all naive.

    ``rule.until`` has to be a clock time of the series or None (see `on_clock`). Ends early when the budget is spent.
    """
    rule = _counted(rule, first)
    last = min(high, rule.until) if isinstance(rule.until, datetime) else high
    left = rule.count
    for moment in _all_times(rule, first, first if left is not None else max(first, low), last, budget):
        if moment < first:
            continue
        if moment > last or (left is not None and left <= 0):
            return
        if left is not None:
            left -= 1
        if moment >= low:
            yield moment


def on_clock(until: date | datetime | None, zone: object) -> datetime | None:
    """The UNTIL of a rule on the clock of its series: a date holds to its end, an instant moves into the zone."""
    if until is None:
        return None
    if not isinstance(until, datetime):
        return datetime(until.year, until.month, until.day, 23, 59, 59)  # noqa: DTZ001
    if until.tzinfo is not None and zone is not None:
        try:
            until = until.astimezone(zone)  # type: ignore[arg-type]
        except OverflowError:
            return until.replace(tzinfo=None)
    return until.replace(tzinfo=None)


def _counted(rule: Rule, first: datetime) -> Rule:
    """Without BY parts the last time of a count is a matter of arithmetic: an end instead, which can be skipped to."""
    unit = {WEEKLY: 604_800, DAILY: 86_400, **_SECONDS}.get(rule.freq)
    if rule.count is None or unit is None or not rule.plain:
        return rule
    try:
        last = first + timedelta(seconds=(rule.count - 1) * rule.interval * unit)
    except OverflowError:
        last = datetime.max  # noqa: DTZ901
    until = min(last, rule.until) if isinstance(rule.until, datetime) else last
    return Rule(rule.freq, rule.interval, None, until, week_start=rule.week_start)


def _all_times(rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    periods = _short_periods if rule.freq in _SECONDS else _long_periods
    for moments in periods(rule, first, low, high, budget):
        yield from _positioned(rule, moments) if rule.positions else moments


def _positioned(rule: Rule, moments: Iterable[datetime]) -> list[datetime]:
    """BYSETPOS: the named places of a period's times."""
    found = sorted(set(moments))
    places = {at - 1 if at > 0 else len(found) + at for at in rule.positions}
    return [moment for at, moment in enumerate(found) if at in places]


def _long_periods(
    rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget
) -> Iterator[Iterable[datetime]]:
    """The times of each day, week, month or year that the rule reaches."""
    clock = sorted(
        {
            timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
            for hour, minute, second in product(
                rule.hours or (first.hour,), rule.minutes or (first.minute,), rule.seconds or (first.second,)
            )
        }
    )
    for start, end in _spans(rule, first.date(), low.date(), high.date()):
        if not budget.step(1 + (end - start).days // 8):
            return
        days = _days_between(rule, first.date(), start, end)
        if days and len(clock) > 1 and not budget.step(len(days) * len(clock) // 4):
            return
        yield [datetime(day.year, day.month, day.day) + at for day in days for at in clock]  # noqa: DTZ001


def _spans(rule: Rule, first: date, low: date, high: date) -> Iterator[tuple[date, date]]:
    """First and last day of the periods that the rule reaches, from the one that holds ``low`` to ``high``."""
    if rule.freq in (DAILY, WEEKLY):
        length = 7 if rule.freq == WEEKLY else 1
        base = first.toordinal() - ((first.weekday() - rule.week_start) % 7 if length == 7 else 0)
        step = length * rule.interval
        at = base + max(0, low.toordinal() - base) // step * step
        while at <= high.toordinal():
            yield date.fromordinal(max(at, 1)), date.fromordinal(min(at + length - 1, date.max.toordinal()))
            at += step
        return
    per_year = 12 if rule.freq == MONTHLY else 1
    base = first.year * per_year + (first.month - 1 if per_year == 12 else 0)
    target = low.year * per_year + (low.month - 1 if per_year == 12 else 0)
    at = base + max(0, target - base) // rule.interval * rule.interval
    while at // per_year <= high.year:
        year, month = divmod(at, per_year)
        start = date(year, month + 1, 1)
        yield start, _month_end(start) if per_year == 12 else date(year, 12, 31)
        at += rule.interval


def _month_end(start: date) -> date:
    return date(start.year, 12, 31) if start.month == 12 else date(start.year, start.month + 1, 1) - _DAY


def _days_between(rule: Rule, first: date, start: date, end: date) -> list[date]:
    weekdays, monthdays, months = _defaults(rule, first)
    days = []
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if months and day.month not in months:
            continue
        if monthdays and day.day not in monthdays and day.day - 1 - _month_end(day.replace(day=1)).day not in monthdays:
            continue
        if _day_fits(rule, weekdays, day):
            days.append(day)
    return days


def _defaults(rule: Rule, first: date) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]:
    """Weekdays, days of the month and months; what the rule leaves open is as in the first event (§3.3.10)."""
    weekdays, monthdays, months = rule.days, rule.monthdays, rule.months
    if rule.weeks and not (rule.days or rule.monthdays or rule.yeardays) and rule.freq == YEARLY:
        weekdays = ((0, first.weekday()),)
    elif not (rule.days or rule.monthdays or rule.yeardays or rule.weeks):
        if rule.freq == WEEKLY:
            weekdays = ((0, first.weekday()),)
        elif rule.freq in (MONTHLY, YEARLY):
            monthdays = (first.day,)
            months = months or ((first.month,) if rule.freq == YEARLY else ())
    return weekdays, monthdays, months


def _day_fits(rule: Rule, weekdays: tuple[tuple[int, int], ...], day: date) -> bool:
    if rule.yeardays:
        length = 366 if _leap(day.year) else 365
        number = day.timetuple().tm_yday
        if number not in rule.yeardays and number - 1 - length not in rule.yeardays:
            return False
    if rule.weeks and not _week_fits(rule, day):
        return False
    return not weekdays or any(weekday == day.weekday() and _nth(rule, nth, day) for nth, weekday in weekdays)


def _nth(rule: Rule, nth: int, day: date) -> bool:
    """Whether it is the nth such weekday of its month, or of its year where the rule names no month."""
    if not nth or rule.freq not in (MONTHLY, YEARLY) or rule.weeks:
        return True
    if rule.freq == MONTHLY or rule.months:
        number, length = day.day, _month_end(day.replace(day=1)).day
    else:
        number, length = day.timetuple().tm_yday, 366 if _leap(day.year) else 365
    return nth == ((number - 1) // 7 + 1 if nth > 0 else -((length - number) // 7 + 1))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _week_fits(rule: Rule, day: date) -> bool:
    """The week of the year as in ISO 8601, beginning on the rule's first day: most of its days lie in the year."""
    start = day.toordinal() - (day.weekday() - rule.week_start) % 7
    if not 4 <= start <= date.max.toordinal() - 7:
        return False
    year = date.fromordinal(start + 3).year
    number = (start - _first_week(year, rule.week_start)) // 7 + 1
    weeks = (_first_week(year + 1, rule.week_start) - _first_week(year, rule.week_start)) // 7
    return number in rule.weeks or number - 1 - weeks in rule.weeks


@lru_cache(maxsize=1024)
def _first_week(year: int, week_start: int) -> int:
    fourth = date(min(year, 9999), 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7


def _short_periods(
    rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget
) -> Iterator[Iterable[datetime]]:
    """The times of each hour, minute or second that the rule reaches; what no BY part admits is leapt over."""
    unit = _SECONDS[rule.freq]
    step = unit * rule.interval
    base = first.replace(minute=0, second=0) if unit == 3_600 else first.replace(second=0) if unit == 60 else first
    origin = datetime(1, 1, 1)  # noqa: DTZ001
    start, end = _since(origin, base), _since(origin, high)
    at = start + max(0, _since(origin, low) - start) // step * step
    while at <= end:
        if not budget.step():
            return
        moment = origin + timedelta(seconds=at)
        until = _refused_until(rule, moment, unit)
        if until is not None:
            at += max(1, -(-(_since(origin, until) - at) // step)) * step
            continue
        minutes = rule.minutes or (first.minute,) if unit == 3_600 else (moment.minute,)
        seconds = rule.seconds or (first.second,) if unit >= 60 else (moment.second,)
        yield [moment.replace(minute=a, second=min(b, 59)) for a, b in product(minutes, seconds)]
        at += step


def _since(origin: datetime, moment: datetime) -> int:
    span = moment - origin
    return span.days * 86_400 + span.seconds


def _refused_until(rule: Rule, moment: datetime, unit: int) -> datetime | None:
    """Until when nothing can fit, if the period at ``moment`` does not."""
    day = moment.date()
    if (rule.months or rule.monthdays or rule.days or rule.yeardays or rule.weeks) and not _day_admitted(rule, day):
        return _after(datetime(day.year, day.month, day.day), _DAY)  # noqa: DTZ001
    if rule.hours and moment.hour not in rule.hours:
        return _after(moment.replace(minute=0, second=0), timedelta(hours=1))
    if unit <= 60 and rule.minutes and moment.minute not in rule.minutes:
        return _after(moment.replace(second=0), timedelta(minutes=1))
    if unit == 1 and rule.seconds and moment.second not in rule.seconds:
        return _after(moment, timedelta(seconds=1))
    return None


@lru_cache(maxsize=4096)
def _day_admitted(rule: Rule, day: date) -> bool:
    return bool(_days_between(rule, day, day, day))


def _after(moment: datetime, span: timedelta) -> datetime:
    return moment + span if moment < datetime.max - span else datetime.max  # noqa: DTZ901


__all__ = ["Budget", "Rule", "clock_times", "on_clock", "rule_of"]

"""When events happen: patterns, changed instances, changes of the clock, and what strangers' rules may cost."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parvis.kernel.clock import zone
from parvis.kernel.ical.expand import busy, occurrences, reminders
from parvis.kernel.ical.model import Calendar, Limits
from parvis.kernel.ical.read import events_of
from parvis.kernel.ical.recur import Budget, clock_times, rule_of


def calendar(*bodies: str) -> Calendar:
    """A calendar of events written as lines divided by ``|``."""
    events = "".join("BEGIN:VEVENT\n" + body.replace("|", "\n") + "\nEND:VEVENT\n" for body in bodies)
    found = events_of(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    assert not found.problems
    return found


def starts(found: Calendar, first: str, last: str) -> list[str]:
    """The starts in UTC (days as days) between two dates in UTC."""
    bounds = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    return [
        f"{o.start.astimezone(UTC):%m-%d %H:%M}" if isinstance(o.start, datetime) else f"{o.start:%m-%d}"
        for o in occurrences(found, *bounds)
    ]


def utc(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "start", "wanted"),
    [
        # 2026-03-29 at 02:30 does not exist in Paris: it is read with the offset before the gap.
        ("Europe/Paris", "20260328T023000", ["03-28 01:30", "03-29 01:30", "03-30 00:30"]),
        # 2026-10-25 at 02:30 comes twice: the first is meant.
        ("Europe/Paris", "20261024T023000", ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
        ("America/New_York", "20260307T023000", ["03-07 07:30", "03-08 07:30", "03-09 06:30"]),
        ("America/New_York", "20261031T013000", ["10-31 05:30", "11-01 05:30", "11-02 06:30"]),
        # Half an hour only, and in the other direction of the year.
        ("Australia/Lord_Howe", "20261003T021500", ["10-02 15:45", "10-03 15:45", "10-04 15:15"]),
        ("Australia/Lord_Howe", "20260404T014500", ["04-03 14:45", "04-04 14:45", "04-05 15:15"]),
        # Winter time during Ramadan.
        ("Africa/Casablanca", "20260214T090000", ["02-14 08:00", "02-15 09:00", "02-16 09:00"]),
        ("Africa/Casablanca", "20260321T090000", ["03-21 09:00", "03-22 08:00", "03-23 08:00"]),
    ],
)
def test_a_daily_event_keeps_its_clock_time_over_a_change_of_the_clock(
    name: str, start: str, wanted: list[str]
) -> None:
    found = calendar(f"UID:1|DTSTART;TZID={name}:{start}|RRULE:FREQ=DAILY;COUNT=3")
    assert starts(found, "2026-01-01", "2027-01-01") == wanted


def test_instances_last_exactly_as_long_with_an_end_and_by_the_clock_with_days() -> None:
    night = "UID:1|DTSTART;TZID=Europe/Paris:20260327T220000|{}|RRULE:FREQ=DAILY;COUNT=2"
    with_end = calendar(night.format("DTEND;TZID=Europe/Paris:20260328T220000"))
    with_days = calendar(night.format("DURATION:P1D"))
    bounds = utc(1), utc(31)
    assert [o.end for o in occurrences(with_end, *bounds)] == [utc(28, 21), utc(29, 21)]
    assert [o.end for o in occurrences(with_days, *bounds)] == [utc(28, 21), utc(29, 20)]


def test_what_began_before_or_ends_after_the_window_is_in_it_and_what_touches_it_is_not() -> None:
    found = calendar("UID:1|DTSTART:20260302T220000Z|DURATION:PT4H|RRULE:FREQ=DAILY;COUNT=3")
    assert starts(found, "2026-03-03", "2026-03-04") == ["03-02 22:00", "03-03 22:00"]
    assert starts(found, "2026-03-03T02:00", "2026-03-03T22:00") == []


def test_days_lie_where_the_one_who_asks_lives() -> None:
    found = calendar("UID:1|DTSTART;VALUE=DATE:20260302")
    late_on_the_first = datetime(2026, 3, 1, 22, tzinfo=zone("America/New_York"))
    assert not occurrences(found, late_on_the_first, late_on_the_first + timedelta(hours=1)).occurrences
    assert occurrences(found, late_on_the_first, late_on_the_first + timedelta(hours=1), zone=UTC).occurrences


def test_clock_times_without_a_zone_ask_each_event_on_its_own_clock() -> None:
    found = calendar("UID:1|DTSTART;TZID=America/New_York:20260302T230000", "UID:2|DTSTART:20260302T230000")
    assert len(occurrences(found, date(2026, 3, 2), date(2026, 3, 3))) == 2
    with pytest.raises(ValueError, match="one bound"):
        occurrences(found, utc(2), date(2026, 3, 3))


def test_dates_are_added_and_taken_out() -> None:
    found = calendar(
        "UID:1|DTSTART;TZID=Europe/Paris:20260302T090000|DTEND;TZID=Europe/Paris:20260302T100000"
        "|RRULE:FREQ=DAILY;COUNT=6|EXDATE;TZID=Europe/Paris:20260303T090000|EXDATE;VALUE=DATE:20260304"
        "|EXDATE:20260305T080000Z|EXRULE:FREQ=WEEKLY;BYDAY=SA"
        "|RDATE;TZID=Europe/Paris:20260310T110000|RDATE;VALUE=PERIOD:20260311T080000Z/PT3H"
    )
    assert starts(found, "2026-03-01", "2026-04-01") == ["03-02 08:00", "03-06 08:00", "03-10 10:00", "03-11 08:00"]
    assert list(occurrences(found, utc(1), utc(31)))[-1].end == utc(11, 11)


SERIES = "UID:1|SEQUENCE:1|SUMMARY:as ever|DTSTART:20260302T090000Z|DTEND:20260302T100000Z|RRULE:FREQ=DAILY;COUNT=5"


def test_a_changed_instance_takes_the_place_of_the_one_it_names() -> None:
    found = calendar(SERIES, "UID:1|RECURRENCE-ID:20260303T090000Z|SUMMARY:moved|DTSTART:20260320T150000Z")
    assert starts(found, "2026-03-01", "2026-04-01") == [
        "03-02 09:00", "03-04 09:00", "03-05 09:00", "03-06 09:00", "03-20 15:00",
    ]  # fmt: skip
    assert [o.event.summary for o in occurrences(found, utc(20), utc(21))] == ["moved"]
    assert not occurrences(found, utc(3), utc(4)).occurrences


def test_a_change_for_this_and_future_moves_what_follows() -> None:
    found = calendar(
        SERIES,
        "UID:1|RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T090000Z|SUMMARY:later"
        "|DTSTART:20260304T110000Z|DTEND:20260304T113000Z",
        "UID:1|RECURRENCE-ID:20260306T090000Z|SUMMARY:alone|DTSTART:20260306T080000Z",
    )
    told = [(o.event.summary, o.start, o.end) for o in occurrences(found, utc(1), utc(31))]
    assert told == [
        ("as ever", utc(2, 9), utc(2, 10)),
        ("as ever", utc(3, 9), utc(3, 10)),
        ("later", utc(4, 11), utc(4, 11, 30)),
        ("later", utc(5, 11), utc(5, 11, 30)),
        ("alone", utc(6, 8), utc(6, 8)),
    ]


def test_the_latest_revision_of_an_event_holds() -> None:
    found = calendar(SERIES, "UID:1|SEQUENCE:2|DTSTART:20260312T090000Z", "UID:1|SEQUENCE:0|DTSTART:20260313T090000Z")
    assert starts(found, "2026-03-01", "2026-04-01") == ["03-12 09:00"]


def test_an_end_of_a_rule_is_inclusive_as_a_date_an_instant_or_a_clock_time() -> None:
    for until in ("20260304", "20260304T080000Z", "20260304T090000"):
        found = calendar(f"UID:1|DTSTART;TZID=Europe/Paris:20260302T090000|RRULE:FREQ=DAILY;UNTIL={until}")
        assert len(starts(found, "2026-03-01", "2026-04-01")) == 3, until


def test_busy_times_are_merged_cut_to_the_window_and_leave_out_what_takes_no_time() -> None:
    found = calendar(
        "UID:1|DTSTART;TZID=Europe/Paris:20260302T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2",
        "UID:2|DTSTART:20260302T083000Z|DURATION:PT2H",
        "UID:3|DTSTART:20260302T120000Z|DURATION:PT1H|TRANSP:TRANSPARENT",
        "UID:4|DTSTART:20260302T140000Z|DURATION:PT1H|STATUS:CANCELLED",
        "UID:5|DTSTART:20260302T160000Z",
        "UID:6|DTSTART;VALUE=DATE:20260304|DTEND;VALUE=DATE:20260304",
    )
    taken, problems = busy(found, utc(2, 8, 15), utc(4, 6), zone=zone("Europe/Paris"))
    assert taken == [(utc(2, 8, 15), utc(2, 10, 30)), (utc(3, 8), utc(3, 9)), (utc(3, 23), utc(4, 6))]
    assert problems == ()
    with pytest.raises(ValueError, match="instants"):
        busy(found, utc(2).replace(tzinfo=None), utc(3).replace(tzinfo=None))


def test_published_busy_times_count_unless_they_are_free() -> None:
    found = events_of(
        "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T080000Z/PT1H,"
        "20260302T083000Z/20260302T100000Z\nFREEBUSY;FBTYPE=FREE:20260302T120000Z/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR"
    )
    assert busy(found, utc(2), utc(3))[0] == [(utc(2, 8), utc(2, 10))]


def test_reminders_go_off_before_every_instance() -> None:
    body = SERIES + "|BEGIN:VALARM|ACTION:DISPLAY|TRIGGER:-PT1H|REPEAT:1|DURATION:PT15M|END:VALARM"
    found, problems = reminders(calendar(body), utc(3), utc(4))
    assert [(r.at, r.occurrence.start) for r in found] == [(utc(3, 8), utc(3, 9)), (utc(3, 8, 15), utc(3, 9))]
    assert problems == ()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;COUNT=999999999;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=DAILY;BYSETPOS=-1;BYHOUR=0,1,2,3,4,5,6,7,8;BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_a_rule_that_never_ends_is_cut_short_in_time_and_says_so(rule: str) -> None:
    found = calendar(f"UID:1|DTSTART:00020101T000000Z|RRULE:{rule}")
    limits = Limits(occurrences=500, steps=50_000, seconds=1.0)
    started = time.process_time()
    expansion = occurrences(found, datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC), limits=limits)
    assert time.process_time() - started < 3
    assert len(expansion) <= 500
    assert [problem.code for problem in expansion.problems] == ["cut_short"]
    assert not expansion.complete


def test_a_rule_of_every_second_since_long_ago_is_skipped_to_the_window() -> None:
    found = calendar("UID:1|DTSTART:00020101T000000Z|RRULE:FREQ=SECONDLY;INTERVAL=7")
    expansion = occurrences(found, utc(2), utc(2, 0, 1), limits=Limits(steps=1_000))
    assert expansion.complete
    assert len(expansion) in (8, 9)


_NUMBERS = {
    "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": st.integers(-31, 31).filter(bool),
    "BYHOUR": st.integers(0, 23),
    "BYMINUTE": st.integers(0, 59),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that both understand alike; WEEKLY with BYSETPOS and days of both kinds dateutil reads otherwise."""
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    for name, values in _NUMBERS.items():
        if draw(st.integers(0, 3)) == 0 and not (name == "BYMONTHDAY" and freq == "WEEKLY"):
            parts.append(f"{name}={','.join(map(str, draw(st.lists(values, min_size=1, max_size=3, unique=True))))}")
    if draw(st.booleans()):
        nth = draw(st.sampled_from(["", "1", "-1", "2", "-2"])) if freq in ("YEARLY", "MONTHLY") else ""
        days = draw(st.lists(st.sampled_from(_DAYS), min_size=1, max_size=3, unique=True))
        parts.append(f"BYDAY={','.join(nth + day for day in days)}")
    if freq != "WEEKLY" and draw(st.integers(0, 3)) == 0:
        parts.append(f"BYSETPOS={draw(st.sampled_from(['1', '-1', '1,-1', '2']))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 20))}")
    parts.append(f"WKST={draw(st.sampled_from(_DAYS))}")
    return ";".join(parts)


@settings(max_examples=60)
@given(
    rules(),
    st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
    st.integers(0, 400),
)
def test_rules_give_the_times_that_dateutil_gives(text: str, first: datetime, skipped: int) -> None:
    low = first + timedelta(days=skipped)
    high = low + timedelta(days=500)
    rule, odd = rule_of(text)
    assert odd == []
    budget = Budget(steps=1_000_000, seconds=20)
    got = list(clock_times(rule, first, low, high, budget))
    assume(not budget.spent)
    if not got:
        return  # For a rule without times dateutil searches to the year 9999.
    try:
        wanted = rrulestr(text, dtstart=first).between(low, high, inc=True)
    except ValueError:  # It refuses rules that can have no time.
        wanted = []
    assert got == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # RFC 5545 §3.8.5.3 and §3.3.10: its examples, from 1997-09-02 at 09:00, a Tuesday.
        ("FREQ=YEARLY;BYDAY=20MO", ["1998-05-18", "1999-05-17"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["1998-05-11", "1999-05-17"]),
        ("FREQ=YEARLY;BYWEEKNO=20", ["1998-05-12", "1999-05-18"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13"]),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", ["1997-11-04"]),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=3;BYYEARDAY=1,100,200", ["2000-01-01", "2000-04-09", "2000-07-18"]),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", ["1997-09-04", "1997-10-07", "1997-11-06"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU,SU;WKST=MO", ["1997-09-02", "1997-09-07", "1997-09-16"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU,SU;WKST=SU", ["1997-09-02", "1997-09-14", "1997-09-16"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", ["1997-10-31", "1997-12-31", "1998-01-31"]),
        # Every Sunday and the last Tuesday: days of both kinds are put together.
        ("FREQ=MONTHLY;COUNT=5;BYDAY=SU,-1TU", ["1997-09-07", "1997-09-14", "1997-09-21", "1997-09-28", "1997-09-30"]),
    ],
)  # fmt: skip
def test_rules_mean_what_the_standard_says(text: str, wanted: list[str]) -> None:
    first = datetime(1997, 9, 2, 9)  # noqa: DTZ001
    got = clock_times(rule_of(text)[0], first, first, first + timedelta(days=8 * 366), Budget())
    days = [f"{moment:%Y-%m-%d}" for moment in got]
    assert days[: len(wanted)] == wanted
    assert rule_of(rule_of(text)[0].text())[0] == rule_of(text)[0]

"""Laws that hold for any calendar, on both sides of every change of the clocks."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parvis.kernel.business_hours import (
    Calendar,
    NeverOpen,
    closes_at,
    due,
    elapsed,
    explain,
    is_open,
    next_open,
)
from parvis.kernel.business_hours.calendar import WEEKDAYS
from parvis.kernel.intervals import total

ZONES = ["Europe/Paris", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "UTC", "America/St_Johns"]
# Weeks around the changes of the clocks of these zones in 2010 and 2026.
ANCHORS = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in [(2, 14), (3, 7), (3, 21), (3, 28), (4, 4), (6, 1), (10, 3), (10, 24), (10, 31)]
] + [datetime(2010, 11, 6, tzinfo=UTC)]

clock_times = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
spans = st.lists(st.tuples(clock_times, clock_times).filter(lambda pair: pair[0] != pair[1]), max_size=3)
instants = st.builds(
    lambda anchor, seconds: anchor + timedelta(seconds=seconds),
    st.sampled_from(ANCHORS),
    st.integers(-2 * 86_400, 5 * 86_400) | st.floats(-1e5, 4e5, allow_nan=False),
)


@st.composite
def calendars(draw):
    dates = st.sampled_from(ANCHORS).flatmap(
        lambda anchor: st.integers(-2, 5).map(lambda n: (anchor + timedelta(days=n)).date())
    )
    return Calendar.build(
        draw(st.sampled_from(ZONES)),
        draw(st.dictionaries(st.sampled_from(WEEKDAYS), spans, min_size=3)),
        draw(st.lists(dates, max_size=2)),
        draw(st.dictionaries(dates, spans, max_size=2)),
        draw(st.dictionaries(dates, spans, max_size=2)),
    )


pauses = st.lists(
    st.tuples(instants, st.integers(0, 200_000)).map(lambda p: (p[0], p[0] + timedelta(seconds=p[1]))), max_size=3
)
targets = st.integers(0, 400_000) | st.floats(0, 1e5, allow_nan=False)


def due_or_skip(calendar, start, target, held=()):
    try:
        return due(calendar, start, target, held)
    except NeverOpen:
        assume(False)


@settings(max_examples=150)
@given(calendars(), instants, targets, pauses)
def test_due_is_the_inverse_of_elapsed_and_the_earliest_such_instant(calendar, start, target, held):
    answer = due_or_skip(calendar, start, target, held)
    assert elapsed(calendar, start, answer, held) == pytest.approx(target, abs=1e-6)
    if target > 1:
        assert elapsed(calendar, start, answer - timedelta(milliseconds=1), held) < target


@settings(max_examples=80)
@given(calendars(), instants, targets, targets)
def test_more_time_is_never_due_earlier_and_targets_add_up(calendar, start, one, other):
    first = due_or_skip(calendar, start, one)
    assert first >= start
    assert due_or_skip(calendar, start, one + other) >= first
    assert elapsed(calendar, start, due_or_skip(calendar, first, other)) == pytest.approx(one + other, abs=1e-5)


@settings(max_examples=100)
@given(calendars(), st.lists(instants, min_size=3, max_size=3).map(sorted), pauses)
def test_elapsed_adds_up_and_pauses_only_take_away(calendar, three, held):
    a, b, c = three
    assume(c - a < timedelta(days=400))
    whole = elapsed(calendar, a, c, held)
    assert elapsed(calendar, a, b, held) + elapsed(calendar, b, c, held) == pytest.approx(whole, abs=1e-5)
    assert 0 <= whole <= elapsed(calendar, a, c) <= (c - a).total_seconds()


@settings(max_examples=80)
@given(calendars(), instants, st.integers(0, 700_000), pauses)
def test_explained_spans_cover_all_and_the_counted_ones_sum_to_elapsed(calendar, start, seconds, held):
    end = start + timedelta(seconds=seconds)
    told = explain(calendar, start, end, held)
    assert sum(span.seconds for span in told if span.counted) == pytest.approx(
        elapsed(calendar, start, end, held), abs=1e-5
    )
    assert total((span.start, span.end) for span in told) == end - start
    assert all(one.end == other.start for one, other in itertools.pairwise(told))
    assert all(
        (one.counted, one.reason, one.name) != (other.counted, other.reason, other.name)
        for one, other in itertools.pairwise(told)
    )


@settings(max_examples=100)
@given(calendars(), instants)
def test_open_next_open_and_closing_agree(calendar, instant):
    try:
        opening = next_open(calendar, instant)
    except NeverOpen:
        assert not is_open(calendar, instant)
        return
    assert is_open(calendar, opening)
    assert is_open(calendar, instant) == (opening == instant)
    closing = closes_at(calendar, opening)
    if closing:
        assert not is_open(calendar, closing)
        assert elapsed(calendar, opening, closing) == pytest.approx((closing - opening).total_seconds())


def shown_open(calendar, instant):
    """Another reading of the weekly hours: look at the clock on the wall, then at the list on the door."""
    clock = instant.astimezone(ZoneInfo(calendar.tz))
    seconds = clock.hour * 3600 + clock.minute * 60
    today, yesterday = calendar.hours[clock.weekday()], calendar.hours[clock.weekday() - 1]
    return any(start <= seconds < end for start, end in today) or any(
        seconds + 86_400 < end for _start, end in yesterday
    )


# No edge between 00:30 and 04:00, so that the hour that comes twice needs no decision.
clear_times = st.sampled_from(["00:00", "00:30", "04:00", "07:30", "12:00", "13:30", "18:00", "22:30"])
clear_spans = st.lists(st.tuples(clear_times, clear_times).filter(lambda pair: pair[0] != pair[1]), max_size=2)


@settings(max_examples=30)
@given(
    st.sampled_from([zone for zone in ZONES if zone != "America/St_Johns"]),
    st.dictionaries(st.sampled_from(WEEKDAYS), clear_spans, min_size=5),
    st.sampled_from(ANCHORS),
)
def test_agrees_with_looking_at_the_clock_every_half_hour(tz, hours, anchor):
    calendar = Calendar.build(tz, hours)
    steps = [anchor + timedelta(minutes=30 * n) for n in range(3 * 48)]
    seen = sum(1800 for instant in steps if shown_open(calendar, instant))
    assert elapsed(calendar, anchor, anchor + timedelta(days=3)) == seen

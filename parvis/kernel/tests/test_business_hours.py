import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest

from parvis.kernel.business_hours import (
    Calendar,
    NeverOpen,
    Reason,
    closes_at,
    due,
    elapsed,
    explain,
    is_open,
    next_open,
)
from parvis.kernel.clock import parse_instant
from parvis.kernel.errors import Invalid

WEEK = ("mon", "tue", "wed", "thu", "fri")
HOUR = 3600


def at(text, tz="Europe/Paris"):
    return parse_instant(text, tz)


def daily(*spans, tz="Europe/Paris", **more):
    return Calendar.build(tz, dict.fromkeys((*WEEK, "sat", "sun"), spans), **more)


SHOP = Calendar.build(
    "Europe/Paris",
    {day: [("09:00", "12:30"), ("14:00", "18:00")] for day in WEEK},
    holidays={"2026-05-01": "Fête du Travail"},
)


class TestDue:
    def test_within_one_span(self):
        assert due(SHOP, at("2026-04-29 09:15"), HOUR) == at("2026-04-29 10:15")

    def test_across_lunch_night_holiday_and_weekend(self):
        assert due(SHOP, at("2026-04-30 17:00"), 5 * HOUR) == at("2026-05-04 14:30")

    def test_a_target_that_ends_at_closing_time_is_due_then(self):
        assert due(SHOP, at("2026-04-29 17:00"), HOUR) == at("2026-04-29 18:00")
        assert due(SHOP, at("2026-04-29 17:00"), HOUR + 1) == at("2026-04-30 09:00:01")

    def test_nothing_to_wait_for_is_due_at_once_or_at_the_next_opening(self):
        assert due(SHOP, at("2026-04-29 10:00"), 0) == at("2026-04-29 10:00")
        assert due(SHOP, at("2026-04-29 18:00"), 0) == at("2026-04-30 09:00")

    def test_parts_of_seconds_are_kept(self):
        assert due(SHOP, at("2026-04-29 12:29:59.75"), 0.5) == at("2026-04-29 14:00:00.25")

    def test_the_answer_is_in_utc_whatever_the_start_is_in(self):
        answer = due(SHOP, datetime.fromisoformat("2026-04-29T03:00:00-07:00"), HOUR)
        assert answer.tzinfo is UTC
        assert answer == at("2026-04-29 14:30")

    def test_pauses_overlapping_unordered_reversed_and_outside_hours_push_it_back_once(self):
        pauses = [
            (at("2026-04-29 10:30"), at("2026-04-29 11:30")),
            (at("2026-04-29 10:00"), at("2026-04-29 11:00")),
            (at("2026-04-29 16:00"), at("2026-04-29 15:00")),
            (at("2026-04-29 01:00"), at("2026-04-29 08:00")),
        ]
        assert due(SHOP, at("2026-04-29 09:00"), 3 * HOUR, pauses) == at("2026-04-29 15:00")

    def test_is_unknown_while_a_pause_still_runs(self):
        running = [(at("2026-04-29 10:00"), None)]
        assert due(SHOP, at("2026-04-29 09:00"), 2 * HOUR, running) is None
        assert due(SHOP, at("2026-04-29 09:00"), HOUR, running) == at("2026-04-29 10:00")

    def test_far_ahead_is_found_and_beyond_a_century_refused(self):
        assert due(Calendar.always(), at("2026-01-01", "UTC"), 50 * 365 * 86_400).year == 2075
        with pytest.raises(Invalid) as refused:
            due(daily(("09:00", "09:01")), at("2026-01-01"), 10_000_000)
        assert refused.value.code == "too_far"

    @pytest.mark.parametrize("target", [-1, float("nan"), float("inf"), True, "60", None])
    def test_what_is_no_length_of_time_is_refused(self, target):
        with pytest.raises(Invalid):
            due(SHOP, at("2026-04-29 09:00"), target)

    def test_a_naive_start_is_refused(self):
        with pytest.raises(Invalid) as refused:
            due(SHOP, datetime.fromisoformat("2026-04-29T09:00"), HOUR)
        assert refused.value.code == "naive_instant"


class TestNeverOpen:
    def test_a_calendar_without_hours_says_so_instead_of_searching(self):
        empty = Calendar.build("UTC")
        for question in (lambda: due(empty, at("2026-01-01"), 60), lambda: next_open(empty, at("2026-01-01"))):
            with pytest.raises(NeverOpen):
                question()
        assert elapsed(empty, at("2026-01-01"), at("2026-02-01")) == 0

    def test_special_dates_alone_open_it_until_they_are_over(self):
        fair = Calendar.build("UTC", special_hours={"2026-06-01": [("22:00", "02:00")]})
        assert next_open(fair, at("2020-01-01", "UTC")) == at("2026-06-01 22:00", "UTC")
        assert due(fair, at("2026-06-02 01:00", "UTC"), HOUR) == at("2026-06-02 02:00", "UTC")
        with pytest.raises(NeverOpen):
            due(fair, at("2026-06-02 01:00", "UTC"), HOUR + 1)
        with pytest.raises(NeverOpen):
            next_open(fair, at("2026-06-02 02:00", "UTC"))


class TestDates:
    def test_nothing_begins_on_a_holiday_but_the_night_before_runs_to_its_end(self):
        bar = daily(("18:00", "02:00"), holidays=["2026-05-01"])
        assert is_open(bar, at("2026-05-01 01:59"))
        assert next_open(bar, at("2026-05-01 02:00")) == at("2026-05-02 18:00")

    def test_special_hours_replace_the_day_also_on_a_holiday(self):
        calendar = daily(
            ("09:00", "18:00"), holidays=["2026-05-01"], special_hours={"2026-05-01": [("10:00", "12:00")]}
        )
        assert elapsed(calendar, at("2026-05-01"), at("2026-05-02")) == 2 * HOUR

    def test_special_hours_without_spans_close_the_day(self):
        calendar = daily(("09:00", "18:00"), special_hours={date(2026, 5, 4): []})
        assert next_open(calendar, at("2026-05-04 08:00")) == at("2026-05-05 09:00")

    def test_a_break_cuts_its_date_and_a_night_that_reaches_into_it(self):
        bar = daily(("18:00", "02:00"), breaks={"2026-05-02": [("01:00", "01:30"), ("23:30", "00:30")]})
        assert elapsed(bar, at("2026-05-01 18:00"), at("2026-05-02 03:00")) == 7.5 * HOUR
        assert elapsed(bar, at("2026-05-02 18:00"), at("2026-05-03 03:00")) == 7 * HOUR

    def test_overlapping_spans_of_two_days_count_once(self):
        calendar = Calendar.build("UTC", {"fri": [("18:00", "04:00")], "sat": [("00:00", "10:00"), ("03:00", "11:00")]})
        assert elapsed(calendar, at("2026-05-01", "UTC"), at("2026-05-03", "UTC")) == 17 * HOUR

    def test_midnight_to_midnight_is_the_whole_day(self):
        assert daily(("00:00", "00:00")) == daily(("00:00", "24:00"))
        assert elapsed(daily(("00:00", "00:00")), at("2026-05-01"), at("2026-05-08")) == 7 * 24 * HOUR


class TestOpenAndClosed:
    def test_open_at_the_first_instant_closed_at_the_last(self):
        assert is_open(SHOP, at("2026-04-29 09:00"))
        assert not is_open(SHOP, at("2026-04-29 12:30"))
        assert not is_open(SHOP, at("2026-04-29 08:59:59.999999"))

    def test_next_open_is_now_when_open(self):
        assert next_open(SHOP, at("2026-04-29 10:00")) == at("2026-04-29 10:00")
        assert next_open(SHOP, at("2026-04-30 18:00")) == at("2026-05-04 09:00")

    def test_closes_at_the_midday_closing_and_across_midnight(self):
        assert closes_at(SHOP, at("2026-04-29 10:00")) == at("2026-04-29 12:30")
        assert closes_at(daily(("18:00", "02:00")), at("2026-04-29 23:00")) == at("2026-04-30 02:00")
        joined = Calendar.build("Europe/Paris", {"mon": [("08:00", "24:00")], "tue": [("00:00", "06:00")]})
        assert closes_at(joined, at("2026-05-04 20:00")) == at("2026-05-05 06:00")

    def test_there_is_no_closing_time_when_closed_or_open_day_and_night(self):
        assert closes_at(SHOP, at("2026-04-29 13:00")) is None
        assert closes_at(Calendar.always(), at("2026-04-29 13:00")) is None


class TestDaylightSaving:
    @pytest.mark.parametrize(
        ("tz", "day", "hours"),
        [
            ("Europe/Paris", "2026-03-29", 23),
            ("Europe/Paris", "2026-10-25", 25),
            ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25),
            ("Africa/Casablanca", "2026-02-15", 25),
            ("Africa/Casablanca", "2026-03-22", 23),
            ("Australia/Lord_Howe", "2026-04-05", 24.5),
            ("Australia/Lord_Howe", "2026-10-04", 23.5),
            ("America/Sao_Paulo", "2018-11-04", 23),
            ("America/Sao_Paulo", "2018-02-17", 25),
            ("Pacific/Apia", "2011-12-30", 0),
        ],
    )
    def test_a_whole_day_lasts_what_its_clocks_make_of_it(self, tz, day, hours):
        midnight, next_midnight = (at(str(d), tz) for d in (day, date.fromisoformat(day) + timedelta(days=1)))
        around = daily(("00:00", "24:00"), tz=tz)
        only = Calendar.build(tz, special_hours={day: [("00:00", "24:00")]})
        assert elapsed(around, midnight, next_midnight) == hours * HOUR
        assert elapsed(only, midnight - timedelta(days=3), next_midnight + timedelta(days=3)) == hours * HOUR

    def test_the_clock_time_of_opening_holds_on_both_sides_of_the_change(self):
        calendar = daily(("09:00", "17:00"))
        assert next_open(calendar, at("2026-03-28 20:00")) == parse_instant("2026-03-29T07:00Z")
        assert next_open(calendar, at("2026-03-27 20:00")) == parse_instant("2026-03-28T08:00Z")

    def test_a_span_that_begins_in_the_skipped_hour_begins_at_the_jump(self):
        assert next_open(daily(("02:30", "05:00")), at("2026-03-29 01:00")) == parse_instant("2026-03-29T01:00Z")
        assert elapsed(daily(("02:30", "05:00")), at("2026-03-29"), at("2026-03-30")) == 2 * HOUR
        assert elapsed(daily(("02:15", "02:45")), at("2026-03-29"), at("2026-03-30")) == 0

    def test_the_first_showing_counts_in_the_hour_that_comes_twice(self):
        # 02:00 comes at 00:00Z and again at 01:00Z.
        assert closes_at(daily(("18:00", "02:30")), at("2026-10-24 20:00")) == parse_instant("2026-10-25T00:30Z")
        assert next_open(daily(("02:30", "06:00")), at("2026-10-25 00:00")) == parse_instant("2026-10-25T00:30Z")
        split = daily(("00:00", "02:30"), ("02:30", "24:00"))
        assert elapsed(split, at("2026-10-25"), at("2026-10-26")) == 25 * HOUR

    def test_a_night_with_a_half_hour_shift(self):
        tz = "Australia/Lord_Howe"
        night = daily(("22:00", "06:00"), tz=tz)
        assert elapsed(night, at("2026-04-04 12:00", tz), at("2026-04-05 12:00", tz)) == 8.5 * HOUR
        assert elapsed(night, at("2026-10-03 12:00", tz), at("2026-10-04 12:00", tz)) == 7.5 * HOUR

    def test_clocks_set_back_across_midnight_do_not_hide_what_is_open(self):
        # Newfoundland until 2011 went from 00:01 back to 23:01 of the day before.
        tz = "America/St_Johns"
        sundays = Calendar.build(tz, {"sun": [("00:00", "24:00")]})
        for minutes in range(0, 120, 10):
            instant = parse_instant("2010-11-07T02:30Z") + timedelta(minutes=minutes, seconds=1)
            assert is_open(sundays, instant), instant
        assert elapsed(sundays, at("2010-11-06", tz), at("2010-11-09", tz)) == 25 * HOUR


class TestElapsed:
    def test_is_nothing_when_the_end_comes_first(self):
        assert elapsed(SHOP, at("2026-04-30 12:00"), at("2026-04-29 09:00")) == 0

    def test_leaves_out_pauses_and_one_that_still_runs(self):
        pauses = [(at("2026-04-29 10:00"), at("2026-04-29 11:00")), (at("2026-04-29 16:00"), None)]
        assert elapsed(SHOP, at("2026-04-29 09:00"), at("2026-05-29 09:00"), pauses) == 4.5 * HOUR

    def test_an_unset_instant_is_refused_rather_than_walked_to(self):
        with pytest.raises(Invalid):
            elapsed(SHOP, datetime(1, 1, 1, tzinfo=UTC), at("2026-04-29 09:00"))


class TestExplain:
    def told(self, calendar, start, end, pauses=()):
        return [
            (span.start, span.counted, str(span.reason), span.name)
            for span in explain(calendar, at(start), at(end), pauses)
        ]

    def test_tells_open_between_holiday_closed_and_paused(self):
        pauses = [(at("2026-04-30 15:00"), at("2026-04-30 16:00"))]
        assert self.told(SHOP, "2026-04-30 11:00", "2026-05-04 10:00", pauses) == [
            (at("2026-04-30 11:00"), True, "open", ""),
            (at("2026-04-30 12:30"), False, "between", ""),
            (at("2026-04-30 14:00"), True, "open", ""),
            (at("2026-04-30 15:00"), False, "paused", ""),
            (at("2026-04-30 16:00"), True, "open", ""),
            (at("2026-04-30 18:00"), False, "closed", ""),
            (at("2026-05-01 00:00"), False, "holiday", "Fête du Travail"),
            (at("2026-05-02 00:00"), False, "closed", ""),
            (at("2026-05-04 09:00"), True, "open", ""),
        ]

    def test_tells_special_hours_and_breaks(self):
        calendar = daily(
            ("09:00", "18:00"),
            special_hours={"2026-05-04": [("08:00", "10:00")]},
            breaks={"2026-05-05": [("08:00", "10:00")]},
        )
        assert self.told(calendar, "2026-05-04 08:00", "2026-05-05 11:00") == [
            (at("2026-05-04 08:00"), True, "special", ""),
            (at("2026-05-04 10:00"), False, "special", ""),
            (at("2026-05-04 18:00"), False, "closed", ""),
            (at("2026-05-05 09:00"), False, "break", ""),
            (at("2026-05-05 10:00"), True, "open", ""),
        ]

    def test_a_night_is_one_span_and_a_running_pause_ends_with_the_question(self):
        spans = explain(
            daily(("18:00", "02:00")), at("2026-05-04 20:00"), at("2026-05-05 04:00"), [(at("2026-05-05 03:00"), None)]
        )
        assert [(span.reason, span.seconds) for span in spans] == [
            (Reason.OPEN, 6 * HOUR),
            (Reason.CLOSED, HOUR),
            (Reason.PAUSED, HOUR),
        ]

    def test_nothing_to_tell_when_the_end_comes_first(self):
        assert explain(SHOP, at("2026-05-04 10:00"), at("2026-05-04 10:00")) == []


class TestCalendarValue:
    def test_json_goes_there_and_back(self):
        calendar = Calendar.build(
            "Africa/Casablanca",
            {"mon": [("18:00", "02:00"), ("06:30:15", "24:00")], "Tuesday": [(time(8), time(12))], "sun": None},
            holidays={"2026-12-25": "Noël", date(2026, 1, 1): ""},
            special_hours={"2026-12-24": [("22:00", "30:00")], "2026-12-26": []},
            breaks={"2026-02-01": [("10:00", "10:15")]},
        )
        data = calendar.to_json()
        assert data["hours"]["mon"] == [["06:30:15", "24:00"], ["18:00", "02:00"]]
        assert Calendar.from_json(data) == calendar
        assert hash(Calendar.from_json(data)) == hash(calendar)
        assert pickle.loads(pickle.dumps(calendar)) == calendar  # noqa: S301

    def test_holidays_without_names_stay_a_list(self):
        data = {"tz": "UTC", "hours": {}, "holidays": ["2026-05-01"]}
        assert Calendar.from_json(data).to_json()["holidays"] == ["2026-05-01"]

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({}, "tz"),
            ([], "tz"),
            ({"tz": "UTC", "hours": {"lun": []}}, "hours"),
            ({"tz": "UTC", "hours": [["09:00", "10:00"]]}, "hours"),
            ({"tz": "UTC", "hours": {"mon": [["09:00"]]}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": ["09:00"]}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": "09:00-17:00"}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": [["09:00", "09:00"]]}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": [["25:00", "26:00"]]}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": [["09:60", "10:00"]]}}, "hours.mon"),
            ({"tz": "UTC", "hours": {"mon": [[9, 10]]}}, "hours.mon"),
            ({"tz": "UTC", "holidays": ["2026-02-30"]}, "holidays"),
            ({"tz": "UTC", "holidays": "2026-02-03"}, "holidays"),
            ({"tz": "UTC", "special_hours": {"soon": []}}, "special_hours"),
            ({"tz": "UTC", "breaks": {"2026-05-05": [["x", "y"]]}}, "breaks.2026-05-05"),
        ],
    )
    def test_what_is_not_a_calendar_is_refused_with_its_place(self, data, field):
        with pytest.raises(Invalid) as refused:
            Calendar.from_json(data)
        assert list(refused.value.fields) == [field]
        assert refused.value.http_status == 422

    @pytest.mark.parametrize("name", ["Europe/Pairs", "", "../etc/passwd", "Europe"])
    def test_an_unknown_zone_is_refused(self, name):
        with pytest.raises(Invalid):
            Calendar.build(name)

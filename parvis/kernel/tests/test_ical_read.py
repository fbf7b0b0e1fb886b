"""Reading calendars: what programs write, what they write wrongly, and what strangers may send."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.clock import zone
from parvis.kernel.ical.expand import occurrences
from parvis.kernel.ical.model import Calendar, Event, Limits
from parvis.kernel.ical.read import events_of

PARIS = zone("Europe/Paris")


def calendar(*lines: str, head: str = "") -> Calendar:
    """A calendar of one event with those lines."""
    body = "\r\n".join(["BEGIN:VEVENT", "UID:one", *lines, "END:VEVENT"])
    return events_of(f"BEGIN:VCALENDAR\r\n{head}{body}\r\nEND:VCALENDAR\r\n")


def event(*lines: str, head: str = "") -> Event:
    """Its event, read without a problem."""
    found = calendar(*lines, head=head)
    assert not found.problems
    return found.events[0]


def own_zone(offset: str, tzid: str = "Shop") -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def test_the_parts_of_an_event_are_read() -> None:
    found = event(
        "DTSTART;TZID=Europe/Paris:20260329T090000",
        "DTEND;TZID=Europe/Paris:20260329T100000",
        r"SUMMARY:Coupe\, couleur\; soin",
        r"DESCRIPTION:one\ntwo\\three",
        "LOCATION;LANGUAGE=fr:Lyon",
        'ORGANIZER;CN="Doe, Jane: boss":mailto:jane@example.org',
        "ATTENDEE:MAILTO:a@example.org",
        "STATUS:confirmed",
        "TRANSP:TRANSPARENT",
        "SEQUENCE:4",
        r"CATEGORIES:hair\, long,colour",
    )
    assert (found.start, found.end) == (
        datetime(2026, 3, 29, 9, tzinfo=PARIS),
        datetime(2026, 3, 29, 10, tzinfo=PARIS),
    )
    assert found.summary == "Coupe, couleur; soin"
    assert found.description == "one\ntwo\\three"
    assert (found.location, found.organizer, found.attendees) == ("Lyon", "jane@example.org", ("a@example.org",))
    assert (found.status, found.transparency, found.sequence) == ("CONFIRMED", "TRANSPARENT", 4)
    assert found.categories == ("hair, long", "colour")
    assert not found.all_day
    assert not found.blocks


def test_a_day_without_an_end_lasts_a_day_and_a_time_without_one_no_time() -> None:
    assert event("DTSTART;VALUE=DATE:20260301").end == date(2026, 3, 2)
    assert event("DTSTART:20260301T100000Z").end == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert event("DTSTART:20260301T100000Z", "DURATION:PT90M").end == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)


def test_folds_blank_lines_and_any_line_ends_are_undone_even_within_a_character() -> None:
    raw = "BEGIN:VEVENT\rDTSTART:20260301T100000Z\nSUMMARY:café\r\nEND:VEVENT".encode()
    cut = raw.index("é".encode()) + 1
    folded = raw[:cut] + b"\r\n\r\n " + raw[cut:]
    assert events_of(folded).events[0].summary == "café"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_that_programs_use_are_recognised(encoding: str) -> None:
    raw = "BEGIN:VEVENT\nDTSTART:20260301T100000Z\nSUMMARY:Prêt à voir\nEND:VEVENT\n".encode(encoding)
    found = events_of(raw)
    assert found.events[0].summary == "Prêt à voir"
    assert [p.code for p in found.problems] == (["encoding"] if encoding == "cp1252" else [])


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("Romance Standard Time", "Europe/Paris"),
        ("/freeassociation.sourceforge.net/America/New_York", "America/New_York"),
        ("/mozilla.org/20050126_1/Africa/Casablanca", "Africa/Casablanca"),
        ('"Pacific Standard Time"', "America/Los_Angeles"),
    ],
)
def test_zones_are_known_by_their_names_and_those_of_windows(tzid: str, name: str) -> None:
    assert event(f"DTSTART;TZID={tzid}:20260701T100000").start == datetime(2026, 7, 1, 10, tzinfo=zone(name))


def test_a_zone_of_its_own_holds_for_its_file_only() -> None:
    line = "DTSTART;TZID=Shop:20260701T100000"
    for offset, hours in (("+0200", 2), ("-0700", -7)):
        start = event(line, head=own_zone(offset)).start
        assert isinstance(start, datetime)
        assert start.utcoffset() == timedelta(hours=hours)


def test_a_zone_of_its_own_changes_when_its_file_says_so() -> None:
    head = (
        "BEGIN:VTIMEZONE\r\nTZID:Shop\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\n"
        "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"
        "DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )
    start = event("DTSTART;TZID=Shop:20260301T000000", head=head).start
    assert isinstance(start, datetime)
    own = start.tzinfo
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    while moment.year == 2026:
        clock, wanted = moment.astimezone(own), moment.astimezone(PARIS)
        assert (clock.replace(tzinfo=None), clock.fold) == (wanted.replace(tzinfo=None), wanted.fold)
        for fold in (0, 1):
            naive = moment.replace(fold=fold)
            assert naive.replace(tzinfo=own).utcoffset() == naive.replace(tzinfo=PARIS).utcoffset(), naive
        moment += timedelta(hours=1)


def test_an_unknown_zone_leaves_the_time_floating_and_is_named_once() -> None:
    found = calendar("DTSTART;TZID=Mars/Base:20260701T100000", "DTEND;TZID=Mars/Base:20260701T110000")
    assert found.events[0].start == datetime(2026, 7, 1, 10)  # noqa: DTZ001
    assert [(p.code, p.detail) for p in found.problems] == [("unknown_zone", "Mars/Base")]


def test_times_in_utc_are_on_the_clock_of_a_calendar_that_names_its_zone() -> None:
    start = event("DTSTART:20260701T080000Z", head="X-WR-TIMEZONE:Europe/Paris\r\n").start
    assert isinstance(start, datetime)
    assert (start.hour, start.tzinfo) == (10, PARIS)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["DTSTART:yesterday"], "bad_value"),
        (["SUMMARY:no start"], "no_start"),
        (["DTSTART:20260230T100000Z"], "bad_value"),
        (["DTSTART:20260301T100000Z", "DTEND:20260301T090000Z"], "end_before_start"),
        (["DTSTART:20260301T100000Z", "DURATION:P999999999999W"], "bad_value"),
        (["DTSTART:20260301T100000Z", "RRULE:FREQ=SOMETIMES"], "bad_rule"),
        (["DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;UNTIL=soon"], "bad_rule"),
        (["DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;BYHOUR=77"], "bad_rule"),
        (["DTSTART:20260301T100000Z", "nonsense"], "bad_line"),
        (["DTSTART:20260301T100000Z", "END:VTODO"], "unbalanced"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_kept(lines: list[str], code: str) -> None:
    found = calendar(*lines, "LOCATION:Lyon")
    assert code in [problem.code for problem in found.problems]
    assert found.events[0].location == "Lyon"


def test_a_rule_without_a_readable_end_repeats_never_rather_than_for_ever() -> None:
    found = calendar("DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;UNTIL=soon")
    window = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert len(occurrences(found, *window)) == 1


@given(st.binary(max_size=400) | st.text(max_size=400))
def test_nothing_that_is_sent_makes_reading_fail(source: str | bytes) -> None:
    assert isinstance(events_of(source), Calendar)


_LINES = """
BEGIN:VCALENDAR END:VCALENDAR BEGIN:VEVENT END:VEVENT BEGIN:VTIMEZONE TZID:A BEGIN:STANDARD
TZOFFSETFROM:+0100 TZOFFSETTO:-2359 END:STANDARD END:VTIMEZONE UID:1 BEGIN:VALARM END:VALARM
DTSTART:00010101T000000 DTSTART;TZID=A:99991231T235959 DTSTART;VALUE=DATE:20260329 DTEND:20260329
DTSTART;TZID=Europe/Paris:20260329T023000 DURATION:PT25H DURATION:-P1D TRIGGER:-P99999D REPEAT:5
RRULE:FREQ=SECONDLY RRULE:FREQ=YEARLY;BYWEEKNO=53;COUNT=3 RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU
RRULE:FREQ=DAILY;UNTIL=99991231T235959Z RDATE;VALUE=PERIOD:20260329T000000Z/P9999999W
EXDATE:20260329 RECURRENCE-ID;RANGE=THISANDFUTURE:20260329T000000Z RECURRENCE-ID:20260330
EXRULE:FREQ=DAILY : ;=:
"""
_PARTS = st.sampled_from(_LINES.split())


@given(st.lists(_PARTS, max_size=25))
def test_no_mixture_of_valid_lines_makes_expanding_fail(lines: list[str]) -> None:
    limits = Limits(occurrences=50, steps=2_000, seconds=0.5)
    found = events_of("\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]))
    for bounds in (
        (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        (date(1, 1, 1), date(1, 2, 1)),
    ):
        assert len(occurrences(found, *bounds, limits=limits)) <= limits.occurrences


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:A\n" * 50_000,
        "\n" * 2_000_000,
        " \n" * 500_000,
        "X" + ";a=b" * 300_000 + ":1",
        'X;a="' + '"' * 1_000_000 + ":1",
        "BEGIN:VEVENT\nRDATE:" + "20260101," * 200_000 + "\nEND:VEVENT",
    ],
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    started = time.process_time()
    events_of(text)
    assert time.process_time() - started < 5

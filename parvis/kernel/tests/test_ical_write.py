"""Writing calendars: what is written reads back as it was, and in the form that other programs want."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.kernel.ical.lines import Notes, components_of
from parvis.kernel.ical.model import Alarm, Event, Extra
from parvis.kernel.ical.read import events_of
from parvis.kernel.ical.recur import rule_of
from parvis.kernel.ical.write import CANCEL, REQUEST, calendar_text, fold
from parvis.kernel.ical.zones import Zones

STAMP = datetime(2026, 3, 1, 8, tzinfo=UTC)
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe")
START = datetime(2026, 3, 2, 9, tzinfo=zone("Europe/Paris"))
EVENT = Event(uid="one@example.org", start=START, end=START + timedelta(hours=1), summary="Coupe")

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(["\n", '"', ",", ";", ":", "\\"]))
_WORD = _TEXT.map(str.strip).filter(bool)
_LINE = st.text(st.sampled_from("abcé@.-+ ;,"), min_size=1, max_size=20).map(str.strip).filter(bool)
_MOMENT = st.datetimes(datetime(1975, 1, 1), datetime(2036, 1, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001


@st.composite
def aware(draw: st.DrawFn) -> datetime:
    """Instants on the clock of some zone that a clock can show without saying which of two equal hours it is."""
    name = draw(st.sampled_from(ZONES))
    where = UTC if name == "UTC" else zone(name)
    moment = draw(_MOMENT).replace(tzinfo=where).astimezone(UTC).astimezone(where)
    return moment.replace(fold=0)


_WHEN = aware() | _MOMENT | st.dates(date(1975, 1, 1), date(2036, 1, 1))
_SPAN = st.integers(0, 900_000).map(lambda seconds: timedelta(seconds=seconds))
_SHIFT = st.integers(-900_000, 900_000).map(lambda seconds: timedelta(seconds=seconds))
_ALARM = st.builds(
    Alarm,
    trigger=_SHIFT | aware().map(lambda at: at.astimezone(UTC)),
    description=_WORD,
    repeat=st.just(0),
)
_RULES = (
    "FREQ=DAILY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;WKST=SU",
    "FREQ=MONTHLY;COUNT=4;BYDAY=-1FR",
    "FREQ=YEARLY;UNTIL=20300101",
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Events as somebody might keep them."""
    start = draw(_WHEN)
    if isinstance(start, datetime):
        span = draw(_SPAN)
        end = (start.astimezone(UTC) + span).astimezone(start.tzinfo).replace(fold=0) if start.tzinfo else start + span
        end = max(start, end)
    else:
        end = start + timedelta(days=draw(st.integers(1, 9)))
    return Event(
        uid=draw(_WORD),
        start=start,
        end=end,
        summary=draw(_TEXT.filter(lambda text: not text or text.strip())),
        description=draw(_TEXT.filter(lambda text: not text or text.strip())),
        location=draw(_WORD),
        status=draw(st.sampled_from(["", "CONFIRMED", "TENTATIVE", "CANCELLED"])),
        transparency=draw(st.sampled_from(["", "OPAQUE", "TRANSPARENT"])),
        organizer=draw(st.sampled_from(["", "accueil@example.org"])),
        attendees=tuple(draw(st.lists(st.sampled_from(["a@example.org", "b@example.org"]), max_size=2))),
        categories=tuple(draw(st.lists(_LINE, max_size=2))),
        sequence=draw(st.integers(-1, 9)),
        stamp=STAMP,
        rules=tuple(rule_of(text)[0] for text in draw(st.lists(st.sampled_from(_RULES), max_size=2, unique=True))),
        extras=tuple(Extra(when) for when in draw(st.lists(_WHEN, max_size=2))),
        excluded=tuple(draw(st.lists(_WHEN, max_size=2))),
        recurrence_id=draw(st.none() | _WHEN),
        alarms=tuple(draw(st.lists(_ALARM, max_size=2))),
    )


@settings(max_examples=80)
@given(st.lists(events(), max_size=3))
def test_what_is_written_reads_back_equal(written: list[Event]) -> None:
    text = calendar_text(written, stamp=STAMP, name="Salon, Lyon")
    found = events_of(text.encode())
    assert found.problems == ()
    assert found.name == "Salon, Lyon"
    assert list(found.events) == written
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_folding_cuts_between_characters_and_loses_nothing(text: str) -> None:
    pieces = list(fold(text))
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == text


def test_a_request_and_a_cancellation_say_so_and_carry_a_revision() -> None:
    request = calendar_text([EVENT], stamp=STAMP, method=REQUEST)
    assert "METHOD:REQUEST\r\n" in request
    assert "SEQUENCE:0\r\n" in request
    assert "DTSTAMP:20260301T080000Z\r\n" in request
    cancel = events_of(calendar_text([replace(EVENT, sequence=2)], stamp=STAMP, method=CANCEL))
    assert (cancel.method, cancel.events[0].sequence, cancel.events[0].cancelled) == ("CANCEL", 2, True)


def test_texts_cannot_break_out_of_their_line() -> None:
    trick = "x\r\nEND:VEVENT\nATTENDEE:mailto:evil@example.org\x00"
    event = replace(EVENT, summary=trick, location=trick, uid=trick, url=trick, organizer=trick, attendees=(trick,))
    found = events_of(calendar_text([event], stamp=STAMP))
    assert len(found.events) == 1
    assert len(found.events[0].attendees) == 1
    assert not found.problems


def test_the_second_of_two_equal_hours_is_written_as_the_instant_it_is() -> None:
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zone("Europe/Paris"))
    found = events_of(calendar_text([replace(EVENT, start=second, end=second)], stamp=STAMP)).events[0].start
    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ZONES[1:])
def test_the_definition_of_a_zone_tells_its_changes_of_the_clock(name: str) -> None:
    """Another program that does not know the name has only this."""
    where = zone(name)
    event = replace(EVENT, start=START.astimezone(where), end=None, rules=(rule_of("FREQ=DAILY")[0],))
    text = calendar_text([event], stamp=STAMP)
    assert f"DTSTART;TZID={name}:" in text
    root = components_of(text.replace(f"TZID:{name}", "TZID:Elsewhere"), Notes())
    own = Zones([child for child in root.children[0].children if child.name == "VTIMEZONE"], Notes()).get("Elsewhere")
    assert own is not None
    moment = datetime(2025, 2, 1, tzinfo=UTC)
    while moment.year < 2036:
        assert moment.astimezone(own).utcoffset() == moment.astimezone(where).utcoffset(), moment
        moment += timedelta(hours=7)


@pytest.mark.parametrize("event", [replace(EVENT, uid=" "), replace(EVENT, start=None)])
def test_an_event_without_identifier_or_start_is_refused(event: Event) -> None:
    with pytest.raises(Invalid):
        calendar_text([event], stamp=STAMP)


def test_a_series_in_a_zone_without_a_name_is_refused_since_utc_would_shift_it() -> None:
    root = components_of(
        "BEGIN:VTIMEZONE\nTZID:Shop\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
        "END:STANDARD\nEND:VTIMEZONE",
        Notes(),
    )
    own = Zones(root.children, Notes()).get("Shop")
    once = replace(EVENT, start=START.replace(tzinfo=own), end=None)
    assert events_of(calendar_text([once], stamp=STAMP)).events[0].start == datetime(2026, 3, 2, 7, tzinfo=UTC)
    with pytest.raises(Invalid):
        calendar_text([replace(once, rules=(rule_of("FREQ=DAILY")[0],))], stamp=STAMP)

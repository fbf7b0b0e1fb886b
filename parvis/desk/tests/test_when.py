"""A time as one says it over the counter."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from parvis.desk.domain.when import parse_when

PARIS = ZoneInfo("Europe/Paris")
# Thursday 26 November 2026, 14:00 in Paris.
NOW = dt.datetime(2026, 11, 26, 13, 0, tzinfo=dt.UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("15h", at(26, 15)),
        ("15h30", at(26, 15, 30)),
        ("15:30", at(26, 15, 30)),
        ("à 16 h", at(26, 16)),
        ("at 3pm", at(26, 15)),
        ("9", at(27, 9)),  # has passed today
        ("13h59", at(27, 13, 59)),
        ("midi", at(27, 12)),
        ("tomorrow 9", at(27, 9)),
        ("demain 9h", at(27, 9)),
        ("demain", at(27, 9)),
        ("demain midi", at(27, 12)),
        ("après-demain 10h", at(28, 10)),
        ("lundi 10h", at(30, 10)),
        ("Monday 10:00", at(30, 10)),
        ("jeudi 15h", at(26, 15)),
        ("jeudi 9h", at(3, 9, month=12)),  # this Thursday's nine o'clock is gone
        ("in 2 h", at(26, 16)),
        ("dans 30 min", at(26, 14, 30)),
        ("dans 1 h 30", at(26, 15, 30)),
        ("+ 45 min", at(26, 14, 45)),
    ],
)
def test_what_is_said_is_understood(said: str, meant: dt.datetime) -> None:
    assert parse_when(said, now=NOW, zone=PARIS) == meant


@pytest.mark.parametrize("said", ["", "bientôt", "25h", "15:75", "today 9", "in 0 min", "yesterday 9", "15 16", "13pm"])
def test_what_cannot_be_told_is_not_guessed(said: str) -> None:
    assert parse_when(said, now=NOW, zone=PARIS) is None


def test_times_are_those_of_the_wall_across_the_change_of_clocks() -> None:
    saturday = dt.datetime(2026, 10, 24, 18, 0, tzinfo=dt.UTC)
    monday = parse_when("lundi 9h", now=saturday, zone=PARIS)
    assert monday == dt.datetime(2026, 10, 26, 8, 0, tzinfo=dt.UTC)

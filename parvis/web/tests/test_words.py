"""Times as a busy counter says them, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from parvis.web.words import ago_words, day_words, duration_words, full_words, short_words, time_left_words

NOW = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_paris():
    with timezone.override("Europe/Paris"), translation.override("en"):
        yield


def spaced(words: str) -> str:
    """With plain spaces, after checking that a number and its unit cannot be torn apart."""
    assert " h" not in words
    assert " min" not in words
    return words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=25, seconds=59), "25 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 05"),
        (timedelta(hours=23, minutes=59), "23 h 59"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=-3, hours=-5), "3 d"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(span, said):
    assert spaced(duration_words(span)) == said


def test_a_promise_says_what_is_left_and_turns_late_at_its_very_instant():
    assert spaced(time_left_words(NOW + timedelta(hours=2, minutes=10), NOW)) == "2 h 10 left"
    assert spaced(time_left_words(NOW, NOW)) == "late 0 min"
    assert spaced(time_left_words(NOW - timedelta(minutes=25), NOW)) == "late 25 min"


def test_french_says_it_in_french():
    with translation.override("fr"):
        assert spaced(time_left_words(NOW + timedelta(days=2), NOW)) == "encore 2 j"
        assert spaced(time_left_words(NOW - timedelta(minutes=25), NOW)) == "retard 25 min"
        assert spaced(ago_words(NOW - timedelta(hours=3), NOW)) == "il y a 3 h"
        assert short_words(NOW - timedelta(days=1), NOW) == "Hier"
        assert day_words(NOW) == "jeu 26 nov., 14:00"


def test_ago_speaks_of_the_past_the_present_and_what_is_to_come():
    assert ago_words(NOW - timedelta(seconds=30), NOW) == "now"
    assert spaced(ago_words(NOW - timedelta(minutes=5), NOW)) == "5 min ago"
    assert spaced(ago_words(NOW + timedelta(days=3), NOW)) == "in 3 d"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), "00:30"),  # already today in Paris
        (datetime(2026, 11, 25, 22, 30, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "Fri"),
        (datetime(2026, 11, 19, 12, 0, tzinfo=UTC), "19 Nov"),
        (datetime(2025, 11, 27, 12, 0, tzinfo=UTC), "27 Nov 2025"),
        (datetime(2026, 11, 27, 12, 0, tzinfo=UTC), "27 Nov"),
    ],
)
def test_a_list_shows_the_time_today_then_the_day_then_the_date_where_the_house_stands(moment, said):
    assert short_words(moment, NOW) == said


def test_the_whole_moment_names_its_zone_across_the_change_of_clocks():
    assert full_words(NOW) == "Thursday 26 November 2026, 14:00 CET"
    assert full_words(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "Wednesday 1 July 2026, 14:00 CEST"

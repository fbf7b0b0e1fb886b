import datetime as dt

import pytest
from django.utils import translation

from parvis.catalog.domain.spans import length_text, minutes_of
from parvis.catalog.formatting import answer_html
from parvis.catalog.opening import opening_now, special_days, week_lines
from parvis.catalog.services import exceptional_day_set, site_save
from parvis.catalog.week_drawn import week_drawn, week_minutes
from parvis.kernel.errors import Invalid
from parvis.staff.domain.viewer import Viewer
from tests.world import World

HOUSE = Viewer.house()


def paris(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    """An instant of autumn 2026 by the clocks of Paris (UTC+1). 26 November is a Thursday."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC) - dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "english", "french"),
    [
        (paris(26, 10), "Open until 12:30", "Ouvert jusqu’à 12\xa0h\xa030"),
        (paris(26, 13), "Closed, opens at 14:00", "Fermé, ouvre à 14\xa0h"),
        (paris(26, 20), "Closed, opens tomorrow at 09:00", "Fermé, ouvre demain à 9\xa0h"),
        (paris(28, 10), "Closed, opens on Monday at 09:00", "Fermé, ouvre lundi à 9\xa0h"),
    ],
    ids=["open", "midday", "evening", "weekend"],
)
def test_the_door_says_when_in_both_languages(world: World, now: dt.datetime, english: str, french: str) -> None:
    with translation.override("en"):
        assert opening_now(world.canal, now).line == english
    with translation.override("fr"):
        assert opening_now(world.canal, now).line == french


def test_the_door_names_the_holiday(world: World) -> None:
    with translation.override("fr"):
        opening = opening_now(world.canal, paris(25, 10, month=12))
    assert not opening.is_open
    assert opening.reason == "Noël"


def test_an_exceptional_day_outdoes_its_week(world: World) -> None:
    site = exceptional_day_set(
        viewer=HOUSE, site_id=world.canal.pk, day=dt.date(2026, 11, 26), spans=[["10:00", "11:00"]], note="Inventaire"
    )
    with translation.override("en"):
        assert opening_now(site, paris(26, 10, 30)).text == "Open until 11:00"
        assert opening_now(site, paris(26, 15)).line == "Closed, opens tomorrow at 09:00 (Inventaire)"
        [first, *__] = special_days(site, paris(20, 9))
    assert (first.day, first.hours, first.reason, first.is_holiday) == (
        dt.date(2026, 11, 26),
        "10:00–11:00",
        "Inventaire",
        False,
    )


def test_a_site_without_hours_is_closed_and_promises_no_opening(world: World) -> None:
    site = site_save(viewer=HOUSE, site_id=world.canal.pk, hours={})
    with translation.override("en"):
        opening = opening_now(site, paris(26, 10))
    assert (opening.is_open, opening.again, opening.text) == (False, None, "Closed")


def test_open_day_and_night_has_no_closing_time(world: World) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    site = site_save(
        viewer=HOUSE,
        site_id=world.canal.pk,
        hours={day: [["00:00", "24:00"]] for day in days},
        observes_holidays=False,
    )
    with translation.override("en"):
        assert opening_now(site, paris(26, 3)).text == "Open day and night"


def test_equal_days_of_the_week_share_a_line(world: World) -> None:
    with translation.override("en"):
        lines = week_lines(world.canal, paris(26, 10))
    assert [(line.days, line.hours, line.today) for line in lines] == [
        ("Monday to Friday", "09:00–12:30, 14:00–18:30", True),
        ("Saturday, Sunday", "closed", False),
    ]


def test_a_night_is_drawn_on_both_its_days() -> None:
    drawn = week_drawn({"sun": [["18:00", "02:00"]]})
    assert [(bar.x, bar.width) for bar in drawn[6].bars] == [(216.0, 72.0)]
    assert [(bar.x, bar.width) for bar in drawn[0].bars] == [(0.0, 24.0)]
    assert week_minutes({"sun": [["18:00", "02:00"]]}) == 480


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("2 h", 120), ("1h30", 90), ("1 h 30 min", 90), ("1,5 h", 90), ("45 min", 45), ("90", 90), ("", None)],
)
def test_lengths_are_read_as_people_write_them(text: str, minutes: int | None) -> None:
    assert minutes_of(text) == minutes
    assert minutes_of(length_text(minutes)) == minutes


@pytest.mark.parametrize("text", ["soon", "-5", "2 d", "h", "1 h 30 h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        minutes_of(text)


def test_an_answer_has_paragraphs_lists_and_links() -> None:
    html = answer_html("Nous **réparons** :\n- freins\n- roues\n\nVoir https://exemple.example/a?b=1&c=2")
    assert html == (
        "<p>Nous <strong>réparons</strong> :</p><ul><li>freins</li><li>roues</li></ul>"
        '<p>Voir <a href="https://exemple.example/a?b=1&amp;c=2" rel="nofollow">https://exemple.example/a?b=1&amp;c=2</a></p>'
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "**<img src=x onerror=alert(1)>**",
        "- <svg/onload=alert(1)>",
        'https://x.example/"onmouseover="alert(1)',
        "javascript:alert(1)",
        "https://x.example/<script>",
    ],
)
def test_markup_in_an_answer_shows_as_it_was_typed(attack: str) -> None:
    import html5lib

    tree = html5lib.parseFragment(answer_html(attack), namespaceHTMLElements=False)
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert tags <= {"DOCUMENT_FRAGMENT", "p", "ul", "li", "strong", "a", "br"}
    for element in tree.iter():
        assert set(element.attrib) <= {"href", "rel"}
        assert not element.attrib.get("href", "").startswith("javascript")

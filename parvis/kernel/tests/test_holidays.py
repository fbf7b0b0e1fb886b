import subprocess
import sys
from datetime import date

import pytest

from parvis.kernel.business_hours import Calendar, next_open
from parvis.kernel.clock import parse_instant
from parvis.kernel.errors import Invalid
from parvis.kernel.holidays import has_holidays, holiday_dates


def test_french_holidays_have_names_in_both_languages():
    french, english = (holiday_dates("fr", None, [2026], language) for language in ("fr", "en"))
    assert list(french) == list(english) == sorted(french)
    assert len(french) == 11
    assert (french[date(2026, 12, 25)], english[date(2026, 12, 25)]) == ("Noël", "Christmas Day")
    assert french[date(2026, 4, 6)] == "Lundi de Pâques"


@pytest.mark.parametrize("moselle", ["57", "Moselle"])
def test_a_subdivision_adds_its_own_days(moselle):
    added = set(holiday_dates("FR", moselle, [2026])) - set(holiday_dates("FR", None, [2026]))
    assert added == {date(2026, 4, 3), date(2026, 12, 26)}


def test_overseas_places_are_found_by_either_code():
    assert holiday_dates("RE", None, [2026]) == holiday_dates("FR", "974", [2026])
    assert date(2026, 12, 20) in holiday_dates("RE", None, [2026])


def test_names_are_french_also_where_the_library_only_has_english():
    names = holiday_dates("GB", "ENG", [2026, 2027], "fr")
    assert names[date(2026, 4, 3)] == "Vendredi saint"
    assert names[date(2027, 12, 27)] == "Noël (reporté)"


def test_english_names_are_those_of_the_country():
    assert holiday_dates("CA", "QC", [2026], "en")[date(2026, 9, 7)] == "Labour Day"


def test_a_caller_may_change_its_copy():
    holiday_dates("FR", None, [2026]).clear()
    assert holiday_dates("FR", None, [2026])


@pytest.mark.parametrize(("country", "subdivision"), [("ZZ", None), ("", None), ("FR", "Atlantis")])
def test_an_unknown_place_is_refused(country, subdivision):
    assert not has_holidays(country, subdivision)
    with pytest.raises(Invalid):
        holiday_dates(country, subdivision, [2026])


def test_they_fill_a_calendar():
    hours = {day: [("09:00", "18:00")] for day in ("thu", "fri")}
    calendar = Calendar.build("Europe/Paris", hours, holiday_dates("FR", None, [2026], "fr"))
    assert next_open(calendar, parse_instant("2026-04-30T20:00Z")) == parse_instant("2026-05-07T07:00Z")


def test_slow_libraries_are_not_imported_with_the_kernel():
    code = (
        "import sys, parvis.kernel.holidays, parvis.kernel.contact, parvis.kernel.money, parvis.kernel.business_hours;"
        "print([m for m in ('holidays', 'phonenumbers', 'email_validator', 'babel', 'django') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"

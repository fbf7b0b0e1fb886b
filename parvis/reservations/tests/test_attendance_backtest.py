"""The backtest on hotel bookings: `parvis noshow_backtest`."""

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from parvis.reservations.domain.attendance.backtest import backtest
from parvis.reservations.domain.attendance.hotel_file import bookings_of
from parvis.reservations.domain.attendance.scores import auc

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data"
HEAD = (
    "hotel,is_canceled,lead_time,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,"
    "market_segment,distribution_channel,is_repeated_guest,previous_bookings_not_canceled,reserved_room_type,"
    "deposit_type,agent,company,customer_type,adr,total_of_special_requests,arrival,reservation_status,country"
)


def row(number: int, day: date, missed: bool, **changed: str) -> list[str]:
    """A booking; those made long ago are the ones that are missed, in `rows`."""
    cells = {
        **dict.fromkeys(HEAD.split(","), "0"),
        "hotel": "City Hotel",
        "is_canceled": str(int(missed)),
        "lead_time": str(200 if missed else number % 50),
        "adults": "2",
        "adr": str(60 + number % 40),
        "agent": str(number % 7),
        "arrival": day.isoformat(),
        "reservation_status": "Canceled" if missed else "Check-Out",
        "country": "PRT" if missed else "FRA",
        **changed,
    }
    return list(cells.values())


def rows(n: int = 900, first: date = date(2016, 1, 1), **changed: str) -> Iterator[list[str]]:
    for number in range(n):
        yield row(number, first + timedelta(days=number // 6), number % 3 == 0, **changed)


def text(cells, head: str = HEAD) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([head.split(","), *cells])
    return out.getvalue()


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("noshow_backtest", str(path), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bookings.csv"
    path.write_text(text(rows()))
    return path


def test_json_holds_the_scores_and_ten_deciles_and_nothing_else(file):
    found = json.loads(run(file, "--from", "2016-04-01", "--json"))
    assert list(found) == ["auc", "brier", "deciles"]
    assert found["auc"] > 0.99
    assert [list(part) for part in found["deciles"]] == [["forecast", "observed", "n"]] * 10
    assert sum(part["n"] for part in found["deciles"]) == sum(1 for cells in rows() if cells[20] >= "2016-04-01")


def test_the_table_reads_in_english_and_in_french(file):
    with translation.override("en"):
        english = run(file, "--from", "2016-05-01")
    assert "May 2016" in english
    assert "Largest gap between forecast and observed:" in english
    with translation.override("fr"):
        french = run(file, "--from", "2016-05-01")
    assert "mai 2016" in french
    assert "Plus grand écart entre prévu et observé" in french


def test_a_compressed_file_gives_the_same(file, tmp_path):
    packed = tmp_path / "bookings.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert run(packed, "--from", "2016-05-01", "--json") == run(file, "--from", "2016-05-01", "--json")


def test_the_arrival_may_be_written_in_words_of_the_original_data():
    head = HEAD.replace("arrival", "arrival_date_year,arrival_date_month,arrival_date_day_of_month")
    cells = [[*cells[:20], "2016", "July", "9", *cells[21:]] for cells in rows(3)]
    assert bookings_of(io.StringIO(text(cells, head)), "x").arrival.tolist() == [date(2016, 7, 9).toordinal()] * 3


def test_a_forecast_does_not_change_with_what_happens_in_its_month_or_later():
    day = date(2016, 4, 1)
    told = [row(n, day, n % 2 == 0, lead_time=str(n % 60)) for n in range(60)]
    turned = [row(n, day, n % 2 == 1, lead_time=str(n % 60)) for n in range(60)]
    before, later = list(rows(500)), [row(n, date(2016, 6, 1), True) for n in range(200)]
    one, other = (
        next(backtest(bookings_of(io.StringIO(text(all_)), "x"), day)).forecast
        for all_ in (before + told, before + turned + later)
    )
    # Those arriving in April already are the same; what became of the sixty, and June, is not looked at.
    assert np.array_equal(one, other)


@pytest.mark.parametrize("column", ["country", "reservation_status"])
def test_columns_that_leak_the_outcome_are_not_looked_at(column):
    place = HEAD.split(",").index(column)
    spoilt = [[*cells[:place], "x", *cells[place + 1 :]] for cells in rows(600)]
    one, other = (
        next(backtest(bookings_of(io.StringIO(text(cells)), "x"), date(2016, 4, 1))).forecast
        for cells in (rows(600), spoilt)
    )
    assert np.array_equal(one, other)


def test_with_few_earlier_arrivals_their_share_is_the_forecast():
    found = next(backtest(bookings_of(io.StringIO(text(rows(240))), "x"), date(2016, 2, 1)))
    assert found.forecast.min() == found.forecast.max() == pytest.approx(1 / 3, abs=0.02)


def refusal(path: Path, start: str = "2016-04-01") -> str:
    with translation.override("en"), pytest.raises(CommandError) as caught:
        run(path, "--from", start)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    assert "none.csv cannot be opened: No such file" in refusal(tmp_path / "none.csv")
    assert "cannot be opened" in refusal(tmp_path)


def test_a_bad_date_is_refused_with_an_example(file):
    assert "Write it like 2016-07-01" in refusal(file, "July")


def test_a_date_outside_the_file_is_refused_with_what_it_holds(file):
    assert "Nobody arrives on or after 2020-01-01" in refusal(file, "2020-01-01")
    before = refusal(file, "2016-01-15")
    assert "no arrival before the month of 2016-01-15" in before
    assert "from 2016-01-01 to 2016-05-29" in before
    assert "Fewer than ten" in refusal(file, "2016-05-29")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (text([]).encode(), "holds no bookings"),
        (text(rows(20), HEAD.replace("adr", "price")).encode(), "lacks these columns: adr"),
        (text([*rows(20), row(1, date(2016, 4, 4), False)[:-1]]).encode(), "Line 22 of"),
        (text([*rows(20), row(1, date(2016, 4, 4), False, lead_time="long")]).encode(), "lead_time is “long”"),
        (text(rows(20, lead_time="")).encode(), "Line 2 of"),
        (text(rows(20, lead_time="-3")).encode(), "lead_time is “-3”"),
        (text(rows(20, adr="nan")).encode(), "adr is “nan”"),
        (text(rows(20, is_canceled="yes")).encode(), "is_canceled is “yes”"),
        (text(rows(20, arrival="2016-02-30")).encode(), "arrival is “2016-02-30”"),
        (text(rows(20)).encode("utf-16"), "not text in UTF-8"),
        (gzip.compress(text(rows(20)).encode())[:-20], "cut short or damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(tmp_path, content, said):
    path = tmp_path / "bookings.csv"
    path.write_bytes(content)
    assert said in refusal(path)


def test_on_the_open_hotel_bookings_a_month_is_ranked_and_levelled():
    """The whole takes a minute or two (run the command); one day a week up to November shows the same."""
    path = Path(os.environ.get("PARVIS_TEST_DATA", _BESIDE)) / "reservations" / "hotel_bookings_to_2016.csv.gz"
    if not path.is_file():
        pytest.skip(f"no data: {path} is absent (set PARVIS_TEST_DATA)")
    with gzip.open(path, "rt") as lines:
        head, *cells = csv.reader(lines)
    arrival = head.index("arrival")
    # One day of arrival a week, so that groups stay whole.
    past = [one for one in cells if one[arrival] < "2016-12-01"]
    chosen = [one for one in past if date.fromisoformat(one[arrival]).toordinal() % 7 == 2]
    bookings = bookings_of(io.StringIO(text(chosen, ",".join(head))), "a seventh")
    months = list(backtest(bookings, date(2016, 11, 1)))
    outcome = np.concatenate([month.outcome for month in months])
    forecast = np.concatenate([month.forecast for month in months])
    assert auc(outcome, forecast) > 0.8
    # A decile of these holds sixty bookings, and one group more than that: only the level can be judged.
    assert forecast.mean() == pytest.approx(outcome.mean(), abs=0.06)

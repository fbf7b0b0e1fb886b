import io
import json

import pytest
from django.core.management import CommandError, call_command

from parvis.catalog.domain.hours_lines import answer_line, answer_text
from parvis.kernel.clock import parse_instant
from parvis.kernel.tests.corpus import cases

SHOP = {"tz": "Europe/Paris", "hours": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-05-25"]}


def ask(**question):
    return answer_text(json.dumps({"id": "q", "op": "due", "calendar": SHOP, **question}))


def test_due_counts_seconds_or_minutes():
    for target in ({"business_seconds": 5400}, {"business_minutes": 90}):
        assert ask(start="2026-05-04T08:00:00Z", **target) == {"id": "q", "due": "2026-05-04T09:30:00Z"}


def test_next_open_and_elapsed():
    assert ask(op="next_open", start="2026-05-18T17:00:00+02:00") == {"id": "q", "due": "2026-06-01T07:00:00Z"}
    assert ask(op="elapsed", start="2026-05-04T09:00+02:00", end="2026-05-12T00:00Z") == {
        "id": "q",
        "business_seconds": 57_600,
    }


def test_parts_of_seconds_come_out_as_they_went_in():
    assert ask(start="2026-05-04T08:00:00.250Z", business_seconds=0.5)["due"] == "2026-05-04T08:00:00.750000Z"
    assert ask(op="elapsed", start="2026-05-04T08:00:00.250Z", end="2026-05-04T08:00:01Z")["business_seconds"] == 0.75


def test_a_time_without_offset_is_on_the_clocks_of_the_calendar():
    assert ask(start="2026-05-04 10:00", business_seconds=0)["due"] == "2026-05-04T08:00:00Z"


def test_due_is_null_while_still_paused():
    paused = [["2026-05-04T08:00:00Z", None]]
    assert ask(start="2026-05-04T07:00:00Z", business_seconds=7200, pauses=paused)["due"] is None
    assert ask(op="next_open", start="2026-05-04T09:00:00Z", pauses=paused)["due"] is None


@pytest.mark.parametrize(
    "question",
    [
        {"start": "2026-05-04T07:00:00Z"},
        {"start": "yesterday", "business_seconds": 60},
        {"start": None, "business_seconds": 60},
        {"start": 1777878000, "business_seconds": 60},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": "60"},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": -60},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 10**400},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": float("nan")},
        {"start": "2026-05-04T07:00:00Z", "business_minutes": True},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 60, "pauses": "2026-05-04T07:00:00Z"},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 60, "pauses": [[None, None]]},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 60, "calendar": {"tz": "Mars/Olympus"}},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 60, "calendar": {"tz": "UTC"}},
        {"start": "2026-05-04T07:00:00Z", "business_seconds": 60, "calendar": None},
        {"start": "2026-05-04T07:00:00Z", "op": "elapsed"},
        {"start": "2026-05-04T07:00:00Z", "op": "explode"},
        {"start": "2026-05-04T07:00:00Z", "op": ["due"]},
        {"start": "0001-01-01T00:00:00+14:00", "business_seconds": 60},
    ],
)
def test_what_cannot_be_answered_gives_an_error_with_the_id(question):
    answer = ask(**question)
    assert set(answer) == {"id", "error"}
    assert answer["id"] == "q"
    assert answer["error"]


@pytest.mark.parametrize("line", ["{", "[]", "null", "[" * 100_000, '"due"'])
def test_what_is_no_object_gives_an_error_without_id(line):
    assert answer_text(line)["id"] is None
    assert answer_text(line)["error"]


GOOD = {"id": 1, "op": "next_open", "calendar": SHOP, "start": "2026-05-04T08:00:00Z"}


@pytest.fixture
def ask_command(monkeypatch):
    """Runs `parvis hours` over bytes: the answers, and the error it ended with or None."""

    def run(text):
        out, error = io.StringIO(), None
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        try:
            call_command("hours", stdout=out)
        except CommandError as failed:
            error = failed
        return [json.loads(line) for line in out.getvalue().splitlines()], error

    return run


def test_the_command_answers_every_line(ask_command):
    text = b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n\n" + json.dumps({**GOOD, "id": 2}).encode()
    answers, error = ask_command(text)
    assert [answer["id"] for answer in answers] == [1, 2]
    assert error is None


def test_the_command_goes_on_after_a_bad_line_and_fails_in_the_end(ask_command):
    answers, error = ask_command(b"\xff not json\n" + json.dumps(GOOD).encode() + b"\n")
    assert ["error" in answer for answer in answers] == [True, False]
    assert error.returncode == 1


def test_agrees_with_every_shared_case():
    wrong = {}
    for case in cases("business_hours"):
        answer = answer_line(case)
        if case["op"] == "elapsed":
            gap = answer["business_seconds"] - case["business_seconds"]
        else:
            gap = (parse_instant(answer["due"]) - parse_instant(case["due"])).total_seconds()
        if abs(gap) > 60:
            wrong[case["id"]] = gap
    assert not wrong

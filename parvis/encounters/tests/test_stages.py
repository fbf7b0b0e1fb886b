"""The five stages as a state machine: whatever happens, in whatever order, an encounter stands somewhere sensible."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.encounters.domain.stages import Event, Progress, Stage, Status, advance, opened, stepper
from parvis.kernel.errors import Conflict

NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
ORDER = list(Stage)


def play(*events: Event) -> Progress:
    progress = opened(NOW)
    for i, event in enumerate(events):
        progress = advance(progress, event, NOW + dt.timedelta(minutes=i + 1))
    return progress


def test_a_straight_encounter_walks_from_the_door_to_the_open_door() -> None:
    events = [Event.GREETED, Event.UNDERSTOOD, Event.ANSWERED, Event.CLOSED, Event.CONFIRMED]
    progress = play(*events)
    assert (progress.stage, progress.status) == (Stage.OPEN_DOOR, Status.CLOSED)
    assert [state for _stage, state in stepper(progress)] == ["done", "done", "done", "done", "current"]


def test_a_stage_passed_over_shows_as_skipped() -> None:
    assert dict(stepper(play(Event.CLOSED)))[Stage.SERVE] == "skipped"


def test_waiting_ends_when_the_customer_speaks() -> None:
    assert play(Event.ASKED).status is Status.WAITING
    assert play(Event.ASKED, Event.CUSTOMER_SPOKE).status is Status.OPEN


@pytest.mark.parametrize("event", [Event.CUSTOMER_SPOKE, Event.DOUBTED, Event.REOPENED])
def test_a_closed_encounter_comes_back_to_understanding(event: Event) -> None:
    progress = play(Event.UNDERSTOOD, Event.ANSWERED, Event.CLOSED, event)
    assert (progress.stage, progress.status, progress.reopened) == (Stage.UNDERSTAND, Status.OPEN, 1)
    assert Stage.SERVE not in progress.reached


@pytest.mark.parametrize("events", [[Event.CLOSED, Event.CLOSED], [Event.REOPENED]])
def test_what_makes_no_sense_is_refused(events: list[Event]) -> None:
    with pytest.raises(Conflict):
        play(*events)


def test_an_answer_that_comes_after_the_encounter_went_on_changes_nothing() -> None:
    again = play(Event.CLOSED, Event.CUSTOMER_SPOKE)
    assert advance(again, Event.CONFIRMED, NOW) == again


@given(st.lists(st.sampled_from(list(Event)), max_size=25))
def test_whatever_happens_an_encounter_stands_somewhere_sensible(events: list[Event]) -> None:
    progress = opened(NOW)
    for event in events:
        before = progress
        try:
            progress = advance(progress, event, NOW)
        except Conflict:
            continue
        assert progress.stage.value in progress.reached
        assert (progress.status is Status.CLOSED) == (progress.stage in (Stage.FOLLOW_UP, Stage.OPEN_DOOR))
        assert progress.reopened - before.reopened in (0, 1)
        if progress.reopened == before.reopened:
            assert ORDER.index(progress.stage) >= ORDER.index(before.stage)
        assert [stage for stage, _state in stepper(progress)] == ORDER
        assert [state for _stage, state in stepper(progress)].count("current") == 1

"""People take tickets, are placed by the line's rule, called, served, sent on, and come back."""

import datetime as dt
from typing import Any

import pytest

from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.ledger.models import Entry
from parvis.queueing.domain.placing import Rule, Terms, place, place_again
from parvis.queueing.models import Call, Precedence, Source, Turn
from parvis.queueing.selectors import ahead_of, calls_since, line_for_need, waiting
from parvis.queueing.services import (
    Caller,
    Taking,
    call_next,
    counter_save,
    line_save,
    pause,
    resume,
    screen_save,
    sign_off,
    sign_on,
    ticket_change,
    ticket_take,
    ticket_void,
    turn_call,
    turn_come_back,
    turn_finish,
    turn_hold,
    turn_leave,
    turn_let_go,
    turn_miss,
    turn_recall,
    turn_reopen,
    turn_resume,
    turn_send_on,
    turn_start,
    turn_take_back,
)
from parvis.staff.domain.viewer import Viewer
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

TERMS = Terms(assisted_minutes=30, urgent_minutes=60, booked_minutes=15, late_minutes=10, return_minutes=20)


class TestPlaces:
    def test_appointments_go_by_their_time_unless_they_come_too_late(self) -> None:
        now = ten()
        by = {
            m: place(TERMS, joined_at=now, precedence="usual", booked_at=now + minutes(m))
            for m in (-11, -10, 0, 15, 40)
        }
        assert [by[m].rule for m in by] == [Rule.LATE, Rule.BOOKED, Rule.BOOKED, Rule.BOOKED, Rule.EARLY]
        assert by[-11].rank_at == now
        assert by[40].rank_at == now + minutes(25)

    def test_a_head_start_is_worth_its_minutes_and_no_more(self) -> None:
        now = ten()
        assisted = place(TERMS, joined_at=now, precedence="assisted")
        assert assisted.rank_at == now - minutes(30)
        assert place(TERMS, joined_at=now - minutes(31), precedence="usual").rank_at < assisted.rank_at

    def test_who_missed_a_call_has_a_way_back(self) -> None:
        now = ten()
        soon = place_again(TERMS, rank_at=now - minutes(9), missed_at=now, back_at=now + minutes(20))
        late = place_again(TERMS, rank_at=now - minutes(9), missed_at=now, back_at=now + minutes(21))
        assert (soon.rule, soon.rank_at) == (Rule.RETURNED, now - minutes(9))
        assert (late.rule, late.rank_at) == (Rule.REJOINED, now + minutes(21))


class TestCalling:
    def test_in_the_order_of_the_rule_across_the_lines_of_a_counter(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        hall.take(now=ten())
        hall.take(hall.sales, now=ten() + minutes(1))
        hall.take(now=ten() + minutes(5), precedence=Precedence.ASSISTED)
        hall.take(now=ten() + minutes(2))
        codes, current = [], None
        while (turn := call_next(viewer=agent, current_id=current)) is not None:
            codes.append(turn.ticket.code)
            current = turn.pk
        assert codes == ["R002", "R001", "S001", "R003"]

    def test_pressed_twice_calls_one(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        hall.take(), hall.take()
        call_next(viewer=agent)
        with pytest.raises(Conflict) as refused:
            call_next(viewer=agent)
        assert refused.value.code == "counter_busy"
        assert Call.objects.count() == 1

    def test_needs_a_counter_and_no_break(self, world: World) -> None:
        hall = Hall.open(world)
        hall.take()
        with pytest.raises(Conflict) as nowhere:
            call_next(viewer=world.viewer("lead"))
        (agent,) = hall.seat(1)
        pause(viewer=agent)
        with pytest.raises(Conflict) as resting:
            call_next(viewer=agent)
        resume(viewer=agent)
        assert (nowhere.value.code, resting.value.code) == ("not_sitting", "on_break")
        assert call_next(viewer=agent) is not None

    def test_again_up_to_the_limit_then_given_up_then_back(self, world: World) -> None:
        hall = Hall.open(world, calls=2, grace_seconds=60, return_minutes=20)
        (agent,) = hall.seat(1)
        first, second = hall.take(now=ten()), hall.take(now=ten() + minutes(1))
        at = ten() + minutes(3)
        call_next(viewer=agent, now=at)
        with pytest.raises(Conflict) as early:
            turn_miss(viewer=agent, turn_id=first.pk, now=at + minutes(0.5))
        turn_recall(viewer=agent, turn_id=first.pk, now=at + minutes(1))
        with pytest.raises(Conflict) as spent:
            turn_recall(viewer=agent, turn_id=first.pk, now=at + minutes(2))
        turn_miss(viewer=agent, turn_id=first.pk, now=at + minutes(3))
        back = turn_come_back(caller=Caller.public(), turn_id=first.pk, now=at + minutes(10))
        assert (early.value.code, spent.value.code) == ("too_soon", "calls_spent")
        assert (back.rule, ahead_of(back), ahead_of(second)) == ("returned", 0, 1)
        assert [c.code for c in calls_since(world.canal.pk, 0)] == ["R001", "R001"]

    def test_a_call_by_mistake_leaves_no_trace_in_the_order(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        first = hall.take(now=ten())
        hall.take(now=ten() + minutes(1))
        turn_let_go(viewer=agent, turn_id=call_next(viewer=agent).pk)  # type: ignore[union-attr]
        first.refresh_from_db()
        assert (first.state, first.calls, first.called_at) == ("waiting", 0, None)
        assert hall.called(agent) == "R001"

    def test_out_of_turn_is_possible_and_written_down(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        hall.take()
        later = hall.take()
        turn_call(viewer=agent, turn_id=later.pk)
        assert Entry.objects.get(name="ticket.called").data["chosen"] is True


class TestServing:
    def test_from_call_to_finish_and_one_step_back(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        turn = hall.take(now=ten())
        call_next(viewer=agent, now=ten() + minutes(4))
        turn_start(viewer=agent, turn_id=turn.pk, now=ten() + minutes(5))
        turn_finish(viewer=agent, turn_id=turn.pk, now=ten() + minutes(12))
        assert Entry.objects.get(name="ticket.finished").data["served"] == 7 * 60
        assert turn_reopen(viewer=agent, turn_id=turn.pk).state == "serving"

    def test_set_aside_and_back_to_the_same_counter(self, world: World) -> None:
        hall = Hall.open(world)
        one, two = hall.seat(2)
        turn = hall.take(now=ten())
        hall.take(now=ten() + minutes(1))
        call_next(viewer=one)
        turn_hold(viewer=one, turn_id=turn.pk)
        assert hall.called(one) == "R002"
        turn_resume(caller=Caller.staff(one), turn_id=turn.pk, same_counter=hall.counters[0].pk)
        assert hall.called(two) is None
        turn_finish(viewer=one, turn_id=Turn.objects.get(state="called").pk)
        assert hall.called(one) == "R001"

    def test_sent_on_keeps_number_and_time_waited(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        first = hall.take(now=ten())
        hall.take(hall.sales, now=ten() + minutes(1))
        call_next(viewer=agent)
        sent = turn_send_on(viewer=agent, turn_id=first.pk, line_id=hall.sales.pk, note="wants a lock")
        assert (sent.ticket.code, sent.rule, ahead_of(sent)) == ("R001", "sent_on", 0)
        assert [t.ticket.code for t in waiting([hall.sales.pk])] == ["R001", "S001"]
        assert sent.ticket.note == "wants a lock"
        with pytest.raises(Invalid):
            turn_send_on(viewer=agent, turn_id=sent.pk, line_id=hall.sales.pk)

    def test_a_head_start_given_later_moves_and_taken_away_moves_back(self, world: World) -> None:
        hall = Hall.open(world)
        hall.take(now=ten())
        second = hall.take(now=ten() + minutes(1))
        agent = world.viewer("agent")
        ahead = [
            ahead_of(ticket_change(viewer=agent, turn_id=second.pk, precedence=p))
            for p in (Precedence.ASSISTED, Precedence.USUAL)
        ]
        assert ahead == [0, 1]

    def test_who_leaves_or_never_had_a_ticket_is_not_called(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1)
        turn_leave(caller=Caller.public(), turn_id=hall.take().pk)
        ticket_void(caller=Caller.public(), turn_id=hall.take().pk, reason="print")
        assert hall.called(agent) is None


class TestTaking:
    def test_numbers_begin_anew_at_local_midnight(self, world: World) -> None:
        hall = Hall.open(world)
        before = dt.datetime(2026, 11, 24, 22, 59, tzinfo=dt.UTC)
        codes = [hall.take(now=before + minutes(m)).ticket.code for m in (0, 0.5, 1)]
        assert codes == ["R001", "R002", "R001"]

    def test_the_kiosk_takes_nobody_when_closed_and_calls_nothing_urgent(self, world: World) -> None:
        hall = Hall.open(world)
        kiosk = Taking(line_id=hall.repairs.pk, source=Source.KIOSK)
        assert ticket_take(caller=Caller.public(), taking=kiosk, now=ten()).rule == "arrival"
        with pytest.raises(Conflict):
            ticket_take(caller=Caller.public(), taking=kiosk, now=ten() + minutes(12 * 60))
        line_save(viewer=Viewer.house(), line_id=hall.repairs.pk, takes_walk_ins=False)
        with pytest.raises(Conflict):
            ticket_take(caller=Caller.public(), taking=kiosk, now=ten())
        urgent = Taking(line_id=hall.repairs.pk, source=Source.REMOTE, precedence=Precedence.URGENT)
        with pytest.raises(NotAllowed):
            ticket_take(caller=Caller.public(), taking=urgent, now=ten())

    @pytest.mark.parametrize("wrong", [{"party": 0}, {"party": 100}, {"email": "zoe@"}, {"phone": "zoe"}])
    def test_what_cannot_be_is_refused_by_its_field(self, world: World, wrong: dict) -> None:
        hall = Hall.open(world)
        with pytest.raises(Invalid) as refused:
            hall.take(**wrong)
        assert set(refused.value.fields) == set(wrong)
        assert not Turn.objects.exists()

    def test_a_need_finds_the_line_of_its_branch(self, world: World) -> None:
        hall = Hall.open(world)
        from parvis.catalog.services import need_save

        brakes = need_save(viewer=Viewer.house(), name={"en": "Brakes"}, parent_id=world.repair.pk)
        assert line_for_need(world.canal.pk, brakes.pk) == hall.repairs
        assert line_for_need(world.gare.pk, brakes.pk) is None


class TestWhoMay:
    def test_other_sites_see_nothing(self, world: World) -> None:
        hall = Hall.open(world)
        turn = hall.take()
        outsider = world.viewer("outsider")
        for act in (turn_start, turn_finish, turn_hold, turn_call, turn_recall, turn_miss):
            with pytest.raises((NotFound, Conflict)) as refused:
                act(viewer=outsider, turn_id=turn.pk)
            assert refused.value.code in ("no_ticket", "not_sitting")
        with pytest.raises(NotFound):
            sign_on(viewer=outsider, counter_id=hall.counters[0].pk)
        with pytest.raises(NotAllowed):
            line_save(viewer=world.viewer("agent"), line_id=hall.repairs.pk, calls=9)

    def test_one_agent_at_a_counter_and_no_leaving_in_the_middle(self, world: World) -> None:
        hall = Hall.open(world)
        one, __ = hall.seat(2)
        with pytest.raises(Conflict) as taken:
            sign_on(viewer=world.viewer("agent"), counter_id=hall.counters[0].pk)
        hall.take()
        call_next(viewer=one)
        with pytest.raises(Conflict) as busy:
            sign_off(viewer=one)
        assert (taken.value.code, busy.value.code) == ("counter_taken", "counter_busy")


class TestSlips:
    def test_given_up_or_set_aside_by_mistake_is_taken_back_in_silence(self, world: World) -> None:
        hall = Hall.open(world)
        agent, other = hall.seat(2, now=ten())
        turn = hall.take(now=ten())
        call_next(viewer=agent, now=ten())
        turn_miss(viewer=agent, turn_id=turn.pk, now=ten() + minutes(2))
        back = turn_take_back(viewer=agent, turn_id=turn.pk, now=ten() + minutes(3))
        assert (back.state, back.counter_id, back.ended_at, back.calls) == ("called", hall.counters[0].pk, None, 1)
        turn_start(viewer=agent, turn_id=turn.pk, now=ten() + minutes(4))
        turn_hold(viewer=agent, turn_id=turn.pk)
        assert turn_take_back(viewer=agent, turn_id=turn.pk).state == "serving"
        assert Call.objects.count() == 1
        turn_hold(viewer=agent, turn_id=turn.pk)
        hall.take(now=ten() + minutes(1))
        following = call_next(viewer=agent)
        with pytest.raises(Conflict, match="R002"):
            turn_take_back(viewer=agent, turn_id=turn.pk)
        # At another counter they must be called; so must who was given up long ago.
        assert turn_take_back(viewer=other, turn_id=turn.pk).state == "called"
        assert Call.objects.filter(turn=turn).count() == 2
        assert following is not None
        turn_miss(viewer=agent, turn_id=following.pk, now=ten() + dt.timedelta(days=9))
        turn_take_back(viewer=agent, turn_id=following.pk, now=ten() + dt.timedelta(days=9, hours=1))
        assert Call.objects.filter(turn=following).count() == 2
        # Set aside while they waited, they wait again.
        waits = hall.take()
        turn_hold(viewer=agent, turn_id=waits.pk)
        assert turn_take_back(viewer=agent, turn_id=waits.pk).state == "waiting"

    def test_a_party_is_checked_when_it_is_changed_too(self, world: World) -> None:
        hall = Hall.open(world)
        turn = hall.take()
        for party in (0, -1, 100, 10**6):
            with pytest.raises(Invalid):
                ticket_change(viewer=world.viewer("agent"), turn_id=turn.pk, party=party)

    def test_a_line_that_gave_tickets_and_a_counter_that_was_used_stay_at_their_site(self, world: World) -> None:
        hall = Hall.open(world)
        house, gare = Viewer.house(), world.gare.pk
        screen = screen_save(
            viewer=house, site_id=world.canal.pk, kind="display", name="Hall", line_ids=[hall.sales.pk]
        )
        hall.seat()
        hall.take()
        used: list[tuple[Any, dict[str, int]]] = [
            (line_save, {"line_id": hall.repairs.pk}),
            (counter_save, {"counter_id": hall.counters[0].pk}),
        ]
        for save, row in used:
            with pytest.raises(Invalid) as refused:
                save(viewer=house, site_id=gare, **row)
            assert list(refused.value.fields) == ["site_id"]
        moved = line_save(viewer=house, line_id=hall.sales.pk, site_id=gare)
        assert (moved.site_id, moved.counters.count(), screen.lines.count()) == (gare, 0, 0)
        assert not counter_save(viewer=house, counter_id=hall.counters[1].pk, site_id=gare).lines.exists()

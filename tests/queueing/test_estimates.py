"""What people are told about their wait: from the line as it stands, kept as a promise, scored, and learned from."""

import datetime as dt

import numpy as np
import pytest

from parvis.queueing.domain.waits.rules import signals
from parvis.queueing.estimates import Shown, estimate_of, estimate_tell, forget_replays
from parvis.queueing.estimating.past import history_of
from parvis.queueing.estimating.present import Present, present_at, signals_of
from parvis.queueing.estimating.rewound import Rewound
from parvis.queueing.models import Learning, Line, Ticket, Told, Turn
from parvis.queueing.services import Caller, call_next, pause, turn_finish, turn_leave, turn_start
from parvis.queueing.services.learning import told_score, waits_learn
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

NOW = ten()


def told(turn: Turn, now: dt.datetime = NOW) -> Shown:
    """What the person hears, which must not be “unknown”."""
    forget_replays()
    shown = estimate_tell(turn, now=now)
    assert shown is not None
    return shown


class TestDayOne:
    def test_unknown_is_said_while_nobody_serves(self, world: World) -> None:
        hall = Hall.open(world)
        assert estimate_tell(hall.take(now=NOW), now=NOW) is None
        assert Told.objects.get().why_unknown == "nobody_serves"

    def test_by_the_house_s_own_word_each_person_ahead_makes_it_longer(self, world: World) -> None:
        hall = Hall.open(world, typical_minutes=10)
        hall.seat(1, now=NOW - minutes(30))
        shown = [told(hall.take(now=NOW)) for _ in range(4)]
        assert [s.ahead for s in shown] == [0, 1, 2, 3]
        assert [s.high_minutes for s in shown] == sorted(s.high_minutes for s in shown)
        assert 5 <= shown[3].low_minutes <= 30 <= shown[3].high_minutes <= 60
        assert all(s.before > NOW + minutes(s.high_minutes - 6) for s in shown)

    def test_worked_out_again_it_does_not_waver(self, world: World) -> None:
        hall = Hall.open(world, typical_minutes=10)
        hall.seat(1, now=NOW - minutes(30))
        turns = [hall.take(now=NOW) for _n in range(3)]
        assert [told(turn) for turn in turns] == [told(turn) for turn in turns]

    def test_a_second_counter_shortens_it_and_a_break_makes_it_longer(self, world: World) -> None:
        hall = Hall.open(world, typical_minutes=10)
        hall.seat(1, now=NOW - minutes(30))
        last = [hall.take(now=NOW) for _ in range(6)][-1]
        alone = told(last).high_minutes
        __, two = hall.seat(2, now=NOW - minutes(30))
        together = told(last).high_minutes
        pause(viewer=two, back_at=NOW + minutes(40), now=NOW)
        resting = told(last).high_minutes
        assert together < resting <= alone + 5

    def test_a_head_start_counts(self, world: World) -> None:
        hall = Hall.open(world, typical_minutes=10)
        hall.seat(1, now=NOW - minutes(30))
        for _ in range(5):
            hall.take(now=NOW)
        from parvis.queueing.models import Precedence

        assisted, usual = hall.take(now=NOW, precedence=Precedence.ASSISTED), hall.take(now=NOW)
        assert told(assisted).high_minutes < told(usual).low_minutes


class TestPromises:
    def test_each_estimate_told_is_kept_once_and_scored_when_called(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1, now=NOW - minutes(5))
        turn = hall.take(now=NOW)
        told(turn), told(turn)
        assert (Told.objects.count(), told_score(now=NOW)) == (1, 0)
        call_next(viewer=agent, now=NOW + minutes(7))
        assert told_score(now=NOW + minutes(8)) == 1
        kept = Told.objects.get()
        assert (kept.waited, kept.censored, kept.is_first) == (420, False, True)
        assert set(kept.quantiles) == {"0.1", "0.25", "0.5", "0.75", "0.9", "0.95"}
        assert kept.inputs["position"] > 0

    def test_who_leaves_is_censored_not_forgotten(self, world: World) -> None:
        hall = Hall.open(world)
        hall.seat(1, now=NOW - minutes(5))
        turn = hall.take(now=NOW)
        told(turn)
        turn_leave(caller=Caller.public(), turn_id=turn.pk, now=NOW + minutes(4))
        told_score(now=NOW + minutes(5))
        kept = Told.objects.get()
        assert (kept.waited, kept.censored) == (240, True)

    def test_staff_looking_promises_nothing(self, world: World) -> None:
        hall = Hall.open(world)
        hall.seat(1, now=NOW - minutes(5))
        assert estimate_of(hall.take(now=NOW), now=NOW) is not None
        assert not Told.objects.exists()


class TestLearning:
    def test_a_house_that_is_slower_than_its_word_tells_longer_waits_from_the_next_day(self, world: World) -> None:
        hall = Hall.open(world, typical_minutes=5)
        (agent,) = hall.seat(1, now=NOW - minutes(5))
        by_word = told([hall.take(now=NOW) for _ in range(4)][-1]).high_minutes
        Turn.objects.all().delete()
        _days_of_slow_service(hall, agent.member_id or 0)
        Told.objects.bulk_create(
            Told(turn=t, at=t.joined_at, ahead=0, is_first=True, waited=60) for t in Turn.objects.all()[:40]
        )
        assert waits_learn(now=NOW) == 1
        assert waits_learn(now=NOW + minutes(1)) == 0
        assert Learning.objects.get().days == 5
        learned = told([hall.take(now=NOW) for _ in range(4)][-1]).high_minutes
        assert learned > 2 * by_word

    def test_history_leaves_out_what_teaches_nothing(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1, now=NOW)
        served, held = hall.take(now=NOW), hall.take(now=NOW)
        Turn.objects.filter(pk=held.pk).update(was_held=True)
        for turn, at in ((served, NOW + minutes(3)), (held, NOW + minutes(9))):
            call_next(viewer=agent, now=at)
            turn_start(viewer=agent, turn_id=turn.pk, now=at)
            turn_finish(viewer=agent, turn_id=turn.pk, now=at + minutes(4))
        history = history_of(world.canal, now=NOW + minutes(30))
        assert list(history.waited) == [180]
        assert list(history.finished - history.called) == [240]

    def test_what_is_seen_of_a_line_now_and_then_is_what_the_correction_learned_from(self, world: World) -> None:
        hall = Hall.open(world)
        (agent,) = hall.seat(1, now=NOW - minutes(5))
        _days_of_slow_service(hall, agent.member_id or 0)
        for n, turn in enumerate(Turn.objects.order_by("joined_at")):  # every third in the other line
            Turn.objects.filter(pk=turn.pk).update(line=hall.sales if n % 3 else hall.repairs)
        history, lines = history_of(world.canal, now=NOW), [hall.repairs, hall.sales]
        rows = np.arange(80, 120)
        learned = signals(history, rows)
        rewound = Rewound.between(world.canal, lines, NOW - dt.timedelta(days=4), NOW + minutes(1))
        for place, turn in enumerate(Turn.objects.order_by("joined_at", "pk")[80:120]):
            present = rewound.at(turn.joined_at)
            seen = signals_of(present)
            own = [t.pk for t in present.waiting].index(turn.pk)
            for name in ("ahead", "busy", "les", "hol", "ewma", "rolling"):
                got, expected = getattr(seen, name)[own], getattr(learned, name)[place]
                assert got == pytest.approx(expected, rel=0.01), (turn.pk, name)
        waiting = hall.take(now=NOW)
        now, then = (signals_of(p) for p in (present_at(world.canal, lines, NOW), rewound_at(world, lines, waiting)))
        assert [list(v) for v in vars(now).values()] == [list(v) for v in vars(then).values()]
        assert now.ewma[0] > 1


def rewound_at(world: World, lines: list[Line], turn: Turn) -> Present:
    """The lines as they stood when somebody joined."""
    end = turn.joined_at + minutes(1)
    return Rewound.between(world.canal, lines, turn.joined_at, end).at(turn.joined_at)


def _days_of_slow_service(hall: Hall, member: int) -> None:
    """Five days of forty services of about twenty minutes, as rows."""
    rng = np.random.default_rng(5)
    line: Line = hall.repairs
    for back in range(5, 0, -1):
        free = NOW - dt.timedelta(days=back)
        tickets = Ticket.objects.bulk_create(
            Ticket(
                site_id=line.site_id, day=free.date(), code=f"R{n:03d}", source="kiosk", language="fr", taken_at=free
            )
            for n in range(40)
        )
        turns = []
        for n, ticket in enumerate(tickets):
            joined = NOW - dt.timedelta(days=back) + minutes(15 * n)
            called = max(joined, free) + minutes(0.2)
            free = called + minutes(float(rng.uniform(15, 25)))
            turns.append(
                Turn(
                    ticket=ticket, line=line, state="done", joined_at=joined, rank_at=joined, rule="arrival",
                    counter=hall.counters[0], server_id=member, called_at=called, recalled_at=called, calls=1,
                    started_at=called, ended_at=free, ended_by="staff",
                )
            )  # fmt: skip
        Turn.objects.bulk_create(turns)

"""Many at once after the same thing: exactly one gets it, the others are told what else there is, nobody waits long."""

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections

from parvis.customers.models import Customer
from parvis.kernel.errors import Conflict, ParvisError
from parvis.reservations.errors import Taken
from parvis.reservations.models import Booking, Claim, Door, WaitingEntry
from parvis.reservations.services import (
    Caller,
    booking_cancel,
    booking_confirm,
    booking_hold,
    booking_move,
    guard,
    holding,
)
from parvis.reservations.services.setting_up import offering_save
from parvis.reservations.services.waiting import Joining, waiting_join, waiting_run
from parvis.reservations.supply import Offer
from parvis.toolkit.db import is_postgres
from tests.booking import ANNA, HOUSE, House, at, book, hold, wanted

NOW = at("2031-03-03T06:00Z")
START = "2031-03-10T10:00Z"
SLOWEST = 2.0
pytestmark = pytest.mark.django_db(transaction=True)


def together(jobs: list[Callable[[], Any]]) -> tuple[list[Any], float]:
    """Run all at once, each on a thread; what each returned or was refused with, and the seconds of the slowest."""
    results: list[Any] = [None] * len(jobs)
    barrier, slowest = threading.Barrier(len(jobs)), [0.0]

    def run(index: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        begun = time.monotonic()
        try:
            results[index] = jobs[index]()
        except ParvisError as error:
            results[index] = error
        finally:
            slowest[0] = max(slowest[0], time.monotonic() - begun)
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(t.is_alive() for t in threads), "somebody waits for ever"
    return results, slowest[0]


def kinds(results: list[Any]) -> Counter[str]:
    """How many of each kind of outcome."""
    return Counter(type(r).__name__ for r in results)


class TestTheLastPlace:
    def test_fifty_visitors_one_place(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        results, slowest = together([lambda: hold(offer, START, now=NOW)] * 50)
        assert kinds(results) == {"Booking": 1, "Taken": 49}
        assert all(len(r.alternatives) == 3 for r in results if isinstance(r, Taken))
        assert Claim.objects.count() == 1
        assert slowest < 5 * SLOWEST  # fifty threads of one interpreter; the service's own time is the bench's matter

    def test_fifty_visitors_the_last_of_five(self) -> None:
        house = House.open()
        offer = house.offering(house.resource("Bikes", "pool", capacity=5))
        for _ in range(4):
            book(offer, START, now=NOW)
        results, __ = together([lambda: hold(offer, START, now=NOW)] * 50)
        assert kinds(results) == {"Booking": 1, "Taken": 49}

    def test_with_the_guard_switched_off_places_are_sold_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The test above would notice: without the lock, several get the last place."""

        @contextmanager
        def unguarded(resource_ids: Any, **options: Any) -> Iterator[None]:
            yield

        real = guard.pick

        def slow_pick(*args: Any, **options: Any) -> Any:
            picked = real(*args, **options)
            time.sleep(0.02)  # the moment between counting and writing, which the lock is there to close
            return picked

        house = House.open()
        offer = house.offering(house.resource("Bikes", "pool", capacity=5))
        for _ in range(4):
            book(offer, START, now=NOW)
        monkeypatch.setattr(holding, "pick", slow_pick)
        with monkeypatch.context() as off:
            off.setattr(holding, "guarded", unguarded)
            results, __ = together([lambda: hold(offer, START, now=NOW)] * 12)
        assert kinds(results)["Booking"] > 1
        later = "2031-03-10T12:00Z"
        for _ in range(4):
            book(offer, later, now=NOW)
        results, __ = together([lambda: hold(offer, later, now=NOW)] * 12)
        assert kinds(results)["Booking"] == 1

    def test_four_processes_after_one_place(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        script = (
            "import django; django.setup()\n"
            "from tests.booking import at, hold\n"
            "from parvis.kernel.errors import ParvisError\n"
            "from parvis.reservations.supply import offer_get\n"
            f"offer = offer_get({offer.row.pk})\n"
            "won = 0\n"
            "for _ in range(5):\n"
            f"    try: hold(offer, {START!r}, now=at('2031-03-03T06:00Z')); won += 1\n"
            "    except ParvisError as error: assert error.code == 'taken', error.code\n"
            "print(won)\n"
        )
        settings = connection.settings_dict
        url = (
            f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
            if is_postgres()
            else f"sqlite:///{settings['NAME']}"
        )
        environment = {**os.environ, "PARVIS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "parvis.config.settings"}
        begun = [
            subprocess.Popen(
                [sys.executable, "-c", script],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        ended = [process.communicate(timeout=60) for process in begun]
        assert [p.returncode for p in begun] == [0] * 4, ended
        assert sum(int(out) for out, __ in ended) == 1


class TestTwoResources:
    def test_asked_for_in_opposite_order_nobody_locks_anybody_out(self) -> None:
        house = House.open()
        room, person = house.resource("Room", "room"), house.resource("Malik", "person")
        one = house.offering(room, person, slug="one")
        other = house.offering(person, room, slug="other")
        jobs = [lambda: hold(one, START, now=NOW), lambda: hold(other, START, now=NOW)] * 12
        results, slowest = together(jobs)
        assert kinds(results) == {"Booking": 1, "Taken": 23}
        assert Claim.objects.count() == 2
        assert slowest < 5 * SLOWEST


class TestHolds:
    @pytest.mark.parametrize("round", range(4))
    def test_a_payment_that_comes_as_the_hold_ends_races_a_newcomer(self, round: int) -> None:
        """Whoever wins, the place is sold once."""
        house = House.open()
        offer = house.offering(house.resource())
        held = hold(offer, START, now=NOW, minutes=5)
        late = NOW + dt.timedelta(minutes=5 + round // 2)
        just = late - dt.timedelta(seconds=1 - round % 2)
        pay = lambda: booking_confirm(caller=Caller.public(), booking_id=held.pk, guest=ANNA, now=just)  # noqa: E731
        results, __ = together([pay, lambda: hold(offer, START, now=late), lambda: hold(offer, START, now=late)])
        assert kinds(results) == {"Booking": 1, "Taken": 2}
        assert Claim.objects.count() == 1
        standing = Booking.objects.filter(state__in=["held", "confirmed"])
        assert standing.count() == 1

    def test_paying_late_for_a_free_place_still_books_it(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        held = hold(offer, START, now=NOW)
        holding.holds_expire(now=NOW + dt.timedelta(minutes=6))
        late = NOW + dt.timedelta(minutes=7)
        booking_confirm(caller=Caller.public(), booking_id=held.pk, guest=ANNA, now=late)
        held.refresh_from_db()
        assert (held.state, held.ended_at, Claim.objects.count()) == ("confirmed", None, 1)

    def test_paying_late_for_a_place_that_is_gone_says_so(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        held = hold(offer, START, now=NOW)
        late = NOW + dt.timedelta(minutes=7)
        book(offer, START, now=late)
        with pytest.raises(Taken) as taken:
            booking_confirm(caller=Caller.public(), booking_id=held.pk, guest=ANNA, now=late)
        assert len(taken.value.alternatives) == 3


class TestMoves:
    def test_a_move_races_a_cancellation(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        staff = Caller.staff(HOUSE)
        for hour in range(8, 14):
            made = book(offer, f"2031-03-10T{hour:02}:00Z", now=NOW)
            to = wanted(offer, f"2031-03-11T{hour:02}:00Z")
            results, __ = together(
                [
                    lambda made=made, to=to: booking_move(caller=staff, booking_id=made.pk, wanted=to, now=NOW),
                    lambda made=made: booking_cancel(caller=staff, booking_id=made.pk, now=NOW),
                ]
            )
            made.refresh_from_db()
            assert made.state == "cancelled"
            assert isinstance(results[1], Booking)
            assert isinstance(results[0], Booking | Conflict)
        assert Claim.objects.count() == 0

    def test_two_who_change_places_do_not_lose_them(self) -> None:
        """Each wants the other's time: neither is free, so both stay."""
        house = House.open()
        offer = house.offering(house.resource())
        first, second = book(offer, START, now=NOW), book(offer, "2031-03-10T12:00Z", now=NOW)
        staff = Caller.staff(HOUSE)
        results, __ = together(
            [
                lambda: booking_move(
                    caller=staff, booking_id=first.pk, wanted=wanted(offer, "2031-03-10T12:00Z"), now=NOW
                ),
                lambda: booking_move(caller=staff, booking_id=second.pk, wanted=wanted(offer, START), now=NOW),
            ]
        )
        assert kinds(results) == {"Taken": 2}
        assert Claim.objects.count() == 2


class TestWaiting:
    def test_a_promotion_races_a_sale(self) -> None:
        house = House.open()
        offer: Offer = house.offering(house.resource(), waiting_first=False)
        gone = book(offer, START, now=NOW)
        customer = Customer.objects.get()
        day = dt.date(2031, 3, 10)
        waiting_join(
            caller=Caller.public(),
            joining=Joining(offer.row.pk, customer.pk, day, day, wishes={"from": "10:00", "until": "10:30"}),
            now=NOW,
        )
        booking_cancel(caller=Caller.staff(HOUSE), booking_id=gone.pk, now=NOW)
        sale = lambda: booking_hold(caller=Caller.public(Door.API), wanted=wanted(offer, START), now=NOW)  # noqa: E731
        results, __ = together([lambda: waiting_run(now=NOW), sale, sale])
        offered = WaitingEntry.objects.get().state == "offered"
        assert kinds(results[1:])["Booking"] == (0 if offered else 1)
        assert Claim.objects.count() == 1


class TestTakenAgain:
    def test_a_hold_that_ran_out_comes_back_with_the_same_person_or_not_at_all(self) -> None:
        house = House.open()
        malik, jeanne = house.resource("Malik"), house.resource("Jeanne")
        offer = house.offering([malik, jeanne])
        held = hold(offer, START, now=NOW, wished=frozenset({jeanne.pk}))
        late = NOW + dt.timedelta(minutes=7)
        book(offer, START, now=late, wished=frozenset({jeanne.pk}))
        with pytest.raises(Taken):
            booking_confirm(caller=Caller.public(), booking_id=held.pk, guest=ANNA, now=late)

    def test_what_is_no_longer_offered_can_still_be_cancelled(self) -> None:
        house = House.open()
        offer = house.offering(house.resource())
        made = book(offer, START, now=NOW)
        offering_save(viewer=HOUSE, offering_id=offer.row.pk, is_active=False)
        assert booking_cancel(caller=Caller.staff(HOUSE), booking_id=made.pk, now=NOW).state == "cancelled"

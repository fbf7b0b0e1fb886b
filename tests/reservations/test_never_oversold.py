"""Whatever is done in whatever order: capacity is never exceeded at any instant, and nothing is lost."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parvis.catalog import snapshot
from parvis.kernel.errors import ParvisError
from parvis.reservations import supply
from parvis.reservations.domain.capacity import Levels, Spans, peaks_of
from parvis.reservations.domain.choice import Option, Want, choose
from parvis.reservations.domain.spans import Buffers, span_of
from parvis.reservations.models import Booking, Claim
from parvis.reservations.services import (
    Caller,
    booking_arrive,
    booking_cancel,
    booking_confirm,
    booking_finish,
    booking_miss,
    booking_move,
    booking_restore,
    holds_expire,
)
from parvis.reservations.supply import Offer
from tests.booking import ANNA, HOUSE, House, at, book, hold, wanted

NOW = at("2031-03-10T06:00Z")
OPERATIONS = st.tuples(
    st.sampled_from(["hold", "book", "confirm", "move", "cancel", "expire", "arrive", "finish", "miss", "restore"]),
    st.integers(0, 5),  # which booking
    st.integers(0, 11),  # which half hour
    st.integers(1, 3),  # how many persons
    st.integers(0, 2),  # which offering
)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing behind, nor anything remembered of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    snapshot._local.snapshot = snapshot._latest = supply._kept = None


def offers_of_a_house() -> list[Offer]:
    """Slots with own and shared buffers, set-up, several seats, pools, and two resources at once."""
    house = House.open()
    malik, jeanne = house.resource("Malik"), house.resource("Jeanne", max_party=2)
    pool = house.resource("Stands", "pool", capacity=2)
    common = {"step_minutes": 30, "max_party": 3}
    return [
        house.offering([malik, jeanne], pool, slug="one", buffer_after=15, **common),
        house.offering(malik, slug="two", seats=3, duration_minutes=30, need={"setup_minutes": 10}, **common),
        house.offering(pool, slug="three", buffer_before=30, buffers_shared=True, need={"per_person": True}, **common),
    ]


def perform(operation: tuple[str, int, int, int, int], offers: list[Offer], made: list[int], now: dt.datetime) -> None:
    """One operation, refused or not."""
    name, which, half, party, offer_index = operation
    offer, staff = offers[offer_index], Caller.staff(HOUSE)
    start = at("2031-03-10T10:00Z") + dt.timedelta(minutes=30 * half)
    booking_id = made[which % len(made)] if made else 0
    if name == "hold":
        made.append(hold(offer, start, party=party, now=now).pk)
    elif name == "book":
        made.append(book(offer, start, party=party, now=now).pk)
    elif name == "expire":
        holds_expire(now=now)
    elif not booking_id:
        return
    elif name == "confirm":
        booking_confirm(caller=staff, booking_id=booking_id, guest=ANNA, now=now)
    elif name == "move":
        target = wanted(offer, start, party=party)
        booking_move(caller=staff, booking_id=booking_id, wanted=target, now=now)
    else:
        act = {
            "cancel": booking_cancel,
            "arrive": booking_arrive,
            "finish": booking_finish,
            "miss": booking_miss,
            "restore": booking_restore,
        }[name]
        act(caller=staff, booking_id=booking_id, now=now)


def check(made: list[int], now: dt.datetime) -> None:
    """The invariants, counted here in the simplest way, minute by minute."""
    assert set(Booking.objects.values_list("pk", flat=True)) == set(made)
    live = [c for c in Claim.objects.select_related("resource", "booking") if not _over(c, now)]
    for booking in Booking.objects.all():
        claims = [c for c in live if c.booking_id == booking.pk]
        takes = booking.state in ("confirmed", "arrived") or (
            booking.state == "held" and booking.held_until is not None and booking.held_until > now
        )
        assert bool(claims) == takes, f"{booking.state} with {len(claims)} claims"
    for resource in {c.resource for c in live}:
        mine = [c for c in live if c.resource_id == resource.pk]
        for minute in {c.hard_from for c in mine} | {c.soft_from for c in mine}:
            hard = {(c.share, c.units) for c in mine if c.hard_from <= minute < c.hard_until}
            assert sum(units for __, units in hard) <= resource.capacity
        for claim in mine:  # nobody's buffer meets anybody's visit on a single unit
            if resource.capacity == 1:
                others = [c for c in mine if c.share != claim.share]
                assert not [c for c in others if c.soft_from < claim.hard_until and c.soft_until > claim.hard_from]
        shared: dict[str, int] = {}
        for claim in mine:
            shared[claim.share] = shared.get(claim.share, 0) + claim.seats
        assert all(n <= 3 for share, n in shared.items() if ":" in share)


def _over(claim: Claim, now: dt.datetime) -> bool:
    return claim.expires is not None and claim.expires <= now.timestamp()


@pytest.mark.django_db
class TestRandomOperations:
    @given(operations=st.lists(OPERATIONS, min_size=5, max_size=40))
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    def test_capacity_holds_and_nothing_is_lost(self, operations: list[tuple[str, int, int, int, int]]) -> None:
        with undone():
            offers, made, now = offers_of_a_house(), [], NOW
            for operation in operations:
                now += dt.timedelta(minutes=7)
                try:
                    with transaction.atomic():
                        perform(operation, offers, made, now)
                except ParvisError:
                    pass
                check(made, now)


INSTANTS = st.integers(0, 40)


class TestCounting:
    """The arrays against the simplest way to count."""

    @given(
        taken=st.lists(st.tuples(INSTANTS, st.integers(1, 10), st.integers(0, 3), st.integers(1, 3)), max_size=12),
        asked=st.lists(st.tuples(INSTANTS, st.integers(1, 10), st.integers(0, 3)), min_size=1, max_size=6),
    )
    def test_the_peak_is_the_most_at_any_instant(self, taken: list, asked: list) -> None:
        rows = [(b, b + n, b - pad, b + n + pad, units) for b, n, pad, units in taken]
        spans = [(b, b + n, b - pad, b + n + pad) for b, n, pad in asked]
        columns = np.array(spans, dtype=np.int64).T
        if not rows:
            return
        table = np.array(rows, dtype=np.int64)
        # Beside it a resource of which nothing is taken, and one of which the same is: they do not mix.
        found, none, same = peaks_of([table, table[:0], table], Spans(*columns)).tolist()
        assert same == found
        assert not any(none)
        for peak, (hard_from, hard_until, soft_from, soft_until) in zip(found, spans, strict=True):
            theirs = max(sum(u for *_x, sf, su, u in rows if sf <= t < su) for t in range(hard_from, hard_until))
            mine = max(sum(u for hf, hu, *_x, u in rows if hf <= t < hu) for t in range(soft_from, soft_until))
            assert peak == max(theirs, mine)

    def test_what_ends_makes_room_for_what_begins(self) -> None:
        levels = Levels(*(np.array(x, dtype=np.int64) for x in ([0, 10], [10, 20], [1, 1])))
        assert levels.peak(np.array([0]), np.array([20])).tolist() == [1]

    def test_shared_buffers_overlap_and_own_ones_do_not(self) -> None:
        own, shared = Buffers(10, 10), Buffers(10, 10, shared=True)
        assert span_of(6000, 9600, own).hard_from == 5400
        assert span_of(6000, 9600, shared).hard_from == 6000
        assert span_of(6000, 9600, Buffers(setup=5, shared=True)).hard_from == 5700


class TestChoice:
    def test_the_smallest_that_is_large_enough(self) -> None:
        tables = [Option(1, 1, rank=(4,)), Option(2, 1, rank=(2,)), Option(3, 0, rank=(1,))]
        assert choose([Want(tables)]) == [[2]]

    def test_two_wants_share_what_there_is(self) -> None:
        a, b = Option(1, 1, rank=(1,)), Option(2, 1, rank=(2,))
        assert choose([Want([a, b]), Want([a])]) == [[2], [1]]
        assert choose([Want([a]), Want([a])]) is None

    def test_overbooking_goes_as_far_as_it_may(self) -> None:
        full = [Option(1, 0, over=0, rank=(1,)), Option(2, 0, over=1, rank=(2,))]
        assert choose([Want(full)], overbooking=1) is None
        assert choose([Want(full)], overbooking=2) == [[1]]

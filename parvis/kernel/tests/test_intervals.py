from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.intervals import clip, intersect, merge, subtract, total

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def at(hour):
    return MIDNIGHT + timedelta(hours=hour)


def hours(*pairs):
    return [(at(a), at(b)) for a, b in pairs]


def covered(intervals):
    """The hours 0..30 that are in one of the intervals: an independent reading of them."""
    return {h for h in range(30) if any(a <= at(h) < b for a, b in intervals)}


def test_merge_joins_what_overlaps_or_touches_and_drops_what_is_empty():
    assert merge(hours((9, 12), (3, 5), (12, 14), (4, 6), (20, 20), (22, 21))) == hours((3, 6), (9, 14))


def test_subtract_cuts_holes_and_keeps_the_end_of_a_hole():
    assert subtract(hours((8, 18)), hours((12, 13), (17, 20))) == hours((8, 12), (13, 17))


def test_clip_and_total_count_overlaps_once():
    assert total(clip(hours((0, 10), (5, 12)), at(4), at(11))) == timedelta(hours=7)


interval_lists = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6).map(lambda p: hours(*p))


@given(interval_lists, interval_lists)
def test_the_operations_are_those_of_sets(one, other):
    assert covered(merge(one)) == covered(one)
    assert covered(subtract(one, other)) == covered(one) - covered(other)
    assert covered(intersect(one, other)) == covered(one) & covered(other)
    assert total(one) == timedelta(hours=len(covered(one)))
    for result in (merge(one), subtract(one, other), intersect(one, other)):
        assert all(a < b for a, b in result)
        assert all(result[i][1] < result[i + 1][0] for i in range(len(result) - 1))

"""Prepared queries: the same rows as the query set they were made of, whatever the values."""

import datetime as dt

import pytest
from django.db.models import Count, Q

from parvis.kernel.clock import utcnow
from parvis.ledger.models import Entry
from parvis.staff.models import Member
from parvis.toolkit.prepared import counts_prepared, prepared

pytestmark = pytest.mark.django_db


def people(**values):
    found = Member.objects.filter(created_at__lte=values["until"], pk__in=values["ids"])
    return found.exclude(email=values["email"]).order_by("name", "pk")


@pytest.fixture
def ids(world):
    return tuple(Member.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("rows", [lambda q: q, lambda q: q.values("pk", "created_at"), lambda q: q.values_list("name")])
def test_rows_are_those_of_the_query_set_for_other_values_too(ids, rows):
    ask = prepared(lambda **values: rows(people(**values)))
    somebody = Member.objects.get(pk=ids[0])
    for values in (
        {"until": utcnow(), "ids": ids, "email": "nobody@example.fr"},
        {"until": utcnow(), "ids": ids, "email": somebody.email},
        {"until": utcnow() - dt.timedelta(days=1), "ids": ids, "email": ""},
        {"until": utcnow(), "ids": ids[:1], "email": ""},
        {"until": utcnow(), "ids": (), "email": ""},
    ):
        assert ask(**values) == list(rows(people(**values)))


def test_related_rows_and_annotations_come_along(world, ids):
    ask = prepared(lambda **v: Member.objects.filter(pk=v["pk"]).annotate(n=Count("teams")).select_related())
    [found] = ask(pk=ids[1])
    assert (found.pk, found.n) == (ids[1], found.teams.count())
    assert isinstance(found.created_at, dt.datetime)


def test_the_shape_decides_which_statement_is_asked(ids):
    ask = prepared(lambda active, *, pk: Member.objects.filter(pk=pk, is_active=active))
    assert [m.pk for m in ask(True, pk=ids[0])] == [ids[0]]
    assert ask(False, pk=ids[0]) == []


def test_a_second_asking_builds_nothing(ids, django_assert_num_queries):
    built = []

    def build(*, pk):
        built.append(pk)
        return Member.objects.filter(pk=pk)

    ask = prepared(build)
    with django_assert_num_queries(2):
        assert [m.pk for pk in ids[:2] for m in ask(pk=pk)] == list(ids[:2])
    assert len(built) == 1


def test_counts_come_in_one_query_and_stop_at_the_cap(world, ids, django_assert_num_queries):
    ask = counts_prepared(
        lambda *, pk: {
            "all": Member.objects.all(),
            "one": Member.objects.filter(pk=pk),
            "none": Member.objects.none(),
            "others": Member.objects.filter(~Q(pk=pk)),
        },
        cap=2,
    )
    with django_assert_num_queries(1):
        assert ask(pk=ids[0]) == {"all": 2, "one": 1, "none": 0, "others": 2}


def test_counts_of_nothing_ask_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert counts_prepared(lambda: {"none": Entry.objects.none()})() == {"none": 0}


@pytest.mark.parametrize(
    ("build", "values"),
    [
        (lambda *, name: Member.objects.filter(name__icontains=name), {"name": "a"}),
        (lambda *, pk: Member.objects.all(), {"pk": 3}),
        (lambda *, pk: Member.objects.filter(pk=pk), {"pk": None}),
    ],
)
def test_a_value_that_would_not_reach_the_query_is_refused(build, values):
    with pytest.raises(TypeError):
        prepared(build)(**values)

"""`parvis demo`: once, and again only when asked to; never over a real business."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from parvis.catalog.models import Business
from parvis.config.commands.demo import Command
from parvis.config.demo.house import PASSWORD, STAFF, email_of
from parvis.config.demo.load import demo_load
from parvis.encounters.models import Encounter
from parvis.kernel.errors import Conflict
from parvis.ledger.models import Entry
from parvis.staff.models import Member
from tests.demo.test_demo import NOW
from tests.demo.undone import undone


@dataclass
class Loads:
    """What two loads brought, and the encounters after each: (subject, opened at, status)."""

    first: Counter[str]
    again: Counter[str]
    before: list[tuple[Any, ...]]
    after: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def loads(django_db_setup: None, django_db_blocker) -> Iterator[Loads]:
    """A small demo, loaded, refused, and loaded again because asked to. Gone after the file."""

    def seen() -> list[tuple[Any, ...]]:
        return sorted(Encounter.objects.values_list("subject", "opened_at", "status"))

    with undone(django_db_blocker):
        first, before = demo_load(now=NOW, encounters=1), seen()
        with pytest.raises(Conflict):
            demo_load(now=NOW, encounters=1)
        again = demo_load(now=NOW, encounters=1, again=True, say=StringIO().write)
        yield Loads(first, again, before, seen())


@pytest.mark.django_db
class TestWhereItMustNot:
    def test_a_real_business_is_left_alone(self):
        Business.objects.create(name="Chez Mme Martin", timezone="Europe/Paris")
        with pytest.raises(CommandError, match="Chez Mme Martin"):
            call_command(Command(), again=True)
        assert Business.objects.count() == 1

    def test_people_without_a_business_are_left_alone_too(self):
        Member.objects.create_user("a@b.example", "x", name="A")
        with pytest.raises(Conflict):
            demo_load(again=True)
        assert Member.objects.count() == 1


class TestTwice:
    def test_the_second_time_it_is_the_same(self, loads):
        assert loads.again == loads.first
        assert loads.after == loads.before
        assert Encounter.objects.order_by("id").first().pk == 1

    def test_its_people_can_sign_in_with_what_it_prints(self, loads):
        assert PASSWORD in Command.sign_in
        for colleague in STAFF[:2]:
            assert email_of(colleague) in Command.sign_in
            assert Member.objects.get(email=email_of(colleague)).check_password(PASSWORD)

    def test_the_ledger_is_guarded_again(self, loads):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            Entry.objects.filter(pk=Entry.objects.first().pk).update(name="x")

"""The demo business: played once for this file, small, at a fixed hour, then looked at from all sides."""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import F

from parvis.catalog.models import Business
from parvis.channels.models import OutMail, RawMail
from parvis.config.demo.house import STAFF
from parvis.config.demo.load import demo_load
from parvis.config.demo.speed import survivable, unhindered
from parvis.customers.models import Customer
from parvis.desk.models import Attachment, Draft, FollowUp, Message
from parvis.encounters.models import Encounter
from parvis.kernel.clock import clock_at
from parvis.kernel.errors import Conflict
from parvis.ledger.models import Entry
from parvis.promises.models import Promise
from parvis.promises.selectors import promises_at_risk
from parvis.queueing.models import Learning, Told
from parvis.staff.domain.viewer import Viewer
from parvis.staff.models import Member
from parvis.staff.selectors import viewer_of
from parvis.toolkit.db import unit
from tests.demo.undone import undone

# A Sunday at six: closed here and there, the hardest moment to look alive.
NOW = dt.datetime(2026, 11, 22, 6, 0, tzinfo=dt.UTC)
PAST = 90


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker) -> Iterator[Counter[str]]:
    """What happened. Each test sees the same rows; they are gone after the file."""
    with undone(django_db_blocker):
        yield demo_load(now=NOW, encounters=PAST)


def _states(rows, *fields) -> set:
    return set(rows.values_list(*fields, flat=len(fields) == 1))


@pytest.mark.usefixtures("played")
class TestTheHistory:
    def test_shows_every_state_of_encounters(self):
        rows = Encounter.objects.all()
        assert _states(rows, "status") == {"open", "waiting", "closed"}
        assert {"welcome", "understand", "serve", "follow_up", "open_door"} == _states(rows, "stage")
        assert _states(rows, "nature") == {"service", "sales", "advice"}
        assert _states(rows, "initiative") == {"customer", "company"}
        assert _states(rows, "channel") == {"email", "form", "phone", "counter", "chat", "sms", "api"}
        assert rows.filter(reopened_count__gt=0).exists()

    def test_shows_every_way_a_promise_can_go(self):
        rows = Promise.objects.all()
        assert _states(rows, "state") == {"open", "kept", "broken", "renegotiated", "void"}
        assert _states(rows, "kind") == {
            *("first_answer", "resolution", "call_back", "next_news"),
            *("delivery", "amount", "appointment"),
        }
        assert rows.filter(state="open", paused=True).exists()
        kept, broken = rows.filter(state="kept").count(), rows.filter(state="broken").count()
        assert 0.7 < kept / (kept + broken) < 0.98

    def test_shows_every_state_of_mail_and_sends_none(self):
        assert {"attached", "ignored", "failed"} == _states(RawMail.objects, "state")
        assert {"sent", "queued", "failed"} == _states(OutMail.objects, "state")
        assert OutMail.objects.filter(state="queued").count() == 3
        assert not [a for to in OutMail.objects.values_list("to", flat=True) for a in to if not a.endswith(".example")]
        assert OutMail.objects.exclude(returned_at=None).exists()

    def test_has_files_html_notes_and_a_draft(self):
        assert _states(Attachment.objects, "type") == {"image/png", "application/pdf"}
        assert Message.objects.exclude(html="").exists()
        assert Message.objects.filter(direction="note").exists()
        assert Draft.objects.filter(kind="reply").exists()

    def test_has_answers_good_bad_and_pending(self):
        assert _states(FollowUp.objects.filter(asked_at__isnull=False), "all_done") == {True, False, None}

    def test_lies_in_the_past_and_in_order(self):
        assert not Encounter.objects.filter(last_activity_at__gt=NOW).exists()
        assert not Message.objects.filter(at__gt=NOW).exists()
        times = list(Entry.objects.order_by("id").values_list("at", flat=True))
        assert times[-1] <= NOW
        assert not [later for earlier, later in pairwise(times) if later < earlier]

    def test_knows_its_regulars_and_one_customer_thrice(self):
        assert Customer.objects.filter(encounter_count__gte=5).exclude(matters="").exists()
        assert Customer.objects.filter(sort_key__icontains="rousseau", merged_into=None).count() >= 3

    def test_counts_what_each_customer_has(self):
        for customer in Customer.objects.all():
            mine = Encounter.objects.filter(customer=customer)
            assert customer.encounter_count == mine.count(), customer
            assert customer.open_count == mine.exclude(status="closed").count(), customer

    def test_has_estimates_as_the_engine_told_them_and_what_came_of_them(self):
        told = Told.objects.filter(is_first=True, at__lt=NOW - dt.timedelta(hours=1))
        assert told.filter(waited__isnull=False).exclude(quantiles={}).count() >= 10
        assert not told.exclude(turn__joined_at=F("at")).exists()
        assert not told.filter(waited=None).exists()
        assert Learning.objects.get().turns > 300


@pytest.mark.usefixtures("played")
class TestNow:
    def test_something_is_late_and_something_about_to_be(self):
        at_risk = list(promises_at_risk(Viewer.house(), now=NOW))
        assert sum(p.due_at < NOW for p in at_risk) >= 3
        assert sum(p.due_at >= NOW for p in at_risk) >= 3

    @pytest.mark.parametrize("key", [c.key for c in STAFF])
    def test_everybody_who_serves_has_something_in_hand(self, key):
        member = Member.objects.get(email=f"{key}@atelier-canal.example")
        assert Encounter.objects.filter(owner=member).exclude(status="closed").exists()

    def test_there_is_mail_nobody_has_answered_or_taken(self):
        assert Encounter.objects.filter(owner=None, unanswered=True, channel="email").count() >= 3

    def test_somebody_was_not_content(self):
        week = NOW - dt.timedelta(days=7)
        assert FollowUp.objects.filter(all_done=False, answered_at__gte=week, encounter__status="open").count() >= 2

    def test_the_kiosk_sees_its_own_alone(self):
        sofia = viewer_of(Member.objects.get(email="sofia@atelier-canal.example"))
        with clock_at(NOW):
            sites = {p.site_id for p in promises_at_risk(sofia)}
        assert sites == set(sofia.site_ids)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_while_it_is_loaded_costs_only_what_was_refused():
    with transaction.atomic(), unhindered():
        Business.objects.create(name="Before")
        with contextlib.suppress(Conflict), survivable(), unit():
            Business.objects.create(name="Refused")
            with unit():
                raise Conflict("Taken.")
        Business.objects.create(name="After")
    assert set(Business.objects.values_list("name", flat=True)) == {"Before", "After"}

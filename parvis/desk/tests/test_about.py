"""Naming the need of an encounter: what is promised from then on."""

import pytest

from parvis.catalog.models import Need
from parvis.desk.services import conversation_close, encounter_describe
from parvis.ledger.models import Entry
from parvis.promises.models import Promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def repair(world):
    return Need.objects.create(slug="gearbox", name={"en": "Gears"}, resolution_minutes=960)


def resolutions(encounter):
    return Promise.objects.filter(encounter=encounter, kind="resolution")


def test_a_need_with_a_target_is_promised_to_be_resolved_once(world, repair):
    encounter = world.contact()
    assert not resolutions(encounter).exists()
    for _again in range(2):
        encounter_describe(viewer=world.viewer("agent"), encounter_id=encounter.pk, need_id=repair.pk)
    promise = resolutions(encounter).get()
    assert promise.business_seconds == 960 * 60
    assert Entry.objects.filter(encounter_id=encounter.pk, name="promise.made", actor_kind="system").count() == 2


def test_another_subject_or_a_need_without_target_promises_nothing(world):
    encounter = world.contact()
    small = Need.objects.create(slug="question", name={"en": "A question"})
    viewer = world.viewer("agent")
    encounter_describe(viewer=viewer, encounter_id=encounter.pk, subject="Gears")
    encounter_describe(viewer=viewer, encounter_id=encounter.pk, need_id=small.pk)
    assert not resolutions(encounter).exists()


def test_what_is_closed_is_described_without_a_promise(world, repair):
    encounter = world.contact()
    viewer = world.viewer("agent")
    conversation_close(viewer=viewer, encounter_id=encounter.pk)
    encounter_describe(viewer=viewer, encounter_id=encounter.pk, need_id=repair.pk)
    assert not resolutions(encounter).exists()

"""Pages of figures: honesty and staffing, for those who may see them, from nothing to a full history."""

import datetime as dt

import pytest
from django.test import Client

from parvis.kernel.clock import utcnow
from parvis.queueing.honesty import honesty_of
from parvis.queueing.models import ServiceGoal, Told
from parvis.queueing.staffing import staffing_of
from tests.queueing_world import Hall, month_behind
from tests.world import World


@pytest.fixture
def hall(world: World) -> Hall:
    """A waiting room with a month behind it, in which what was told was honest."""
    hall = Hall.open(world)
    month_behind(hall)
    return hall


def test_honest_words_are_found_honest(hall: Hall) -> None:
    found = honesty_of(hall.world.canal, begin=utcnow() - dt.timedelta(days=60), end=utcnow())
    assert (found.served, found.left) == (380, 20)
    assert all(share.is_kept for share in found.levels)
    assert {g.name for g in found.by_ahead} == {"0", "1", "2–3", "4–6"}
    assert found.ours is not None
    assert all(rival.off > found.ours.off for rival in found.rivals)


def test_words_that_promise_too_much_are_found_out(hall: Hall) -> None:
    Told.objects.update(quantiles={str(q): 60.0 for q in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)})
    found = honesty_of(hall.world.canal, begin=utcnow() - dt.timedelta(days=60), end=utcnow())
    assert not any(share.is_kept for share in found.levels if share.level > 0.2)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_are_drawn(client: Client, hall: Hall, language: str) -> None:
    hall.world.manager.language = language
    hall.world.manager.save()
    client.force_login(hall.world.manager)
    for address in ("/queue/honesty/", "/queue/honesty/?days=7", "/queue/staffing/", "/queue/staffing/goal/"):
        page = client.get(address)
        assert page.status_code == 200, address
    assert b"<svg" in client.get("/queue/honesty/").content
    tried = client.get("/queue/staffing/", {"c20": "0", "c21": "3", "busier": "150"})
    assert tried.context["tried"] is not None


def test_nobody_is_staffed_for_hours_when_the_house_is_closed(hall: Hall) -> None:
    now = utcnow()
    monday = (now + dt.timedelta(days=7 - now.weekday())).date()
    found = staffing_of(hall.world.canal, monday, now=now)
    assert found is not None
    closed = [b for b in range(48) if b < 18 or b == 26 or b > 36]
    assert not found.plan.counters[closed].any()
    sunday = staffing_of(hall.world.canal, monday + dt.timedelta(days=6), now=now)
    assert sunday is not None
    assert not sunday.plan.counters.any()


def test_an_empty_house_is_told_what_to_do(client: Client, world: World) -> None:
    client.force_login(world.lead)
    for address in ("/queue/honesty/", "/queue/staffing/"):
        assert b"empty" in client.get(address).content


def test_bad_numbers_are_refused_in_words(client: Client, hall: Hall) -> None:
    client.force_login(hall.world.manager)
    for asked in ({"day": "someday"}, {"day": "9999-01-01"}, {"c20": "many"}, {"c20": "-1"}, {"c20": "9999"}):
        assert client.get("/queue/staffing/", asked).status_code == 400, asked
    assert client.get("/queue/honesty/", {"site": "99999"}).status_code == 404
    assert client.get("/queue/honesty/", {"site": hall.world.gare.pk}).status_code == 404
    wrong = {"in_time_percent": 100, "within_minutes": 0, "leave_percent": 3, "counter_hour": "x", "leaver": 5}
    assert client.post("/queue/staffing/goal/", wrong).status_code == 422


def test_the_goal_is_the_manager_s(client: Client, hall: Hall) -> None:
    right = {"in_time_percent": 90, "within_minutes": 5, "leave_percent": 2, "counter_hour": "31.50", "leaver": "40"}
    client.force_login(hall.world.lead)
    assert client.post("/queue/staffing/goal/", right).status_code == 403
    client.force_login(hall.world.agent)
    assert client.get("/queue/staffing/").status_code == 403
    client.force_login(hall.world.manager)
    assert client.post("/queue/staffing/goal/", right).status_code == 302
    goal = ServiceGoal.objects.get()
    assert (goal.in_time_percent, goal.within_minutes, goal.counter_hour_minor) == (90, 5, 3150)

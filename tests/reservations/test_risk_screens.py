"""What staff sees of forecasts: a word on Today and in the panel, and the curve of overbooking with its decision."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from parvis.kernel.clock import clock_at, utcnow, zone
from parvis.ledger.models import Entry
from parvis.reservations.models import Booking, Forecast, Offering
from parvis.reservations.services import Caller, Guest, booking_miss
from parvis.reservations.services.forecasting import attendance_refit, forecasts_renew
from parvis.reservations.services.overbooking import overbooking_costs_save
from parvis.staff.domain.viewer import Viewer
from tests.booking import ALL_DAY, House, book
from tests.front.pages import signed_in
from tests.reservations.test_forecasts import _lived as lived
from tests.world import World

FORGETFUL = Guest(name="Olivier Oubli", email="olivier@oubli.example")


@pytest.fixture
def house(world: World) -> tuple[World, Offering, Booking]:
    """The canal with a past, and a booking a few hours ahead of somebody who often stays away."""
    world.canal.hours, world.canal.observes_holidays = ALL_DAY, False
    world.canal.save()
    place = House(world.canal)
    offer = place.offering(place.resource("Hall", "pool", capacity=6))
    lived(offer)
    start = (utcnow() + dt.timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    if start.astimezone(zone(world.canal.timezone)).hour == 0:
        start += dt.timedelta(hours=1)  # else it would be tomorrow's until it begins
    ahead = book(offer, start, guest=FORGETFUL)
    attendance_refit()
    forecasts_renew()
    return world, offer.row, ahead


def test_the_panel_says_who_may_not_come_and_why(house: Any) -> None:
    world, __, ahead = house
    page = signed_in(world, "agent").get(reverse("visit", args=[ahead.reference])).content.decode()
    percent = round(Forecast.objects.get(booking=ahead).missed * 100)
    assert f"May not come: {percent}%" in page
    assert "They missed 35 of 70 earlier bookings." in page
    with translation.override("fr"):
        page = signed_in(world, "agent", "fr").get(reverse("visit", args=[ahead.reference])).content.decode()
    assert "Ne viendra peut-être pas" in page
    assert "A manqué 35 de ses 70 réservations précédentes." in page


def test_a_booking_that_was_moved_or_is_over_has_no_word(house: Any) -> None:
    world, __, ahead = house
    later = ahead.starts_at + dt.timedelta(minutes=30)
    booking_miss(caller=Caller.staff(Viewer.house()), booking_id=ahead.pk, now=later)
    with clock_at(later):
        page = signed_in(world, "agent").get(reverse("visit", args=[ahead.reference])).content.decode()
    assert "May not come" not in page


def test_arrivals_tell_it_without_a_further_statement(house: Any, django_assert_num_queries: Any) -> None:
    from parvis.reservations.arrivals import arrivals

    world, __, ahead = house
    viewer = world.viewer("agent")
    with clock_at(ahead.starts_at - dt.timedelta(minutes=5)), django_assert_num_queries(1):
        rows, __ = arrivals(viewer, now=utcnow())
    assert [row.risk is not None for row in rows] == [True]


def test_the_curve_asks_for_costs_then_is_drawn_and_a_person_decides(house: Any) -> None:
    world, row, __ = house
    client, url = signed_in(world, "administrator"), reverse("settings_overbooking", args=[row.pk])
    assert "the curve is drawn" in client.get(url).content.decode()
    client.post(url, {"turned_away": "30", "empty": "40"})
    page = client.get(url)
    assert page.content.decode().count("<polyline") == 3
    best = page.context["best"]
    assert best > 0
    row.refresh_from_db()
    assert row.overbooking == 0  # advice, not applied
    client.post(f"{url}allow/", {"extra": best, "figures": page.context["figures"]})
    row.refresh_from_db()
    assert row.overbooking == best
    entry = Entry.objects.get(name="reservations.overbooking_decided")
    assert entry.actor_id == world.administrator.pk
    assert entry.data["figures"]["best"] == best
    assert "decided on overbooking" in client.get(reverse("audit")).content.decode()


def test_nobody_decides_without_having_seen_the_figures_nor_without_the_right(house: Any) -> None:
    world, row, __ = house
    url = reverse("settings_overbooking_allow", args=[row.pk])
    assert signed_in(world, "administrator").post(url, {"extra": 2, "figures": "made-up"}).status_code == 400
    assert signed_in(world, "agent").post(url, {"extra": 2}).status_code == 403
    assert signed_in(world, "agent").get(reverse("settings_overbooking", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.overbooking == 0


def test_with_too_little_history_nothing_is_drawn(world: World) -> None:
    place = House(world.canal)
    offer = place.offering(place.resource("Hall", "pool", capacity=6))
    overbooking_costs_save(viewer=Viewer.house(), offering_id=offer.row.pk, turned_away_minor=100, empty_minor=100)
    page = signed_in(world, "administrator").get(reverse("settings_overbooking", args=[offer.row.pk])).content.decode()
    assert "Not enough history yet" in page
    assert "<polyline" not in page


def test_the_page_of_overbooking_is_a_handful_of_queries(house: Any, django_assert_max_num_queries: Any) -> None:
    world, row, __ = house
    overbooking_costs_save(viewer=Viewer.house(), offering_id=row.pk, turned_away_minor=3000, empty_minor=4000)
    client = signed_in(world, "administrator")
    client.get(reverse("settings_overbooking", args=[row.pk]))
    with django_assert_max_num_queries(18):
        client.get(reverse("settings_overbooking", args=[row.pk]))

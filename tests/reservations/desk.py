"""A bookable house around the cast of tests/world.py, for the tests of staff's pages."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from parvis.kernel.clock import utcnow
from parvis.reservations.models import Booking, Offering, Resource
from parvis.reservations.services import Caller, Guest, Wanted, booking_make
from parvis.reservations.services.setting_up import Need, offering_save, resource_save
from parvis.staff.domain.viewer import Viewer
from tests.world import World

HOUSE = Viewer.house()


def next_tuesday() -> dt.date:
    """A day on which the sites are open, a week ahead at least, away from the clocks' changes and holidays' eves."""
    day = utcnow().date() + dt.timedelta(days=7)
    return day + dt.timedelta(days=(1 - day.weekday()) % 7)


@dataclass
class Desk:
    """Malik and Jeanne at `canal`, both able to do a `check` of half an hour; everybody else's site is `gare`."""

    world: World
    malik: Resource
    jeanne: Resource
    check: Offering
    day: dt.date

    def at(self, hour: int, minute: int = 0) -> dt.datetime:
        """A time of the day on the clocks of the house."""
        from zoneinfo import ZoneInfo

        return dt.datetime.combine(self.day, dt.time(hour, minute), tzinfo=ZoneInfo("Europe/Paris"))

    def book(self, hour: int, minute: int = 0, **fields: Any) -> Booking:
        """A booking made by the agent, with Malik unless said otherwise."""
        guest = fields.pop("guest", Guest(name="Zoé Martin", email="zoe@exemple.example"))
        resource = fields.pop("resource", self.malik)
        start = fields.pop("start", None) or self.at(hour, minute)
        wanted = Wanted(self.check.pk, start, wished=frozenset({resource.pk}), **fields)
        return booking_make(caller=Caller.staff(self.world.viewer("agent")), wanted=wanted, guest=guest)


@pytest.fixture
def desk(world: World) -> Desk:
    """See Desk."""
    type(world.canal).objects.filter(pk=world.canal.pk).update(observes_holidays=False)
    site = {"viewer": HOUSE, "site_id": world.canal.pk}
    malik = resource_save(**site, name="Malik", kind="person", position=1, member_id=world.agent.pk)
    jeanne = resource_save(**site, name="Jeanne", kind="person", position=2)
    check = offering_save(
        **site,
        slug="check",
        name={"en": "Quick check", "fr": "Diagnostic"},
        duration_minutes=30,
        step_minutes=30,
        horizon_days=365,
        needs=[Need([malik.pk, jeanne.pk])],
    )
    return Desk(world, malik, jeanne, check, next_tuesday())

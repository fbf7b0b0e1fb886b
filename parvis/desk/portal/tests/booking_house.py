"""A workshop in Paris that takes bookings, and a visitor at its portal: for the tests of the booking pages."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from parvis.catalog.models import Business
from parvis.desk.portal.tokens import form_stamp
from tests.booking import House

WEEK = {day: [["09:00", "12:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
# A Monday; the house opens an hour later.
NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


@pytest.fixture
def at_eight() -> Any:
    """The clocks of Paris stand at eight on a Monday."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db: None) -> House:
    """A site in Paris with office hours."""
    Business.objects.create(name="Atelier du Canal", languages=["fr", "en"], country="FR", timezone="Europe/Paris")
    return House.open("Europe/Paris", WEEK, slug="canal", address="97 quai de Valmy\n75010 Paris")


def stamp(seconds: float = 60) -> str:
    """The stamp of a page that was opened so long ago."""
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds), tick=False):
        return form_stamp()


def text(response: Any) -> str:
    return response.content.decode()


def starts(page: str) -> list[str]:
    """What the buttons of the times send."""
    return re.findall(r'name="start" value="([^"]+)"', page)


def action(page: str, css: str) -> str:
    """Where the form of this class posts to."""
    found = re.search(rf'class="{css}" method="post" action="([^"]+)"', page)
    assert found, page
    return found.group(1).replace("&amp;", "&")


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', page)
    return (found.group(1) or found.group(2)) if found else ""


def chosen(client: Client, slug: str, start: str = "", query: str = "", *, door: str = "book") -> Any:
    """Open the times of an offering and press one: the answer of the hold."""
    page = text(client.get(f"/{door}/{slug}/{query}"))
    return client.post(action(page, "choose-times"), {"start": start or starts(page)[0], "stamp": field(page, "stamp")})


def guest(**changes: Any) -> dict[str, Any]:
    return {"name": "Zoé Martin", "email": "zoe@exemple.example", "phone": "", "note": "", "stamp": stamp(), **changes}


def booked(client: Client, slug: str, start: str = "", query: str = "", **changes: Any) -> str:
    """Book from the first step to the last; the address of the page that says so."""
    held = chosen(client, slug, start, query)
    assert held.status_code == 302, text(held)
    answer = client.post(held["Location"], guest(**changes))
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])

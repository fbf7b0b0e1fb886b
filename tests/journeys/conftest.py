"""Journeys at a front desk: signed in already, the clock of undo as it is, the live feed on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.world import World

BACKEND = "parvis.staff.sessions.Backend"


@pytest.fixture
def open_desk(open_page: Callable[..., Page], live_server: Any, world: World) -> Iterator[Callable[..., Page]]:
    """A function that opens a page as one of the cast; its other arguments are those of `open_page`.

    What the page complains about in its console (a refused style, a failed script) fails the test at its end.
    """
    complaints: list[str] = []

    def open_one(who: str = "agent", address: str = "/inbox/mine/", **options: Any) -> Page:
        client = Client()
        client.force_login(getattr(world, who), backend=BACKEND)
        page = open_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(address)
        return page

    yield open_one
    assert complaints == []

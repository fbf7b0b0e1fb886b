"""Signed-in clients for the desk's pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# The catalog asks by the clock whether it is still current: how often, a test cannot know.
BY_THE_CLOCK = "catalog_version"
BACKEND = "parvis.staff.sessions.Backend"
HTMX = {"HX-Request": "true"}


def cost(client: Client, address: str, **headers: str) -> int:
    """How many queries a page takes, those left out that depend on the clock."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return sum(BY_THE_CLOCK not in query["sql"] for query in captured)


@pytest.fixture
def as_member(world: Any) -> Callable[[str], Client]:
    """A client signed in as one of the cast."""

    def sign_in(who: str) -> Client:
        client = Client()
        client.force_login(getattr(world, who), backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def agent(as_member: Callable[[str], Client]) -> Client:
    """The agent's client."""
    return as_member("agent")


@pytest.fixture
def outsider(as_member: Callable[[str], Client]) -> Client:
    """The client of the agent of the other site."""
    return as_member("outsider")

"""A caller of the API, as one of the cast."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from parvis.staff import api as staff_api
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import token_create
from tests.world import World


class Caller:
    """Calls /api/v1 as a member, within scopes."""

    def __init__(self, secret: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        send = getattr(self.client, method)
        options = {"headers": {**self.headers, **headers}}
        if body is not None:
            return send(f"/api/v1{path}", data=body, content_type="application/json", **options)
        return send(f"/api/v1{path}", **options)


@pytest.fixture
def call_as(world: World) -> Callable[..., Caller]:
    """`call_as("agent")` or `call_as("agent", ["customers:read"])`."""
    staff_api._remembered.clear()

    def make(who: str, scopes: Any = staff_api.SCOPES) -> Caller:
        member = getattr(world, who)
        __, secret = token_create(viewer=Viewer.house(), member_id=member.pk, name="test", scopes=scopes)
        return Caller(secret)

    return make

"""What the tests of pages share: somebody signed in, and how their browser asks."""

from typing import Any

from django.test import Client

from tests.world import World

HTMX = {"HX-Request": "true"}


def signed_in(world: World, who: str, language: str = "en") -> Client:
    """A browser in which one of the cast is signed in, in a language."""
    member = getattr(world, who)
    type(member).objects.filter(pk=member.pk).update(language=language)
    client = Client()
    client.force_login(member, backend="parvis.staff.sessions.Backend")
    return client


def text_of(response: Any) -> str:
    """The page as text; fails for any other status than 200."""
    assert response.status_code == 200, response.status_code
    return response.content.decode()

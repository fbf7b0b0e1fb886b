"""A house with a row of everything, and people at its door."""

import pytest
from django.core.cache import cache

from tests.api.conftest import call_as
from tests.security.routes import House, house_filled
from tests.world import World

__all__ = ["call_as"]


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> None:
    """allauth counts attempts, and codes that were used, in the cache."""
    cache.clear()


@pytest.fixture
def house(world: World) -> House:
    """See House."""
    return house_filled(world)

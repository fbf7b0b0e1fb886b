"""A receiver on this machine, which Parvis may ask."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import call_as  # noqa: F401  (a fixture)
from tests.webhooks.receiver import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.PARVIS_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    made = Receiver()
    made.start()
    yield made
    made.stop()

"""What every test of the queue begins with."""

import pytest

from parvis.queueing.estimates import forget_replays


@pytest.fixture(autouse=True)
def _nothing_is_foretold_yet() -> None:
    """What another test worked out for a line with the same ids."""
    forget_replays()

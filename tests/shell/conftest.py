"""The shell's own pages: the styleguide, and a workbench with parts that only tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings


@pytest.fixture(autouse=True, scope="package")
def _shell_pages() -> Iterator[None]:
    """For all of these tests at once: a page that asks late, between two of them, would find other templates."""
    engine = {**settings.TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}
    with override_settings(PARVIS_STYLEGUIDE=True, TEMPLATES=[engine]):
        yield

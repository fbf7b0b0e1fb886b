"""The shell's own pages: the styleguide, and a workbench with parts that only tests need."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _shell_pages(settings):
    settings.PARVIS_STYLEGUIDE = True
    engine = dict(settings.TEMPLATES[0])
    settings.TEMPLATES = [{**engine, "DIRS": [Path(__file__).parent / "templates"]}]

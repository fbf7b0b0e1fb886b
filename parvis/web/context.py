"""What every page of the shell shows."""

from typing import Any

from django.http import HttpRequest

from parvis.catalog.selectors import business


def shell(request: HttpRequest) -> dict[str, Any]:
    """The house's name and brand."""
    return {"business": business()}

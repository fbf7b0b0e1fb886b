"""Addresses of many rows at once: a list asks for twenty-five, and reversing each costs more than drawing it."""

from functools import cache

from django.urls import reverse

_PLACE = "REFERENCE"


def address(name: str, reference: str) -> str:
    """`reverse(name, args=[reference])` for a route whose one argument is a reference."""
    return _pattern(name).replace(_PLACE, reference)


@cache
def _pattern(name: str) -> str:
    return reverse(name, args=[_PLACE])

"""A long story that several tests look at, told once and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


class _Undo(Exception):
    """Ends the transaction that the story lives in."""


@contextmanager
def undone(blocker: Any) -> Iterator[None]:
    """A transaction for a fixture of a whole file (`blocker`: pytest-django's); nothing of it stays."""
    with blocker.unblock():
        try:
            with transaction.atomic():
                yield
                raise _Undo
        except _Undo:
            pass

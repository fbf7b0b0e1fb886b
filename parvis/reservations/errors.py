"""Refusals of this context that carry more than words."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import Conflict
from parvis.reservations.availability import Slot


class Taken(Conflict):
    """There is no place (any more). `alternatives`: near starts that were free a moment ago, the nearest first."""

    default_code = "taken"

    def __init__(self, message: Any = None, *, alternatives: Sequence[Slot] = (), **options: Any) -> None:
        super().__init__(message or _("This time has just been taken."), **options)
        self.alternatives = list(alternatives)

    def as_dict(self) -> dict[str, Any]:
        answer = super().as_dict()
        answer["alternatives"] = [
            {"start": _iso(s.start), "end": _iso(s.end), "places": s.places, "session": s.session_id}
            for s in self.alternatives
        ]
        return answer


def _iso(instant: dt.datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")

"""The error tree: everything that can be refused, with words for the person who meets the refusal.

A message says what is wrong, a hint says what to do about it. Both may be lazy translation strings: the
kernel only carries them and turns them into text when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ParvisError(Exception):
    """Root of all errors that Parvis raises on purpose.

    message: text, or a lazy translation, for a person.
    code:    stable machine word (``"slot_taken"``); defaults to the class's ``default_code``.
    hint:    what to do next, for a person, or None.
    fields:  errors by field name, ``{"email": "…"}`` or ``{"email": ["…", "…"]}``; empty when not a form's.
    """

    http_status = 500
    default_code = "error"

    def __init__(
        self,
        message: Any,
        *,
        code: str | None = None,
        hint: Any = None,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The error as plain JSON-ready values, lazy strings turned into text in the current language."""
        answer: dict[str, Any] = {"code": self.code, "message": str(self.message)}
        if self.hint is not None:
            answer["hint"] = str(self.hint)
        if self.fields:
            answer["fields"] = {name: _texts(value) for name, value in self.fields.items()}
        return answer


class Invalid(ParvisError):
    """What was given cannot be used: 422 when single fields are named, 400 otherwise."""

    http_status = 400
    default_code = "invalid"

    def __init__(self, message: Any, **options: Any) -> None:
        super().__init__(message, **options)
        if self.fields:
            self.http_status = 422


class NotAllowed(ParvisError):
    """The person is known and may not do this."""

    http_status = 403
    default_code = "not_allowed"


class NotFound(ParvisError):
    """It does not exist, or this person may not know that it does."""

    http_status = 404
    default_code = "not_found"


class Conflict(ParvisError):
    """The state changed under the caller: look again, then decide again."""

    http_status = 409
    default_code = "conflict"


class Busy(ParvisError):
    """Nothing is wrong with the request, it comes at a bad moment; ``retry_after`` is in seconds or None."""

    http_status = 429
    default_code = "busy"

    def __init__(self, message: Any, *, retry_after: float | None = None, **options: Any) -> None:
        super().__init__(message, **options)
        self.retry_after = retry_after


class TooMany(Busy):
    """A limit on how often or how much was passed."""

    default_code = "too_many"


class Unavailable(ParvisError):
    """Something that Parvis depends on (a mail server, a database, an add-on) does not answer or is
    missing.
    """

    http_status = 503
    default_code = "unavailable"


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]

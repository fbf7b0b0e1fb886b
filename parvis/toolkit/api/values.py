"""Values as they cross the API's door."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime
from pydantic_core import to_json


def clean_text(text: str) -> str:
    """Text that either database takes: without NUL, and with U+FFFD for halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _sensible(instant: dt.datetime) -> dt.datetime:
    if not 1970 <= instant.year <= 2200:
        raise ValueError("The year must lie between 1970 and 2200.")
    return instant.astimezone(dt.UTC)


Text = Annotated[str, AfterValidator(clean_text)]
Line = Annotated[str, Field(max_length=300), AfterValidator(clean_text)]
Long = Annotated[str, Field(max_length=200_000), AfterValidator(clean_text)]
Reference = Annotated[str, Field(max_length=40, examples=["E-7K3F9"]), AfterValidator(clean_text)]
Instant = Annotated[AwareDatetime, AfterValidator(_sensible)]
Cursor = Annotated[str | None, Field(max_length=400, description="`next_cursor` of the page before")]
Size = Annotated[int, Field(ge=1, le=200)]


class Problem(Schema):
    """An error as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: dict[str, Any] | None = None
    alternatives: list[dict[str, Any]] | None = None


PROBLEMS = {frozenset({400, 401, 403, 404, 409, 422, 429}): Problem}


def as_it_is(value: Any, status: int = 200) -> HttpResponse:
    """An answer of many rows, or asked for often, written down without being tried against the schema: that takes long.

    Instants are UTC already; tests hold the rows to the schema.
    """
    return HttpResponse(to_json(value), status=status, content_type="application/json; charset=utf-8")

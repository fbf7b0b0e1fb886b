"""Texts that belong to the business, kept in every language of the house: {"en": "…", "fr": "…"}."""

from collections.abc import Mapping
from string import Template
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language


class BilingualField(models.JSONField):
    """A JSON object of language code → text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


def in_language(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """The text in `language` (default: the active one), or in whichever language there is one."""
    if not texts:
        return ""
    language = (language or get_language() or settings.LANGUAGE_CODE)[:2]
    return texts.get(language) or next((t for t in texts.values() if t), "")


class _Placeholders(Template):
    pattern = r"\{(?:(?P<escaped>\{)|(?P<named>[a-z_]+)\}|(?P<braced>(?!))|(?P<invalid>(?!)))"  # type: ignore[assignment]


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Put values into `{placeholders}`; unknown ones stay as they are, and no expression is ever evaluated."""
    return _Placeholders(text).safe_substitute({k: str(v) for k, v in values.items()})

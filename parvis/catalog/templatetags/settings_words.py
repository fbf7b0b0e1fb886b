"""Words of the settings' templates: ``{% load settings_words %}``."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parvis.catalog.domain.spans import length_text

register = template.Library()


@register.simple_tag
def length(minutes: int | None) -> str:
    """Minutes in words: "2 h", "1 h 30", "45 min"."""
    return length_text(minutes)


@register.filter
def other_language(texts: dict[str, str]) -> str:
    """What a bilingual text says in the languages that are not the reader's."""
    here = (get_language() or "en")[:2]
    return " · ".join(text for code, text in texts.items() if code != here and text)


@register.filter
def inherited(target: Any) -> str:
    """Where a promised time comes from: "inherits 2 h from Repair"."""
    if target.minutes is None:
        return ""
    if not target.from_name:
        return _("%(length)s, as everywhere") % {"length": length_text(target.minutes)}
    return _("inherits %(length)s from %(name)s") % {"length": length_text(target.minutes), "name": target.from_name}

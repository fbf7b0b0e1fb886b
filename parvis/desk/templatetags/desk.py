"""Filters of the desk's templates: `{% load desk %}`."""

from typing import Any

from django import template

from parvis.desk import panel

register = template.Library()


@register.filter
def follow_up_words(follow_up: Any) -> str:
    """How the question after closing was answered, in the reader's words."""
    return panel.follow_up_words(follow_up)

"""Tags and filters of the shell's templates: ``{% load ui %}``. docs/ui.md lists what each one takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zlib import crc32

from django import forms, template
from django.forms import BoundField
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from parvis.toolkit.drawn import drawn
from parvis.web import words
from parvis.web.icons import icon_body, icon_svg

register = template.Library()

HUES = 8
MOMENTS: dict[str, Callable[[datetime], str]] = {
    "short": words.short_words,
    "ago": words.ago_words,
    "day": words.day_words,
    "full": words.full_words,
    "left": words.time_left_words,
}


# Fragments -------------------------------------------------------------------------------------------------------
@register.simple_tag(name="drawn")
def drawn_once(template_name: str, **values: Any) -> SafeString:
    """``{% drawn "web/ui/rail.html" rail=rail %}``: include with these values alone, drawn once while they stay."""
    return drawn(template_name, values)


# Icons ---------------------------------------------------------------------------------------------------------
class IconNode(template.Node):
    """``{% icon "inbox" %}``, with a literal name checked when the template is compiled."""

    def __init__(self, name: FilterExpression, options: dict[str, FilterExpression]) -> None:
        self.name = name
        self.options = options

    def render(self, context: template.Context) -> SafeString:
        options = {key: str(value.resolve(context)) for key, value in self.options.items()}
        return icon_svg(str(self.name.resolve(context)), **options)


@register.tag("icon")
def icon(parser: Parser, token: Token) -> IconNode:
    """``{% icon name [label=text] [css=classes] %}``: one Tabler icon, drawn inline in the text's colour."""
    bits = token.split_contents()[1:]
    options = dict(bit.split("=", 1) for bit in bits[1:] if "=" in bit)
    if not bits or len(options) != len(bits) - 1 or set(options) - {"label", "css"}:
        raise template.TemplateSyntaxError("{% icon %} takes a name, and optionally label= and css=")
    if bits[0][0] in "\"'":
        try:
            icon_body(bits[0][1:-1])
        except LookupError as error:
            raise template.TemplateSyntaxError(str(error)) from error
    return IconNode(parser.compile_filter(bits[0]), {k: parser.compile_filter(v) for k, v in options.items()})


# Times -----------------------------------------------------------------------------------------------------------
@register.simple_tag
def moment(value: datetime | None, style: str = "short") -> SafeString | str:
    """``{% moment dt "short" %}``: a <time> with the whole moment as its title; nothing for None.

    style: "short" (14:32, Yesterday, Thu, 12 Nov), "ago", "left", "day" (Thu 26 Nov, 14:32) or "full".
    "ago" and "left" stay current while the page is open.
    """
    if value is None:
        return ""
    live = f' data-relative="{style}"' if style in {"ago", "left"} else ""
    full, shown = escape(words.full_words(value)), escape(MOMENTS[style](value))
    # Every part is escaped above or ours: format_html would look at each once more, a hundred times a page.
    return SafeString(f'<time datetime="{value.isoformat()}" title="{full}"{live}>{shown}</time>')


@register.filter
def time_left(due: datetime) -> str:
    """``{{ due|time_left }}``: "2 h 10 left" or "late 25 min", as plain text."""
    return words.time_left_words(due)


# Small readings of values ----------------------------------------------------------------------------------------
@register.filter
def initials(name: object) -> str:
    """One or two capitals for a person or a business: "Anne-Laure de Villedieu" → "AV", "zoé" → "Z"."""
    parts = [w for w in re.split(r"[\s.@_]+", str(name or "")) if w and w[0].isalnum()]
    capitals = [w for w in parts if w[0].isupper() or w[0].isdigit()] or parts
    picked = capitals[:1] + capitals[-1:] if len(capitals) > 1 else capitals[:1]
    return "".join(word[0] for word in picked).upper()


@register.filter
def hue(key: object) -> int:
    """A stable colour number, 0 to 7, for an id or a name: the same person wears the same colour everywhere."""
    text = str(key or "")
    return int(text) % HUES if text.isascii() and text.isdigit() else crc32(text.encode()) % HUES


@register.filter
def count99(number: Any) -> str:
    """A count as it fits a badge: "7", "99+", and nothing for zero or None."""
    value = int(number or 0)
    return "" if value <= 0 else "99+" if value > 99 else str(value)


@register.filter
def as_json(value: Any) -> str:
    """A value as JSON for a data attribute (the template escapes it); nothing for an empty one."""
    return json.dumps(value, ensure_ascii=False) if value else ""


# Forms -----------------------------------------------------------------------------------------------------------
@register.simple_tag
def field(bound: BoundField | str, kind: str = "", label: str = "", help: str = "") -> SafeString | str:
    """``{% field form.email %}``: label, help, widget and errors, tied together for screen readers.

    kind: "" (from the widget), "toggle" for a checkbox, "segmented" for radio buttons in a row.
    label, help: texts for this page instead of the form's own. A field that the form lacks draws nothing.
    """
    if not isinstance(bound, BoundField):
        return ""
    if bound.is_hidden:
        return bound.as_widget()
    if help:
        bound.help_text = help
    widget = bound.field.widget
    kind = kind or _kind(widget)
    attrs: dict[str, str | bool] = {"class": "toggle", "role": "switch"} if kind == "toggle" else {}
    context = {
        "field": bound,
        "kind": kind,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=attrs) if kind not in {"choices", "segmented"} else "",
        "optional": not bound.field.required and kind not in {"checkbox", "toggle"},
    }
    return render_to_string("web/ui/field.html", context)


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "choices"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "control"

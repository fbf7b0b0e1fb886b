"""Tags and filters of the shell's templates: ``{% load ui %}``. docs/ui.md lists what each one takes."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
log = logging.getLogger("parvis.web")

ICONS = Path(__file__).resolve().parent.parent / "static/web/vendor/icons"
FALLBACK_ICON = "point"
HUES = 8


# Icons ---------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=512)
def icon_body(name: str) -> str:
    """The drawing inside a vendored Tabler icon, on a 24 × 24 field.

    Raises LookupError when no such icon is vendored (``scripts/vendor.py --icon NAME`` brings it).
    """
    path = ICONS / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise LookupError(f"Icon {name!r} is not vendored: run scripts/vendor.py --icon {name}")
    svg = path.read_text(encoding="utf-8")
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return re.sub(r"\s*\n\s*", "", body)


def icon_svg(name: str, label: str = "", css: str = "") -> SafeString:
    """An inline SVG: decorative (hidden from screen readers) unless ``label`` says what it means.

    A name that is not vendored draws a dot and is logged: a missing picture must not take a page down.
    """
    try:
        body = icon_body(name)
    except LookupError as error:
        log.warning("%s", error)
        body = icon_body(FALLBACK_ICON)
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        f" {css}" if css else "",
        voice,
        mark_safe(body),
    )


class IconNode(template.Node):
    """``{% icon "inbox" %}``, with a literal name checked when the template is compiled."""

    def __init__(self, name: FilterExpression, options: dict[str, FilterExpression]) -> None:
        self.name = name
        self.options = options

    def render(self, context: template.Context) -> str:
        options = {key: str(value.resolve(context)) for key, value in self.options.items()}
        return icon_svg(str(self.name.resolve(context)), **options)


@register.tag("icon")
def icon(parser: Parser, token: Token) -> IconNode:
    """``{% icon name [label=text] [css=classes] %}``: one Tabler icon, drawn inline in the text's colour."""
    bits = token.split_contents()[1:]
    if not bits:
        raise template.TemplateSyntaxError("{% icon %} needs the name of an icon")
    options = dict(bit.split("=", 1) for bit in bits[1:])
    if set(options) - {"label", "css"}:
        raise template.TemplateSyntaxError("{% icon %} takes label= and css= only")
    if bits[0][0] in "\"'":
        try:
            icon_body(bits[0][1:-1])
        except LookupError as error:
            raise template.TemplateSyntaxError(str(error)) from error
    return IconNode(parser.compile_filter(bits[0]), {k: parser.compile_filter(v) for k, v in options.items()})


# Small readings of values ----------------------------------------------------------------------------------------
@register.filter
def initials(name: object) -> str:
    """One or two capitals for a person or a business: "Anne-Laure de Villedieu" → "AV", "zoé" → "Z"."""
    words = [w for w in re.split(r"[\s.@_]+", str(name or "")) if w and w[0].isalnum()]
    capitals = [w for w in words if w[0].isupper() or w[0].isdigit()] or words
    picked = capitals[:1] + capitals[-1:] if len(capitals) > 1 else capitals[:1]
    return "".join(word[0] for word in picked).upper()


@register.filter
def hue(key: object) -> int:
    """A stable colour number, 0 to 7, for an id or a name: the same person wears the same colour everywhere."""
    text = str(key or "")
    return int(text) % HUES if text.isascii() and text.isdigit() else crc32(text.encode()) % HUES


@register.filter
def count99(number: object) -> str:
    """A count as it fits a badge: "7", "99+", and nothing for zero or None."""
    value = int(number or 0)  # type: ignore[call-overload]
    return "" if value <= 0 else "99+" if value > 99 else str(value)

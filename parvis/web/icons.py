"""Tabler's icons, drawn inline from the vendored files."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

log = logging.getLogger("parvis.web")

FOLDER = Path(__file__).resolve().parent / "static/web/vendor/icons"
FALLBACK = "point"


@lru_cache(maxsize=512)
def icon_body(name: str) -> str:
    """The drawing inside a vendored icon, on a 24 × 24 field.

    Raises LookupError when no such icon is vendored (``scripts/vendor.py --icon NAME`` brings it).
    """
    path = FOLDER / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise LookupError(f"Icon {name!r} is not vendored: run scripts/vendor.py --icon {name}")
    svg = path.read_text(encoding="utf-8")
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    # Tabler puts an empty square first; it draws nothing.
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body)
    return re.sub(r"\s*\n\s*", "", body)


@lru_cache(maxsize=1024)
def icon_svg(name: str, label: str = "", css: str = "") -> SafeString:
    """An inline SVG: decorative (hidden from screen readers) unless ``label`` says what it means.

    A name that is not vendored draws a dot and is logged: a missing picture must not take a page down.
    """
    try:
        body = icon_body(name)
    except LookupError as error:
        log.warning("%s", error)
        body = icon_body(FALLBACK)
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        f" {css}" if css else "",
        voice,
        mark_safe(body),
    )

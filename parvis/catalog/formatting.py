"""The little formatting that a manager may give an answer: paragraphs, lists, bold, links; nothing else."""

import re

from django.utils.html import conditional_escape, format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ITEM = re.compile(r"\s*[-•]\s+")


def answer_html(text: str) -> SafeString:
    """HTML of a text in which a blank line ends a paragraph, "- " begins an item, **words** stand out, links work.

    Everything is escaped before anything is added: markup in the text shows as it was typed.
    """
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()]
    return mark_safe("".join(_block(block) for block in blocks))


def _block(block: str) -> SafeString:
    parts: list[SafeString] = []
    plain: list[str] = []
    items: list[str] = []

    def settle() -> None:
        if plain:
            lines = [(_inline(line),) for line in plain]
            parts.append(format_html("<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", lines)))
            plain.clear()
        if items:
            parts.append(
                format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", [(_inline(i),) for i in items]))
            )
            items.clear()

    for line in block.split("\n"):
        is_item = _ITEM.match(line)
        if (is_item and plain) or (not is_item and items):
            settle()
        (items if is_item else plain).append(_ITEM.sub("", line, count=1) if is_item else line.strip())
    settle()
    return mark_safe("".join(parts))


def _inline(line: str) -> SafeString:
    linked = urlize(conditional_escape(line), nofollow=True, autoescape=False)
    return mark_safe(_BOLD.sub(r"<strong>\1</strong>", linked))

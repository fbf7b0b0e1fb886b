"""Which parts are the text, which are attachments (RFC 8621 §4.1.4), and the text itself."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from . import charset as charsets
from . import smime
from .attachments import as_attachment, embedded_attachment, has_file_name, is_attached
from .htmltext import html_to_text
from .sanitise import is_too_large, sanitise
from .structure import Part, parse_structure
from .transfer import extract_embedded
from .values import Attachment

_MEDIA = ("image/", "audio/", "video/")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.I)
_SHOWN = re.compile(r' data-cid="([^"]*)"')
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Body:
    """What there is to read."""

    text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class _Selection:
    """Parts sorted by use; in both lists when there is no alternative."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    unwrapped: bool = False


def read_body(root: Part) -> Body:
    """Text, sanitised HTML and attachments of the tree ``root``."""
    chosen = _Selection()
    _select([root], "mixed", chosen, in_alternative=False)
    body = Body()
    extra: list[Attachment] = []
    rendered: dict[int, str] = {}

    plain: list[str] = []
    for part in chosen.text:
        if _kind(part) == "text/html":
            source = html_source(part)
            rendered[id(part)] = sanitise(source)
            plain.append(html_to_text(rendered[id(part)], tight="MsoNormal" in source))
        elif _kind(part).startswith("text/"):
            plain.append(_plain_text(part, extra))
    body.text = "\n\n".join(piece for piece in plain if piece.strip())

    if any(_kind(part) == "text/html" for part in chosen.html):
        body.html, cut = _html(chosen.html, rendered)
        extra.extend(cut)
        if not body.text.strip():
            body.text = html_to_text(body.html)
    if not body.text.strip() and not chosen.attachments and not extra:
        body.text = _outside_text(root)

    shown = frozenset(entities.unescape(found) for found in _SHOWN.findall(body.html or ""))
    used: set[str] = set()
    body.attachments = (*(as_attachment(part, shown, used) for part in chosen.attachments), *extra)
    return body


def _kind(part: Part) -> str:
    """The type to treat a leaf as: a multipart without parts is text in disguise."""
    kind = part.content_type or "text/plain"
    return "text/plain" if kind.startswith("multipart/") and not part.children else kind


def _select(parts: list[Part], multipart: str, chosen: _Selection, *, in_alternative: bool) -> None:
    """The algorithm of RFC 8621 §4.1.4, with one list per use."""
    text_before, html_before = len(chosen.text), len(chosen.html)
    for index, part in enumerate(parts):
        if part.children:
            kind = part.content_type.partition("/")[2]
            _select(part.children, kind, chosen, in_alternative=in_alternative or kind == "alternative")
            continue
        kind = _kind(part)
        readable = kind in ("text/plain", "text/html")
        inline = (
            not is_attached(part)
            and (readable or kind.startswith(_MEDIA))
            and (index == 0 or (multipart != "related" and (kind.startswith(_MEDIA) or not has_file_name(part))))
        )
        if not inline or not readable:
            chosen.attachments.append(part)
            if kind in smime.TYPES and (signed := smime.signed_content(part.payload())) and not chosen.unwrapped:
                chosen.unwrapped = True  # once: what is signed twice stays a file
                _select([parse_structure(signed)], multipart, chosen, in_alternative=in_alternative)
            continue
        if has_file_name(part):  # read as text, and still the file that somebody attached
            chosen.attachments.append(part)
        if in_alternative:
            (chosen.text if kind == "text/plain" else chosen.html).append(part)
        else:
            chosen.text.append(part)
            chosen.html.append(part)
    if multipart == "alternative":
        if len(chosen.text) == text_before:
            chosen.text.extend(chosen.html[html_before:])
        elif len(chosen.html) == html_before:
            chosen.html.extend(chosen.text[text_before:])


def _plain_text(part: Part, extra: list[Attachment]) -> str:
    data, files = extract_embedded(part.payload())
    extra.extend(embedded_attachment(file, part) for file in files)
    text = charsets.decode(data, part.parameters.get("charset", ""), part.headers.hint)
    text = _LINE_END.sub("\n", text)
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def html_source(part: Part) -> str:
    """The HTML of a part, decoded by its label, else by its own meta element."""
    data = part.payload()
    label = part.parameters.get("charset", "")
    if not charsets.codec_name(label) and (meta := _META_CHARSET.search(data, 0, 4096)):
        label = meta.group(1).decode("ascii")
    return charsets.decode(data, label, part.headers.hint)


def _html(parts: list[Part], rendered: dict[int, str]) -> tuple[str, list[Attachment]]:
    """All HTML in order, plain pieces between as HTML; what had to be cut comes along whole as a file."""
    pieces: list[str] = []
    cut: list[Attachment] = []
    for part in parts:
        if _kind(part) == "text/html":
            source = html_source(part)
            if is_too_large(source):
                cut.append(Attachment("message.html", "text/html", False, part.payload()))
            pieces.append(rendered.get(id(part)) or sanitise(source))
        elif _kind(part).startswith("text/") and (text := _plain_text(part, [])).strip():
            pieces.append('<div style="white-space:pre-wrap">' + entities.escape(text.strip("\n")) + "</div>")
    return "\n".join(pieces), cut


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines of format=flowed text (RFC 3676): a blank at a line's end means that it goes on."""
    lines: list[str] = []
    pieces: list[str] = []
    depth = 0
    for raw in text.split("\n"):
        marks, rest = _split_quote(raw)
        if rest.startswith(" "):
            rest = rest[1:]  # space-stuffing
        signature = rest == "-- "
        if pieces and (len(marks) != depth or signature):
            lines.append(_quoted(depth, "".join(pieces)))
            pieces = []
        depth = len(marks)
        if rest.endswith(" ") and not signature:
            pieces.append(rest[:-1] if delete_space else rest)
        else:
            lines.append(_quoted(depth, "".join([*pieces, rest])))
            pieces = []
    if pieces:
        lines.append(_quoted(depth, "".join(pieces)))
    return "\n".join(lines)


def _split_quote(line: str) -> tuple[str, str]:
    rest = line.lstrip(">")
    return line[: len(line) - len(rest)], rest


def _quoted(depth: int, text: str) -> str:
    return f"{'>' * depth} {text}".rstrip() if depth else text


def _outside_text(root: Part) -> str:
    """What stands before and after the parts, when there is nothing else to read."""
    pieces = [root.data[start:end] for part in root.walk() for start, end in part.outside]
    label = root.parameters.get("charset", "")
    return "\n\n".join(charsets.decode(piece, label).strip() for piece in pieces if piece.strip())

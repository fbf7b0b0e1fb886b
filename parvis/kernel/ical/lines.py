"""From bytes to components: decoding, unfolding, content lines and their nesting (RFC 5545 §3.1, §3.6).

Nothing here raises on odd input: what cannot be used is noted, and reading goes on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .model import Problem

MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 1_000_000
MAX_PROBLEMS = 1_000
MAX_PARAMS = 100

# Blank lines mean nothing, and some stand before a fold.
_BREAKS, _BREAKS_TEXT = re.compile(rb"[\r\n]+"), re.compile(r"[\r\n]+")
# A fold may stand in the middle of a character, so bytes are unfolded before they are decoded.
_FOLD, _FOLD_TEXT = re.compile(rb"\n[ \t]"), re.compile(r"\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_PARAM = re.compile(r';([^=;:"]*+)=((?:"[^"]*+"|[^";:]++)*+)')
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}


@dataclass(slots=True)
class Line:
    """One property: ``NAME;PARAM=…:value`` with the name and parameter names in capitals, the value untouched."""

    name: str
    value: str
    params: dict[str, str] = field(default_factory=dict)
    number: int = 0


@dataclass(slots=True)
class Component:
    """BEGIN…END with its lines and inner components, in order."""

    name: str
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """The first line of that name that has a value."""
        return next((line for line in self.lines if line.name == name and line.value.strip()), None)

    def all(self, name: str) -> list[Line]:
        """All lines of that name."""
        return [line for line in self.lines if line.name == name]

    def text(self, name: str) -> str:
        """The raw value of the first line of that name, stripped; empty when there is none."""
        line = self.first(name)
        return line.value.strip() if line else ""


class Notes:
    """Collects problems up to a number beyond which nobody reads them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, where: str = "", detail: str = "", line: int = 0) -> None:
        """Note a problem once more; silently dropped beyond MAX_PROBLEMS."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where[:80], detail[:80], line))


def components_of(source: str | bytes, notes: Notes) -> Component:
    """The tree of components, under a root without a name; never raises."""
    root = Component("")
    stack = [root]
    for number, text in enumerate(_unfolded(source, notes), 1):
        if number > MAX_LINES:
            notes.add("too_many", "lines")
            break
        if not text.strip():
            continue
        if (line := _line_of(text, number)) is None:
            notes.add("bad_line", stack[-1].name, text, number)
        elif line.name == "BEGIN":
            inner = Component(line.value.strip().upper())
            stack[-1].children.append(inner)
            stack.append(inner)
        elif line.name == "END":
            _close(stack, line, notes)
        else:
            stack[-1].lines.append(line)
    if len(stack) > 1:
        notes.add("unbalanced", stack[-1].name)
    return root


def _close(stack: list[Component], line: Line, notes: Notes) -> None:
    name = line.value.strip().upper()
    # Depth counts from the end: a missing END closes with the component around it.
    depth = next((i for i in range(len(stack) - 1, 0, -1) if stack[i].name == name), 0)
    if depth != len(stack) - 1 or not depth:
        notes.add("unbalanced", name, line.value, line.number)
    if depth:
        del stack[depth:]


def _unfolded(source: str | bytes, notes: Notes) -> Iterator[str]:
    if len(source) > MAX_BYTES:
        notes.add("too_large", "calendar", str(len(source)))
        source = source[:MAX_BYTES]
    text = _decoded(source, notes) if isinstance(source, bytes | bytearray | memoryview) else source
    text = _FOLD_TEXT.sub("", _BREAKS_TEXT.sub("\n", text.removeprefix("\ufeff")))
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _decoded(raw: bytes, notes: Notes) -> str:
    raw = bytes(raw)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    raw = _FOLD.sub(b"", _BREAKS.sub(b"\n", raw))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        notes.add("encoding", "calendar", str(error.reason))
        return raw.decode("cp1252", "replace")


def _line_of(text: str, number: int) -> Line | None:
    name = _NAME.match(text)
    if name is None:
        return None
    at = name.end()
    params: dict[str, str] = {}
    while len(params) < MAX_PARAMS and (param := _PARAM.match(text, at)) is not None:
        params.setdefault(param[1].strip().upper(), _param_value(param[2]))
        at = param.end()
    # Some write a parameter without a value, or quote badly; the value then begins behind the next colon.
    colon = text.find(":", at)
    if colon < 0:
        return None
    return Line(name[0].upper(), text[colon + 1 :], params, number)


def _param_value(raw: str) -> str:
    value = raw.strip()
    if value.startswith('"') and value.endswith('"') and value.count('"') == 2:
        value = value[1:-1]
    return _CARET.sub(lambda found: _CARETS[found[1]], value)  # RFC 6868

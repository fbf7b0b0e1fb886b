"""The tree of parts of a mail, cut from the bytes in one pass.

Own code instead of :mod:`email`, because that one crashes on unknown charsets, needs seconds for deeply
nested mails (every line is tried against every open boundary) and cannot be bounded. Here each line that
starts with two dashes costs one look-up, depth and number of parts are limited, and what lies beyond a limit
stays inside the last part: bytes are never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .headers import Headers, parse_parameters, read_headers
from .transfer import decode_base64, decode_transfer

MAX_DEPTH = 40
MAX_PARTS = 2000

_DASHES = re.compile(rb"^--", re.M)
# A boundary nobody declared: a line of dashes and text, directly followed by a Content- field.
_UNDECLARED = re.compile(rb"^--(\S[^\r\n]{0,200}?)[ \t]*\r?\n(?:content-[a-z-]{2,30}[ \t]*:)", re.M | re.I)
_TYPE = re.compile(r"[!-.0-~]+/[!-.0-~]+\Z")
_ENCODED = ("base64", "quoted-printable", "x-uuencode", "uuencode")


@dataclass(slots=True)
class Part:
    """One node: a multipart with ``children``, or a leaf whose ``payload()`` is its decoded content."""

    headers: Headers
    data: bytes
    start: int  # of the body, in ``data``
    end: int
    content_type: str  # "text/plain"; "" when not declared and not inherited
    parameters: dict[str, str]
    parent_type: str = ""
    children: list[Part] = field(default_factory=list)
    outside: list[tuple[int, int]] = field(default_factory=list)  # preamble and epilogue of a multipart

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def body(self) -> bytes:
        """The body as it stands in the mail, still encoded."""
        return self.data[self.start : self.end]

    def payload(self) -> bytes:
        """The body with its transfer encoding undone."""
        return decode_transfer(self.body, self.headers.get("content-transfer-encoding"))

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in the order of the mail (no recursion)."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))


def normalise(raw: bytes) -> bytes:
    """``raw`` with lines that end in LF or CRLF: a mail with bare CR only (old Macs) is translated."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    if b"\n" not in raw[:4096] and b"\r" in raw[:4096]:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def parse_structure(raw: bytes, default_type: str = "text/plain") -> Part:
    """The tree of the mail ``raw`` (as :func:`normalise` gives it). Never raises; linear in the size."""
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    root = _part(raw, start, len(raw), default_type, "")
    if root.content_type.startswith("multipart/"):
        _split(root)
        if not root.children:
            _rescue(root)
    elif "/" not in root.headers.get("content-type").partition(";")[0]:
        _guess_multipart(root)
    return root


def _part(data: bytes, start: int, end: int, default_type: str, parent_type: str) -> Part:
    headers, body = read_headers(data, start, end)
    declared = headers.get("content-type")
    kind, parameters = parse_parameters(declared) if declared else ("", {})
    if not _TYPE.match(kind):
        kind = _repaired_type(kind) or default_type
    return Part(headers, data, body, end, kind, parameters, parent_type)


def _repaired_type(kind: str) -> str:
    """ "text" and "html" alone, "multipart/" and the like, as sloppy programs write them."""
    return {
        "text": "text/plain",
        "plain": "text/plain",
        "html": "text/html",
        "multipart": "multipart/mixed",
        "multipart/": "multipart/mixed",
        "message": "message/rfc822",
        "pdf": "application/pdf",
    }.get(kind, "application/octet-stream" if "/" in kind and not kind.startswith("text") else "")


@dataclass(slots=True)
class _Open:
    """A multipart whose end has not been seen."""

    part: Part
    delimiter: bytes
    shadowed: int | None  # depth of an outer multipart with the same boundary
    content_from: int
    inside: bool = False  # between delimiters, as opposed to preamble and epilogue


class _Splitter:
    """One pass over the body of a multipart: a stack of open ones and a table from delimiter to depth."""

    def __init__(self, root: Part, delimiter: bytes) -> None:
        self.data = root.data
        self.stack: list[_Open] = []
        self.depth_of: dict[bytes, int] = {}
        self.count = 0
        self.leaf: Part | None = None
        self._push(root, delimiter)

    def run(self, end: int) -> None:
        root = self.stack[0].part
        for dashes in _DASHES.finditer(self.data, root.start, end):
            at = dashes.start()
            if at < self.stack[-1].content_from:
                continue  # inside the header block of the part just opened
            stop = self.data.find(b"\n", at, end)
            line = self.data[at : end if stop < 0 else stop].rstrip(b" \t\r")
            after = end if stop < 0 else stop + 1
            depth = self.depth_of.get(line)
            if depth is not None:
                if self.count >= MAX_PARTS:
                    break
                self._close_content(at, depth)
                self._open_part(after, end)
            elif line.endswith(b"--") and (depth := self.depth_of.get(line[:-2])) is not None:
                self._close_content(at, depth)
                top = self.stack[-1]
                top.inside, top.content_from = False, after
        self._close_content(end, 0, final=True)

    def _push(self, part: Part, delimiter: bytes) -> None:
        self.stack.append(_Open(part, delimiter, self.depth_of.get(delimiter), part.start))
        self.depth_of[delimiter] = len(self.stack) - 1

    def _pop(self) -> None:
        gone = self.stack.pop()
        if gone.shadowed is None:
            self.depth_of.pop(gone.delimiter, None)
        else:
            self.depth_of[gone.delimiter] = gone.shadowed

    def _close_content(self, at: int, depth: int, *, final: bool = False) -> None:
        """What is open at ``at`` ends there; multiparts deeper than ``depth`` are over."""
        end = at if final else _before_newline(self.data, at)
        top = self.stack[-1]
        if self.leaf is not None:
            self.leaf.end = max(end, self.leaf.start)
            self.leaf = None
        elif end > top.content_from:
            top.part.outside.append((top.content_from, end))
        while len(self.stack) - 1 > depth:
            self.stack[-1].part.end = max(end, self.stack[-1].part.start)
            self._pop()

    def _open_part(self, start: int, end: int) -> None:
        top = self.stack[-1]
        parent = top.part.content_type
        default = "message/rfc822" if parent == "multipart/digest" else "text/plain"
        part = _part(self.data, start, end, default, parent)
        top.part.children.append(part)
        top.inside = True
        top.content_from = part.start
        self.count += 1
        delimiter = _delimiter(part)
        if delimiter and len(self.stack) < MAX_DEPTH:
            self._push(part, delimiter)
        else:
            self.leaf = part


def _before_newline(data: bytes, at: int) -> int:
    """The newline before a delimiter belongs to the delimiter."""
    if at > 0 and data[at - 1] == 0x0A:
        at -= 1
        if at > 0 and data[at - 1] == 0x0D:
            at -= 1
    return at


def _delimiter(part: Part) -> bytes:
    """ "--boundary" of a multipart, b"" when it is none or has none."""
    if not part.content_type.startswith("multipart/"):
        return b""
    boundary = part.parameters.get("boundary", "").rstrip()
    return b"--" + boundary.encode("utf-8", "replace") if boundary else b""


def _split(part: Part) -> None:
    if delimiter := _delimiter(part):
        _Splitter(part, delimiter).run(part.end)


def _rescue(root: Part) -> None:
    """A multipart without parts: its boundary is wrong or missing, or the whole body is encoded."""
    encoding = root.headers.get("content-transfer-encoding").strip().lower()
    if encoding in _ENCODED:
        root.data = decode_base64(root.body) if encoding == "base64" else root.payload()
        root.start, root.end, root.outside = 0, len(root.data), []
        _split(root)
    if not root.children:
        _guess_multipart(root)


def _guess_multipart(root: Part) -> None:
    found = _UNDECLARED.search(root.data, root.start, root.end)
    if found is None:
        return
    before = root.content_type
    if not before.startswith("multipart/"):
        root.content_type = "multipart/mixed"
    root.outside = []
    _Splitter(root, b"--" + found.group(1)).run(root.end)
    if not root.children:
        root.content_type = before

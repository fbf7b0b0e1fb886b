"""Undo transfer encodings (RFC 2045 §6, uuencode, yEnc), keeping whatever can be kept of damaged data."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PADDING = re.compile(rb"=+")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? ([0-7]{3,4}) +([^\r\n]+?)[ \t]*\r?$", re.M)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin (?=[^\r\n]*\bline=)([^\r\n]*?)\bname=([^\r\n]+?)[ \t]*\r?$", re.M)
_YENC_END = re.compile(rb"^=yend [^\r\n]*\r?$", re.M)
_YENC_PART = re.compile(rb"\A\r?\n?=ypart [^\r\n]*\r?\n")
_YENC_PLAIN = bytes((byte - 42) % 256 for byte in range(256))
_MARKS = (_UU_BEGIN, _UU_END, _YENC_BEGIN, _YENC_END)
_UU_LETTERS = bytes(range(32, 97)) + b"\r\n"
_YENC_ESCAPED = re.compile(rb"=(.)", re.S)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file found inside a text body: its name (bytes as written) and decoded content."""

    name: bytes
    content: bytes


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Content of a part whose Content-Transfer-Encoding is ``encoding`` (any case, may be nonsense).

    Never raises: damaged data is decoded as far as it goes, an unknown encoding leaves the bytes as they are.
    """
    encoding = encoding.strip(" \t\"'<>();").lower()
    if encoding == "base64":
        return decode_base64(data)
    if encoding in ("quoted-printable", "quotedprintable"):
        return binascii.a2b_qp(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uu_body(data)
    if encoding in ("x-yenc", "yenc"):
        _, files = extract_embedded(data)
        return files[0].content if files else data
    return data


def decode_base64(data: bytes) -> bytes:
    """Bytes of base64 text: foreign characters skipped, padding mended, whole runs after inner padding joined."""
    first, *others = _PADDING.split(data)
    pieces = [_base64_run(first)]
    for piece in others:
        # Several encoded pieces glued together; but words that follow the end are a footer, no base64.
        letters = _NOT_BASE64.sub(b"", piece)
        if letters and (len(letters) % 4 == 0 or piece is not others[-1]) and b" " not in piece.strip():
            pieces.append(_base64_run(piece))
    return b"".join(pieces)


def _base64_run(data: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", data)
    if len(letters) % 4 == 1:  # six stray bits carry no byte
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _uu_body(data: bytes) -> bytes:
    """Content of an x-uuencode part, with or without its begin line."""
    if begin := _UU_BEGIN.search(data):
        data = data[begin.end() :]
    if end := _UU_END.search(data):
        data = data[: end.start()]
    return _uu_lines(data)


def _uu_lines(data: bytes) -> bytes:
    decoded = []
    for line in data.splitlines():
        if not line.strip():
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count the line wrongly: trust the count, cut the line (as other decoders do).
            wanted = (((line[0] - 32) & 63) * 4 + 2) // 3
            try:
                decoded.append(binascii.a2b_uu(line[: wanted + 1]))
            except binascii.Error:
                continue
    return b"".join(decoded)


def extract_embedded(data: bytes) -> tuple[bytes, list[Embedded]]:
    """Text without the uuencoded and yEnc files in it, and those files in order.

    Only complete blocks (with their end line and at least one decoded byte) are taken out; others stay text.
    """
    if b"begin" not in data:  # both kinds carry the word
        return data, []
    kept: list[bytes] = []
    files: list[Embedded] = []
    at = 0
    begin = None
    marks = [mark for pattern in _MARKS for mark in pattern.finditer(data)]
    for mark in sorted(marks, key=lambda found: found.start()):
        if mark.re in (_UU_BEGIN, _YENC_BEGIN):
            begin = mark
        elif begin is not None and (mark.re is _YENC_END) == (begin.re is _YENC_BEGIN):
            content = _block(begin, data[begin.end() : mark.start()])
            if content:
                kept.append(data[at : begin.start()])
                files.append(Embedded(name=begin.group(2), content=content))
                at = mark.end()
            begin = None
    return b"".join([*kept, data[at:]]), files


def _block(begin: re.Match[bytes], body: bytes) -> bytes:
    if begin.re is _YENC_BEGIN:
        return _yenc(body)
    if begin.group().startswith(b"begin-base64"):
        return decode_base64(body)
    # Prose that happens to start with "begin 644 …" has characters that are no uuencode.
    return b"" if body.translate(None, _UU_LETTERS) else _uu_lines(body)


def _yenc(body: bytes) -> bytes:
    """yEnc (http://www.yenc.org/yenc-draft.1.3.txt): every byte shifted by 42, critical ones escaped by "="."""
    body = _YENC_PART.sub(b"", body, count=1)
    flat = body.replace(b"\r", b"").replace(b"\n", b"")
    flat = _YENC_ESCAPED.sub(lambda found: bytes([(found.group(1)[0] - 64) % 256]), flat)
    return flat.translate(_YENC_PLAIN)

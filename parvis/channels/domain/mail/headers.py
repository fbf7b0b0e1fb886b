"""Header fields of a mail: splitting, unfolding, RFC 2047 words, RFC 2231 parameters.

Written for what arrives rather than for what the RFCs allow: 8-bit bytes, broken words, missing quotes.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from . import charset as charsets
from .transfer import decode_base64

_FIELD = re.compile(rb"([!-9;-~]{1,200}?)[ \t]*:")
_BASIC = re.compile(rb"(return-path|received|from|to|subject|date|message-id|mime-version|content-type):", re.I)
_LOOK_AHEAD = 10  # lines
_FOLD = re.compile(rb"[ \t]*(?:\r\n|\n|\r)[ \t]*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"\s+")
# Payloads hold no "?"; the lenient form allows a few, for words that were not encoded properly.
_WORD = re.compile(r"=\?([^\s?]{0,80})\?([bBqQ])\?([^?]*+)\?=")
_LOOSE_WORD = re.compile(r"=\?([^\s?]{1,80})\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,6})(?:\?=|\Z)")
_PARAMETER = re.compile(r"""([^\s=;"*]{1,80})(\*\d{1,4})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|"([^";]*)|([^;]*))""", re.S)
_QUOTED_PAIR = re.compile(r"\\(.)", re.S)


@dataclass(slots=True)
class Headers:
    """The fields of one header block in order, values as raw bytes, read on demand.

    hint: charset that unlabelled 8-bit bytes in the fields probably have.
    """

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    hint: str = ""
    _first: dict[str, bytes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._first = dict(reversed(self.fields))

    def raw(self, name: str) -> bytes | None:
        """Value of the first field called ``name`` (lower case) as bytes, or None."""
        return self._first.get(name)

    def get(self, name: str) -> str:
        """The first field called ``name`` as unfolded text, RFC 2047 words left alone; "" when absent."""
        value = self.raw(name)
        return "" if value is None else self._text(value)

    def all(self, name: str) -> list[str]:
        """Every field called ``name`` as :meth:`get` gives it."""
        return [self._text(value) for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """The first field called ``name`` for people: words decoded, one line."""
        return decode_words(self.get(name), self.hint)

    def decoded(self, value: bytes) -> str:
        """A raw value of :attr:`fields` for people: unfolded, words decoded."""
        return decode_words(self._text(value), self.hint)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def _text(self, value: bytes) -> str:
        label = self.hint if self.hint.lower() == "utf-7" else ""  # 7-bit, so nothing else would show it
        return charsets.decode(_FOLD.sub(b" ", value).strip(), label, self.hint)


def read_headers(data: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Header block of ``data[start:end]`` and where the body begins.

    A block ends at an empty line, or before the first line that can be neither a field nor its continuation
    (then the body starts with that line: nothing is lost).
    """
    names: list[str] = []
    spans: list[tuple[int, int]] = []  # kept as places: joining fold by fold would cost the square of a long field
    at = start
    body = end
    while at < end:
        stop = data.find(b"\n", at, end)
        stop = end if stop < 0 else stop + 1
        line = data[at:stop]
        if not line.strip(b"\r\n"):
            body = stop
            break
        if line[0] in b" \t":
            blank = not line.strip()
            # A line of blanks ends the block when no field follows; a fold of nothing is no fold.
            if (blank or not names) and not _continues(data, stop, end):
                body = stop if blank else at
                break
            if names and not blank:
                spans[-1] = (spans[-1][0], stop)
        elif field_name := _FIELD.match(line):
            names.append(field_name.group(1).decode("ascii").lower())
            spans.append((at + field_name.end(), stop))
        elif names:
            if not _interrupts(data, stop, end, names):
                body = at
                break
            spans[-1] = (spans[-1][0], stop)
        elif not line.startswith((b"From ", b">From ")) and not _interrupts(data, stop, end, names):
            body = at
            break
        at = stop
    return Headers([(name, data[a:b]) for name, (a, b) in zip(names, spans, strict=True)]), body


def _continues(data: bytes, at: int, end: int) -> bool:
    """Whether the line at ``at`` looks like a header field."""
    stop = data.find(b"\n", at, end)
    return _FIELD.match(data[at : end if stop < 0 else stop]) is not None


def _interrupts(data: bytes, at: int, end: int, seen: list[str]) -> bool:
    """Whether a line that is no field stands amid the block: a basic field, not seen yet, follows within it.

    Folds without their blank ("by mail.example.org with ESMTP") and banners above the header come from programs
    that copy mails around. The first line of an mbox ("From someone Mon …") is skipped by the caller.
    """
    for _ in range(_LOOK_AHEAD):
        stop = data.find(b"\n", at, end)
        stop = end if stop < 0 else stop + 1
        line = data[at : min(stop, at + 200)]
        if not line.strip():
            return False
        if (basic := _BASIC.match(line)) and basic.group(1).decode("ascii").lower() not in seen:
            return True
        at = stop
    return False


def decode_words(text: str, hint: str = "") -> str:
    """``text`` with its RFC 2047 encoded words decoded, controls and folds gone.

    Neighbouring words of one charset are joined before decoding (mailers cut inside characters). A word that
    cannot be read stays as it is.
    """
    if "=?" in text:
        text = _decode_all(text, _WORD, hint)
        if "=?" in text and _LOOSE_WORD.search(text):
            text = _decode_all(text, _LOOSE_WORD, hint)
    return charsets.clean(_CONTROL.sub("", text))


def _decode_all(text: str, pattern: re.Pattern[str], hint: str) -> str:
    out: list[str] = []
    run = bytearray()  # bytes of adjacent words
    run_label = ""
    at = 0
    for word in pattern.finditer(text):
        gap = text[at : word.start()]
        label = word[1].split("*")[0]
        adjacent = at > 0 and (not gap or gap.isspace())
        if run and not (adjacent and label.lower() == run_label.lower()):
            out.append(charsets.decode(bytes(run), run_label, hint))
            run.clear()
        if not adjacent:
            out.append(gap)
        run += _word_bytes(word[2], word[3])
        run_label = label
        at = word.end()
    if run:
        out.append(charsets.decode(bytes(run), run_label, hint))
    out.append(text[at:])
    return "".join(out)


def _word_bytes(kind: str, payload: str) -> bytes:
    # The payload of a word in an 8-bit header may hold anything: keep what does not fit ASCII as UTF-8.
    data = payload.encode("utf-8", "replace")
    if kind in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data.replace(b"_", b" ").replace(b"\r", b"").replace(b"\n", b""), header=False)


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space, ends trimmed."""
    return _BLANKS.sub(" ", text).strip()


def parse_parameters(value: str, hint: str = "") -> tuple[str, dict[str, str]]:
    """The leading value (lower case) and the parameters of a Content-Type or Content-Disposition field.

    Understands RFC 2231 (charset'language'percent, numbered pieces), RFC 2047 words where they do not
    belong, unquoted values with blanks and doubled semicolons. The first of two equal parameters wins.
    """
    head, _, rest = value.partition(";")
    head = head.strip()
    if "=" in head and "/" not in head:  # the type itself is missing: "charset=utf-8"
        head, rest = "", value
    elif " " in head and "=" in head:  # a semicolon is missing: "text/plain charset=utf-8"
        head, _, tail = head.partition(" ")
        rest = f"{tail};{rest}"
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(rest):
        name, number, star = found[1].lower(), found[2], found[3]
        raw = _value(found)
        if number is None and star is None:
            plain.setdefault(name, decode_words(raw, hint).strip())
        else:
            index = int(number[1:]) if number else 0
            pieces.setdefault(name, {}).setdefault(index, (star is not None, raw))
    for name, parts in pieces.items():
        if joined := _extended(parts, hint):
            plain[name] = joined.strip()
    return head.strip("\"' \t").lower(), plain


def _value(found: re.Match[str]) -> str:
    if found[4] is not None:
        quoted = found[4]
        # Windows paths come with single backslashes: only quotes and backslashes count as escaped.
        return _QUOTED_PAIR.sub(lambda pair: pair[1] if pair[1] in '"\\' else pair[0], quoted)
    return (found[5] if found[5] is not None else found[6]).strip().strip("'\"" if found[5] else "").strip()


def _extended(parts: dict[int, tuple[bool, str]], hint: str) -> str:
    """RFC 2231: numbered pieces in order, percent-decoded where starred, in the charset of the first."""
    label = ""
    data = b""
    for position, index in enumerate(sorted(parts)):
        starred, text = parts[index]
        if starred:
            if position == 0 and text.count("'") >= 2:
                label, _, text = text.split("'", 2)
            data += unquote_to_bytes(text)
        else:
            data += text.encode("utf-8", "replace")
    return decode_words(charsets.decode(data, label, hint), hint)

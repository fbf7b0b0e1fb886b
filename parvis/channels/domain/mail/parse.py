"""The one door: raw bytes in, :class:`ParsedMail` out, never an exception."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast

from . import charset as charsets
from .addresses import parse_addresses
from .auto import Evidence, classify
from .body import Body, read_body
from .headers import Headers, decode_words, one_line
from .language import detect_language
from .reply import split_reply
from .structure import Part, normalise, parse_structure
from .values import Address, AutoInfo, ParsedMail, Segment

_T = TypeVar("_T")
_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
_BARE_ID = re.compile(r"[^<>\s,;@]{1,500}@[^<>\s,;]{1,500}")
_MAX_REFERENCES = 500
_LOOK_AT = 65_536  # bytes
_MAX_IDS_LENGTH = 100_000  # characters
_LEADING = re.compile(r"\A(?:[ \t]*\n)+")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "apparently-to")


class _Steps:
    """Runs the steps of reading; one that fails leaves its default and a note."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def attempt(self, what: str, step: Callable[[], _T], default: Any) -> _T:
        try:
            return step()
        except Exception as error:  # the promise of this module: no mail is lost to a bug or a bomb
            self.problems.append(f"{what}: {type(error).__name__}")
            return cast(_T, default)


def parse_mail(raw: bytes, *, envelope_from: str | None = None) -> ParsedMail:
    """Read one mail.

    raw: the bytes as received, of any kind and size.
    envelope_from: MAIL FROM of the SMTP dialogue when known ("" for the null path), better than Return-Path.
    Never raises. What cannot be read keeps its default, ``ok`` is False and ``error`` names the step; the text then
    holds the bytes decoded as far as they go.
    """
    steps = _Steps()
    data = normalise(raw)
    root = steps.attempt("structure", lambda: parse_structure(data), None) or _opaque(data)
    headers = root.headers
    _give_hint(root)

    def addresses(name: str) -> tuple[Address, ...]:
        return steps.attempt(name, lambda: _addresses(headers, name), ())

    senders = addresses("from")
    reply_to = addresses("reply-to")
    sender = steps.attempt("from", lambda: _sender(headers, senders, reply_to), None)
    subject = steps.attempt("subject", lambda: _subject(headers), "")
    body = steps.attempt("body", lambda: read_body(root), Body(text=charsets.decode(root.body)))
    text = steps.attempt("text", lambda: tidy_text(body.text), body.text)
    segments = steps.attempt("reply", lambda: split_reply(text), _unsplit(text))
    evidence = Evidence(root, headers, sender, subject, text, envelope_from)
    reply = "\n".join(segment.text for segment in segments if not segment.folded)
    fields: dict[str, Any] = {
        "message_id": steps.attempt("message-id", lambda: next(iter(_ids(headers, "message-id")), ""), ""),
        "in_reply_to": steps.attempt("in-reply-to", lambda: next(iter(_ids(headers, "in-reply-to")), ""), ""),
        "references": steps.attempt("references", lambda: tuple(_ids(headers, "references")), ()),
        "date": steps.attempt("date", lambda: _date(headers), None),
        "to": addresses("to"),
        "cc": addresses("cc"),
        "delivered_to": steps.attempt("delivered-to", lambda: _delivered_to(headers), ()),
        "language": steps.attempt("language", lambda: detect_language(reply if reply.strip() else text), None),
        "auto": steps.attempt("auto", lambda: classify(evidence), AutoInfo("none", False, "could not be judged")),
        "headers": steps.attempt("headers", lambda: _all_headers(headers), ()),
    }
    if not headers.fields and (not text or b"\x00" in data[:_LOOK_AT]):
        steps.problems.append("not a mail: no header fields and no text" if data else "empty")
    return ParsedMail(
        ok=not steps.problems,
        error="; ".join(steps.problems),
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        sender=sender,
        senders=senders,
        reply_to=reply_to,
        subject=subject,
        text=text,
        html=body.html,
        segments=segments,
        attachments=body.attachments,
        **fields,
    )


def tidy_text(text: str) -> str:
    """One kind of newline, nothing that cannot be stored, no empty lines at the ends."""
    text = charsets.clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LEADING.sub("", text).rstrip()


def _unsplit(text: str) -> tuple[Segment, ...]:
    return (Segment(False, tuple(text.split("\n"))),)


def _opaque(data: bytes) -> Part:
    """A tree for bytes that could not even be cut: one text."""
    return Part(Headers(), data, 0, len(data), "text/plain", {})


def _give_hint(root: Part) -> None:
    """Tell every header which charset its unlabelled 8-bit bytes probably have: that of the first labelled part."""
    parts = list(root.walk())
    label = next((part.parameters["charset"] for part in parts if "charset" in part.parameters), "")
    if charsets.codec_name(label) in ("utf-8", "cp1252", ""):
        return  # what is tried anyway
    for part in parts:
        part.headers.hint = label


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    found = [address for value in headers.all(name) for address in parse_addresses(value, headers.hint)]
    return tuple(dict.fromkeys(found))


def _sender(headers: Headers, senders: tuple[Address, ...], reply_to: tuple[Address, ...]) -> Address | None:
    """Who wrote: From; of several, the one that Sender names or the first usable; else the next best field."""
    usable = [address for address in senders if address.is_valid]
    if len(usable) > 1:
        named = {address.address.lower() for address in _addresses(headers, "sender")}
        return next((address for address in usable if address.address.lower() in named), usable[0])
    if usable or senders:
        return (usable or senders)[0]
    name = one_line(headers.text("from")).strip("<> ")
    for others in (_addresses(headers, "sender"), reply_to, _addresses(headers, "return-path")):
        if others:
            return Address(others[0].name or ("" if "@" in name else name), others[0].address)
    return Address(name, "") if name else None


def _delivered_to(headers: Headers) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(address for name in _DELIVERED for address in _addresses(headers, name)))


def _subject(headers: Headers) -> str:
    return one_line(decode_words(headers.get("subject"), headers.hint))


def _ids(headers: Headers, name: str) -> list[str]:
    """Message ids of a field, with their angle brackets, each once, in order."""
    value = headers.get(name)[:_MAX_IDS_LENGTH]
    found = [f"<{inner}>" for inner in _ID.findall(value)] or [f"<{bare}>" for bare in _BARE_ID.findall(value)]
    return list(dict.fromkeys(found))[-_MAX_REFERENCES:]


def _date(headers: Headers) -> datetime | None:
    """The Date field in UTC (a zone of -0000 read as UTC); None when absent or impossible."""
    value = headers.get("date")
    if not value:
        return None
    try:
        found = parsedate_to_datetime(one_line(value)[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found


def _all_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name, headers.decoded(value)) for name, value in headers.fields)

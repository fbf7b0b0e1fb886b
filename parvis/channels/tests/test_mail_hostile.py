"""Mail that nobody wrote in good faith: no exception, bounded time, always storable."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parvis.channels.domain.mail import parse as parsing
from parvis.channels.domain.mail import parse_mail
from parvis.channels.domain.mail.sanitise import sanitise

from .mail_corpus import lines_kept

_N = 100_000
_HEAD = b"From: a@example.fr\nSubject: s\n"
_HTML = _HEAD + b"Content-Type: text/html\n\n"
_MIXED = _HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"


def _nested(depth: int) -> bytes:
    opening = b"".join(b'--b%d\nContent-Type: multipart/mixed; boundary="b%d"\n\n' % (i, i + 1) for i in range(depth))
    return _HEAD + b'Content-Type: multipart/mixed; boundary="b0"\n\n' + opening + b"--b%d\n\nheart\n" % depth


BOMBS = {
    "nothing": b"",
    "nul bytes": b"\0" * _N,
    "carriage returns": b"\r" * _N,
    "many fields": b"A: b\n" * _N,
    "endless fold": b"Subject: x\n" + b" y\n" * _N,
    "encoded words": b"Subject: " + b"=?utf-8?q?=41?= " * 20_000 + b"\n\nx",
    "open encoded words": b"Subject: " + b"=?utf-8?q?" * 40_000 + b"\n\nx",
    "escaped quotes": b"From: " + b'\\"' * _N + b"\n\nx",
    "open brackets": b"From: " + b"<" * _N + b"\n\nx",
    "nested comments": b"From: " + b"(" * _N + b"\n\nx",
    "many recipients": b"To: " + b"a@b.fr, " * 20_000 + b"\n\nx",
    "semicolons": _HEAD + b"Content-Type: text/plain" + b";" * _N + b"\n\nx",
    "numbered pieces": _HEAD + b"Content-Type: a/b; " + b"".join(b"n*%d=x;" % i for i in range(9000)) + b"\n\nx",
    "nested parts": _nested(20_000),
    "nested mails": b"Content-Type: message/rfc822\n\n" * 5000,
    "many parts": _MIXED + b"--b\n\nx\n" * 30_000,
    "many ends": _MIXED + b"--b--\n" * _N,
    "undeclared parts": _HEAD + b"\n" + b"--c\nContent-Type: text/plain\n\nx\n" * 5000,
    "begin lines": _HEAD + b"\n" + b"begin 644 x\n" * 50_000,
    "yenc lines": _HEAD + b"\n" + b"=ybegin line=1 name=x\n" * 50_000,
    "divs": _HTML + b"<div>" * _N,
    "quotes in html": _HTML + b"<blockquote>x" * 30_000,
    "tables": _HTML + b"<table><tr><td>" * 20_000,
    "hidden depth": _HTML + b"<div></span>" * 50_000,
    "unknown elements": _HTML + b"<b-b>" * 60_000,
    "open tags": _HTML + b"<a" * _N,
    "one endless line": _HEAD + b"\n" + b"a" * 1_000_000,
    "bounce text": b"From: MAILER-DAEMON@x.fr\nSubject: failure notice\n\n" + b"user " * _N,
    "delivery reports": b"From: a@b.fr\nContent-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.fr\nAction: failed\n\n" * 10_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_seconds_at_most(name: str) -> None:
    started = time.process_time()
    mail = parse_mail(BOMBS[name])
    json.dumps(mail.to_json(), ensure_ascii=False).encode("utf-8")
    assert time.process_time() - started < 8  # seconds on a busy machine; what is quadratic takes minutes
    assert lines_kept(mail)
    assert mail.error in ("", "empty", "not a mail: no header fields and no text")


def test_what_lies_beyond_the_limits_is_still_there() -> None:
    mail = parse_mail(_nested(200))
    everything = mail.text.encode() + b"".join(found.content for found in mail.attachments)
    assert b"heart" in everything


_CUTS = st.sampled_from(
    [b"\r", b"\n", b"\0", b'"', b"<", b"=?utf-8?q?", b";", b"--b", b"\xff\xfe", b">", b"charset=utf-7", b"\xed\xa0\x80"]
)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.text(max_size=30))
def test_no_bytes_raise(raw: bytes, envelope: str) -> None:
    mail = parse_mail(raw, envelope_from=envelope)
    json.dumps(mail.to_json(), ensure_ascii=False).encode("utf-8")
    assert lines_kept(mail)
    assert mail.size == len(raw)


_WHOLE = (
    b'From: "Jean" <jean@example.fr>\r\nTo: =?utf-8?q?=C3=89mile?= <e@example.fr>\r\nSubject: =?utf-8?B?w6k=?=\r\n'
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A9t=C3=A9</p><blockquote>vieux</blockquote>\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.fr\r\nAction: failed\r\n"
    b"--b\r\nContent-Type: image/png; name*=utf-8''%C3%A9.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
    b"--b--\r\n"
)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(_WHOLE)), st.integers(0, 40), _CUTS), min_size=1, max_size=8))
def test_no_damage_to_a_mail_raises(damages: list[tuple[int, int, bytes]]) -> None:
    raw = bytearray(_WHOLE)
    for at, length, inserted in damages:
        raw[at : at + length] = inserted
    mail = parse_mail(bytes(raw))
    json.dumps(mail.to_json(), ensure_ascii=False).encode("utf-8")
    assert lines_kept(mail)
    assert mail.error in ("", "empty", "not a mail: no header fields and no text")


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from(list("<>/=\"' abdiv&;#x:-!")), max_size=120))
def test_sanitised_html_is_a_fixed_point(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once


def test_a_step_that_fails_is_named_and_the_rest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(parsing, "read_body", fails)
    monkeypatch.setattr(parsing, "classify", fails)
    mail = parse_mail(b"From: jean@example.fr\nSubject: s\n\nle corps")
    assert (mail.ok, mail.subject, mail.text) == (False, "s", "le corps")
    assert mail.error == "body: RuntimeError; auto: RuntimeError"
    assert mail.auto.may_reply is False

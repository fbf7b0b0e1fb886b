"""Text, HTML and attachments of all the shapes mail comes in."""

from __future__ import annotations

import base64
import binascii
import hashlib

import pytest

from parvis.channels.domain.mail import ParsedMail, parse_mail
from parvis.channels.domain.mail.htmltext import html_to_text
from parvis.channels.domain.mail.sanitise import sanitise

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


def _mail(content_type: str, body: bytes, *more: str) -> ParsedMail:
    fields = ["From: jean@example.fr", "Subject: s", f"Content-Type: {content_type}", *more]
    return parse_mail("\r\n".join(fields).encode() + b"\r\n\r\n" + body)


def _parts(boundary: str, *parts: str, end: bool = True) -> bytes:
    pieces = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return (pieces + (f"--{boundary}--\r\n" if end else "")).encode()


def _png(headers: str) -> str:
    coded = base64.encodebytes(PNG).decode()
    return f"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n{headers}\r\n\r\n{coded}"


def test_of_alternatives_each_is_used_for_what_it_is() -> None:
    body = _parts("b", "Content-Type: text/plain\r\n\r\nplain", "Content-Type: text/html\r\n\r\n<b>rich</b>")
    mail = _mail("multipart/alternative; boundary=b", body)
    assert (mail.text, mail.html, mail.attachments) == ("plain", "<b>rich</b>", ())


def test_html_stands_in_for_a_text_that_is_missing_or_empty() -> None:
    assert _mail("text/html", b"<p>un</p><p>deux</p>").text == "un\n\ndeux"
    body = _parts("b", "Content-Type: text/plain\r\n\r\n  ", "Content-Type: text/html\r\n\r\n<p>rich</p>")
    assert _mail("multipart/alternative; boundary=b", body).text == "rich"


def test_a_picture_in_the_html_is_inline_and_joined_by_its_id() -> None:
    html = 'Content-Type: text/html\r\n\r\n<p>vois<img src="cid:pic%40x"></p>'
    body = _parts("b", html, _png("Content-ID: <pic@x>\r\nContent-Disposition: inline; filename=vue.png"))
    mail = _mail("multipart/related; boundary=b", body)
    (picture,) = mail.attachments
    assert (picture.name, picture.inline, picture.content, picture.content_id) == ("vue.png", True, PNG, "pic@x")
    assert 'data-cid="pic@x"' in (mail.html or "")
    assert " src=" not in (mail.html or "")
    assert picture.to_json()["sha256"] == hashlib.sha256(PNG).hexdigest()


def test_an_invitation_is_kept_as_a_file_beside_its_text() -> None:
    calendar = 'Content-Type: text/calendar; method="REQUEST"\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR'
    body = _parts("b", "Content-Type: text/plain\r\n\r\ncome", calendar)
    mail = _mail("multipart/alternative; boundary=b", body)
    assert (mail.text, [a.name for a in mail.attachments]) == ("come", ["invitation.ics"])
    assert (mail.auto.kind, mail.auto.may_reply) == ("calendar", True)


def test_an_attached_mail_stays_one_file_with_its_subject_as_name() -> None:
    nested = (
        "Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?Commande_n=C2=B0_7/8?=\r\n"
        "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ninner\r\n--c--"
    )
    mail = _mail("multipart/mixed; boundary=b", _parts("b", "\r\nsee attached", nested))
    (attached,) = mail.attachments
    assert (mail.text, attached.name, attached.type) == ("see attached", "Commande n° 7-8.eml", "message/rfc822")
    assert b"inner" in attached.content


def test_flowed_lines_are_joined_and_quotes_kept_apart() -> None:
    body = b"une ligne qui \r\ncontinue\r\n> cit\xc3\xa9 et \r\n> suite\r\n ->retrait\r\n-- \r\nJean"
    mail = _mail("text/plain; charset=utf-8; format=flowed", body)
    assert mail.text == "une ligne qui continue\n> cité et suite\n->retrait\n-- \nJean"
    body = b"Donau \r\ndampf"
    assert _mail("text/plain; format=flowed; delsp=yes", body).text == "Donaudampf"


def test_files_inside_the_text_become_attachments() -> None:
    coded = binascii.b2a_uu(b"nom;prix\nvelo;120\n").decode()
    mail = _mail("text/plain", f"voici\r\nbegin 644 prix.csv\r\n{coded}`\r\nend\r\nmerci\r\n".encode())
    assert mail.text.split() == ["voici", "merci"]
    assert [(a.name, a.type, a.content) for a in mail.attachments] == [
        ("prix.csv", "text/csv", b"nom;prix\nvelo;120\n")
    ]


def test_prose_that_begins_like_a_file_stays_prose() -> None:
    text = "begin 644 is how uuencode starts\nnot so here, été\nend"
    mail = _mail("text/plain; charset=utf-8", text.encode())
    assert (mail.text, mail.attachments) == (text, ())


def test_yenc_is_decoded() -> None:
    data = bytes(range(256))
    coded = bytearray()
    for byte in data:
        shifted = (byte + 42) % 256
        coded += bytes([0x3D, (shifted + 64) % 256]) if shifted in (0, 10, 13, 61) else bytes([shifted])
    body = b"=ybegin line=512 size=256 name=tout.bin\r\n" + bytes(coded) + b"\r\n=yend size=256\r\n"
    assert [(a.name, a.content) for a in _mail("text/plain", body).attachments] == [("tout.bin", data)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("facture.pdf", "facture.pdf"),
        ("C:\\\\temp\\\\facture.pdf", "facture.pdf"),
        ("../../etc/passwd", "passwd"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("x" * 300 + ".pdf", "x" * 188 + ".pdf"),
        ("..", "attachment.bin"),
        ("", "attachment.bin"),
    ],
)
def test_file_names_cannot_lead_astray(written: str, kept: str) -> None:
    part = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{written}"\r\n\r\nx'
    (found,) = _mail("multipart/mixed; boundary=b", _parts("b", "\r\nhi", part)).attachments
    assert found.name == kept


def test_nameless_parts_get_names_that_differ() -> None:
    body = _parts("b", "\r\nhi", _png(""), _png(""), _png("Content-ID: <image003.png@01D7>"))
    mail = _mail("multipart/mixed; boundary=b", body)
    assert [found.name for found in mail.attachments] == ["image.png", "image1.png", "image003.png"]


def test_an_envelope_of_outlook_and_a_double_file_of_macs_are_kept_whole() -> None:
    tnef = "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAA"
    fork = "Content-Type: application/applefile; name=photo\r\n\r\nfork"
    double = "Content-Type: multipart/appledouble; boundary=d\r\n\r\n" + _parts("d", fork, _png("")).decode()
    mail = _mail("multipart/mixed; boundary=b", _parts("b", "\r\nhi", tnef, double))
    assert [found.name for found in mail.attachments] == ["winmail.dat", "photo", "image.png"]
    assert mail.attachments[0].content == base64.b64decode("eJ8+IgAA")


def _der(tag: int, *contents: bytes) -> bytes:
    inside = b"".join(contents)
    length = bytes([len(inside)]) if len(inside) < 128 else b"\x82" + len(inside).to_bytes(2, "big")
    return bytes([tag]) + length + inside


def test_what_is_opaquely_signed_can_be_read() -> None:
    entity = "Content-Type: text/plain; charset=utf-8\r\n\r\nSigné, Jean".encode()
    inner = _der(0x30, bytes.fromhex("06092a864886f70d010701"), _der(0xA0, _der(0x04, entity)))
    signed = _der(0x30, _der(0x02, b"\x01"), _der(0x31), inner)
    cms = _der(0x30, bytes.fromhex("06092a864886f70d010702"), _der(0xA0, signed))
    field = "Content-Transfer-Encoding: base64"
    mail = _mail("application/pkcs7-mime; smime-type=signed-data", base64.encodebytes(cms), field)
    assert (mail.text, [found.name for found in mail.attachments]) == ("Signé, Jean", ["smime.p7m"])
    broken = _mail("application/pkcs7-mime", base64.encodebytes(cms[:-9]), field)
    assert (broken.ok, broken.text, len(broken.attachments)) == (True, "", 1)


# --- damage ---------------------------------------------------------------------------------------------------


def test_a_missing_end_loses_nothing() -> None:
    parts = ["Content-Type: text/plain\r\n\r\nhello", _png("")]
    mail = _mail("multipart/mixed; boundary=b", _parts("b", *parts, end=False))
    assert (mail.text, mail.attachments[0].content) == ("hello", PNG)


@pytest.mark.parametrize("declared", ["multipart/mixed; boundary=wrong", "multipart/mixed", "nonsense", "text"])
def test_parts_are_found_though_the_boundary_is_wrong(declared: str) -> None:
    body = _parts("real", "Content-Type: text/plain\r\n\r\nhello", "Content-Type: text/html\r\n\r\n<p>hello</p>")
    mail = _mail(declared, body)
    assert "hello" in mail.text
    assert "Content-Type" not in mail.text


def test_a_multipart_without_parts_shows_what_it_holds() -> None:
    assert _mail("multipart/mixed; boundary=b", b"just text").text == "just text"


@pytest.mark.parametrize("newline", [b"\r", b"\n", b"\r\n", b"\r\r\n"])
def test_every_kind_of_newline_is_one(newline: bytes) -> None:
    raw = b"From: j@e.fr\nSubject: s\n\nun\ndeux".replace(b"\n", newline)
    mail = parse_mail(raw)
    assert mail.subject == "s"
    assert mail.text.split("\n")[0] == "un"
    assert "deux" in mail.text


def test_banners_above_and_folds_without_blank_do_not_hide_the_header() -> None:
    raw = b"---- Original email message ----\nReceived: from x\nby y with SMTP\nFrom: j@e.fr\nSubject: s\n\nbody"
    mail = parse_mail(raw)
    assert (mail.subject, mail.text, mail.sender and mail.sender.address) == ("s", "body", "j@e.fr")
    assert parse_mail(b"From jean Mon Jan  1 00:00:00 2024\nSubject: s\n\nbody").subject == "s"


def test_a_body_that_starts_without_an_empty_line_is_kept() -> None:
    mail = parse_mail(b"From: j@e.fr\nSubject: s\nBonjour, je viens jeudi.\nJean")
    assert (mail.subject, mail.text) == ("s", "Bonjour, je viens jeudi.\nJean")


def test_text_without_any_header_is_text() -> None:
    mail = parse_mail("Bonjour, ça va ?".encode())
    assert (mail.ok, mail.text) == (True, "Bonjour, ça va ?")


def test_what_is_no_mail_says_so() -> None:
    assert (parse_mail(b"").ok, parse_mail(b"").error) == (False, "empty")
    assert parse_mail(PNG).ok is False


@pytest.mark.parametrize(
    ("coded", "content"),
    [
        (b"Ym9uam91cg==", b"bonjour"),
        (b"Ym9uam91cg", b"bonjour"),
        (b"Ym9u\r\n!!am91cg==", b"bonjour"),
        (b"Ym9uam91cg==\r\n-- \r\nsent by a list", b"bonjour"),
        (b"Ym9uam91cg==\r\nIGxhIHZpZSE=", b"bonjour la vie!"),
        (b"Y", b""),
    ],
)
def test_damaged_base64_gives_what_it_holds(coded: bytes, content: bytes) -> None:
    mail = _mail("application/octet-stream", coded, "Content-Transfer-Encoding: base64")
    assert mail.attachments[0].content == content


# --- HTML -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<ul><li>un<li>deux</ul><ol start=3><li>trois</ol>", "- un\n- deux\n3. trois"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"),
        ("<blockquote>vieux<blockquote>plus vieux</blockquote></blockquote>neuf", "> vieux\n>\n>> plus vieux\n\nneuf"),
        ('<blockquote style="border:none">retrait</blockquote>', "retrait"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<p>vu</p><p style="display:none">caché</p>', "vu"),
        ('<img alt="Soldes" src="http://x.example/y">', "Soldes"),
        ("<text>SVG sans SVG</text> <root>racine</root>", "SVG sans SVG racine"),
        ("Jean <jean@example.fr> a écrit", "Jean <jean@example.fr> a écrit"),
        ("<title>t</title><style>p{}</style><script>x</script>reste", "reste"),
        ("a&nbsp;b", "a b"),
    ],
)
def test_html_reads_as_text(html: str, text: str) -> None:
    assert html_to_text(sanitise(html)).replace("> >", ">>") == text


def test_a_reply_in_html_alone_is_trimmed_like_any_other() -> None:
    html = "<div>Oui, jeudi.</div><div>Le 03/06/2024 &agrave; 11:20, A &lt;a@e.fr&gt; a &eacute;crit&nbsp;:</div>"
    mail = _mail("text/html", html.encode() + b"<blockquote>Quand ?</blockquote>")
    assert mail.reply == "Oui, jeudi."
    assert "Quand ?" in mail.quoted


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ('<img src="https://t.example/p.gif" width=1>', '<img data-remote-src="https://t.example/p.gif" width="1">'),
        ('<img src="//t.example/p.gif">', '<img data-remote-src="//t.example/p.gif">'),
        ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
        ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
        ('<img srcset="https://t.example/p.gif 2x">', "<img>"),
        ('<p style="color:red;position:fixed;background:url(x)">a</p>', '<p style="color:red">a</p>'),
        ('<p style="background-color:url(https://t.example)">a</p>', "<p>a</p>"),
        ('<td background="https://t.example/p.gif">a</td>', "a"),
        ('<form action="https://t.example"><input value=x>a</form>', "a"),
        ('<p onclick="x()" id="y" class="z">a</p>', "<p>a</p>"),
    ],
)
def test_html_loads_and_runs_nothing(html: str, safe: str) -> None:
    assert sanitise(html) == safe


@pytest.mark.parametrize("href", ["javascript:x", " java\nscript:x", "data:text/html,x", "vbscript:x", "#top", "//x.y"])
def test_links_that_lead_elsewhere_than_the_web_lose_their_target(href: str) -> None:
    assert "href" not in sanitise(f'<a href="{href}">a</a>')


def test_links_open_outside_without_a_trace() -> None:
    made = sanitise('<a href="https://example.org/?a=1&b=2" target="_top" rel="opener">a</a>')
    assert 'href="https://example.org/?a=1&amp;b=2"' in made
    assert 'target="_blank"' in made
    assert 'rel="noopener noreferrer nofollow"' in made


def test_html_too_large_to_show_is_kept_as_a_file() -> None:
    mail = _mail("text/html", b"<b>x</b>" * 60_000)
    assert [found.name for found in mail.attachments] == ["message.html"]
    assert mail.attachments[0].size == 480_000

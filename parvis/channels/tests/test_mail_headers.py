"""Header fields: words, parameters, addresses, charsets."""

from __future__ import annotations

import pytest

from parvis.channels.domain.mail import Address, parse_mail
from parvis.channels.domain.mail.addresses import parse_addresses
from parvis.channels.domain.mail.charset import clean, codec_name, decode
from parvis.channels.domain.mail.headers import decode_words, parse_parameters


def _subject(raw: bytes) -> str:
    return parse_mail(b"From: a@example.org\n" + raw + b"\n\nx").subject


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: =?utf-8?Q?V=C3=A9lo_pr=C3=AAt?=", "Vélo prêt"),
        (b"Subject: =?iso-8859-1?q?Caf=E9?= =?iso-8859-1?q?_noir?=", "Café noir"),
        # One character cut between two words, as some programs do.
        (b"Subject: =?utf-8?B?w6nDqcM=?= =?utf-8?B?qQ==?=", "ééé"),
        (b"Subject: =?utf-8?B?w6k", "é"),  # never closed
        (b"Subject: =?utf-8?Q?combien ? =C3=A9?=", "combien ? é"),  # blanks and "?" inside
        (b"Subject: =?nonsense?Q?caf=E9?=", "café"),
        (b"Subject: Caf\xc3\xa9 8-bit", "Café 8-bit"),
        (b"Subject: Caf\xe9 8-bit", "Café 8-bit"),
        (b"Subject: folded\r\n\tover\r\n lines", "folded over lines"),
        (b"SUBJECT : strange but clear", "strange but clear"),
        (b"Subject: nul\x00 inside", "nul inside"),
        (b"Subject: =?utf-7?Q?=2BAOk-t=2BAOk-?=", "été"),
        (b"Subject: 2 + 2 =? 4", "2 + 2 =? 4"),
    ],
)
def test_subjects_are_decoded_however_they_were_encoded(raw: bytes, subject: str) -> None:
    assert _subject(raw) == subject


def test_unlabelled_bytes_in_a_header_are_read_like_the_body() -> None:
    mail = parse_mail("Subject: Привет\nContent-Type: text/plain; charset=koi8-r\n\nмир".encode("koi8-r"))
    assert (mail.subject, mail.text) == ("Привет", "мир")


@pytest.mark.parametrize(
    ("value", "kind", "parameters"),
    [
        ('text/plain; charset="utf-8"; format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
        ("Text/HTML;; charset = utf-8 ;", "text/html", {"charset": "utf-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("application/pdf; name=bon de commande.pdf", "application/pdf", {"name": "bon de commande.pdf"}),
        ("a/b; filename*=UTF-8''caf%C3%A9.pdf", "a/b", {"filename": "café.pdf"}),
        ("a/b; filename*=iso-8859-1'fr'%E9t%E9; filename=ete", "a/b", {"filename": "été"}),
        ('a/b; n*1="deux"; n*0="un "; n*2*=%20trois', "a/b", {"n": "un deux trois"}),
        ('a/b; name="=?utf-8?B?w6kucGRm?="', "a/b", {"name": "é.pdf"}),
        ('a/b; name="dans \\"l\'ordre\\".txt"', "a/b", {"name": 'dans "l\'ordre".txt'}),
        ('a/b; name="never closed.pdf', "a/b", {"name": "never closed.pdf"}),
        ("charset=utf-8", "", {"charset": "utf-8"}),
    ],
)
def test_parameters_are_read_in_every_spelling(value: str, kind: str, parameters: dict[str, str]) -> None:
    assert parse_parameters(value) == (kind, parameters)


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        ("Jean Dupont <jean@example.fr>", [("Jean Dupont", "jean@example.fr")]),
        ('"Dupont, Jean" <j@e.fr>, b@e.fr', [("Dupont, Jean", "j@e.fr"), ("", "b@e.fr")]),
        ("Dupont, Jean <j@e.fr>", [("Dupont, Jean", "j@e.fr")]),  # a comma nobody quoted
        ("j@e.fr (Jean)", [("Jean", "j@e.fr")]),
        ("Jean (j@e.fr)", [("Jean", "j@e.fr")]),
        ("\"'Jean'\" <j@e.fr>", [("Jean", "j@e.fr")]),
        ("Friends: a@e.fr, B <b@e.fr>;", [("", "a@e.fr"), ("B", "b@e.fr")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?Jos=C3=A9=2C_fils?= <j@e.fr>", [("José, fils", "j@e.fr")]),
        ("=?utf-8?q?Jos=C3=A9_=3Cj=40e=2Efr=3E?=", [("José", "j@e.fr")]),
        ("mailto:j@e.fr; k@e.fr", [("", "j@e.fr"), ("", "k@e.fr")]),
        ("power user @ example . org", [("", "poweruser@example.org")]),
        ("<@relay.example:j@e.fr>", [("", "j@e.fr")]),
        ("MAILER-DAEMON (Mail Delivery System)", [("Mail Delivery System", "MAILER-DAEMON")]),
        ("<>", []),
        ("(((", []),
    ],
)
def test_address_lists_are_read_as_people_mean_them(value: str, mailboxes: list[tuple[str, str]]) -> None:
    assert [(found.name, found.address) for found in parse_addresses(value)] == mailboxes


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("j@example.fr", True),
        ("j+tag@sub.example.fr", True),
        ("MAILER-DAEMON", False),
        ("j@localhost", False),
        ('"a b"@example.fr', False),
        ("a@b@example.fr", False),
        ("j@example.fr>", False),
    ],
)
def test_an_address_says_whether_it_can_be_written_to(address: str, valid: bool) -> None:
    assert Address("", address).is_valid is valid


def test_an_empty_from_falls_back_to_who_else_is_named() -> None:
    mail = parse_mail(b"From: \nReply-To: Jean <jean@example.fr>\nSubject: s\n\nx")
    assert mail.sender == Address("Jean", "jean@example.fr")
    assert parse_mail(b"From: <>\nReturn-Path: <jean@example.fr>\n\nx").sender == Address("", "jean@example.fr")
    assert parse_mail(b"Subject: s\n\nx").sender is None
    assert parse_mail(b"From: somebody without address\n\nx").sender == Address("somebody without address", "")


def test_of_several_senders_the_named_one_counts() -> None:
    both = b"From: a@example.fr, b@example.fr\n"
    assert parse_mail(both + b"Sender: b@example.fr\n\nx").sender == Address("", "b@example.fr")
    mail = parse_mail(both + b"\nx")
    assert (mail.sender, len(mail.senders)) == (Address("", "a@example.fr"), 2)


def test_threading_fields_come_as_lists_of_ids() -> None:
    mail = parse_mail(
        b"Message-ID: <1@x.fr>\nIn-Reply-To: your mail of today <0@x.fr>\nReferences: <a@x.fr>\n <b@x.fr><a@x.fr>\n\nx"
    )
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("<1@x.fr>", "<0@x.fr>", ("<a@x.fr>", "<b@x.fr>"))
    assert parse_mail(b"Message-ID: 1@x.fr\n\nx").message_id == "<1@x.fr>"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mon, 3 Jun 2024 14:05:00 +0200", "2024-06-03T12:05:00+00:00"),
        ("3 Jun 24 14:05 -0000", "2024-06-03T14:05:00+00:00"),
        ("yesterday", None),
        ("Mon, 99 Foo 99999 14:05:00 +0200", None),
        ("Mon, 1 Jan 2024 00:00:00 +9999", None),
    ],
)
def test_dates_are_utc_or_absent(written: str, read: str | None) -> None:
    assert parse_mail(f"Date: {written}\n\nx".encode()).to_json()["date"] == read


def test_plus_addresses_of_the_envelope_are_kept_for_our_tokens() -> None:
    mail = parse_mail(b"Delivered-To: desk+t0ken@example.fr\nX-Original-To: desk@example.fr\nTo: Desk <desk@e.fr>\n\nx")
    assert [found.address for found in mail.delivered_to] == ["desk+t0ken@example.fr", "desk@example.fr"]
    assert mail.header("Delivered-To") == "desk+t0ken@example.fr"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF-8", "utf-8"),
        ('"charset=us-ascii"', "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("iso88591", "cp1252"),
        ("windows-874", "cp874"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("rot13", ""),
        ("base64", ""),
        ("unicode_escape", ""),
        ("x-unknown", ""),
        ("\x00", ""),
        ("", ""),
    ],
)
def test_charset_labels_are_forgiven(label: str, codec: str) -> None:
    assert codec_name(label) == codec


def test_bytes_decide_where_the_label_is_wrong() -> None:
    assert decode("déjà".encode(), "us-ascii") == "déjà"
    assert decode("déjà".encode("cp1252"), "utf-8") == "déjà"
    assert decode("déjà vu, été".encode() + b"\xc3", "utf-8") == "déjà vu, été\ufffd"
    assert decode("“déjà”".encode("cp1252"), "iso-8859-1") == "“déjà”"
    assert decode(b"\x1b$B-!1#ET\x1b(B", "iso-2022-jp").startswith("①")
    assert decode("é".encode("utf-16"), "") == "é"
    assert decode(b"+AOk-", "utf-7") == "é"


def test_text_is_always_storable() -> None:
    assert clean("a\ud800b\x00c") == "a\ufffdbc"
    assert clean("\ud83d\ude00") == "😀"  # a pair that somebody encoded by halves
    assert decode_words("=?utf-8?Q?a=00=ED=A0=80?=").encode("utf-8")

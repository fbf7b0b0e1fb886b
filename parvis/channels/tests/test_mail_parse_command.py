"""`parvis mail_parse`."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command

from parvis.channels.management.commands.mail_parse import described

PROMISED = {"file", "ok", "error", "sha256", "size", "message_id", "date", "from", "reply_to", "to", "cc", "subject"}
PROMISED |= {"text", "html", "reply", "quoted", "attachments", "language", "auto"}


def _run(*files: object, **options: object) -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("mail_parse", *map(str, files), stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_file_is_one_line_in_order(tmp_path: Path) -> None:
    first, second = tmp_path / "un.eml", tmp_path / "deux.eml"
    first.write_bytes("From: Jean <j@example.fr>\nSubject: été\n\nBonjour,\nmerci pour le vélo".encode())
    second.write_bytes(b"\x00\xff garbage")
    one, two = _run(first, second)
    assert set(one) >= PROMISED
    assert (one["file"], one["ok"], one["error"], one["subject"]) == (str(first), True, None, "été")
    assert one["from"] == {"name": "Jean", "address": "j@example.fr"}
    assert one["language"] == "fr"
    assert (two["file"], two["ok"]) == (str(second), False)


def test_lines_are_ascii_and_odd_names_are_no_obstacle(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9\nline.eml")
    odd.write_bytes(b"Subject: \xe9\n\nx")
    out = io.StringIO()
    call_command("mail_parse", str(odd), stdout=out)
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1


def test_a_file_that_cannot_be_opened_is_said_and_stops_nobody(tmp_path: Path) -> None:
    good = tmp_path / "x.eml"
    good.write_bytes(b"Subject: s\n\nx")
    out = io.StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("mail_parse", str(tmp_path / "absent"), str(good), stdout=out)
    assert exit_.value.code == 1
    missing, found = map(json.loads, out.getvalue().splitlines())
    assert (missing["ok"], missing["error"], found["subject"]) == (False, "cannot be opened: FileNotFoundError", "s")


def test_the_null_path_can_be_told(tmp_path: Path) -> None:
    mail = tmp_path / "x.eml"
    mail.write_bytes(b"From: j@example.fr\nSubject: s\n\nx")
    assert _run(mail)[0]["auto"]["may_reply"] is True
    assert _run(mail, envelope_from="")[0]["auto"]["may_reply"] is False


def test_standard_input_is_read() -> None:
    assert described("-", standard_input=io.BytesIO(b"Subject: s\n\nx"))["subject"] == "s"

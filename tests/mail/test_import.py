"""Archives come in whole, once, and quietly."""

import gzip
import json
import mailbox
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from parvis.channels.archives import mails_in
from parvis.channels.models import OutMail, RawBody, RawMail
from parvis.desk.models import Message
from parvis.encounters.models import Encounter
from parvis.promises.models import Promise
from tests.mail.letters import letter
from tests.world import World


def imported(path: Path, *options: str) -> dict:
    out = StringIO()
    call_command("mail_import", str(path), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def mbox_of(path: Path, *mails: bytes) -> Path:
    path.write_bytes(b"".join(b"From zoe@exemple.example Mon May  6 09:00:00 2024\n" + m + b"\n" for m in mails))
    return path


def test_an_mbox_comes_in_once_however_often_it_is_read(world: World, tmp_path: Path) -> None:
    path = mbox_of(tmp_path / "2024.mbox", *(letter(f"Bonjour {n}\n").as_bytes() for n in range(5)))
    first, second = imported(path), imported(path)
    assert (first["read"], first["new"], first["repeated"]) == (5, 5, 0)
    assert (second["read"], second["new"], second["repeated"]) == (5, 0, 5)
    assert first["states"] == second["states"]
    assert first["states"]["attached"] == RawMail.objects.count() == 5
    assert set(RawMail.objects.values_list("source", flat=True)) == {"import:2024.mbox"}
    assert not OutMail.objects.exists()
    assert not Promise.objects.exists()


def test_with_greet_mails_count_as_having_just_arrived(world: World, tmp_path: Path) -> None:
    imported(mbox_of(tmp_path / "today.mbox", letter().as_bytes()), "--greet")
    assert OutMail.objects.filter(automatic=True).count() == 1
    assert Promise.objects.exists()


def test_from_lines_are_unquoted_by_one_and_prose_does_not_split_a_mail(tmp_path: Path) -> None:
    body = b"Subject: x\n\n>From afar\n>>From quoted twice\n\nFrom here on it is prose.\n\nFrom me\n"
    path = mbox_of(tmp_path / "a.mbox", body, b"Subject: y\n\nB\n")
    first, second = (found.raw for found in mails_in(path))
    assert first == b"Subject: x\n\nFrom afar\n>From quoted twice\n\nFrom here on it is prose.\n\nFrom me\n"
    assert second == b"Subject: y\n\nB\n"


def test_what_python_writes_is_read_back(tmp_path: Path) -> None:
    mails = [letter(f"From now on {n}\n\nFrom the heart\n") for n in range(3)]
    box = mailbox.mbox(tmp_path / "box")
    folder = mailbox.Maildir(tmp_path / "maildir")
    for mail in mails:
        box.add(mail)
        folder.add(mail)
    box.close()
    raws = [mail.as_bytes() for mail in mails]
    assert [found.raw for found in mails_in(tmp_path / "box")] == raws
    assert sorted(found.raw for found in mails_in(tmp_path / "maildir")) == sorted(raws)


def test_a_folder_of_files_is_read_in_the_order_the_mails_were_written(world: World, tmp_path: Path) -> None:
    question = letter(message_id="<q@x.example>", headers={"Date": "Mon, 06 May 2024 09:00:00 +0200"})
    answer = letter("Merci !", headers={"Date": "Tue, 07 May 2024 09:00:00 +0200", "In-Reply-To": "<q@x.example>"})
    (tmp_path / "a.eml").write_bytes(answer.as_bytes())
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.eml.gz").write_bytes(gzip.compress(question.as_bytes()))
    (tmp_path / "notes.txt").write_text("no mail")
    assert imported(tmp_path)["new"] == 2
    assert Encounter.objects.count() == 1
    assert Message.objects.filter(direction="in").count() == 2


def test_one_mail_alone_and_a_packed_mbox(tmp_path: Path) -> None:
    raw = letter().as_bytes()
    (tmp_path / "one.eml").write_bytes(raw)
    (tmp_path / "many.mbox.gz").write_bytes(gzip.compress(mbox_of(tmp_path / "m", raw, raw).read_bytes()))
    assert [f.raw for f in mails_in(tmp_path / "one.eml")] == [raw]
    assert [f.raw for f in mails_in(tmp_path / "many.mbox.gz")] == [raw, raw]


def test_what_is_no_mail_is_kept_as_not_readable_and_a_damaged_file_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "noise.eml").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "broken.eml.gz").write_bytes(gzip.compress(letter().as_bytes())[:-20])
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "good.eml").write_bytes(letter().as_bytes())
    result = imported(tmp_path)
    assert result["read"] == 3
    assert result["states"]["attached"] == 1
    assert result["states"]["failed"] == 2
    assert [u["where"] for u in result["unreadable"]] == ["broken.eml.gz"]
    assert RawBody.objects.count() == 3


def test_a_large_mbox_is_not_loaded_whole(tmp_path: Path) -> None:
    import tracemalloc

    mail = b"Subject: big\n\n" + b"x" * 70 + b"\n" * 2 + (b"y" * 75 + b"\n") * 13_000
    path = tmp_path / "big.mbox"
    with path.open("wb") as file:
        for __ in range(60):
            file.write(b"From a@b.example Mon May  6 09:00:00 2024\n" + mail + b"\n")
    tracemalloc.start()
    count = sum(1 for found in mails_in(path) if found.raw == mail)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < path.stat().st_size / 4


def test_a_path_that_is_not_there_is_said(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing at"):
        imported(tmp_path / "missing.mbox")

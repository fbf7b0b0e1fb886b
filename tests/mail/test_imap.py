"""Mailboxes elsewhere: fetched once each, marked by nobody, and again after whatever went wrong."""

import datetime as dt
import imaplib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command

from parvis.channels import imap
from parvis.channels.imap import Account, MailboxError, account_fetch, accounts_fetch
from parvis.channels.models import MailCursor, RawBody, RawMail
from parvis.desk.services import mails_take_in
from tests.mail.dovecot import PASSWORD, USER, dovecot, dovecot_program
from tests.mail.letters import letter
from tests.world import World


class Mailbox:
    """The account as its owner's mail program sees it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/INBOX"
        self.account = Account.from_url(self.url)

    def put(self, *mails: bytes, days_ago: float = 0) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as server:
            server.login(USER, PASSWORD)
            for raw in mails:
                server.append("INBOX", "", imaplib.Time2Internaldate(time.time() - days_ago * 86400), raw)

    def unseen(self) -> int:
        with imaplib.IMAP4("127.0.0.1", self.port) as server:
            server.login(USER, PASSWORD)
            server.select("INBOX", readonly=True)
            return len(server.search(None, "UNSEEN")[1][0].split())

    def drop(self, *numbers: int) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as server:
            server.login(USER, PASSWORD)
            server.select("INBOX")
            for number in numbers:
                server.store(str(number), "+FLAGS", "\\Deleted")
            server.expunge()


@pytest.fixture
def box(world: World, tmp_path: Path, settings) -> Iterator[Mailbox]:
    if dovecot_program() is None:
        pytest.skip("no IMAP server on this machine: apt-get install dovecot-imapd")
    with dovecot(tmp_path) as port:
        found = Mailbox(port)
        settings.IMAP_URLS = [found.url]
        yield found


def raws(*texts: str) -> list[bytes]:
    return [letter(text).as_bytes(policy=letter().policy.clone(linesep="\r\n")) for text in texts]


def test_new_mail_is_fetched_once_with_its_bytes_and_stays_unread(box: Mailbox) -> None:
    first = raws("Un", "Deux", "Trois")
    box.put(*first)
    assert accounts_fetch() == 3
    assert accounts_fetch() == 0
    box.put(*raws("Quatre"))
    assert accounts_fetch() == 1
    assert [bytes(b.content) for b in RawBody.objects.order_by("pk")][:3] == first
    assert box.unseen() == 4
    assert RawMail.objects.filter(times_received=1).count() == 4


def test_what_lies_there_since_long_is_history_and_what_is_new_is_greeted(box: Mailbox) -> None:
    box.put(*raws("Ancien"), days_ago=9)
    box.put(*raws("Récent"))
    accounts_fetch()
    box.put(*raws("Rattrapé après une panne"), days_ago=5)
    accounts_fetch()
    sources = list(RawMail.objects.order_by("pk").values_list("source", flat=True))
    assert [s.startswith("import:") for s in sources] == [True, False, False]
    ancient = RawMail.objects.order_by("pk").first()
    assert ancient is not None
    assert 8.9 < (dt.datetime.now(dt.UTC) - ancient.received_at).total_seconds() / 86400 < 9.1


def test_a_server_that_counts_anew_costs_a_second_look_and_no_second_copy(box: Mailbox) -> None:
    box.put(*raws("Un", "Deux"))
    accounts_fetch()
    MailCursor.objects.update(uid_validity=1)
    assert accounts_fetch() == 2
    assert RawMail.objects.count() == 2
    assert set(RawMail.objects.values_list("times_received", flat=True)) == {2}


def test_bytes_and_cursor_are_kept_together_or_not_at_all(box: Mailbox, monkeypatch) -> None:
    box.put(*raws(*(f"Numéro {n}" for n in range(4))))
    monkeypatch.setattr(imap, "BATCH_MAILS", 2)
    stored = imap.mails_store
    calls = []

    def trip(*, deliveries: list) -> object:
        calls.append(len(deliveries))
        if len(calls) == 2:
            stored(deliveries=deliveries)
            raise OSError("the line broke")
        return stored(deliveries=deliveries)

    monkeypatch.setattr(imap, "mails_store", trip)
    with pytest.raises(OSError, match="the line broke"):
        account_fetch(box.account)
    cursor = MailCursor.objects.get()
    assert (RawMail.objects.count(), cursor.uid) == (2, 2)
    assert account_fetch(box.account) == 2
    assert RawMail.objects.filter(times_received=1).count() == 4


def test_holes_and_large_mails_are_no_obstacle(box: Mailbox, monkeypatch) -> None:
    monkeypatch.setattr(imap, "WINDOW", 3)
    box.put(*raws(*(f"Numéro {n}" for n in range(12))))
    box.drop(1, 4, 5, 6, 7, 12)
    big = raws("x" * 3_000_000)
    box.put(*big)
    assert accounts_fetch() == 7
    assert RawMail.objects.order_by("-size").first().size == len(big[0])


def test_fetched_mail_finds_its_place(box: Mailbox) -> None:
    box.put(*raws("Bonjour"))
    accounts_fetch()
    assert mails_take_in() == 1
    assert RawMail.objects.get().state == "attached"


def test_a_wrong_password_is_said_without_the_password_and_forgotten_when_it_works(box: Mailbox, settings) -> None:
    good = settings.IMAP_URLS
    settings.IMAP_URLS = [good[0].replace(quote(PASSWORD, safe=""), "secret-guess")]
    with pytest.raises(CommandError) as said:
        call_command("mail_fetch")
    assert "refused to sign in" in str(said.value)
    assert "secret-guess" not in str(said.value)
    settings.IMAP_URLS = good
    call_command("mail_fetch")
    assert MailCursor.objects.get().error == ""


def test_a_folder_that_is_not_there_does_not_stop_the_others(box: Mailbox, settings) -> None:
    settings.IMAP_URLS = [box.url.replace("INBOX", "Nowhere"), box.url]
    box.put(*raws("Un"))
    assert accounts_fetch() == 1
    assert "no folder" in MailCursor.objects.get(source__endswith="Nowhere").error


@pytest.mark.parametrize("url", ["http://x@y/", "imap://host/", "imaps:///x", "nonsense"])
def test_an_address_that_is_none_is_explained(url: str) -> None:
    with pytest.raises(MailboxError, match="imaps://user:password@host"):
        Account.from_url(url)


def test_an_address_may_leave_out_port_and_folder() -> None:
    account = Account.from_url("imaps://zo%C3%A9%40x:p%2Fw@mail.example")
    assert (account.port, account.secure, account.folder) == (993, True, "INBOX")
    assert (account.user, account.password) == ("zoé@x", "p/w")
    assert "p/w" not in account.source

"""The letter box when things go wrong: the sender keeps what we could not store, and never hears "250" for it."""

import asyncio
import smtplib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError

from parvis.channels import storing
from parvis.channels.recipients import Mailboxes
from parvis.channels.services import Delivery
from parvis.channels.smtp import Listener, Options
from parvis.channels.storing import Busy, MailStore

HOUSE = "bonjour@canal.example"


class Database:
    """Stands for the database: keeps what is committed, and can be away, slow, or allergic to some bytes."""

    def __init__(self) -> None:
        self.commits: list[list[bytes]] = []
        self.away = False
        self.restarted = False
        self.open = threading.Event()
        self.open.set()

    def store(self, deliveries: Sequence[Delivery]) -> None:
        self.open.wait(20)
        if self.away or self.restarted:
            self.restarted = False
            raise OperationalError("the database system is shutting down")
        if any(b"poison" in d.raw for d in deliveries):
            raise ValueError("cannot be stored")
        self.commits.append([d.raw for d in deliveries])

    @property
    def kept(self) -> list[bytes]:
        return [raw for commit in self.commits for raw in commit]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def store(database: Database) -> Iterator[MailStore]:
    made = MailStore(database.store)
    made.start()
    yield made
    database.open.set()
    assert made.close(10)


def mail(text: str) -> Delivery:
    return Delivery(f"Subject: x\r\n\r\n{text}\r\n".encode(), source="smtp")


def test_mails_that_arrive_while_one_is_written_share_the_next_commit(database: Database, store: MailStore) -> None:
    database.open.clear()
    first = store.submit(mail("one"))
    time.sleep(0.1)
    others = [store.submit(mail(str(n))) for n in range(30)]
    database.open.set()
    wait([first, *others], 10)
    assert [len(commit) for commit in database.commits] == [1, 30]


def test_an_outage_refuses_all_and_the_next_mails_pass(database: Database, store: MailStore) -> None:
    database.away = True
    assert isinstance(store.submit(mail("one")).exception(10), OperationalError)
    database.away = False
    assert store.submit(mail("two")).exception(10) is None
    assert len(database.kept) == 1


def test_a_database_that_was_restarted_is_asked_again_before_anybody_is_refused(
    database: Database, store: MailStore
) -> None:
    database.restarted = True
    assert store.submit(mail("one")).exception(10) is None
    assert len(database.kept) == 1


def test_one_mail_that_cannot_be_stored_does_not_harm_its_neighbours(database: Database, store: MailStore) -> None:
    database.open.clear()
    futures = [store.submit(mail(text)) for text in ("zero", "one", "poison", "two")]
    database.open.set()
    errors = [type(f.exception(10)) for f in futures]
    assert errors == [type(None), type(None), ValueError, type(None)]
    assert len(database.kept) == 3


def test_more_than_memory_should_hold_is_sent_back(database: Database, store: MailStore, monkeypatch) -> None:
    monkeypatch.setattr(storing, "WAITING_BYTES", 1000)
    database.open.clear()
    store.submit(mail("first, being written"))
    time.sleep(0.1)
    store.submit(mail("x" * 900))
    with pytest.raises(Busy):
        store.submit(mail("y" * 900))


def test_closing_stores_what_was_accepted_and_accepts_no_more(database: Database) -> None:
    store = MailStore(database.store)
    store.start()
    database.open.clear()
    futures = [store.submit(mail(str(n))) for n in range(5)]
    threading.Timer(0.2, database.open.set).start()
    assert store.close(10)
    assert all(f.done() and f.exception() is None for f in futures)
    assert len(database.kept) == 5
    with pytest.raises(Busy):
        store.submit(mail("late"))


@contextmanager
def listening(database: Database, known: Mailboxes | Exception, **options: Any) -> Iterator[int]:
    """A listener on a thread of its own, whose recipients and storage are as said; its port."""
    ready, box = threading.Event(), {}

    async def serve() -> None:
        listener = Listener(Options("127.0.0.1", 0, **options), MailStore(database.store))

        def ask() -> Mailboxes:
            if isinstance(known, Exception):
                raise known
            return known

        listener.reception._known.ask = ask  # type: ignore[method-assign]
        await listener.start()
        box.update(port=listener.port, loop=asyncio.get_running_loop(), end=asyncio.Event())
        ready.set()
        await box["end"].wait()
        box["clean"] = await listener.stop(3)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    try:
        yield box["port"]
    finally:
        box["loop"].call_soon_threadsafe(box["end"].set)
        thread.join(20)
        assert box["clean"]


OURS = Mailboxes(frozenset({HOUSE}))


def test_while_the_database_is_away_the_sender_keeps_the_mail(database: Database) -> None:
    database.away = True
    with listening(database, OURS) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@b.example", [HOUSE], b"Subject: x\r\n\r\nBonjour\r\n")
        assert refused.value.smtp_code == 451
        database.away = False
        smtp.sendmail("a@b.example", [HOUSE], b"Subject: x\r\n\r\nBonjour\r\n")
    assert len(database.kept) == 1


def test_while_recipients_cannot_be_known_nobody_is_refused_for_good(database: Database) -> None:
    with listening(database, OperationalError("away")) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.example")
        assert smtp.rcpt(HOUSE)[0] == 451


def test_storing_that_takes_too_long_is_not_called_done(database: Database) -> None:
    database.open.clear()
    with listening(database, OURS, store_timeout=0.3) as port:
        with smtplib.SMTP("127.0.0.1", port) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@b.example", [HOUSE], b"Subject: x\r\n\r\nBonjour\r\n")
        database.open.set()
    assert refused.value.smtp_code == 451


def test_a_silent_connection_is_ended(database: Database) -> None:
    with listening(database, OURS, idle_timeout=0.5) as port:
        smtp = smtplib.SMTP("127.0.0.1", port)
        time.sleep(1.5)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.noop()


def test_a_mail_larger_than_allowed_is_refused_for_good(database: Database) -> None:
    with listening(database, OURS, max_bytes=10_000) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo_or_helo_if_needed()
        smtp.mail("a@b.example")
        smtp.rcpt(HOUSE)
        assert smtp.data(b"Subject: x\r\n\r\n" + b"y" * 70 * 400)[0] == 552
    assert database.kept == []


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        (HOUSE, True),
        ("Bonjour@CANAL.example", True),
        ("bonjour+E-7K3F9@canal.example", True),
        ("postmaster@canal.example", True),
        ("postmaster", True),
        ("postmaster@elsewhere.example", False),
        ("bonjour@elsewhere.example", False),
        ("@canal.example", False),
        ("", False),
    ],
)
def test_recipients(address: str, accepted: bool) -> None:
    assert OURS.accept(address) is accepted
    assert Mailboxes(frozenset(), any_accepted=True).accept(address)

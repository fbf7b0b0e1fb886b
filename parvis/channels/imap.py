"""Mailboxes elsewhere, fetched by IMAP. The cursor moves with the bytes, in one transaction; nothing is marked read."""

import contextlib
import datetime as dt
import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction

from parvis.channels.models import MailCursor
from parvis.channels.services import Delivery, mails_store
from parvis.kernel.clock import utcnow

log = logging.getLogger("parvis.mail")

TIMEOUT = 30.0
WINDOW = 5000  # uids asked about at a time: a line of an answer stays short, however full the folder
BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
# What lay in a folder for longer than this when we first saw it is history: nobody is greeted for it.
HISTORY_AFTER = dt.timedelta(days=1)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """An account cannot be read; the message says why, without the password."""


@dataclass(frozen=True)
class Account:
    """One folder of one account. Written imap[s]://user:password@host[:port][/folder], parts percent-encoded."""

    host: str
    port: int
    secure: bool
    user: str
    password: str
    folder: str = "INBOX"

    @classmethod
    def from_url(cls, url: str) -> "Account":
        """Read an address of PARVIS_IMAP_URL. Raises MailboxError for one that is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise MailboxError("PARVIS_IMAP_URL is written imaps://user:password@host/INBOX.")
        secure = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if secure else 143),
            secure=secure,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    @property
    def source(self) -> str:
        """How its mails are marked; says nothing secret."""
        return f"imap:{self.user}@{self.host}/{self.folder}"[:120]


def accounts_fetch() -> int:
    """Fetch what is new in every account of the settings; returns how many mails were taken. One account's trouble
    is its own: it is logged, kept on the account's cursor, and tried again with the next round."""
    taken = 0
    for url in settings.IMAP_URLS:
        account = None
        try:
            account = Account.from_url(url)
            taken += account_fetch(account)
        except (MailboxError, OSError, ValueError, imaplib.IMAP4.error) as error:
            source = account.source if account else "imap"
            log.error("%s: %s", source, error)
            MailCursor.objects.update_or_create(source=source, defaults={"error": str(error)[:1000]})
    return taken


def account_fetch(account: Account) -> int:
    """Store the mails of a folder that were not fetched yet, oldest first; returns how many.

    Raises MailboxError, OSError or imaplib's errors; what was stored until then stays stored, and is not fetched again.
    """
    with _signed_in(account) as server:
        validity, next_uid = _examine(server, account)
        cursor, __ = MailCursor.objects.get_or_create(source=account.source)
        known = cursor.uid_validity == validity
        if not known:  # first sight, or the server counts anew: bytes we have already are recognised by their hash
            cursor.uid_validity, cursor.uid = validity, 0
        taken = 0
        for uids in _new_uids(server, cursor.uid, next_uid):
            taken += _take(server, account, cursor, uids, known=known)
        cursor.uid = max(cursor.uid, next_uid - 1)
        cursor.checked_at, cursor.error = utcnow(), ""
        cursor.save()
    return taken


@contextlib.contextmanager
def _signed_in(account: Account) -> Iterator[imaplib.IMAP4]:
    server: imaplib.IMAP4
    if account.secure:
        context = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(account.host, account.port, timeout=TIMEOUT, ssl_context=context)
    else:
        server = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT)
    try:
        if not account.secure and "STARTTLS" in server.capabilities:
            server.starttls(ssl.create_default_context())
        try:
            server.login(account.user, account.password)
        except imaplib.IMAP4.error as error:
            raise MailboxError(f"the server refused to sign in {account.user}") from error
        yield server
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _examine(server: imaplib.IMAP4, account: Account) -> tuple[int, int]:
    """Open the folder read-only; its UIDVALIDITY and the uid the next mail will get."""
    quoted = '"' + account.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if server.select(quoted, readonly=True)[0] != "OK":
        raise MailboxError(f"there is no folder {account.folder}")
    validity, next_uid = server.response("UIDVALIDITY")[1], server.response("UIDNEXT")[1]
    if not validity or not validity[0] or not next_uid or not next_uid[0]:
        raise MailboxError("the server does not number its mails (UIDVALIDITY, UIDNEXT)")
    return int(validity[0]), int(next_uid[0])


def _new_uids(server: imaplib.IMAP4, after: int, until: int) -> Iterator[list[int]]:
    """The uids above `after` and below `until`, in batches that fit into memory."""
    for low in range(after + 1, until, WINDOW):
        high = min(low + WINDOW, until) - 1
        batch: list[int] = []
        size = 0
        for uid, length in _sizes(server, low, high):
            if batch and (len(batch) >= BATCH_MAILS or size + length > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(uid)
            size += length
        if batch:
            yield batch


def _sizes(server: imaplib.IMAP4, low: int, high: int) -> list[tuple[int, int]]:
    found = []
    for line in _fetch(server, f"{low}:{high}", "(UID RFC822.SIZE)"):
        head = line[0] if isinstance(line, tuple) else line
        uid, size = _UID.search(head or b""), _SIZE.search(head or b"")
        if uid and size and low <= int(uid[1]) <= high:
            found.append((int(uid[1]), int(size[1])))
    return sorted(found)


def _fetch(server: imaplib.IMAP4, uids: str, what: str) -> list[bytes | tuple[bytes, bytes]]:
    status, lines = server.uid("FETCH", uids, what)
    if status != "OK":
        raise MailboxError(f"the server would not hand over its mails: {lines!r}"[:300])
    return [line for line in lines if line is not None]


def _take(server: imaplib.IMAP4, account: Account, cursor: MailCursor, uids: list[int], *, known: bool) -> int:
    """Fetch these mails and store them, with the cursor, in one transaction."""
    lines = _fetch(server, ",".join(map(str, uids)), "(UID INTERNALDATE BODY.PEEK[])")
    deliveries = []
    for line in lines:
        if isinstance(line, tuple):
            deliveries.append(_delivery(account, line, known=known))
    if len(deliveries) < len(uids):
        log.info("%s: %d mails went before we came", account.source, len(uids) - len(deliveries))
    with transaction.atomic():
        mails_store(deliveries=deliveries)
        cursor.uid = max(cursor.uid, uids[-1])
        cursor.save()
    return len(deliveries)


def _delivery(account: Account, line: tuple[bytes, bytes], *, known: bool) -> Delivery:
    now = utcnow()
    local = imaplib.Internaldate2tuple(line[0])
    arrived = dt.datetime.fromtimestamp(time.mktime(local), dt.UTC) if local else now
    history = not known and now - arrived > HISTORY_AFTER
    source = f"import:{account.source}"[:120] if history else account.source
    return Delivery(raw=bytes(line[1]), source=source, at=min(arrived, now))

"""Which addresses the house takes mail for."""

import time
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.db import close_old_connections

from parvis.catalog.selectors import business, own_addresses

FRESH_SECONDS = 3.0


@dataclass(frozen=True)
class Mailboxes:
    """The addresses of the house, in lower case; `any_accepted` where every address is taken."""

    addresses: frozenset[str]
    any_accepted: bool = False

    def accept(self, address: str) -> bool:
        """Whether mail to `address` is ours: one of our addresses, with or without +anything, or our postmaster."""
        if self.any_accepted:
            return True
        local, _at, domain = address.lower().rpartition("@")
        if "postmaster" in (local, address.lower()):  # always there, even without a domain (RFC 5321, 4.5.1)
            return not local or domain in {a.rpartition("@")[2] for a in self.addresses}
        return bool({f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"} & self.addresses)


def mailboxes() -> Mailboxes:
    """As configured now. A house without a mail address, and a demo, take mail for any, so that one can try it."""
    own = own_addresses()
    house = business()
    anything = settings.SMTP_ACCEPT_ANY or not own or (house is not None and house.is_demo)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return Mailboxes(own | {sender} if sender else own, anything)


class KnownMailboxes:
    """The same, asked at most every few seconds, from one thread at a time."""

    def __init__(self) -> None:
        self._known: Mailboxes | None = None
        self._until = 0.0

    def fresh(self) -> Mailboxes | None:
        """What is known, if it is fresh enough to answer without a query."""
        return self._known if time.monotonic() < self._until else None

    def ask(self) -> Mailboxes:
        """Ask the database; while it does not answer, what was known holds. Raises its error when nothing was."""
        try:
            close_old_connections()
            self._known = mailboxes()
        except Exception:
            close_old_connections()
            if self._known is None:
                raise
        self._until = time.monotonic() + FRESH_SECONDS
        return self._known

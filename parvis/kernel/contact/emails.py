"""E-mail addresses."""

from __future__ import annotations

import re
import unicodedata

# What copying from pages and lists brings along: zero-width characters, byte order marks, directions.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Reserved, yet in use inside houses and in trials: mail there stays on the house's own server.
_INTERNAL = re.compile(r"(?<=\w)\.(?:local|test)$", re.IGNORECASE)


def normalise_email(text: str) -> str:
    """The form under which an address is stored and compared, for instance ``jean@café.fr`` for ``Jean@CAFÉ.fr``.

    Takes the address out of ``Name <address>`` and ``mailto:``, drops blanks and invisible characters around it, folds
    the case of the part before the @ (in theory it matters, in practice two that differ by it are one mailbox), and
    writes the domain in lower case and in letters rather than ``xn--``. Tags (``+shop``) and dots stay: they may be
    different people. Never raises: what is no address comes back tidied, and ``is_email`` says that it is none.
    """
    address = INVISIBLE.sub("", text).strip()
    if address.endswith(">") and "<" in address:
        address = address[address.rindex("<") + 1 : -1].strip()
    if address[:7].lower() == "mailto:":
        address = address[7:].partition("?")[0]
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    return f"{local.casefold()}{at}{_domain(domain)}" if at else domain.casefold()


def is_email(text: str) -> bool:
    """Whether it is an address that a customer can have: right by its form, with a domain that can exist.

    Nothing is looked up. Surrounding blanks, names, IP addresses, ``localhost`` and quoted parts before the @ (almost
    always a slip) are refused; ``.local`` and ``.test`` are accepted. By the rules of RFC 5321, 6531
    and IDNA 2008, as the library email-validator reads them.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(_INTERNAL.sub(".lan", text), check_deliverability=False, strict=True)
    except EmailNotValidError:
        return False
    return True


def _domain(domain: str) -> str:
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii() and "xn--" not in domain:
        return domain
    import idna

    try:
        # Through ASCII, since that settles which of many spellings is the one that is registered.
        return idna.decode(idna.encode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return domain

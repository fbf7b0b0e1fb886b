"""From a house text to a queued mail: tokens, threading headers, the customer's language."""

import datetime as dt
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parvis.catalog.selectors import business, site_get, text_of, touchpoint_default, touchpoint_get
from parvis.channels.outbox import Letter, letter_queue
from parvis.desk.domain.arriving import INSTALLATION_HEADER
from parvis.desk.domain.threading import thread_token
from parvis.kernel.clock import to_zone
from parvis.kernel.ids import new_token

if TYPE_CHECKING:
    from parvis.channels.models import OutMail

ENCOUNTER_SALT = "parvis.portal.encounter"
FOLLOW_UP_SALT = "parvis.portal.follow_up"
BOOKING_SALT = "parvis.portal.booking"
WAITING_SALT = "parvis.portal.waiting"


def thread_key() -> bytes:
    """The key that signs thread tokens."""
    return salted_hmac("parvis.thread", "token", algorithm="sha256").digest()


def installation_id() -> str:
    """The name of this installation in mail headers; as its key, the same in all processes, and telling nothing."""
    return salted_hmac("parvis.installation", "id", algorithm="sha256").hexdigest()[:24]


def portal_link(encounter_id: int) -> str:
    """The signed address under which a customer follows one request."""
    return f"{settings.BASE_URL}/r/{signing.dumps(encounter_id, salt=ENCOUNTER_SALT)}/"


def follow_up_link(follow_up_id: int) -> str:
    """The signed address of a follow-up question."""
    return f"{settings.BASE_URL}/f/{signing.dumps(follow_up_id, salt=FOLLOW_UP_SALT)}/"


def booking_link(booking_id: int) -> str:
    """The signed address under which a customer sees, moves, confirms and cancels one booking."""
    return f"{settings.BASE_URL}/b/{signing.dumps(booking_id, salt=BOOKING_SALT)}/"


def waiting_link(entry_id: int) -> str:
    """The signed address under which somebody who waits sees their place in the line, and can leave it."""
    return f"{settings.BASE_URL}/w/{signing.dumps(entry_id, salt=WAITING_SALT)}/"


def language_of(customer: Any) -> str:
    """The language to write to a customer in: theirs, else the house's first."""
    if customer.language:
        return customer.language
    house = business()
    return (house.languages[0] if house and house.languages else settings.LANGUAGE_CODE)[:2]


def stated_time(instant: dt.datetime, zone: str, language: str) -> str:
    """An instant as one would say it: "Thursday 26 November at 14:00", « le jeudi 26 novembre à 14 h 00 »."""
    return _stated(instant.replace(second=0, microsecond=0), zone, language)


@lru_cache(maxsize=256)
def _stated(instant: dt.datetime, zone: str, language: str) -> str:
    """One minute is promised to many when many write at once."""
    local = to_zone(instant, zone)
    with translation.override(language), timezone.override(local.tzinfo):
        return date_format(local, pgettext("a stated time", r"l j F \a\t H:i"))


def zone_of(encounter: Any) -> str:
    """The time zone of an encounter's site."""
    site = site_get(encounter.site_id)
    return site.timezone if site else settings.TIME_ZONE


def house_values(encounter: Any, customer: Any, language: str) -> dict[str, object]:
    """The placeholders every house text may carry."""
    house, site = business(), site_get(encounter.site_id)
    by_name, hello = _hellos(language)
    return {
        "hello": by_name % {"name": customer.name} if customer.name else hello,
        "name": customer.name,
        "business": house.name if house else "",
        "site": site.name if site else "",
        "subject": encounter.subject,
        "reference": thread_token(encounter.pk, thread_key()),
        "link": portal_link(encounter.pk),
    }


@lru_cache(maxsize=8)
def _hellos(language: str) -> tuple[str, str]:
    with translation.override(language):
        return _("Hello %(name)s,"), _("Hello,")


def house_text(key: str, encounter: Any, customer: Any, language: str, **values: object) -> tuple[str, str]:
    """Subject and body of a house text for an encounter, in the customer's language."""
    return text_of(key, language, {**house_values(encounter, customer, language), **values})


def queue(
    *,
    key: str,
    encounter: Any,
    to: list[str],
    subject: str,
    text: str,
    cc: list[str] | None = None,
    automatic: bool = False,
    references: list[str] | None = None,
    attachments: list[dict[str, Any]] | None = None,
    not_before: dt.datetime | None = None,
) -> "OutMail":
    """Queue a mail of an encounter: our token in its Message-ID, References of the thread, marks of automatic mail."""
    sender = sender_address(encounter)
    token = thread_token(encounter.pk, thread_key())
    headers = {INSTALLATION_HEADER: installation_id()}
    if known := _references(references or []):
        headers["In-Reply-To"] = known[-1]
        headers["References"] = " ".join(known)
    if automatic:
        headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "auto_reply"}
    return letter_queue(
        letter=Letter(
            key=key,
            site_id=encounter.site_id,
            encounter_ref=encounter.reference,
            to=to,
            cc=cc or [],
            sender=sender,
            subject=subject,
            text=text,
            headers=headers,
            attachments=attachments or [],
            automatic=automatic,
            not_before=not_before,
            message_id=f"{token}.{new_token()[:12]}@{sender.rpartition('@')[2].rstrip('>') or 'parvis.invalid'}",
        )
    )


def _references(ids: list[str]) -> list[str]:
    """Ids for References: the first and the last ones (RFC 5322, 3.6.4), without those that no header can carry."""
    fit = [f"<{i}>" for i in ids if i and len(i) < 250 and i.isascii() and i.isprintable() and " " not in i]
    return fit if len(fit) <= 20 else [fit[0], *fit[-19:]]


def sender_address(encounter: Any) -> str:
    """The mailbox an encounter's mail leaves from: the one it came in by, else one of its site, else the default."""
    return site_sender(encounter.site_id, touchpoint_get(encounter.touchpoint_id))


def site_sender(site_id: int, touchpoint: Any = None) -> str:
    """The mailbox mail of a site leaves from: the touchpoint's, else one of the site, else the default."""
    house = business()
    if touchpoint is None or not touchpoint.address:
        touchpoint = touchpoint_default("email", site_ids=[site_id])
    default = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    address = touchpoint.address if touchpoint and touchpoint.address else default
    name = " ".join((house.name if house else "Parvis").replace('"', "").replace("\\", "").split())
    return f'"{name}" <{address}>'

"""What a customer does on the portal, each as one step: write, say more, ask for their links, answer the follow-up."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import business, sites, text_of, touchpoint_default
from parvis.channels.outbox import Letter, letter_queue
from parvis.customers.selectors import customers_by_contact
from parvis.desk.models import Direction, Message
from parvis.desk.portal.tokens import requests_link
from parvis.desk.services import Contact, contact_receive, follow_up_answer
from parvis.desk.services.contacts import customer_spoke
from parvis.desk.services.follow_up import follow_up_of_token
from parvis.desk.services.letters import language_of
from parvis.desk.services.messages import File, Words
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import normalise_email
from parvis.kernel.errors import Invalid, TooMany
from parvis.kernel.ids import new_token
from parvis.ledger.services import Actor
from parvis.toolkit.models import IdempotencyKey
from parvis.toolkit.rates import rate_take

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

HOUR = dt.timedelta(hours=1)
FORMS_AN_HOUR = {"ip": 20, "email": 6}
WORDS_AN_HOUR = 20
LINKS_AN_HOUR = {"ip": 20, "email": 3}
OWNER = "portal"


def request_send(*, contact: Contact, nonce: str, ip: str) -> int:
    """The form: a new encounter; returns its id. The same copy of the form sent again returns the first one's.

    Raises TooMany past the limits for the network address or the e-mail address, Invalid as `contact_receive`.
    """
    fingerprint = hashlib.sha256(nonce.encode()).hexdigest()
    sent = IdempotencyKey.objects.filter(owner=OWNER, key=fingerprint).first()
    if sent is not None and sent.body:
        return int(sent.body["encounter"])
    _limit("form", ip=ip, email=contact.email, limits=FORMS_AN_HOUR)
    with transaction.atomic():
        # Taking the key first makes a second click wait for the first one's end, on either database.
        key, created = IdempotencyKey.objects.get_or_create(
            owner=OWNER, key=fingerprint, defaults={"fingerprint": fingerprint}
        )
        if not created and key.body:
            return int(key.body["encounter"])
        encounter, __ = contact_receive(actor=Actor.system(), contact=contact)
        key.status, key.body = 201, {"encounter": encounter.pk}
        key.save(update_fields=["status", "body"])
    return int(encounter.pk)


def request_add(*, encounter: "Encounter", text: str, files: Sequence[File] = ()) -> None:
    """The customer says more under their link; a closed encounter is taken up again. Raises Invalid, TooMany."""
    if not text.strip():
        raise Invalid(_("Write something first."), fields={"text": _("Write something first.")})
    if not rate_take(bucket=f"portal:words:{encounter.pk}", limit=WORDS_AN_HOUR, window=HOUR):
        raise _too_many()
    with transaction.atomic():
        customer_spoke(
            actor=Actor("customer", encounter.customer_id),
            encounter_id=encounter.pk,
            words=Words(text.strip(), files=files),
            at=utcnow(),
            customer_id=encounter.customer_id,
            channel="form",
            **_as_before(encounter.pk),
        )


def _as_before(encounter_id: int) -> dict[str, str]:
    """Name and address as the customer last gave them here: the record may say more than the link's holder knows."""
    spoken = Message.objects.filter(encounter_id=encounter_id, direction=Direction.IN, automatic="").order_by("-id")
    last = spoken.values("sender_name", "sender_address").first()
    return {name: str(value) for name, value in last.items()} if last else {}


def requests_link_send(*, email: str, language: str, ip: str) -> None:
    """Mail a link to all requests of this address to this address; whoever asks learns nothing by asking.

    Says nothing when the address is unknown or was asked for too often. Raises TooMany for the network address.
    """
    if not rate_take(bucket=f"portal:links:ip:{ip}", limit=LINKS_AN_HOUR["ip"], window=HOUR):
        raise _too_many()
    address = normalise_email(email)
    known = customers_by_contact(email=address)
    if not known or not rate_take(bucket=_hashed("links", address), limit=LINKS_AN_HOUR["email"], window=HOUR):
        return
    customer = known[0]
    language = customer.language or language or language_of(customer)
    house, site = business(), sites().order_by("pk").first()
    sender = _sender(house)
    values: dict[str, Any] = {
        "hello": _hello(language),
        "name": customer.name,
        "business": house.name if house else "",
        "link": requests_link(address),
    }
    subject, text = text_of("my_requests", language, values)
    with transaction.atomic():
        letter_queue(
            letter=Letter(
                key=f"my_requests:{new_token()}",
                site_id=site.pk if site else None,
                to=[address],
                sender=sender,
                subject=subject,
                text=text,
                message_id=f"{new_token()}@{sender.rpartition('@')[2].rstrip('>') or 'parvis.invalid'}",
                automatic=True,
                headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
            )
        )


def _sender(house: Any) -> str:
    touchpoint = touchpoint_default("email")
    address = touchpoint.address if touchpoint and touchpoint.address else parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return formataddr((house.name if house else "Parvis", address))


def _hello(language: str) -> str:
    from django.utils.translation import gettext, override

    with override(language):
        return gettext("Hello,")


def follow_up_say(*, token: str, all_done: bool, comment: str = "") -> Any:
    """The answer to "did we forget anything?"; the same answer again, without a word more, changes nothing.

    Raises NotFound for a link that is not ours.
    """
    known = follow_up_of_token(token)
    if known.answered_at and known.all_done is all_done and not comment.strip():
        return known
    return follow_up_answer(token=token, all_done=all_done, comment=comment)


def _limit(what: str, *, ip: str, email: str, limits: dict[str, int]) -> None:
    by_ip = rate_take(bucket=f"portal:{what}:ip:{ip}", limit=limits["ip"], window=HOUR)
    by_email = not email or rate_take(bucket=_hashed(what, normalise_email(email)), limit=limits["email"], window=HOUR)
    if not (by_ip and by_email):
        raise _too_many()


def _hashed(what: str, email: str) -> str:
    # The table of limits is nobody's address book.
    return f"portal:{what}:mail:{hashlib.sha256(email.encode()).hexdigest()[:32]}"


def _too_many() -> TooMany:
    return TooMany(
        _("You have written to us several times within the hour."),
        hint=_("Your text is still here. Try again a little later, or call us."),
        retry_after=HOUR.total_seconds(),
    )

"""Text messages out: rows of the outbox like mail, handed to the provider of the settings. Without one, none is queued.

A provider that took a message and whose answer was lost is asked again: only the gateway, which gets the same id then,
can tell. The house itself queues one message per occasion, by its key.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from parvis.channels import events
from parvis.channels.domain import sms as wire
from parvis.channels.domain.states import OutKind, OutState
from parvis.channels.models import OutMail
from parvis.channels.outbox import CLAIM_LASTS, record
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_mobile
from parvis.kernel.errors import Invalid, ParvisError
from parvis.kernel.sms import sms_plain
from parvis.ledger.services import Actor
from parvis.toolkit.inserts import row_insert
from parvis.toolkit.outgoing import ask

log = logging.getLogger("parvis.outbox")

PAUSES = [dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 180)]
BATCH = 20
LATE = "Late: it would have come too late."


@dataclass(frozen=True)
class Text:
    """A text message about to be queued. `key` names the occasion: the same one queues one message.

    number:    E.164, of a mobile phone.
    not_after: when it is of no more use: it is not sent later. None: whenever.
    """

    key: str
    number: str
    text: str
    site_id: int | None = None
    encounter_ref: str = ""
    automatic: bool = True
    not_before: dt.datetime | None = None
    not_after: dt.datetime | None = None


def sms_ready() -> bool:
    """Whether this installation has somebody who sends text messages."""
    return bool(settings.SMS_URL)


def sms_send(*, text: Text) -> OutMail | None:
    """Put a text message into the outbox, inside the transaction of what it tells; it leaves once that is committed.

    Returns None, and queues nothing, where no provider is set up or the occasion (`text.key`) has had its message.
    Raises Invalid for a number that is not a mobile phone's, and for an empty text.
    """
    body = sms_plain(text.text)
    if not is_mobile(text.number) or not body:
        raise Invalid(_("A text message needs the number of a mobile phone, and words."))
    if not sms_ready() or OutMail.objects.filter(key=text.key).exists():
        return None
    now = utcnow()
    at = text.not_before or now
    row = OutMail(
        kind=OutKind.SMS,
        key=text.key,
        site_id=text.site_id,
        encounter_ref=text.encounter_ref,
        to=[text.number],
        sender=settings.SMS_FROM,
        text=body,
        automatic=text.automatic,
        not_before=at,
        not_after=text.not_after,
        next_attempt_at=at,
        created_at=now,
    )
    return row_insert(row)


@lru_cache(maxsize=4)
def _provider(url: str, sender: str) -> wire.Provider:
    return wire.Provider.from_url(url, sender)


def provider_check() -> None:
    """At start: a provider that is written wrongly is said at once, not by the first message. Raises
    ImproperlyConfigured, without the secret in its words."""
    if sms_ready():
        try:
            _provider(settings.SMS_URL, settings.SMS_FROM)
        except Invalid as error:
            raise ImproperlyConfigured(str(error)) from None


def texts_send(*, now: dt.datetime | None = None) -> int:
    """Send the text messages that are due; how many were taken. Never in a transaction.

    Each is claimed by a conditional update, so that two workers never send it both; a claim whose worker died lapses.
    A refusal, or no answer, is tried again with growing pauses, six times at most; what the provider refuses for good
    is not. When the provider cannot be reached the rest of the batch waits untried.
    """
    if not sms_ready():
        return 0
    provider, now = _provider(settings.SMS_URL, settings.SMS_FROM), now or utcnow()
    due = Q(state=OutState.QUEUED) | Q(state=OutState.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    found = OutMail.objects.filter(due, kind=OutKind.SMS, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    taken = 0
    for pk in list(found.values_list("pk", flat=True)[:BATCH]):
        claim = OutMail.objects.filter(due, pk=pk)
        if not claim.update(state=OutState.SENDING, claimed_at=utcnow(), attempts=F("attempts") + 1):
            continue
        row = OutMail.objects.get(pk=pk)
        try:
            refused = _attempt(provider, row, now)
        except ParvisError as error:
            _refused(row, _in_english(error), now, final=False)
            break
        except Exception as error:  # one that cannot be put together holds up no other
            refused = f"{type(error).__name__}: {error}", False
        if refused:
            _refused(row, refused[0], now, final=refused[1])
        else:
            _taken(row)
            taken += 1
    return taken


def _attempt(provider: wire.Provider, row: OutMail, now: dt.datetime) -> tuple[str, bool] | None:
    if row.not_after is not None and row.not_after <= now:
        return LATE, True
    if not row.to:
        return "Nobody: whom it was for has been forgotten.", True
    seconds = int((row.not_after - now).total_seconds()) if row.not_after else None
    request = wire.request_of(provider, wire.Sms(row.to[0], row.text, row.key, seconds), now=int(now.timestamp()))
    answer = ask("POST", request.url, body=request.body, headers=request.headers, whole=False)
    return wire.refusal_of(provider, answer.status, answer.body)


def _taken(row: OutMail) -> None:
    with transaction.atomic():
        OutMail.objects.filter(pk=row.pk).update(state=OutState.SENT, sent_at=utcnow(), error="")
        record(Actor.system(), events.SMS_SENT, row)


def _refused(row: OutMail, error: str, now: dt.datetime, *, final: bool) -> None:
    log.warning("text message %s was not taken: %s", row.pk, error)
    left = [] if final else PAUSES[row.attempts - 1 : row.attempts]
    with transaction.atomic():
        row.state = OutState.QUEUED if left else OutState.FAILED
        row.next_attempt_at = now + (left[0] if left else dt.timedelta())
        row.error = error.replace("\0", "")[:2000]
        row.save(update_fields=["state", "next_attempt_at", "error"])
        record(Actor.system(), events.SMS_SEND_FAILED if left else events.SMS_GIVEN_UP, row)


def _in_english(error: ParvisError) -> str:
    with translation.override("en"):
        return f"{type(error).__name__}: {error}"

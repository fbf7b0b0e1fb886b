"""Messages leave: claimed by a conditional update, asked for outside any transaction, the outcome written down."""

import datetime as dt
import logging
import time
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_noop

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, ParvisError
from parvis.kernel.text import storable
from parvis.ledger.services import Actor
from parvis.toolkit.db import unit
from parvis.toolkit.outgoing import ask
from parvis.webhooks.catalogue import PING
from parvis.webhooks.domain.schedule import given_up, pause
from parvis.webhooks.domain.signing import headers
from parvis.webhooks.models import Delivery, DeliveryState, Endpoint, OffBecause
from parvis.webhooks.services.endpoints import endpoint_lock, endpoint_off
from parvis.webhooks.services.secrets import keys_of

log = logging.getLogger("parvis.webhooks")

TIMEOUT = 10.0
# A worker that died in between has not finished after this; its message is tried again.
CLAIM_LASTS = dt.timedelta(seconds=60)
ANSWER_BYTES = 1024
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: the status of the answer, or (None) why there was none, in English."""

    status: int | None
    error: str
    answer: str
    retry_after: str
    milliseconds: int

    @property
    def ok(self) -> bool:
        """Whether it was taken: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def due(now: dt.datetime) -> Q:
    """Deliveries to be tried at `now`: their time has come, or whoever tried them has died."""
    waits = Q(state=DeliveryState.QUEUED, next_at__lte=now)
    return waits | Q(state=DeliveryState.SENDING, next_at__lte=now, claimed_at__lt=now - CLAIM_LASTS)


def deliveries_send(*, limit: int = 100) -> int:
    """Send what is due, one after the other; how many attempts were made. The worker does it side by side."""
    found = Delivery.objects.filter(due(utcnow()), endpoint__is_active=True).order_by("next_at", "pk")
    return sum(delivery_send(delivery_id=pk) for pk in list(found.values_list("pk", flat=True)[:limit]))


def endpoint_deliver(*, endpoint_id: int, seconds: float) -> int:
    """Send what is due to one endpoint, the oldest first, beginning nothing new after `seconds`; how many attempts."""
    until, count = time.monotonic() + seconds, 0
    mine = Delivery.objects.filter(endpoint_id=endpoint_id, endpoint__is_active=True)
    while (pk := mine.filter(due(utcnow())).order_by("next_at", "pk").values_list("pk", flat=True).first()) is not None:
        count += delivery_send(delivery_id=pk)
        if time.monotonic() >= until:
            break
    return count


def delivery_send(*, delivery_id: int) -> bool:
    """Try one delivery, if it is due and nobody else does; whether it was tried. Never in a transaction."""
    now = utcnow()
    # No join: PostgreSQL, having waited for another who claimed it, looks at the conditions on this row again, and only
    # at those.
    claim = Delivery.objects.filter(due(now), pk=delivery_id, endpoint_id__in=Endpoint.objects.filter(is_active=True))
    if not claim.update(state=DeliveryState.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return False
    row = Delivery.objects.select_related("endpoint", "entry").filter(pk=delivery_id).first()
    if row is None:
        return False  # its endpoint was removed just now
    try:
        outcome = _attempt(row, now)
    except Exception:
        # A message that cannot be put together holds up no other; it is tried again like one that was refused.
        log.exception("the message %s could not be put together", row.message_id)
        outcome = Outcome(None, gettext_noop("It could not be put together."), "", "", 0)
    _settle(row, outcome)
    return True


def _attempt(row: Delivery, now: dt.datetime) -> Outcome:
    # The API's shapes take a tenth of the start of a process, and only one that sends needs them.
    from parvis.webhooks import payloads

    body = payloads.body_of(row.event, row.at, row.entry)
    signed = headers(keys_of(row.endpoint, now), row.message_id, int(now.timestamp()), body)
    begun = time.monotonic()
    try:
        answer = ask(
            "POST",
            row.endpoint.url,
            body=body,
            headers={"Content-Type": "application/json", **signed},
            timeout=TIMEOUT,
            max_bytes=ANSWER_BYTES,
            whole=False,
        )
    except ParvisError as error:
        return Outcome(None, _in_english(error), "", "", _since(begun))
    # What others answer may repeat what they know of a customer: it is kept of tests alone, which tell of nobody.
    begins = storable(answer.body.decode("utf-8", "replace"))[:200] if row.event == PING else ""
    return Outcome(answer.status, "", begins, answer.headers.get("retry-after", ""), _since(begun))


def _settle(row: Delivery, outcome: Outcome) -> None:
    """Write down what came of an attempt, and what follows for the endpoint. Nothing, should the claim have lapsed."""
    now = utcnow()
    wait = None if outcome.ok or outcome.status == GONE else pause(row.attempts, row.message_id, outcome.retry_after)
    if row.event == PING:
        wait = None  # whoever tries it looks at what comes of it, and tries again
    state = DeliveryState.DELIVERED if outcome.ok else DeliveryState.QUEUED if wait else DeliveryState.FAILED
    with unit():
        mine = Delivery.objects.filter(pk=row.pk, state=DeliveryState.SENDING, claimed_at=row.claimed_at)
        written = mine.update(
            state=state,
            next_at=now + wait if wait else now,
            claimed_at=None,
            status=outcome.status,
            error=outcome.error,
            answer=outcome.answer,
            milliseconds=outcome.milliseconds,
            ended_at=None if wait else now,
        )
        if written:
            last = wait is None and (row.event != PING or outcome.status == GONE)
            _judge(row.endpoint_id, outcome, now, last=last)


def _judge(endpoint_id: int, outcome: Outcome, now: dt.datetime, *, last: bool) -> None:
    """What an attempt says about its endpoint. Most say nothing new, and lock nothing."""
    if outcome.ok:
        Endpoint.objects.filter(pk=endpoint_id).update(failing_since=None, taken_at=now)
        return
    Endpoint.objects.filter(pk=endpoint_id, failing_since=None).update(failing_since=now)
    if not last:
        return
    row = endpoint_lock(endpoint_id)
    if row.is_active and outcome.status == GONE:
        endpoint_off(row, OffBecause.GONE, Actor.system())
    elif row.is_active and given_up(row.failing_since, now):
        endpoint_off(row, OffBecause.FAILING, Actor.system())


def _in_english(error: ParvisError) -> str:
    """As it is kept: the page that shows it translates it for whoever looks."""
    with translation.override("en"):
        message = str(error)
    if isinstance(error, Invalid):
        log.warning("a webhook's address is no longer allowed: %s", message)
    return message[:200]


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)

"""Messages are queued: by what happens, by a test, or once more by a person."""

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import unit
from parvis.toolkit.prepared import prepared
from parvis.webhooks.catalogue import BY_ENTRY, PING
from parvis.webhooks.models import Delivery, DeliveryState, Endpoint
from parvis.webhooks.selectors import authorise
from parvis.webhooks.services.endpoints import endpoint_lock

if TYPE_CHECKING:
    from parvis.ledger.models import Entry

KEPT = dt.timedelta(days=30)
# One statement of housekeeping keeps writers of SQLite waiting no longer than this many rows take.
FORGET_BATCH = 2000


def deliveries_queue(*, entry: "Entry") -> int:
    """Queue an entry of the ledger for every endpoint that wants it; how many. Once each, however often called.

    Endpoints hear of what happened since they were made, and of nothing that happened while they were off.
    """
    event, now = BY_ENTRY[entry.name], utcnow()
    rows = [
        _row(endpoint, event.name, entry.at, now, entry.pk)
        for endpoint in _listening(at=entry.at)
        if not endpoint.events or event.name in endpoint.events
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@prepared
def _listening(*, at: dt.datetime) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(is_active=True, created_at__lte=at)


def ping_queue(*, viewer: Viewer, endpoint_id: int) -> Delivery:
    """Queue a test event (`ping`). Raises NotAllowed, NotFound, Conflict for an endpoint that is off."""
    authorise(viewer)
    with unit():
        endpoint, now = endpoint_lock(endpoint_id), utcnow()
        _must_be_on(endpoint)
        row = _row(endpoint, PING, now, now, None)
        row.save()
    return row


def delivery_resend(*, viewer: Viewer, endpoint_id: int, message_id: str) -> Delivery:
    """Send a message once more, now, with the same id; one that waits for its next attempt does not wait longer.

    Raises NotAllowed, NotFound, Conflict for an endpoint that is off or a message that is on its way.
    """
    authorise(viewer)
    with unit():
        _must_be_on(endpoint_lock(endpoint_id))
        found = Delivery.objects.filter(endpoint_id=endpoint_id, message_id=message_id)
        if not found.exists():
            raise NotFound(_("There is no such message."), code="no_delivery")
        if not _again(found.exclude(state=DeliveryState.SENDING)):
            raise Conflict(_("This message is on its way already."))
        return found.get()


def failed_resend(*, viewer: Viewer, endpoint_id: int) -> int:
    """Send all messages that were given up once more; how many. Raises NotAllowed, NotFound, Conflict."""
    authorise(viewer)
    with unit():
        _must_be_on(endpoint_lock(endpoint_id))
        return _again(Delivery.objects.filter(endpoint_id=endpoint_id, state=DeliveryState.FAILED))


def deliveries_forget(*, now: dt.datetime | None = None) -> int:
    """Forget messages of more than thirty days that are no longer under way; how many (in portions)."""
    old = Delivery.objects.filter(created_at__lt=(now or utcnow()) - KEPT)
    ended = Q(state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED]) | Q(endpoint__is_active=False)
    ids = list(old.filter(ended).values_list("pk", flat=True)[:FORGET_BATCH])
    return Delivery.objects.filter(pk__in=ids).delete()[0] if ids else 0


def _again(found: QuerySet[Delivery]) -> int:
    return found.update(state=DeliveryState.QUEUED, attempts=0, next_at=utcnow(), claimed_at=None, ended_at=None)


def _must_be_on(endpoint: Endpoint) -> None:
    if not endpoint.is_active:
        raise Conflict(_("This webhook is off: switch it on first."), code="webhook_off")


def _row(endpoint: Endpoint, event: str, at: dt.datetime, now: dt.datetime, entry_id: int | None) -> Delivery:
    # No dot in it: the signature separates its parts by one.
    message_id = f"msg_{secrets.token_hex(12)}"
    return Delivery(
        endpoint=endpoint, entry_id=entry_id, message_id=message_id, event=event, at=at, next_at=now, created_at=now
    )

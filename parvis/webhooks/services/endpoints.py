"""Endpoints: adding, changing, switching off and on, and exchanging their secrets."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid
from parvis.kernel.text import storable
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import claim_key, lock_rows, unit
from parvis.toolkit.outgoing import address_checked
from parvis.webhooks import events
from parvis.webhooks.catalogue import CATALOGUE
from parvis.webhooks.domain.signing import secret_text
from parvis.webhooks.models import Delivery, Endpoint, OffBecause
from parvis.webhooks.selectors import authorise, no_endpoint
from parvis.webhooks.services.secrets import OLD_SIGNS_FOR, key_of, new_seed

ENDPOINTS_MAX = 20
FIELDS = frozenset({"url", "description", "events"})


def endpoint_add(
    *, viewer: Viewer, url: str, description: str = "", wanted: Iterable[str] = ()
) -> tuple[Endpoint, str]:
    """An address that is told of events from now on; returns it and its secret, which is not told again.

    wanted: names of the catalogue; none: all events, also those that Parvis learns later.
    Raises NotAllowed, Invalid with `fields`, Conflict when there are too many.
    """
    authorise(viewer)
    row = Endpoint(
        url=_address(url), description=_line(description), events=_events(wanted), seed=new_seed(), created_at=utcnow()
    )
    with unit():
        claim_key("webhooks.add")
        if Endpoint.objects.count() >= ENDPOINTS_MAX:
            raise Conflict(
                _("There are %(n)s webhooks already: remove one first.") % {"n": ENDPOINTS_MAX},
                code="too_many_webhooks",
            )
        row.save()
        _record(actor_of(viewer), events.ADDED, row)
    return row, secret_text(key_of(row.seed))


def endpoint_change(*, viewer: Viewer, endpoint_id: int, **changes: Any) -> Endpoint:
    """Change `url`, `description`, `events` (names). Raises NotAllowed, NotFound, Invalid with `fields`."""
    authorise(viewer)
    if unknown := set(changes) - FIELDS:
        raise TypeError(f"unknown fields: {', '.join(sorted(unknown))}")
    clean = {"url": _address, "description": _line, "events": _events}
    values = {name: clean[name](value) for name, value in changes.items()}
    with unit():
        row = endpoint_lock(endpoint_id)
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            row.save(update_fields=changed)
            _record(actor_of(viewer), events.CHANGED, row, fields=sorted(changed))
    return row


def endpoint_switch(*, viewer: Viewer, endpoint_id: int, on: bool) -> Endpoint:
    """Switch an endpoint off (nothing is queued or sent) or on; what waited is then tried at once.

    Again changes nothing. Raises NotAllowed, NotFound.
    """
    authorise(viewer)
    with unit():
        row, now = endpoint_lock(endpoint_id), utcnow()
        if row.is_active == on:
            return row
        if not on:
            endpoint_off(row, OffBecause.PERSON, actor_of(viewer))
            return row
        row.is_active, row.off_because, row.off_at, row.failing_since = True, "", None, None
        row.save(update_fields=["is_active", "off_because", "off_at", "failing_since"])
        Delivery.objects.filter(endpoint=row, state="queued", next_at__gt=now).update(next_at=now)
        _record(actor_of(viewer), events.SWITCHED_ON, row)
    return row


def endpoint_off(row: Endpoint, because: OffBecause, actor: Actor) -> None:
    """Switch off an endpoint that is locked."""
    row.is_active, row.off_because, row.off_at = False, because, utcnow()
    row.save(update_fields=["is_active", "off_because", "off_at"])
    _record(actor, events.SWITCHED_OFF, row, because=because.value)


def secret_rotate(*, viewer: Viewer, endpoint_id: int) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret, returned this once. For a day the old one signs as well, so that nothing is missed
    while it is exchanged. Raises NotAllowed, NotFound.
    """
    authorise(viewer)
    with unit():
        row = endpoint_lock(endpoint_id)
        row.old_seed, row.seed, row.old_until = row.seed, new_seed(), utcnow() + OLD_SIGNS_FOR
        row.save(update_fields=["old_seed", "seed", "old_until"])
        _record(actor_of(viewer), events.ROTATED, row)
    return row, secret_text(key_of(row.seed))


def endpoint_remove(*, viewer: Viewer, endpoint_id: int) -> None:
    """Remove an endpoint with everything that was on its way. Raises NotAllowed, NotFound."""
    authorise(viewer)
    with unit():
        row = endpoint_lock(endpoint_id)
        _record(actor_of(viewer), events.REMOVED, row)
        row.delete()


def endpoint_lock(endpoint_id: int) -> Endpoint:
    """An endpoint, locked. Raises NotFound."""
    found = lock_rows(Endpoint.objects.all(), [endpoint_id])
    if not found:
        raise no_endpoint()
    return found[0]


def _address(url: str) -> str:
    try:
        clean = address_checked(url)
    except Invalid as error:
        raise Invalid(error.message, fields={"url": error.message}) from None
    if len(clean) > 500:
        raise Invalid(_("This address is too long."), fields={"url": _("This address is too long.")})
    # Within the house, where the operator has opened it, there is often nobody who signs certificates.
    if clean.startswith("http://") and not settings.PARVIS_OUTGOING_NETWORKS:
        message = _("Use https://: what is sent could be read on its way.")
        raise Invalid(message, fields={"url": message})
    return clean


def _line(text: str) -> str:
    return " ".join(storable(text).split())[:200]


def _events(wanted: Iterable[str]) -> list[str]:
    names = set(wanted)
    if unknown := names - set(CATALOGUE):
        message = _("There is no event “%(name)s”.") % {"name": min(unknown)[:60]}
        raise Invalid(message, fields={"events": message})
    return [name for name in CATALOGUE if name in names]


def _record(actor: Actor, name: str, row: Endpoint, **data: Any) -> None:
    entries_record(actor=actor, facts=[Fact(name, data={"webhook": row.pk, "called": row.called, **data})])

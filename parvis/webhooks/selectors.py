"""Reads of endpoints and deliveries: for administrators, who alone look after them."""

import datetime as dt

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import NotAllowed, NotFound
from parvis.staff.domain.viewer import Right, Viewer
from parvis.webhooks.models import Delivery, DeliveryState, Endpoint, OffBecause


def authorise(viewer: Viewer) -> None:
    """Raise NotAllowed for all but administrators."""
    if not viewer.may(Right.MANAGE_WEBHOOKS):
        raise NotAllowed(_("Only an administrator looks after webhooks."))


def endpoints_visible(viewer: Viewer) -> QuerySet[Endpoint]:
    """All endpoints, in the order of their making. Raises NotAllowed."""
    authorise(viewer)
    return Endpoint.objects.order_by("pk")


def endpoint_get(viewer: Viewer, endpoint_id: int) -> Endpoint:
    """One endpoint. Raises NotAllowed, NotFound."""
    found = endpoints_visible(viewer).filter(pk=endpoint_id).first()
    if found is None:
        raise no_endpoint()
    return found


def no_endpoint() -> NotFound:
    """What is said of an endpoint that does not exist (any more)."""
    return NotFound(_("There is no such webhook."), code="no_webhook")


def endpoint_by_reference(viewer: Viewer, reference: str) -> Endpoint:
    """One endpoint by a reference such as H-7K3F9. Raises NotAllowed, NotFound."""
    authorise(viewer)
    return endpoint_get(viewer, Endpoint.pk_of(reference))


def endpoints_listed(viewer: Viewer) -> list[Endpoint]:
    """All endpoints with `waiting`, the number of messages under way: one query. Raises NotAllowed."""
    under_way = Q(deliveries__state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])
    return list(endpoints_visible(viewer).annotate(waiting=Count("deliveries", filter=under_way)))


def deliveries_of(viewer: Viewer, endpoint_id: int, state: str = "") -> QuerySet[Delivery]:
    """The messages to an endpoint, the newest first. Raises NotAllowed."""
    authorise(viewer)
    found = Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-pk")
    return found.filter(state=state) if state else found


def endpoints_in_trouble(viewer: Viewer, *, since: dt.datetime) -> list[Endpoint]:
    """Endpoints that Parvis itself switched off, and those that have taken nothing since `since`: none for who may not
    see them.
    """
    if not viewer.may(Right.MANAGE_WEBHOOKS):
        return []
    off = Q(is_active=False, off_because__in=[OffBecause.GONE, OffBecause.FAILING])
    return list(Endpoint.objects.filter(off | Q(is_active=True, failing_since__lt=since)).order_by("pk"))

"""Signed calendar feeds: one per resource (and so per person), read by whatever program the staff uses.

The address is the key: long, signed, and void once the resource is retired or another key is asked for.
"""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.views.decorators.http import conditional_page

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotFound
from parvis.reservations.calendars import feed_text
from parvis.reservations.models import Booking, Resource
from parvis.staff.domain.viewer import Viewer

SALT = "parvis.feed"
BEFORE, AFTER = dt.timedelta(days=30), dt.timedelta(days=400)
MOST = 2000


def feed_link(viewer: Viewer, resource: Resource) -> str:
    """The address of a resource's calendar. Raises NotFound for one at another site."""
    if not viewer.sees_site(resource.site_id):
        raise NotFound("")
    # Without the time: an address stays the same however often it is shown.
    token = signing.Signer(salt=SALT).sign_object([resource.pk, resource.feed_key])
    return f"{settings.BASE_URL}{reverse('resource_feed', args=[token])}"


@login_not_required
@conditional_page
def resource_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a signed address; 404 for any other.

    It holds who comes for what, when, where, and the note of the booking: no address, no number, no price.
    """
    try:
        pk, key = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    resource = Resource.objects.filter(pk=pk, feed_key=key, is_active=True).first()
    if resource is None:
        raise Http404
    # What is the same is written the same: programs ask again and again, and are told that nothing changed.
    now = utcnow().replace(minute=0, second=0, microsecond=0)
    found = Booking.objects.filter(
        claims__resource=resource,
        state__in=["confirmed", "arrived"],
        starts_at__gte=now - BEFORE,
        starts_at__lt=now + AFTER,
    )
    rows = found.select_related("offering", "customer").order_by("starts_at", "pk").distinct()[:MOST]
    text = feed_text(rows, name=resource.name, language=(get_language() or "en")[:2], now=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response


urlpatterns = [path("feeds/<str:token>.ics", resource_feed, name="resource_feed")]

"""Reads of bookings, starting from what the viewer may see."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import NotFound
from parvis.reservations.models import Booking, BookingState, WaitingEntry
from parvis.staff.domain.viewer import Viewer

STANDING = [BookingState.CONFIRMED, BookingState.ARRIVED, BookingState.DONE, BookingState.NO_SHOW]


def bookings_visible(viewer: Viewer) -> QuerySet[Booking]:
    """Bookings at the viewer's sites."""
    found = Booking.objects.all()
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def booking_visible(viewer: Viewer, booking_id: int) -> Booking:
    """One booking. Raises NotFound alike for none and for one out of sight."""
    found = (
        bookings_visible(viewer).filter(pk=booking_id).select_related("session__resource", "site", "customer").first()
    )
    if found is None:
        raise NotFound(_("There is no such booking, or it is not yours to see."), code="no_booking")
    return found


def booking_pk_of(reference: str) -> int:
    """The key that a reference such as B-7K3F9 stands for. Raises NotFound."""
    return Booking.pk_of(reference)


def bookings_between(
    viewer: Viewer, begin: dt.datetime, end: dt.datetime, *, site_id: int | None = None
) -> QuerySet[Booking]:
    """Bookings that touch [begin, end), in order of start, with customer and offering; what was let go left out."""
    found = bookings_visible(viewer).filter(starts_at__lt=end, ends_at__gt=begin, state__in=[*STANDING, "held"])
    if site_id is not None:
        found = found.filter(site_id=site_id)
    return found.select_related("customer", "offering").order_by("starts_at", "pk")


def waiting_visible(viewer: Viewer) -> QuerySet[WaitingEntry]:
    """Who waits at the viewer's sites."""
    found = WaitingEntry.objects.all()
    return found if viewer.site_ids is None else found.filter(offering__site_id__in=viewer.site_ids)


def bookings_of_encounters(encounter_ids: Iterable[int]) -> QuerySet[Booking]:
    """Bookings that hang on these encounters. Authorised by who read the encounters."""
    return Booking.objects.filter(encounter_id__in=list(encounter_ids)).order_by("starts_at", "pk")

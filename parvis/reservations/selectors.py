"""Reads of bookings, starting from what the viewer may see."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import NotFound
from parvis.reservations.models import Absence, Booking, BookingState, Resource, WaitingEntry
from parvis.reservations.supply import supply
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared

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
        raise no_booking()
    return found


def no_booking() -> NotFound:
    """What is said alike of a booking that does not exist and of one out of sight."""
    return NotFound(_("There is no such booking, or it is not yours to see."), code="no_booking")


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


def resources_visible(viewer: Viewer) -> QuerySet[Resource]:
    """Who and what is booked at the viewer's sites; the seats of sessions, which nobody sets up, left out."""
    found = Resource.objects.exclude(kind="session")
    return found if viewer.site_ids is None else found.filter(site_id__in=viewer.site_ids)


def resource_visible(viewer: Viewer, resource_id: int) -> Resource:
    """One of them. Raises NotFound alike for none and for one out of sight."""
    found = resources_visible(viewer).filter(pk=resource_id).first()
    if found is None:
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found


def absences_visible(viewer: Viewer) -> QuerySet[Absence]:
    """When resources of the viewer's sites are away."""
    found = Absence.objects.all()
    return found if viewer.site_ids is None else found.filter(resource__site_id__in=viewer.site_ids)


def absence_visible(viewer: Viewer, absence_id: int) -> Absence:
    """One of them. Raises NotFound alike for none and for one out of sight."""
    found = absences_visible(viewer).filter(pk=absence_id).first()
    if found is None:
        raise NotFound(_("There is no such absence."), code="no_absence")
    return found


def waiting_visible(viewer: Viewer) -> QuerySet[WaitingEntry]:
    """Who waits at the viewer's sites."""
    found = WaitingEntry.objects.all()
    return found if viewer.site_ids is None else found.filter(offering__site_id__in=viewer.site_ids)


def booking_with_offering(booking_id: int) -> Booking | None:
    """A booking with its offering and customer, for the house's own reactions."""
    return next(iter(_with_offering(pk=booking_id)), None)


@prepared
def _with_offering(*, pk: int) -> QuerySet[Booking]:
    return Booking.objects.select_related("offering", "customer").filter(pk=pk)


def encounter_waited_on(booking_id: int) -> int | None:
    """The encounter of the wish on the waiting list that a booking fulfils."""
    return next(iter(_waited_on(booking=booking_id)), None)


@prepared
def _waited_on(*, booking: int) -> QuerySet[WaitingEntry, int]:
    found = WaitingEntry.objects.filter(booking_id=booking, encounter__isnull=False)
    return found.order_by("pk").values_list("encounter_id", flat=True)[:1]


def waiting_entry(entry_id: int) -> WaitingEntry | None:
    """An entry of the waiting list with its offering and customer, for the house's own reactions."""
    return WaitingEntry.objects.select_related("offering", "customer").filter(pk=entry_id).first()


def bookings_to_remind(now: dt.datetime, *, limit: int) -> list[int]:
    """Bookings whose reminder is due: still to come, not reminded of, and made before the reminder would have left."""
    due = Q(pk__in=[])
    for hours, offerings in _by_reminder().items():
        lead = dt.timedelta(hours=hours)
        due |= Q(offering_id__in=offerings, starts_at__lte=now + lead, confirmed_at__lt=F("starts_at") - lead)
    found = Booking.objects.filter(due, state=BookingState.CONFIRMED, reminded_at=None, starts_at__gt=now)
    return list(found.order_by("starts_at").values_list("pk", flat=True)[:limit])


def _by_reminder() -> dict[int, list[int]]:
    """Offerings that remind, by how many hours before."""
    found: dict[int, list[int]] = {}
    for pk, offer in supply().offers.items():
        if offer.row.reminder_hours:
            found.setdefault(offer.row.reminder_hours, []).append(pk)
    return found


def bookings_of_encounters(encounter_ids: Iterable[int]) -> QuerySet[Booking]:
    """Bookings that hang on these encounters. Authorised by who read the encounters."""
    return Booking.objects.filter(encounter_id__in=list(encounter_ids)).order_by("starts_at", "pk")


def bookings_expected(site_id: int, begin: dt.datetime, end: dt.datetime) -> list[Booking]:
    """Confirmed bookings that start in [begin, end) at a site, with offering and forecast: who may still come."""
    found = Booking.objects.filter(site_id=site_id, state="confirmed", starts_at__gte=begin, starts_at__lt=end)
    return list(found.select_related("offering", "forecast").order_by("starts_at", "pk"))

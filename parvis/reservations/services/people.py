"""Bookings follow their customers: merged, taken apart again, forgotten."""

from collections.abc import Iterable

from django.db.models import Q

from parvis.reservations.models import Booking, Forecast, WaitingEntry, WaitingState

_ACTIVE = [WaitingState.WAITING, WaitingState.OFFERED]


def bookings_move(*, encounter_ids: Iterable[int], from_customer: int, to_customer: int, all_of_them: bool) -> None:
    """Bookings and wishes go where their encounters go; with `all_of_them`, those that hang on none (yet) go too."""
    theirs = Q(encounter_id__in=list(encounter_ids))
    if all_of_them:
        theirs |= Q(customer_id=from_customer, encounter=None)
    Booking.objects.filter(theirs).update(customer_id=to_customer)
    for entry in WaitingEntry.objects.filter(theirs):
        same = WaitingEntry.objects.filter(
            offering_id=entry.offering_id,
            customer_id=to_customer,
            first_day=entry.first_day,
            last_day=entry.last_day,
            state__in=_ACTIVE,
        )
        # Nobody waits twice for the same days: the wish that was there first stays.
        if entry.state in _ACTIVE and same.exists():
            entry.state = WaitingState.LEFT
        entry.customer_id = to_customer
        entry.save(update_fields=["customer", "state"])


def bookings_forget(*, customer_id: int) -> None:
    """What was said about their bookings; that there were some stays in the figures."""
    Booking.objects.filter(customer_id=customer_id).update(note="", reason="", override="")
    Forecast.objects.filter(booking__customer_id=customer_id).delete()
    WaitingEntry.objects.filter(customer_id=customer_id).update(wishes={}, passed_over=[])

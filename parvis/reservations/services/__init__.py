"""The only way to write bookings: every door leads through these."""

from parvis.reservations.models import Door
from parvis.reservations.services.busy import calendars_refresh
from parvis.reservations.services.changing import (
    booking_arrive,
    booking_cancel,
    booking_finish,
    booking_miss,
    booking_move,
    booking_reassure,
    booking_restore,
)
from parvis.reservations.services.forecasting import forecasts_pump
from parvis.reservations.services.holding import (
    Caller,
    Guest,
    Wanted,
    booking_confirm,
    booking_hang,
    booking_hold,
    booking_make,
    booking_reminded,
    holds_expire,
)
from parvis.reservations.services.waiting import waiting_hang, waiting_run, waiting_settle

__all__ = [
    "Caller",
    "Door",
    "Guest",
    "Wanted",
    "booking_arrive",
    "booking_cancel",
    "booking_confirm",
    "booking_finish",
    "booking_hang",
    "booking_hold",
    "booking_make",
    "booking_miss",
    "booking_move",
    "booking_reassure",
    "booking_reminded",
    "booking_restore",
    "calendars_refresh",
    "forecasts_pump",
    "holds_expire",
    "waiting_hang",
    "waiting_run",
    "waiting_settle",
]

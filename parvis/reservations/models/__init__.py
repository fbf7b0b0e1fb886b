"""What can be booked, what is booked, and who waits."""

from parvis.reservations.models.bookings import Booking, BookingState, Claim, Door
from parvis.reservations.models.busy import BusyCalendar, BusyPattern
from parvis.reservations.models.forecasts import AttendanceFit, Forecast
from parvis.reservations.models.partners import Partner
from parvis.reservations.models.supply import Absence, Offering, Requirement, Resource, Session
from parvis.reservations.models.waiting import WaitingEntry, WaitingState

__all__ = [
    "Absence",
    "AttendanceFit",
    "Booking",
    "BookingState",
    "BusyCalendar",
    "BusyPattern",
    "Claim",
    "Door",
    "Forecast",
    "Offering",
    "Partner",
    "Requirement",
    "Resource",
    "Session",
    "WaitingEntry",
    "WaitingState",
]

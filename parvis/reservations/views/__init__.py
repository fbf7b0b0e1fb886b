"""Pages of bookings: the calendar, a booking, a new one, who waits, and what can be booked."""

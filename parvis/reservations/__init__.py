"""Reservations: services of limited capacity, booked through one guarded door (F5)."""

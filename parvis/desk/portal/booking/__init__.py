"""Booking from outside, on the portal and in other people's pages: choose, hold, say who, manage, wait."""

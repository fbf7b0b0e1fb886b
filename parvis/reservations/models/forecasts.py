"""Who will probably come: what was learned from the house's own bookings, and what that says of those ahead.

A table of its own beside the bookings: who forecasts never waits for who books, and never overwrites what they wrote.
"""

from django.db import models


class AttendanceFit(models.Model):
    """What was learned last. One row, key 1; it also says which process is learning just now."""

    ROW = 1

    number = models.PositiveIntegerField(default=0, help_text="raised by every refit")
    fitted_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    learned_from = models.PositiveIntegerField(default=0)
    uses_trees = models.BooleanField(default=False)
    model = models.JSONField(default=dict, help_text="domain/attendance/served.py")
    report = models.JSONField(default=dict, help_text="from what was learned, and how right it would have been")

    def __str__(self) -> str:
        return f"fit {self.number} of {self.learned_from} bookings"


class Forecast(models.Model):
    """What is expected of one booking, asked at an instant. For staff only, never for customers."""

    booking = models.OneToOneField("reservations.Booking", on_delete=models.CASCADE, related_name="forecast")
    cancelled = models.FloatField(help_text="probability that it is cancelled from then on")
    no_show = models.FloatField(help_text="probability that nobody turns up")
    is_notable = models.BooleanField(default=False)
    reasons = models.JSONField(default=list, help_text="domain/attendance/reasons.py")
    lift = models.FloatField(default=0.0, help_text="what trees know beyond shares, in log odds")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="when it should be asked again")
    moves = models.PositiveSmallIntegerField(default=0, help_text="of the booking, when asked")
    fit = models.PositiveIntegerField(help_text="number of the refit it comes from")

    def __str__(self) -> str:
        return f"{self.booking_id}: {self.missed:.2f}"

    @property
    def missed(self) -> float:
        """Probability that the booking is not kept, whichever way."""
        return self.cancelled + self.no_show

"""What is booked, and the claims by which it is counted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.toolkit.references import Referenced


class BookingState(models.TextChoices):
    """How a booking stands. Only `held`, `confirmed` and `arrived` take places."""

    HELD = "held", _("Held")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    DONE = "done", _("Done")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Hold ran out")


class Door(models.TextChoices):
    """Through which door a booking came; all lead to the same service."""

    PORTAL = "portal", _("Portal")
    WIDGET = "widget", _("Widget")
    AGENT = "agent", _("Member of staff")
    API = "api", _("API")
    PARTNER = "partner", _("Partner")
    WAITING = "waiting", _("Waiting list")
    IMPORT = "import", _("Import")


class Booking(Referenced, models.Model):
    """A party, an offering, a time, and how it went."""

    REFERENCE_PREFIX = "B"

    offering = models.ForeignKey("reservations.Offering", on_delete=models.PROTECT, related_name="bookings")
    session = models.ForeignKey("reservations.Session", on_delete=models.PROTECT, null=True, related_name="bookings")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="bookings")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.SET_NULL, null=True, related_name="bookings")
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.HELD)
    door = models.CharField(max_length=8, choices=Door.choices)
    # Few bookings have one: the index below holds those alone.
    partner = models.ForeignKey(
        "reservations.Partner", on_delete=models.PROTECT, null=True, related_name="bookings", db_index=False
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    party = models.PositiveIntegerField(_("persons"), default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    override = models.CharField(max_length=300, blank=True, help_text="why a member of staff set rules aside")
    price_minor = models.PositiveBigIntegerField(default=0)
    deposit_minor = models.PositiveBigIntegerField(default=0)
    deposit_paid_at = models.DateTimeField(null=True)
    fee_minor = models.PositiveBigIntegerField(default=0, help_text="what a late cancellation cost")
    currency = models.CharField(max_length=3, default="EUR")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="when it was done, cancelled, expired or given up")
    ended_by = models.CharField(max_length=8, blank=True, help_text="customer | house")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    moves = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, help_text="when it was last moved; null with moves: not known")
    wished = models.JSONField(default=list, help_text="ids of the resources that were asked for, and no others")
    placed = models.JSONField(default=list, help_text="ids of the resources it takes or took; claims end, this stays")
    reminded_at = models.DateTimeField(null=True)
    reassured_at = models.DateTimeField(null=True, help_text="when the customer said again that they will come")

    class Meta:
        indexes = [
            models.Index(fields=["site", "starts_at"], name="booking_calendar"),
            models.Index(fields=["offering", "starts_at"], name="booking_offering"),
            models.Index(fields=["customer", "-starts_at"], name="booking_customer"),
            models.Index(fields=["partner", "starts_at"], name="booking_partner", condition=Q(partner__isnull=False)),
            models.Index(fields=["encounter"], name="booking_encounter", condition=Q(encounter__isnull=False)),
            models.Index(fields=["held_until"], name="booking_held", condition=Q(state="held")),
            models.Index(
                fields=["starts_at"], name="booking_to_remind", condition=Q(state="confirmed", reminded_at=None)
            ),
        ]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="booking_forward")]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"


class Claim(models.Model):
    """What a booking (or a session) takes of one resource, as it is counted. Times are epoch seconds (domain/spans.py).

    Rows live only as long as they take something: a booking that is over, cancelled or expired has none.
    """

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, related_name="claims")
    session = models.ForeignKey("reservations.Session", on_delete=models.CASCADE, null=True, related_name="claims")
    resource = models.ForeignKey("reservations.Resource", on_delete=models.PROTECT, related_name="claims")
    hard_from = models.BigIntegerField()
    hard_until = models.BigIntegerField()
    soft_from = models.BigIntegerField()
    soft_until = models.BigIntegerField()
    units = models.PositiveIntegerField(default=1)
    share = models.CharField(
        max_length=40, blank=True, help_text="its slot: on a single unit, only claims of one slot meet"
    )
    shared = models.BooleanField(default=False, help_text="several parties share the slot; its claims count once")
    seats = models.PositiveIntegerField(default=1, help_text="persons, where a slot is shared")
    expires = models.BigIntegerField(null=True, help_text="end of the hold; null: confirmed")
    exclusive = models.BooleanField(default=False, help_text="nothing else may touch its hard span (single units)")

    class Meta:
        indexes = [
            # Everything a count needs, so that it is answered from the index alone.
            models.Index(
                fields=[
                    *("resource", "soft_until", "soft_from", "hard_from", "hard_until"),
                    *("units", "shared", "expires"),
                ],
                name="claim_count",
            ),
            models.Index(models.F("soft_until") - models.F("soft_from"), name="claim_length"),
            models.Index(fields=["resource", "soft_until"], name="claim_shared", condition=Q(shared=True)),
            models.Index(fields=["expires"], name="claim_expires", condition=Q(expires__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(soft_from__lte=models.F("hard_from"), hard_from__lt=models.F("hard_until"))
                & Q(hard_until__lte=models.F("soft_until")),
                name="claim_forward",
            ),
            models.CheckConstraint(condition=Q(booking__isnull=False) | Q(session__isnull=False), name="claim_belongs"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.soft_from}–{self.soft_until}"

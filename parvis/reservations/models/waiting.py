"""Who waits for a place."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.toolkit.references import Referenced


class WaitingState(models.TextChoices):
    """How it stands with somebody who waits."""

    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("A place is offered")
    BOOKED = "booked", _("Booked")
    LAPSED = "lapsed", _("Let the offer pass")
    LEFT = "left", _("No longer waits")


class WaitingEntry(Referenced, models.Model):
    """A party that wants a place, with its wishes."""

    REFERENCE_PREFIX = "W"

    offering = models.ForeignKey("reservations.Offering", on_delete=models.PROTECT, related_name="waiting")
    session = models.ForeignKey("reservations.Session", on_delete=models.PROTECT, null=True, related_name="waiting")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.SET_NULL, null=True, related_name="+")
    party = models.PositiveIntegerField(_("persons"), default=1)
    nights = models.PositiveSmallIntegerField(default=0)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    wishes = models.JSONField(
        default=dict, help_text='{"weekdays": [0…6], "from": "09:00", "until": "12:00", "resources": []}'
    )
    state = models.CharField(max_length=8, choices=WaitingState.choices, default=WaitingState.WAITING)
    booking = models.ForeignKey("reservations.Booking", on_delete=models.SET_NULL, null=True, related_name="waiting")
    created_at = models.DateTimeField(default=timezone.now)
    offered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    passed_over = models.JSONField(default=list, help_text="[[when, which start, why], …], the latest last")

    class Meta:
        indexes = [
            models.Index(fields=["offering", "created_at", "id"], name="waiting_order", condition=Q(state="waiting")),
            models.Index(fields=["customer"], name="waiting_customer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "customer", "first_day", "last_day"],
                condition=Q(state__in=["waiting", "offered"]),
                name="waiting_once",
            ),
            models.CheckConstraint(condition=Q(last_day__gte=models.F("first_day")), name="waiting_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"

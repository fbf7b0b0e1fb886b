"""Where webhooks go, and each message on its way there."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.toolkit.references import Referenced


class OffBecause(models.TextChoices):
    """Why an endpoint is told nothing."""

    PERSON = "person", _("Switched off")
    GONE = "gone", _("It said that it is gone for good")
    FAILING = "failing", _("It took nothing for days")


class Endpoint(Referenced, models.Model):
    """An address that is told of events.

    Its secret is not kept: it is worked out from this installation's key and the seed, so that neither a copy of the
    database nor an administrator's page tells it.
    """

    REFERENCE_PREFIX = "H"

    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list, help_text="names of the catalogue; none: all of them")
    seed = models.CharField(max_length=64)
    old_seed = models.CharField(
        max_length=64, blank=True, help_text="of the secret before, which signs too for a while"
    )
    old_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    off_because = models.CharField(max_length=8, choices=OffBecause.choices, blank=True)
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True, help_text="of the first failure after the last success")
    taken_at = models.DateTimeField(null=True, help_text="when it last took something")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.reference} {self.url}"

    @property
    def called(self) -> str:
        """How it is named to people: what was written of it, else its host."""
        return self.description or self.url.split("/")[2]


class DeliveryState(models.TextChoices):
    """How far a message has come."""

    QUEUED = "queued", _("Waits")
    SENDING = "sending", _("On its way")
    DELIVERED = "delivered", _("Taken")
    FAILED = "failed", _("Given up")


UNDER_WAY = Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])


class Delivery(models.Model):
    """One event on its way to one endpoint. The body is made at sending: nothing of a customer stays here."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    entry = models.ForeignKey(
        "ledger.Entry", on_delete=models.CASCADE, null=True, related_name="+", help_text="null: a test"
    )
    message_id = models.CharField(max_length=40, unique=True, help_text="webhook-id, the same at every attempt")
    event = models.CharField(max_length=40)
    at = models.DateTimeField(help_text="when it happened")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="of the last answer")
    error = models.CharField(max_length=200, blank=True, help_text="why there was no answer, in English")
    answer = models.CharField(max_length=200, blank=True, help_text="how the answer to a test begins")
    milliseconds = models.PositiveIntegerField(null=True, help_text="how long the last attempt took")
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], name="delivery_due", condition=UNDER_WAY),
            models.Index(fields=["endpoint", "-id"], name="delivery_endpoint"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["endpoint", "entry"], name="delivery_once")]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.message_id} {self.event} {self.state}"

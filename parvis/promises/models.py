"""The promise: whatever a customer was told to expect."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.promises.domain.promise import Kind, State
from parvis.toolkit.references import Referenced

KINDS = [
    (Kind.FIRST_ANSWER.value, _("First answer")),
    (Kind.RESOLUTION.value, _("Resolution")),
    (Kind.CALL_BACK.value, _("Call back")),
    (Kind.NEXT_NEWS.value, _("News")),
    (Kind.DELIVERY.value, _("Delivery")),
    (Kind.AMOUNT.value, _("Amount")),
    (Kind.APPOINTMENT.value, _("Appointment")),
    (Kind.WAIT.value, _("Turn at the counter")),
]
STATES = [
    (State.OPEN.value, _("Open")),
    (State.KEPT.value, _("Kept")),
    (State.BROKEN.value, _("Broken")),
    (State.RENEGOTIATED.value, _("Renegotiated")),
    (State.VOID.value, _("Void")),
]


class Promise(Referenced, models.Model):
    """Who, what, by when or how much, and in the end kept, broken, renegotiated or void."""

    REFERENCE_PREFIX = "P"

    # No index of their own: one of those below begins with each.
    encounter = models.ForeignKey(
        "encounters.Encounter", on_delete=models.CASCADE, related_name="promises", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="promises", db_index=False
    )
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=KINDS)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(_("what exactly"), max_length=200, blank=True)
    business_seconds = models.PositiveIntegerField(null=True, help_text="null: a stated instant, not a span")
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    confidence = models.FloatField(null=True, help_text="how sure the house was, 0–1")
    state = models.CharField(max_length=12, choices=STATES, default=State.OPEN.value)
    pauses = models.JSONField(default=list, help_text="[[from, to or null], …]: waiting for the customer")
    paused = models.BooleanField(default=False)
    warned_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="when it was done, kept or late")
    replaced_by = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="replaces")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["encounter", "state"], name="promise_encounter"),
            models.Index(fields=["customer", "-id"], name="promise_customer"),
            models.Index(fields=["due_at", "id"], name="promise_due", condition=models.Q(state="open", paused=False)),
            models.Index(
                fields=["warn_at"],
                name="promise_warn",
                condition=models.Q(state="open", paused=False, warned_at__isnull=True),
            ),
            models.Index(fields=["site", "kind", "made_at"], name="promise_score"),
            # What fell due in a period and how it ended, from the index alone; what broke; what is not done yet.
            models.Index(fields=["due_at", "state", "site"], name="promise_fell_due"),
            models.Index(
                fields=["-broken_at", "-id"], name="promise_broke", condition=models.Q(broken_at__isnull=False)
            ),
            models.Index(
                fields=["due_at", "id"], name="promise_unsettled", condition=models.Q(settled_at__isnull=True)
            ),
        ]
        constraints = [
            # One open promise of the kinds the house makes by itself: a race cannot promise twice.
            models.UniqueConstraint(
                fields=["encounter", "kind"],
                condition=models.Q(state="open", kind__in=["first_answer", "resolution"]),
                name="promise_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.kind}"

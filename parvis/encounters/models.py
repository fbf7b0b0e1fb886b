"""The encounter: one need of one customer, from first contact to open door."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from parvis.encounters.domain.stages import Initiative, Nature, Stage, Status
from parvis.toolkit.references import Referenced

STAGES = [
    (Stage.WELCOME.value, _("Welcome")),
    (Stage.UNDERSTAND.value, _("Understand")),
    (Stage.SERVE.value, _("Serve")),
    (Stage.FOLLOW_UP.value, _("Follow up")),
    (Stage.OPEN_DOOR.value, _("Open door")),
]
STATUSES = [
    (Status.OPEN.value, _("Open")),
    (Status.WAITING.value, _("Waiting for the customer")),
    (Status.CLOSED.value, _("Closed")),
]
INITIATIVES = [(Initiative.CUSTOMER.value, _("Customer")), (Initiative.COMPANY.value, _("Company"))]
NATURES = [
    (Nature.SERVICE.value, _("Service")),
    (Nature.SALES.value, _("Sales")),
    (Nature.ADVICE.value, _("Advice")),
]


class Encounter(Referenced, models.Model):
    """The thread that everything about one need hangs on.

    `due_at` and `due_kind` repeat the nearest open promise and `last_line` the last message, so that a list is
    one query.
    """

    REFERENCE_PREFIX = "E"

    # No index of their own where one of the views' begins with the column.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="encounters", db_index=False
    )
    organisation = models.ForeignKey(
        "customers.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="encounters"
    )
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    touchpoint = models.ForeignKey("catalog.Touchpoint", on_delete=models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=8)
    need = models.ForeignKey("catalog.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    team = models.ForeignKey("staff.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    stage = models.CharField(max_length=10, choices=STAGES, default=Stage.WELCOME.value)
    stages_reached = models.JSONField(default=dict, help_text="stage → instant first reached")
    status = models.CharField(max_length=8, choices=STATUSES, default=Status.OPEN.value)
    initiative = models.CharField(max_length=8, choices=INITIATIVES, default=Initiative.CUSTOMER.value)
    nature = models.CharField(max_length=8, choices=NATURES, default=Nature.SERVICE.value)
    priority = models.PositiveSmallIntegerField(default=2)
    subject = models.CharField(max_length=200)
    last_line = models.CharField(max_length=160, blank=True)
    opened_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    last_customer_at = models.DateTimeField(null=True, help_text="when the customer last spoke")
    waiting_since = models.DateTimeField(null=True, help_text="since when the house waits for the customer")
    closed_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    unanswered = models.BooleanField(default=True, help_text="the customer spoke last")
    due_at = models.DateTimeField(null=True)
    due_kind = models.CharField(max_length=16, blank=True)

    class Meta:
        indexes = [
            # One index per saved view, each ending in the order of the list.
            models.Index(fields=["status", "-last_activity_at", "-id"], name="encounter_view_status"),
            models.Index(fields=["owner", "status", "-last_activity_at", "-id"], name="encounter_view_owner"),
            models.Index(fields=["-last_activity_at", "-id"], name="encounter_view_all"),
            models.Index(
                fields=["last_customer_at", "id"],
                name="encounter_unanswered",
                condition=models.Q(unanswered=True),
            ),
            models.Index(fields=["site", "-last_activity_at", "-id"], name="encounter_view_site"),
            models.Index(fields=["due_at", "id"], name="encounter_view_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["customer", "-last_activity_at", "-id"], name="encounter_view_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"


class Link(models.Model):
    """Two encounters belong together."""

    KINDS = [("related", _("Related")), ("follows", _("Follows from")), ("duplicate", _("Same matter"))]
    source = models.ForeignKey(Encounter, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Encounter, on_delete=models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=10, choices=KINDS, default="related")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="encounter_link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="encounter_link_other"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"

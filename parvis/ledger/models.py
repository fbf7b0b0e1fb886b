"""The ledger: what happened, when, by whom, to which customer and encounter. Append-only by a trigger."""

from django.db import models

from parvis.toolkit.db import CurrentTransactionId


class Entry(models.Model):
    """One change. Ids of higher contexts are plain numbers, since the ledger knows nobody above it.

    Payloads hold facts and ids, never message texts or addresses: a customer can be erased and the ledger stays.
    """

    at = models.DateTimeField()
    name = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    site_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    encounter_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    xid = models.BigIntegerField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="ledger_reading_order"),
            models.Index(fields=["encounter_id", "id"], name="ledger_encounter"),
            models.Index(fields=["customer_id", "id"], name="ledger_customer"),
        ]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name}"


# The transaction and the id of an entry: the order in which readers hear of entries.
Position = tuple[int, int]


class Subscription(models.Model):
    """How far one reader of the ledger has come."""

    name = models.CharField(max_length=80, primary_key=True)
    xid = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} @ {self.xid}/{self.entry_id}"


class Failure(models.Model):
    """A reaction that failed: tried again with growing pauses, then shown to an administrator."""

    subscription = models.CharField(max_length=80)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE)
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.TextField()
    next_attempt_at = models.DateTimeField(null=True, help_text="null: given up, waits for a person")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "entry"], name="failure_once")]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.entry_id} ({self.attempts})"

"""What people were told about their wait, and what became of it."""

from django.db import models
from django.db.models import Q


class Told(models.Model):
    """An estimate that somebody was told: a promise, scored when they are called or leave.

    All times are seconds from `at`. `quantiles` maps "0.1" … "0.95" to seconds; empty: "unknown" was told.
    """

    turn = models.ForeignKey("queueing.Turn", on_delete=models.CASCADE, related_name="told", db_index=False)
    at = models.DateTimeField()
    ahead = models.PositiveSmallIntegerField(help_text="people who would be called before, as things stood")
    quantiles = models.JSONField(default=dict)
    inputs = models.JSONField(default=dict, help_text="the state it was made from, and what simple rules would say")
    why_unknown = models.CharField(max_length=20, blank=True)
    is_first = models.BooleanField(help_text="told when the ticket was taken")
    waited = models.FloatField(null=True, help_text="seconds until called, or until they left; null: still open")
    censored = models.BooleanField(default=False, help_text="they left before they were called")

    class Meta:
        indexes = [
            models.Index(fields=["turn", "-id"], name="told_turn"),
            models.Index(fields=["at"], name="told_first", condition=Q(is_first=True)),
            models.Index(fields=["turn"], name="told_open", condition=Q(waited=None)),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} at {self.at}"


class Learning(models.Model):
    """What the house's history teaches about the waits of a site: habits, correction, recalibration."""

    site = models.OneToOneField("catalog.Site", on_delete=models.CASCADE, related_name="+")
    fitted_at = models.DateTimeField()
    turns = models.PositiveIntegerField(help_text="how many turns it was learned from")
    days = models.PositiveSmallIntegerField()
    habits = models.JSONField(default=dict)
    correction = models.JSONField(default=dict, help_text="empty: the replay by itself was as good")
    recalibration = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.site_id}: {self.turns} turns"

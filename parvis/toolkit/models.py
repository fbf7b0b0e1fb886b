"""Rows that any context may need and that say nothing about the business."""

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """The answer once given to a POST, kept so that a repeat of it does nothing twice."""

    owner = models.CharField(max_length=80, help_text="who sent it: keys of two owners never meet")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_owner_key")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.key}"


class RateWindow(models.Model):
    """How often something happened in the current window, for limits that hold across processes."""

    bucket = models.CharField(max_length=120, primary_key=True)
    window_start = models.DateTimeField()
    hits = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.bucket}: {self.hits}"


class InstallationSecret(models.Model):
    """Names this installation, so that two of them know their own mail again."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name

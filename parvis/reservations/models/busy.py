"""Calendars elsewhere whose busy times count here."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.reservations.models.supply import Resource


class BusyCalendar(models.Model):
    """A calendar that somebody keeps elsewhere: its busy times are absences of the resource, its titles stay there."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="busy_calendars")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=2000, blank=True, help_text="empty: a file was uploaded")
    etag = models.CharField(max_length=250, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, help_text="when it was asked last, whatever came of it")
    worked_at = models.DateTimeField(null=True, help_text="when it last answered")
    read_on = models.DateField(null=True, help_text="the day from which its occurrences were worked out")
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, help_text="in English: translated when it is shown")
    status = models.PositiveSmallIntegerField(null=True, help_text="of the answer that was none")
    unknown_zone = models.CharField(max_length=80, blank=True)
    unread = models.PositiveIntegerField(default=0, help_text="parts that could not be read")
    round = models.PositiveIntegerField(default=0, help_text="raised with every reading: of two, the later steps back")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["due_at"], name="busy_calendar_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """How its absences are marked."""
        return f"calendar:{self.pk}"


class BusyPattern(models.Model):
    """When things happen in a calendar, as it last came: nothing but times. It can be long: a table of its own."""

    calendar = models.OneToOneField(BusyCalendar, on_delete=models.CASCADE, primary_key=True, related_name="pattern")
    content = models.TextField()

    def __str__(self) -> str:
        return str(self.calendar_id)

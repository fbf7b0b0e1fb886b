"""Conversations: the messages of an encounter and what staff write around them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.toolkit.search import SearchIndex

SEARCH = SearchIndex("desk_search")


class Direction(models.TextChoices):
    """Who speaks to whom."""

    IN = "in", _("From the customer")
    OUT = "out", _("To the customer")
    NOTE = "note", _("Note")


class Purpose(models.TextChoices):
    """Why the house wrote: which part of the cycle a message belongs to."""

    TALK = "talk", _("Conversation")
    GREETING = "greeting", _("Greeting")
    RENEGOTIATION = "renegotiation", _("Renegotiated promise")
    FOLLOW_UP = "follow_up", _("Follow-up question")
    OPEN_DOOR = "open_door", _("Invitation")
    BOOKING = "booking", _("About the booking")


class Message(models.Model):
    """What somebody said: what is new in it, and what it quotes."""

    encounter = models.ForeignKey(
        "encounters.Encounter", on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    direction = models.CharField(max_length=4, choices=Direction.choices)
    purpose = models.CharField(max_length=13, choices=Purpose.choices, default=Purpose.TALK)
    channel = models.CharField(max_length=8)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(help_text="what is new in it")
    quoted = models.TextField(blank=True, help_text="what it quotes: folded, never cut")
    html = models.TextField(blank=True, help_text="sanitised; shown in a sandboxed frame")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=dict, help_text='{"to": […], "cc": […]}')
    mail = models.OneToOneField("channels.RawMail", on_delete=models.SET_NULL, null=True, related_name="+")
    out_mail = models.OneToOneField("channels.OutMail", on_delete=models.SET_NULL, null=True, related_name="+")
    threaded_by = models.CharField(max_length=20, blank=True, help_text="token, references, new")
    automatic = models.CharField(max_length=16, blank=True, help_text="kind of automatic mail, if it is one")
    undo = models.JSONField(null=True, help_text="how things stood before, while the reply can still be taken back")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["encounter", "id"], name="message_encounter")]

    def __str__(self) -> str:
        return f"{self.encounter_id} {self.direction} {self.at:%Y-%m-%d %H:%M}"


class Attachment(models.Model):
    """A file that came with or goes with a message; the content lies in the channel's blobs."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
    blob = models.ForeignKey("channels.Blob", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What a member is writing, kept on the server."""

    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=[("reply", _("Reply")), ("note", _("Note"))], default="reply")
    text = models.TextField()
    seen_message = models.BigIntegerField(default=0, help_text="last message on screen: the send guard compares")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encounter", "member", "kind"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.encounter_id} {self.kind}"


class Reading(models.Model):
    """How far a member has read an encounter."""

    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encounter", "member"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.member_id} read {self.encounter_id}"


class Presence(models.Model):
    """Who has an encounter on screen, or is typing in it, right now."""

    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    typing = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encounter", "member"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.encounter_id}"


class Macro(models.Model):
    """A reply written once and used often."""

    name = models.CharField(_("name"), max_length=80)
    text = models.JSONField(default=dict)
    team = models.ForeignKey("staff.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FollowUp(models.Model):
    """The question after closing: did we forget anything? (T10) One per round of an encounter."""

    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.CASCADE, related_name="follow_ups")
    round = models.PositiveSmallIntegerField(default=0, help_text="how often the encounter had been reopened")
    ask_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    all_done = models.BooleanField(null=True, help_text="true: nothing was forgotten")
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encounter", "round"], name="follow_up_once")]
        indexes = [
            models.Index(fields=["ask_at"], name="follow_up_due", condition=models.Q(asked_at__isnull=True)),
            models.Index(fields=["-answered_at", "-id"], name="follow_up_bad", condition=models.Q(all_done=False)),
        ]

    def __str__(self) -> str:
        return f"{self.encounter_id} round {self.round}"

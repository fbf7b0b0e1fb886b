"""Raw mail in, and the outbox."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.channels.domain.states import MailState, OutKind, OutState

MAIL_STATES = [
    (MailState.STORED.value, _("Stored, waiting to be read")),
    (MailState.PARSED.value, _("Read, waiting for its place")),
    (MailState.ATTACHED.value, _("In an encounter")),
    (MailState.IGNORED.value, _("Set aside")),
    (MailState.FAILED.value, _("Could not be read")),
]
OUT_KINDS = [(OutKind.EMAIL.value, _("E-mail")), (OutKind.SMS.value, _("SMS"))]
OUT_STATES = [
    (OutState.QUEUED.value, _("Queued")),
    (OutState.SENDING.value, _("Being sent")),
    (OutState.SENT.value, _("Sent")),
    (OutState.FAILED.value, _("Failed")),
    (OutState.CANCELLED.value, _("Taken back")),
]


class RawMail(models.Model):
    """A mail as it came, before anything was made of it."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    source = models.CharField(max_length=120, help_text="smtp, import, or imap account")
    times_received = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(default=timezone.now)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.JSONField(default=list)
    touchpoint = models.ForeignKey("catalog.Touchpoint", on_delete=models.SET_NULL, null=True, related_name="+")
    site = models.ForeignKey("catalog.Site", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=MAIL_STATES, default=MailState.STORED.value)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was set aside, or by what it was attached")
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=512, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="raw_mail_state"),
            models.Index(fields=["message_id"], name="raw_mail_message_id"),
            models.Index(fields=["sender", "-id"], name="raw_mail_sender"),
            models.Index(fields=["site", "state"], name="raw_mail_site"),
            models.Index(fields=["site"], name="raw_mail_repeated", condition=models.Q(times_received__gt=1)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class RawBody(models.Model):
    """The bytes, in a table of their own so that lists of mail stay small."""

    mail = models.OneToOneField(RawMail, on_delete=models.CASCADE, primary_key=True, related_name="body")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.mail_id)


class OutMail(models.Model):
    """A mail or text message that leaves, or waits to. `key` makes writing it twice impossible."""

    kind = models.CharField(max_length=5, choices=OUT_KINDS, default=OutKind.EMAIL.value)
    key = models.CharField(max_length=80, unique=True)
    site = models.ForeignKey("catalog.Site", on_delete=models.SET_NULL, null=True, related_name="+")
    encounter_ref = models.CharField(max_length=16, blank=True)
    to = models.JSONField(default=list, help_text="addresses; of a text message its one number, E.164")
    cc = models.JSONField(default=list)
    sender = models.CharField(max_length=320)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    attachments = models.JSONField(default=list, help_text="[{name, type, blob}]: ids of blobs")
    message_id = models.CharField(max_length=255, db_index=True)
    automatic = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=OUT_STATES, default=OutState.QUEUED.value)
    not_before = models.DateTimeField(default=timezone.now, help_text="undo send: nothing leaves before")
    not_after = models.DateTimeField(null=True, help_text="a text message that would be of no more use then")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True, help_text="when a report said that it did not arrive")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="out_mail_due",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["state", "-id"], name="out_mail_state"),
            models.Index(fields=["-id"], name="out_mail_returned", condition=models.Q(returned_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Blob(models.Model):
    """Content of an attachment, stored once per content."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256[:12]


class MailCounter(models.Model):
    """Mails received, counted as the server counts them: each acceptance once."""

    source = models.CharField(max_length=120, primary_key=True)
    received = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source}: {self.received}"


class MailCursor(models.Model):
    """How far one folder of an IMAP account has been fetched; moved in the transaction that stores the bytes."""

    source = models.CharField(max_length=120, primary_key=True, help_text="imap:user@host/folder")
    uid_validity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0, help_text="the highest one stored")
    checked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.source} @ {self.uid_validity}/{self.uid}"

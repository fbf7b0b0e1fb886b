"""What the business is: its sites and hours, its touchpoints, its tree of needs, its texts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from parvis.toolkit.bilingual import BilingualField


class Business(models.Model):
    """The house itself: one row."""

    name = models.CharField(_("name"), max_length=120)
    languages = models.JSONField(_("languages"), default=list, help_text=_("the first one is the house's own"))
    country = models.CharField(_("country"), max_length=2, default="FR")
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    accent = models.CharField(_("accent colour"), max_length=7, default="#1f6f5c")
    headings = models.CharField(
        _("headings"), max_length=5, choices=[("serif", _("Serif")), ("sans", _("Sans serif"))], default="serif"
    )
    logo = models.BinaryField(null=True, editable=False)
    logo_type = models.CharField(max_length=40, blank=True, editable=False)
    logo_height = models.PositiveSmallIntegerField(_("logo height"), default=40)
    greeting = BilingualField(_("greeting"))
    follow_up_hours = models.PositiveSmallIntegerField(_("ask after closing, in hours"), default=24)
    is_demo = models.BooleanField(default=False, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "business"

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place with opening hours."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    address = models.TextField(_("address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    timezone = models.CharField(_("time zone"), max_length=64)
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("region"), max_length=10, blank=True)
    observes_holidays = models.BooleanField(_("closed on public holidays"), default=True)
    hours = models.JSONField(_("opening hours"), default=dict, help_text='{"mon": [["09:00", "12:30"], …], …}')
    exceptional_days = models.JSONField(
        _("exceptional days"),
        default=dict,
        help_text='{"2026-12-24": {"spans": [["09:00", "16:00"]], "note": "…"}, …}',
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class SiteMember(models.Model):
    """A member of staff works at a site and so sees its rows."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="site_members")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="site_members")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "member"], name="site_member_once")]

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.site_id}"


class Channel(models.TextChoices):
    """How a contact comes in."""

    EMAIL = "email", _("E-mail")
    FORM = "form", _("Web form")
    PHONE = "phone", _("Phone")
    COUNTER = "counter", _("Counter")
    CHAT = "chat", _("Chat")
    SMS = "sms", _("SMS")
    API = "api", _("API")


class Touchpoint(models.Model):
    """A contact point of a site: the counter, a mailbox, the form (F2)."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="touchpoints")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    name = models.CharField(_("name"), max_length=80)
    address = models.EmailField(_("mail address"), blank=True, help_text=_("for mail: customers write here"))
    team = models.ForeignKey("staff.Team", on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["site_id", "channel", "id"]
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=~models.Q(address=""), name="touchpoint_address_once")
        ]

    def __str__(self) -> str:
        return self.name


class Need(models.Model):
    """A node of the tree of needs, trunk to branch (T12)."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("under"),
    )
    slug = models.SlugField(max_length=60, unique=True)
    name = BilingualField(_("name"))
    summary = BilingualField(_("summary"))
    answer = BilingualField(_("answer offered to the customer"))
    icon = models.CharField(_("icon"), max_length=24, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=2, choices=[(1, _("Urgent")), (2, _("Normal")), (3, _("Low"))]
    )
    first_answer_minutes = models.PositiveIntegerField(_("first answer within"), null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(_("resolution within"), null=True, blank=True)
    team = models.ForeignKey("staff.Team", on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    is_public = models.BooleanField(_("offered on the portal"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.slug


class Text(models.Model):
    """A text the house sends or shows, in its languages. A missing row means the default of `texts.py`."""

    key = models.CharField(max_length=40, unique=True)
    subject = BilingualField(_("subject"))
    body = BilingualField(_("text"))
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key


class Version(models.Model):
    """Which catalog this is: one row with a random token, renewed with every change (see `snapshot.py`)."""

    token = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.token

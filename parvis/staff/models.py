"""Members of staff, teams and API tokens."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.staff.domain.viewer import Role

ROLE_CHOICES = [
    (Role.AGENT.value, _("Agent")),
    (Role.LEAD.value, _("Lead")),
    (Role.MANAGER.value, _("Manager")),
    (Role.ADMINISTRATOR.value, _("Administrator")),
]


class MemberManager(BaseUserManager["Member"]):
    """Makes members; the only place that hashes a first password."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username)


class Team(models.Model):
    """A group of members that shares work."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Member(AbstractBaseUser):
    """A person who serves customers, and how they like Parvis to behave."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=ROLE_CHOICES, default=Role.AGENT.value)
    all_sites = models.BooleanField(_("sees every site"), default=False)
    teams = models.ManyToManyField(Team, related_name="members", blank=True, verbose_name=_("teams"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="en")
    theme = models.CharField(
        _("theme"),
        max_length=5,
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        default="auto",
    )
    keys_on = models.BooleanField(_("keyboard shortcuts"), default=True)
    keymap = models.JSONField(_("own keys"), default=dict, blank=True)
    signature = models.TextField(_("signature"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = MemberManager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A key to the API: acts for a member, within scopes. Only its hash is kept."""

    name = models.CharField(max_length=80)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

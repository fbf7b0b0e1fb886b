"""Customers: people, their addresses, the organisations they speak for."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.customers.domain.recognition import is_newcomer, is_regular
from parvis.toolkit.references import Referenced
from parvis.toolkit.search import SearchIndex

SEARCH = SearchIndex("customers_search")


class Organisation(Referenced, models.Model):
    """An institution with one central account, whoever of it calls (F3)."""

    REFERENCE_PREFIX = "O"

    name = models.CharField(_("name"), max_length=160)
    domain = models.CharField(_("mail domain"), max_length=120, blank=True, db_index=True)
    account_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account owner"),
    )
    notes = models.TextField(_("what matters to them"), blank=True)
    sites = models.ManyToManyField("catalog.Site", related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"], name="organisation_name")]

    def __str__(self) -> str:
        return self.name


class Customer(Referenced, models.Model):
    """A person. Recognition figures are kept as they happen, so that showing them costs nothing."""

    REFERENCE_PREFIX = "C"

    name = models.CharField(_("name"), max_length=160, blank=True)
    sort_key = models.CharField(max_length=160, blank=True, help_text="folded name: matching and sorting")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    matters = models.TextField(_("what matters to this person"), blank=True)
    encounter_count = models.PositiveIntegerField(default=0)
    open_count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    # Nearly all are null, which an index would find at no gain and SQLite would choose all the same: see Meta.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="absorbed", db_index=False
    )
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["sort_key", "id"], name="customer_name"),
            models.Index(fields=["-last_seen_at", "-id"], name="customer_recent"),
            models.Index(fields=["merged_into"], name="customer_merged", condition=models.Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or self.reference

    @property
    def is_regular(self) -> bool:
        """Somebody to be recognised (F6)."""
        return is_regular(self.encounter_count)

    @property
    def is_newcomer(self) -> bool:
        """Somebody who may need help to find their way (F7)."""
        return is_newcomer(self.encounter_count)


class ContactKind(models.TextChoices):
    """By what means a customer can be reached."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")


class ContactPoint(models.Model):
    """An address or a number. Not unique: couples share an address, colleagues a number."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points", db_index=False)
    kind = models.CharField(max_length=5, choices=ContactKind.choices)
    value = models.CharField(max_length=254)
    key = models.CharField(max_length=254, help_text="normalised: lower-case address, E.164 number")
    label = models.CharField(max_length=40, blank=True)
    bounced_at = models.DateTimeField(null=True, help_text="permanent failure reported: do not write here")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["kind", "key"], name="contact_point_key"),
            # Today names the addresses that began to fail: few, and found without reading all.
            models.Index(
                fields=["bounced_at"], name="contact_point_bounced", condition=models.Q(bounced_at__isnull=False)
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "key"], name="contact_point_once")]

    def __str__(self) -> str:
        return self.value


class Affiliation(models.Model):
    """A customer speaks for an organisation, in a role."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="affiliations", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="affiliations")
    role = models.CharField(_("role"), max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "organisation"], name="affiliation_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} / {self.organisation_id}"


class CustomerSite(models.Model):
    """A customer is known at a site: staff of that site see the record."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="known_at")
    site = models.ForeignKey("catalog.Site", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "customer"], name="customer_site_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} @ {self.site_id}"


class Merge(models.Model):
    """The journal of a merge: what moved from one record to another, so that it can be undone."""

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    absorbed = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    moved = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"

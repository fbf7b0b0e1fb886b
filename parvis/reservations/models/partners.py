"""Who sells for the house."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """Somebody who books for others, in the house's name: a hotel next door, an agency.

    Its two addresses are not kept: they are signed by this installation's key (reservations/partners.py).
    """

    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        "customers.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    offerings = models.ManyToManyField("reservations.Offering", related_name="partners", verbose_name=_("may book"))
    key_number = models.PositiveIntegerField(default=1, help_text="raised to void the addresses given out")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

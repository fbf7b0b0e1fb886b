"""Choices of an encounter that forms of higher contexts offer."""

from django.utils.translation import gettext_lazy as _

from parvis.encounters.models import INITIATIVES, NATURES, STAGES, STATUSES

PRIORITIES = [(1, _("Urgent")), (2, _("Normal")), (3, _("Low"))]

__all__ = ["INITIATIVES", "NATURES", "PRIORITIES", "STAGES", "STATUSES"]

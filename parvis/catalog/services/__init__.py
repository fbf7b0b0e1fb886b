"""The only way to write the catalog: the house, its sites and touchpoints, its tree of needs, its texts."""

from parvis.catalog.services.founding import Founder, house_found
from parvis.catalog.services.house import business_save, logo_remove, logo_save
from parvis.catalog.services.needs import need_move, need_save
from parvis.catalog.services.places import (
    exceptional_day_remove,
    exceptional_day_set,
    member_sites_set,
    site_save,
    touchpoint_save,
)
from parvis.catalog.services.texts import text_reset, text_save

__all__ = [
    "Founder",
    "business_save",
    "exceptional_day_remove",
    "exceptional_day_set",
    "house_found",
    "logo_remove",
    "logo_save",
    "member_sites_set",
    "need_move",
    "need_save",
    "site_save",
    "text_reset",
    "text_save",
    "touchpoint_save",
]

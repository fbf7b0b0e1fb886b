"""The catalog as one value in memory: it is read by every contact and page, and seldom changes.

Each thread asks the database, at most every 50 ms, whether the catalog's version is still that of its snapshot, which
the threads of a process share: one small query instead of a dozen. The version is a random token written with every
change, in its transaction, so that neither a rollback nor another process can leave a snapshot that looks current and
is not.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from parvis.catalog.models import Business, Need, Site, Text, Touchpoint, Version
from parvis.kernel.ids import new_token
from parvis.toolkit.db import rows

FRESH_SECONDS = 0.05
_local = threading.local()
# The newest that any thread has loaded; taken by another only if it finds the same version in the database.
_latest: "Snapshot | None" = None


@dataclass(frozen=True)
class Snapshot:
    """Rows of the catalog by id (texts by key), in their order. Read-only: change them through services."""

    version: str
    business: Business | None
    sites: dict[int, Site]
    touchpoints: dict[int, Touchpoint]
    needs: dict[int, Need]
    texts: dict[str, Text]


def snapshot() -> Snapshot:
    """The catalog as it is now (or was 50 ms ago, if another process changed it just then)."""
    kept: Snapshot | None = getattr(_local, "snapshot", None)
    now = time.monotonic()
    if kept is not None and now - _local.checked < FRESH_SECONDS:
        return kept
    version = next((token for (token,) in rows("SELECT token FROM catalog_version WHERE id = %s", [1])), "")
    if kept is None or kept.version != version:
        kept = _shared(version)
    _local.snapshot, _local.checked = kept, now
    return kept


def _shared(version: str) -> Snapshot:
    global _latest
    latest = _latest
    if latest is None or latest.version != version or not version:
        latest = _latest = _load(version)
    return latest


def _load(version: str) -> Snapshot:
    sites = {s.pk: s for s in Site.objects.order_by("id")}
    touchpoints = {t.pk: t for t in Touchpoint.objects.all()}
    for touchpoint in touchpoints.values():
        touchpoint.site = sites[touchpoint.site_id]
    return Snapshot(
        version,
        Business.objects.defer("logo").order_by("pk").first(),
        sites,
        touchpoints,
        {n.pk: n for n in Need.objects.all()},
        {t.key: t for t in Text.objects.all()},
    )


def _changed(**kwargs: Any) -> None:
    row = Version(pk=1, token=new_token())
    Version.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["token"])
    _local.snapshot = None


def version() -> str:
    """The token of the catalog as it is now: whoever keeps something made of the catalog keeps it with this."""
    return snapshot().version


def watch_catalog() -> None:
    """Renew the version whenever a row of the catalog is saved or deleted. Called once, when the app is ready."""
    watch(Business, Site, Touchpoint, Need, Text)


def watch(*models: type[Model]) -> None:
    """The same for rows of these models: a higher context whose settings are remembered by version says so."""
    for model in models:
        post_save.connect(_changed, sender=model, dispatch_uid=f"catalog-{model.__name__}-saved")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"catalog-{model.__name__}-deleted")

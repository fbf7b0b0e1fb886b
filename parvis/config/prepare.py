"""Bring an installation up to date: its database's tables and its collected static files.

Both are skipped within milliseconds when there is nothing to do, so that every start may ask.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from parvis.ledger.services import entries_adopt


def prepare(say: Callable[[str], object]) -> None:
    """Apply the migrations not yet applied and collect static files that changed, telling `say` what is done."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        first = not executor.loader.applied_migrations
        say("Setting up the database…" if first else f"Updating the database ({len(pending)} steps)…")
        call_command("migrate", interactive=False, verbosity=0)
    if entries_adopt():
        say("This database was restored from another server: its ledger is read on from here.")
    if not settings.DEBUG:
        _collect_static(say)


def _collect_static(say: Callable[[str], object]) -> None:
    """Collect, hash and compress the static files, unless that was done for exactly these."""
    stamp = Path(settings.HOME) / "static.stamp"
    wanted = static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and Path(settings.STATIC_ROOT).is_dir():
        return
    say("Preparing style sheets, scripts and fonts…")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    """A digest of every static file's name, size and time: it changes when one of them does."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]["BACKEND"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()

"""`parvis backup FOLDER`: a consistent copy of an installation while it runs."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from parvis.kernel.clock import utcnow

KEPT = ("secret_key", "media")


class Command(BaseCommand):
    """Copies the SQLite database, the secret key and uploaded files; PostgreSQL has its own tools."""

    help = "Copy the data into a new folder inside FOLDER, while Parvis runs (SQLite)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """FOLDER is where backups are kept."""
        parser.add_argument("folder", type=Path, help="where backups are kept; made when missing")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Write the copy and print its path; `CommandError` on PostgreSQL, or when it cannot be written."""
        if connection.vendor != "sqlite":
            raise CommandError("This installation is on PostgreSQL: back it up with pg_dump (docs/operations.md).")
        name = f"parvis-{utcnow():%Y%m%d-%H%M%S}"
        target, unfinished = folder / name, folder / f"{name}.unfinished"
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            _copy_database(Path(connection.settings_dict["NAME"]), unfinished / "parvis.sqlite3")
            for kept in KEPT:
                _copy(Path(settings.HOME) / kept, unfinished / kept)
            # The name without "unfinished" appears only once everything is in it.
            unfinished.rename(target)
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"The backup in {unfinished} is not complete: {error}") from error
        self.stdout.write(str(target))


def _copy_database(source: Path, target: Path) -> None:
    """Copy by SQLite's own means: a consistent state, without keeping writers out for the whole of it."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=4096, sleep=0.01)
        # One file, with no write-ahead log beside it that one might forget to take along.
        copy.execute("PRAGMA journal_mode=DELETE")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy2(source, target)

"""Measure Parvis on both databases, as it ships, with a large house in it.

    scripts/bench.py [--encounters 200000] [--only sqlite|postgres] [--home FOLDER]

Each database is made and loaded in a temporary folder and removed afterwards; `--home` keeps SQLite's and uses it
again. The figures go to bench-sqlite.json and bench-postgres.json in the current folder, which git ignores.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.temp_postgres import PostgresMissing, temp_postgres  # noqa: E402


def main() -> int:
    """The command line; exits with 1 when a database could not be measured at all."""
    parser = argparse.ArgumentParser(description="Measure Parvis on both databases.")
    parser.add_argument("--encounters", type=int, default=int(os.environ.get("ENCOUNTERS") or 200_000))
    parser.add_argument("--seconds", type=float, default=5.0, help="for each page and number of visitors")
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--parts", nargs="+", help="pages, openings, mail, bookings, queue; default: all of them")
    parser.add_argument("--only", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--home", type=Path, help="keep SQLite's database here, and use it if it is there")
    options = parser.parse_args()
    failed = 0
    for database in options.only or ["sqlite", "postgres"]:
        try:
            with _home(options.home if database == "sqlite" else None) as home, _database(database) as url:
                failed += bool(_run(database, home, url, options))
        except PostgresMissing as error:
            print(error, file=sys.stderr)
            failed += 1
    return 1 if failed else 0


@contextlib.contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="parvis-bench-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with temp_postgres(durable=True) as url:
        yield url


def _run(database: str, home: Path, url: str, options: argparse.Namespace) -> int:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARVIS_")} | {"PARVIS_HOME": str(home)}
    if url:
        environment["PARVIS_DATABASE_URL"] = url
    command = [sys.executable, "-m", "parvis.config.bench.run", "--json", str(Path.cwd() / f"bench-{database}.json")]
    command += ["--encounters", str(options.encounters), "--seconds", str(options.seconds)]
    command += ["--mails", str(options.mails)]
    command += ["--parts", *options.parts] if options.parts else []
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

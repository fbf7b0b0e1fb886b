"""One bench on one database: load it unless it is loaded, start Parvis, measure, print, write a file.

Started by `scripts/bench.py` with PARVIS_HOME and PARVIS_DATABASE_URL set: `python -m parvis.config.bench.run`.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

MEMORY_TARGET = 400
PARTS = ("pages", "openings", "mail", "bookings", "queue")


def main() -> int:
    """The command line; 0 even when a target is missed, since a measurement is not a test."""
    parser = argparse.ArgumentParser(description="Measure Parvis on the database of this environment.")
    parser.add_argument("--encounters", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each page and number of visitors")
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default: all)")
    parser.add_argument("--json", type=Path, required=True, help="where to write the figures")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.config.settings")
    import django

    django.setup()
    figures = measure(options.encounters, options.seconds, options.mails, options.parts)
    options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    print(f"Figures: {options.json}", flush=True)
    return 0


def measure(encounters: int, seconds: float, mails: int, parts: Collection[str] = PARTS) -> dict[str, Any]:
    """Load, serve, measure; prints as it goes and returns everything. Raises RuntimeError if Parvis does not start."""
    from django.db import connection, connections

    from parvis.config.bench import bookings, measures, queues
    from parvis.config.bench.load import bench_load
    from parvis.config.bench.serve import served
    from parvis.config.prepare import prepare
    from parvis.encounters.models import Encounter

    prepare(_say)
    held = Encounter.objects.count()
    if held < encounters:
        bench_load(encounters=encounters, yes=True, say=_say)
    offer = bookings.bookings_load(_say) if "bookings" in parts else None
    display = queues.queue_load(_say) if "queue" in parts else None
    vendor = connection.vendor
    connections.close_all()
    lines: list[measures.Line] = []
    print(f"\n{vendor}, {max(held, encounters):,} encounters, {_machine()}\n{_head()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="parvis-bench-") as folder, served(Path(folder) / "log") as server:
        measured: dict[str, Callable[[], Iterable[measures.Line]]] = {
            "pages": lambda: measures.pages_measured(server, seconds=seconds),
            "openings": lambda: [measures.openings_measured(server, seconds=max(seconds, 8))],
            "mail": lambda: measures.mail_measured(server, count=mails),
            "bookings": lambda: bookings.bookings_measured(server, offer, seconds=seconds) if offer else (),
            "queue": lambda: queues.queue_measured(server, display, seconds=seconds) if display else (),
        }
        for part in PARTS:
            for line in measured[part]() if part in parts else ():
                _show(lines, line)
        memory = server.memory()
    megabytes = sum(memory.values())
    verdict = "pass" if megabytes <= MEMORY_TARGET else "MISS"
    shares = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
    print(f"memory: {megabytes:.0f} MB  ≤ {MEMORY_TARGET} MB  {verdict}  ({shares})")
    return {
        "database": vendor,
        "encounters": max(held, encounters),
        "machine": _machine(),
        "lines": [line.as_json() for line in lines],
        "memory_mb": memory,
    }


def _say(text: str) -> None:
    print(text, flush=True)


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} before"


def _head() -> str:
    return f"{'':<44}{'by':>3}{'n':>7}{'p50 ms':>9}{'p95 ms':>9}{'/s':>9}{'cpu ms':>8}  target, verdict, bare SQL"


def _show(lines: list[Any], line: Any) -> None:
    lines.append(line)
    verdict = "" if line.passed is None else "pass" if line.passed else "MISS"
    bare = f"  bare {line.bare:,.0f}/s, share {line.share:.2f}" if line.bare else ""
    failed = f"  {line.errors} errors: {line.error[:160]}" if line.errors else ""
    times = f"{line.p50:>9.1f}{line.p95:>9.1f}" if line.p50 else " " * 18
    figures = f"{line.name:<44}{line.workers:>3}{line.count:>7}{times}{line.rate:>9.1f}"
    figures += f"{line.cpu:>8.1f}" if line.cpu else " " * 8
    print(f"{figures}  {line.target}  {verdict}{bare}{failed}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

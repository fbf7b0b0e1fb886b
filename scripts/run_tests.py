"""Run the whole suite: on SQLite, on a temporary PostgreSQL, and the journeys in a browser.

    scripts/run_tests.py [--only sqlite|postgres|browser] [pytest arguments…]

Ends with one line that sums the runs up, "N passed, N failed, N skipped", and exits with 1 when anything failed, was
cut short, or when a run found no test at all.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
# A run that takes longer hangs: it is interrupted, so that pytest says where.
RUN_SECONDS = 20 * 60
NO_TESTS = 5


@dataclass(frozen=True)
class Run:
    """One pytest run: its title, its database, and the tests it selects."""

    title: str
    database: str
    arguments: tuple[str, ...]


# The journeys have a run of their own: Playwright keeps an event loop in the main thread, which other tests of the
# same process would trip over.
# Beside what knows no database, neither is run twice what starts installations of its own or speaks to them by SMTP,
# what asks every address or operation who may open it and in what words, and what keeps its history in memory.
ONCE = (
    "tests/operations",
    "tests/mail/test_wire.py",
    "tests/api/test_schema.py",
    *(
        f"tests/security/test_{part}.py"
        for part in ("production", "headers", "forms_and_reads", "members", "api_tokens")
    ),
)
RUNS = {
    "sqlite": Run("SQLite", "sqlite", ("-n", "3", "--dist", "worksteal", "-m", "not browser")),
    "postgres": Run(
        "PostgreSQL",
        "postgres",
        (
            *("-n", "3", "--dist", "worksteal", "-m", "not browser", "--only-database"),
            *(f"--ignore={folder}" for folder in ONCE),
        ),
    ),
    "browser": Run("Journeys in a browser, SQLite", "sqlite", ("-n", "3", "--dist", "worksteal", "-m", "browser")),
}


@dataclass(frozen=True)
class Count:
    """How many tests passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Self) -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @classmethod
    def from_report(cls, report: Path, exit_code: int) -> "Count":
        """Read pytest's JUnit report; a run that failed without saying what failed counts as one failure."""
        tests = failed = skipped = 0
        if report.exists():
            for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest's own file
                tests += int(suite.get("tests", 0))
                failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                skipped += int(suite.get("skipped", 0))
        if exit_code and not failed:
            return cls(max(0, tests - skipped), 1, skipped)
        return cls(max(0, tests - failed - skipped), failed, skipped)


def run(plan: Run, extra: list[str], report: Path) -> Count:
    """Carry out one run, its output passed through; returns what it counted."""
    command = [sys.executable, "-m", "pytest", *plan.arguments, f"--junit-xml={report}", *extra]
    environment = {**os.environ, "PARVIS_TEST_DB": plan.database, "PARVIS_TEST_SHARED": str(report.parent)}
    environment.pop("PARVIS_DATABASE_URL", None)
    # Every worker, and every `parvis` that a test starts, would compile the house anew: half a minute of each run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"\n== {plan.title}", flush=True)
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    code = _wait(process)
    if code == NO_TESTS:
        print("No test was found, which cannot be right.")
    count = Count.from_report(report, code)
    print(f"== {plan.title}: {count}, {time.monotonic() - began:.0f} s", flush=True)
    return count


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(RUN_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"Not done after {RUN_SECONDS // 60} minutes: interrupted.", flush=True)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 1
    except KeyboardInterrupt:
        # The terminal has told pytest too; let it clean up.
        process.wait()
        raise


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Run the whole test suite.")
    parser.add_argument("--only", choices=RUNS, action="append", help="this run alone; may be repeated")
    options, extra = parser.parse_known_args()
    total = Count()
    try:
        with tempfile.TemporaryDirectory(prefix="parvis-reports-") as folder:
            for name in options.only or RUNS:
                total += run(RUNS[name], extra, Path(folder) / f"{name}.xml")
    except KeyboardInterrupt:
        return 130
    print(f"\n{total}", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Make sure that programs which pip cannot install are there: `system_packages.py postgresql chromium gettext`.

As root on Debian or Ubuntu, what is missing is installed with apt-get; otherwise this says exactly what to install,
and exits with 1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: PARVIS_TEST_CHROMIUM, or the first found on the PATH."""
    given = os.environ.get("PARVIS_TEST_CHROMIUM")
    return given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _has_postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or bool(shutil.which("initdb"))


def _has_gettext() -> bool:
    return all(map(shutil.which, ("xgettext", "msgmerge", "msgattrib", "msguniq", "msgfmt")))


PRESENT: dict[str, Callable[[], bool]] = {
    "postgresql": _has_postgresql,
    "chromium": lambda: find_chromium() is not None,
    "gettext": _has_gettext,
}


def missing(packages: Iterable[str]) -> list[str]:
    """Those of the Debian packages (keys of `PRESENT`) whose programs are not on this machine."""
    return [package for package in packages if not PRESENT[package]()]


def install(packages: list[str]) -> None:
    """Install Debian packages, as root; raises `CalledProcessError` when apt-get fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt_get = ["apt-get", "--quiet", "--quiet", "--yes"]
    for arguments in (["update"], ["install", "--no-install-recommends", *packages]):
        subprocess.run([*apt_get, *arguments], env=environment, stdin=subprocess.DEVNULL, check=True)


def main(packages: list[str]) -> int:
    """Install or name what is missing; 0 when all is there in the end."""
    absent = missing(packages)
    if not absent:
        return 0
    command = f"apt-get install {' '.join(absent)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing with {command}…", flush=True)
        try:
            install(absent)
        except subprocess.CalledProcessError as error:
            print(f"apt-get failed with exit code {error.returncode}.", file=sys.stderr)
        absent = missing(packages)
        if not absent:
            return 0
    print(f"Missing on this machine: {', '.join(absent)}. Install with: sudo {command}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

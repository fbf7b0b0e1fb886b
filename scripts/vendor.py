#!/usr/bin/env python3
"""Bring the few files that Parvis takes from npm into the repository, pinned and checked.

    scripts/vendor.py                  fetch what the manifests name, check every hash, drop the rest
    scripts/vendor.py --check          check what is on disk against the manifests, without any network
    scripts/vendor.py --icon bell key  name these Tabler icons in the manifest, then fetch
    scripts/vendor.py --pin            after a version was changed: fetch and write the new hashes

A manifest (``VERSIONS.json``) lists packages with name, version, licence and files; ``from`` is the path
inside the npm package, ``to`` the path beside the manifest. ``npm pack`` fetches them, from wherever npm is
set up to look.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = [
    ROOT / "parvis/web/static/web/vendor/VERSIONS.json",
    ROOT / "tests/vendor/VERSIONS.json",
]
ICONS = "@tabler/icons"


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0 when all is as the manifests say, 1 with one line per file that is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the files on disk, fetch nothing")
    parser.add_argument("--icon", nargs="+", default=[], metavar="NAME", help="add Tabler icons by name")
    parser.add_argument("--pin", action="store_true", help="write the hashes of what is fetched")
    args = parser.parse_args(argv)
    problems: list[str] = []
    for path in MANIFESTS:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if args.check:
            problems += differences(path.parent, manifest)
            continue
        add_icons(manifest, args.icon)
        problems += [p for package in manifest["packages"] for p in fetch(path.parent, package, args.pin)]
        if not problems:
            remove_unnamed(path, manifest)
            path.write_text(as_text(manifest), encoding="utf-8")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


def named_files(manifest: dict[str, Any]) -> dict[str, str]:
    """Path beside the manifest → sha256 (hex, empty when not pinned yet), for every file that it names."""
    return {f["to"]: f.get("sha256", "") for package in manifest["packages"] for f in package["files"]}


def differences(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """One line for each file that is missing, changed, or present without being named."""
    named = named_files(manifest)
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"VERSIONS.json"}
    lines = [f"{folder.name}/{name}: not named in VERSIONS.json" for name in sorted(found - named.keys())]
    for name, sha256 in named.items():
        if name not in found:
            lines.append(f"{folder.name}/{name}: missing")
        elif digest((folder / name).read_bytes()) != sha256:
            lines.append(f"{folder.name}/{name}: not the pinned content")
    return lines


def fetch(folder: Path, package: dict[str, Any], pin: bool) -> list[str]:
    """Copy one package's named files beside the manifest; one whose hash differs is reported, not written."""
    problems = []
    for file, content in unpack(package["name"], package["version"], package["files"]):
        got = digest(content)
        if not pin and file.get("sha256", got) != got:
            problems.append(f"{package['name']}@{package['version']} {file['from']}: not the pinned content")
            continue
        file["sha256"] = got
        target = folder / file["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return problems


def unpack(name: str, version: str, files: list[dict[str, str]]) -> list[tuple[dict[str, str], bytes]]:
    """The named files of an npm package with their bytes. KeyError when it has no such file."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--pack-destination", folder, "--silent"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            return [(file, archive.extractfile("package/" + file["from"]).read()) for file in files]  # type: ignore[union-attr]


def add_icons(manifest: dict[str, Any], names: list[str]) -> None:
    """Name Tabler's outline icons in the manifest that holds the icon package; known ones stay."""
    for package in manifest["packages"]:
        if package["name"] == ICONS:
            known = {file["to"] for file in package["files"]}
            new = [n for n in dict.fromkeys(names) if f"icons/{n}.svg" not in known]
            package["files"] += [{"from": f"icons/outline/{n}.svg", "to": f"icons/{n}.svg"} for n in new]
            package["files"].sort(key=lambda file: file["to"])


def remove_unnamed(path: Path, manifest: dict[str, Any]) -> None:
    """Delete what lies beside the manifest without being named in it: nothing unpinned ships."""
    named = named_files(manifest)
    for file in path.parent.rglob("*"):
        if file.is_file() and file != path and str(file.relative_to(path.parent)) not in named:
            file.unlink()


def as_text(manifest: dict[str, Any]) -> str:
    """The manifest as JSON with one line per file, so that a diff shows what changed."""
    packages = []
    for package in manifest["packages"]:
        head = {key: value for key, value in package.items() if key != "files"}
        lines = ",\n    ".join(json.dumps(file, ensure_ascii=False) for file in package["files"])
        packages.append(f'  {json.dumps(head, ensure_ascii=False)[:-1]}, "files": [\n    {lines}\n  ]}}')
    return '{"packages": [\n' + ",\n".join(packages) + "\n]}\n"


def digest(content: bytes) -> str:
    """sha256 in hex."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

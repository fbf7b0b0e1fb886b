"""Compile every `locale/*/LC_MESSAGES/*.po` under a folder to the `.mo` beside it, without GNU gettext.

A fresh machine has no msgfmt, so Babel reads and writes the catalogues. Entries marked fuzzy and entries without
a translation are left out, so that their English shows. Usage: compile_messages.py [FOLDER, default parvis]
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po


def compile_catalogue(source: Path) -> Path:
    """Compile one `.po` file; returns the `.mo` path. Raises `ValueError` naming the file and line if malformed."""
    with source.open("rb") as file:
        try:
            # The language is the folder's above LC_MESSAGES; Babel takes the plural rule from the file's header.
            catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            # Babel counts lines from 0.
            line = f", line {error.lineno + 1}" if isinstance(error, PoFileError) else ""
            raise ValueError(f"{source}{line}: {error}") from error
    target = source.with_suffix(".mo")
    # Written aside and renamed: a server that starts meanwhile reads the old catalogue or the new, never half.
    scratch = source.with_suffix(".mo.new")
    with scratch.open("wb") as file:
        write_mo(file, catalogue)
    scratch.replace(target)
    return target


def compile_all(root: Path) -> list[Path]:
    """Compile the catalogues under `root` that changed since they were compiled; returns the `.mo` paths written."""
    written = []
    for source in sorted(root.rglob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            written.append(compile_catalogue(source))
    return written


def main() -> int:
    """Compile what changed; 1 when a catalogue is malformed."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "parvis"
    try:
        compile_all(root)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

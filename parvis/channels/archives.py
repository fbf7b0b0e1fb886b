"""Mail in files: mbox (RFC 4155, quoted or not), Maildir, folders of .eml, single mails; each also as .gz. Streamed."""

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, cast

SUFFIXES = (".eml", ".eml.gz", ".mbox", ".mbox.gz", ".mbx", ".msg.txt")
_SEPARATOR = re.compile(rb"From .*\d{1,2}:\d\d.*\d{4}|From .*\d{4}.*\d{1,2}:\d\d")
_QUOTED = re.compile(rb">+From ")
_DATE = re.compile(rb"^Date:[ \t]*([^\r\n]+(?:\r?\n[ \t][^\r\n]+)*)", re.IGNORECASE | re.MULTILINE)
_HEAD = 65536


@dataclass(frozen=True)
class Found:
    """One mail of an archive: its bytes, or why they cannot be had; and where it lay."""

    where: str
    raw: bytes = b""
    error: str = ""


def mails_in(path: Path) -> Iterator[Found]:
    """The mails of a file or folder, in the order they were written where the archive does not keep one itself.

    Raises FileNotFoundError when there is nothing at `path`; a file that cannot be read is reported, not raised.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    if path.is_file():
        yield from _guarded(path)
        return
    for file in _by_date(_files(path)):
        yield from _guarded(file)


def _files(folder: Path) -> Iterator[Path]:
    """The mails of a Maildir with its subfolders (new, cur; never tmp), or files that look like mail by their name."""
    boxes = [box for box in (folder, *sorted(p for p in folder.rglob("*") if p.is_dir())) if (box / "cur").is_dir()]
    if boxes:
        for box in boxes:
            for room in ("new", "cur"):
                if (box / room).is_dir():
                    yield from sorted(p for p in (box / room).iterdir() if p.is_file() and not p.name.startswith("."))
        return
    yield from sorted(p for p in folder.rglob("*") if p.is_file() and p.name.lower().endswith(SUFFIXES))


def _by_date(files: Iterable[Path]) -> list[Path]:
    """Files in the order of their mails' dates, so that an answer is read after what it answers."""
    return [path for __, __, path in sorted((_written(path), number, path) for number, path in enumerate(files))]


def _written(path: Path) -> float:
    try:
        with _opened(path) as file:
            head = file.read(_HEAD)
        found = _DATE.search(head)
        if found is not None:
            return parsedate_to_datetime(found[1].decode("ascii", "replace")).timestamp()
    except (OSError, EOFError, ValueError, TypeError, OverflowError):
        pass
    return path.stat().st_mtime if path.exists() else 0.0


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _guarded(path: Path) -> Iterator[Found]:
    try:
        with _opened(path) as file:
            yield from _read(file, path.name)
    except (OSError, EOFError) as error:  # no permission, a damaged .gz
        yield Found(path.name, error=f"{type(error).__name__}: {error}")


def _read(file: IO[bytes], name: str) -> Iterator[Found]:
    first = file.readline()
    if not first.startswith(b"From "):
        yield Found(name, first + file.read())
        return
    for number, raw in enumerate(_mbox(file, dated=_SEPARATOR.match(first) is not None), start=1):
        yield Found(f"{name}, {number}", raw)


def _mbox(file: IO[bytes], *, dated: bool) -> Iterator[bytes]:
    """The mails after the first separator, which was read. `dated`: separators name a time, so that a line of prose
    that begins with "From " is none, even where the program that wrote the file forgot to quote it."""
    lines: list[bytes] = []
    for line in file:
        if line.startswith(b"From ") and (not lines or not lines[-1].strip(b"\r\n")):
            if not dated or _SEPARATOR.match(line):
                yield _mail(lines)
                lines = []
                continue
        elif _QUOTED.match(line):
            line = line[1:]
        lines.append(line)
    yield _mail(lines)


def _mail(lines: list[bytes]) -> bytes:
    """The mail without the empty line that mbox puts behind each."""
    if lines and not lines[-1].strip(b"\r\n"):
        lines = lines[:-1]
    return b"".join(lines)

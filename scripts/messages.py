"""Collect the texts to translate, and check that every one has its French.

    scripts/messages.py update   writes new texts into parvis/<context>/locale/fr/LC_MESSAGES/django.po
    scripts/messages.py check    collects them aside and says what is missing, stale, fuzzy or inconsistent

English is the source language; it has no catalogue. Collecting is Django's makemessages, which needs GNU gettext.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "fr"
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%%|%[sdif]|\{\w*\}")
OPTIONS = ["--locale", LANGUAGE, "--no-location", "--no-obsolete", "--no-wrap", "--verbosity", "0"]
HEADER = """msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""


def contexts(package: Path) -> list[Path]:
    """The folders under `package` that may hold texts."""
    return sorted(p.parent for p in package.glob("*/__init__.py"))


def catalogue_path(context: Path) -> Path:
    """Where a context keeps its French."""
    return context / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def collect(package: Path) -> None:
    """Bring every context's catalogue under `package` up to date with its sources, in place."""
    for context in contexts(package):
        path = catalogue_path(context)
        if not path.exists():
            # makemessages would otherwise copy the header of Django's own French.
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(HEADER, encoding="utf-8")
        _make_messages(context)
        if not any(_messages(_read(path))):
            shutil.rmtree(context / "locale")


def _make_messages(context: Path) -> None:
    # Without the settings, which would have it look for folders elsewhere; and -P, since selectors.py of a context
    # must not pass for Python's own module of that name.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "django", "makemessages", *OPTIONS, "--ignore", "tests"],
        cwd=context,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{context.name}: {done.stdout}")


def problems(package: Path) -> list[str]:
    """What is wrong with the catalogues under `package`, one line each; empty when all is well."""
    with tempfile.TemporaryDirectory(prefix="parvis-messages-") as folder:
        copy = Path(folder) / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "locale", "vendor"))
        collect(copy)
        return [
            f"{catalogue_path(context).relative_to(package.parent)}: {problem}"
            for context in contexts(package)
            for problem in _compare(catalogue_path(context), catalogue_path(copy / context.name))
        ]


def _compare(written: Path, collected: Path) -> Iterator[str]:
    if fault := _syntax_fault(written):
        yield fault
        return
    ours = {_key(message): message for message in _messages(_read(written))}
    wanted = {_key(message) for message in _messages(_read(collected))}
    for key in sorted(wanted - ours.keys()):
        yield f"missing: {key[1]!r}"
    for key in sorted(ours.keys() - wanted):
        yield f"no longer used: {key[1]!r}"
    for key in sorted(ours.keys() & wanted):
        yield from _faults(ours[key])


def _syntax_fault(path: Path) -> str:
    """What msgfmt says against the file; Babel overlooks some slips, such as a quotation mark left out."""
    if not path.exists():
        return ""
    done = subprocess.run(["msgfmt", "-o", os.devnull, path.name], cwd=path.parent, capture_output=True, text=True)
    return done.stderr.strip().replace("\n", "; ") if done.returncode else ""


def _faults(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    sources = _forms(message.id)
    translations = _forms(message.string)
    if message.fuzzy:
        yield f"to be confirmed (fuzzy): {sources[0]!r}"
    if not all(translations):
        yield f"not translated: {sources[0]!r}"
        return
    # A plural may spell a number out; but nothing may be filled in that the source does not offer.
    offered = {name for source in sources for name in PLACEHOLDER.findall(source)}
    for translation in translations:
        found = set(PLACEHOLDER.findall(translation))
        if found - offered or (len(sources) == 1 and offered - found):
            yield f"placeholders differ: {sources[0]!r} and {translation!r}"


def _forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def _key(message: Message) -> tuple[str, str]:
    return message.context or "", _forms(message.id)[0]


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def main() -> int:
    """The command line."""
    match sys.argv[1:]:
        case ["update"]:
            collect(ROOT / "parvis")
            return 0
        case ["check"]:
            found = problems(ROOT / "parvis")
            print("\n".join(found) if found else "Every text has its French.")
            return 1 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())

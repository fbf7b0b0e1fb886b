"""The parts of the house rules that import-linter cannot see: what models, templates and files say of each other."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "parvis"
LAYERS = [
    *("web", "webhooks", "desk", "queueing", "reservations", "promises", "encounters", "customers", "channels"),
    *("catalog", "staff", "ledger", "toolkit", "kernel"),
]
HEIGHT = {name: len(LAYERS) - position for position, name in enumerate(LAYERS)}
LONGEST_FILE = 600
TEXT_SUFFIXES = {".py", ".html", ".txt", ".css", ".js", ".md", ".toml", ".json", ".in", ".po", ".yml", ".svg", ""}
TEMPLATE_REFERENCE = re.compile(r"""{%-?\s*(?:include|extends)\s+["']([^"'#]+)""")
# Written in pieces, so that this file does not accuse itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:" + r"work/(?:main|shared)|root/|home/\w+/|Users/\w+/)")
REGISTRY = re.compile(r"(?:" + "pypi" + r"\.org|files\.python" + r"hosted\.org|registry\.npm" + r"js\.org)")


def tracked_files() -> list[Path]:
    """The text files of the repository that were written here, vendored ones left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.suffix in TEXT_SUFFIXES and "vendor" not in path.parts and path.is_file()]


def context_of(path: Path) -> str:
    """The context that a file under the package belongs to."""
    return path.relative_to(PACKAGE).parts[0]


def own_models() -> Iterator[type[Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("parvis."):
            yield from config.get_models()


def pointing_fields(model: type[Model]) -> Iterator[Field]:
    """Foreign keys, one-to-one and many-to-many fields, declared by this model."""
    return (field for field in model._meta.get_fields() if field.is_relation and field.concrete and field.related_model)


def points_upwards(source: str, target: str) -> bool:
    """Whether a reference between two contexts goes against the layers; places outside the house are its ground."""
    return HEIGHT.get(target, 0) > HEIGHT[source]


def templates() -> list[Path]:
    return sorted(PACKAGE.glob("*/templates/**/*.*"))


def misplaced_references(context: str, text: str) -> list[str]:
    """The templates of higher or neighbouring contexts that a template of `context` includes or extends."""
    return [
        name
        for name in TEMPLATE_REFERENCE.findall(text)
        if (owner := name.split("/")[0]) != "web" and points_upwards(context, owner)
    ]


def test_the_contexts_on_disk_are_the_layers_of_the_contract():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == {*LAYERS, "config"}
    contract = (ROOT / ".importlinter").read_text()
    listed = re.search(r"layers =\n((?:    \w+\n)+)", contract)[1].split()
    assert listed == ["config", *LAYERS]


def test_foreign_keys_point_to_the_same_layer_or_down():
    checked = 0
    wrong = []
    for model in own_models():
        for field in pointing_fields(model):
            source, target = model._meta.app_label, field.related_model._meta.app_label
            checked += 1
            if points_upwards(source, target):
                wrong.append(f"{model.__name__}.{field.name}: {source} → {target}")
    assert checked > 20, "the models were not found"
    assert wrong == []


def test_templates_include_only_their_own_the_shells_and_lower_ones():
    assert templates(), "no templates were found"
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in templates()
        for name in misplaced_references(context_of(path), path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("context", "text", "wrong"),
    [
        ("customers", '{% include "desk/thread.html" %}', ["desk/thread.html"]),
        ("customers", "{% extends 'promises/page.html' %}", ["promises/page.html"]),
        ("customers", '{% extends "web/staff.html" %}{% include "web/ui/badge.html" with a=1 %}', []),
        ("customers", '{% include "customers/card.html#row" %}{% include "catalog/site.html" %}', []),
        ("web", '{% include "desk/list.html" %}{% include chosen %}', []),
    ],
)
def test_a_template_that_reaches_upwards_would_be_found(context, text, wrong):
    assert misplaced_references(context, text) == wrong


def test_no_file_is_longer_than_one_can_keep_in_mind():
    sources = [path for path in tracked_files() if path.suffix in {".py", ".html", ".css", ".js"}]
    assert len(sources) > 50
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_locks_pin_by_hash_and_name_no_address():
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert not re.search(r"https?:|^\s*(?:-i|-f|--[a-z-]*index|--find-links)|@\s*file:", text, re.M), lock.name
        pins = re.findall(r"^[\w.\-\[\]]+==\S+ .*\\$", text, re.M)
        entries = re.findall(r"^(?![#\s]).+$", text, re.M)
        assert len(pins) == len(entries) > 20, lock.name


def test_no_file_names_this_machine_or_a_registry():
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["see /wo" + "rk/main/docs", '"/ro' + 'ot/x"', "https://pypi" + ".org/simple"])
def test_a_machine_path_or_registry_would_be_found(text):
    assert MACHINE_PATH.search(text) or REGISTRY.search(text)

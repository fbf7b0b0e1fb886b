"""The operations page names every setting that the code reads, and none that it does not."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\bPARVIS_[A-Z_]+\b")
READ = re.compile(r"""(?:environ(?:\.get\(|\.pop\(|\[)|_flag\(|_positive\()\s*["'](PARVIS_[A-Z_]+)["']""")


def variables_read() -> set[str]:
    """The environment variables that the product's code reads."""
    sources = [path for path in (ROOT / "parvis").rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    return {name for path in sources if path.name != "pytest_plugin.py" for name in READ.findall(path.read_text())}


def test_the_operations_page_names_every_setting_and_no_other():
    documented = set(VARIABLE.findall((ROOT / "docs" / "operations.md").read_text()))
    assert len(documented) > 15
    assert variables_read() - documented == set()
    assert documented - variables_read() == set()


def test_every_command_named_in_the_documents_exists():
    from django.core.management import get_commands

    from parvis.config.cli import OWN_COMMANDS

    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    named = set(
        re.findall(r"(?:`|^    |bin/|&& )parvis ([a-z_]+)", "\n".join(page.read_text() for page in pages), re.M)
    )
    assert {"run", "prepare", "worker"} <= named
    assert named - {*OWN_COMMANDS, *get_commands(), "help"} == set()


def test_every_make_target_named_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), ROOT / ".ci" / "run"]
    named = set(re.findall(r"(?:`|^|    )make ([a-z][a-z-]*)", "\n".join(page.read_text() for page in pages), re.M))
    assert {"run", "check", "test"} <= named
    assert named - targets == set()

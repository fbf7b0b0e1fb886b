"""The operations page names every setting that the code reads, and none that it does not."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\bPARVIS_[A-Z_]+\b")
# A setting of Django's style, not of the environment; the supervisor's word to its children; init's password for scripts.
NOT_SETTINGS = {"PARVIS_UPLOAD_MAX_BYTES", "PARVIS_MAIL_MAX_BYTES", "PARVIS_SUPERVISOR_PID", "PARVIS_ADMIN_PASSWORD"}


def variables_read() -> set[str]:
    """The environment variables that the product's code reads, by their names in quotes."""
    sources = [path for path in (ROOT / "parvis").rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    texts = [path.read_text() for path in sources if path.name != "pytest_plugin.py"]
    quoted = re.findall(r"""["'](PARVIS_[A-Z_]+)["']""", "\n".join(texts))
    return set(quoted) - NOT_SETTINGS


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

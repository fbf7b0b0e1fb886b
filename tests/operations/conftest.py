"""An installation made once, for the tests of what comes after."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def run_parvis(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `parvis` with these arguments on this data folder, on SQLite."""
    environment = {name: value for name, value in os.environ.items() if name != "PARVIS_DATABASE_URL"}
    environment |= {"PARVIS_HOME": str(home), **variables}
    command = [sys.executable, "-m", "parvis.config.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="session")
def once_prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder just prepared, and what was said meanwhile."""
    home = tmp_path_factory.mktemp("installation")
    done = run_parvis(home, "prepare")
    assert done.returncode == 0, done.stderr
    return home, done.stdout


@pytest.fixture
def prepared_home(once_prepared: tuple[Path, str], tmp_path: Path) -> Path:
    """A prepared data folder of one's own: half of what a first start does, a test that is not about it can spare."""
    return Path(shutil.copytree(once_prepared[0], tmp_path / "home"))

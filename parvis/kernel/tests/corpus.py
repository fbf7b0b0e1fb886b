"""The shared cases, read where they are; tests over them skip, saying so, where they are not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "cases"


def cases(folder: str) -> list[dict[str, Any]]:
    """All lines of ``<folder>/cases.jsonl`` in PARVIS_TEST_CASES; skips the test when the folder is absent."""
    path = present(folder) / "cases.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def present(folder: str) -> Path:
    """``<folder>`` in PARVIS_TEST_CASES; skips the test when it is absent."""
    path = Path(os.environ.get("PARVIS_TEST_CASES", _DEFAULT)) / folder
    if not path.is_dir():
        pytest.skip(f"no cases: {path} is absent (set PARVIS_TEST_CASES)")
    return path

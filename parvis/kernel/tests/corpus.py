"""The shared cases, read where they are; tests over them skip, saying so, where they are not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "cases"


def cases(folder: str) -> list[dict[str, Any]]:
    """All lines of ``<folder>/cases.jsonl`` in PARVIS_TEST_CASES; skips the test when the file is absent."""
    path = Path(os.environ.get("PARVIS_TEST_CASES", _DEFAULT)) / folder / "cases.jsonl"
    if not path.is_file():
        pytest.skip(f"no cases: {path} is absent (set PARVIS_TEST_CASES)")
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]

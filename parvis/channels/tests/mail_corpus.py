"""The shared mails, read where they are; tests over them skip, saying so, where they are not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parvis.channels.domain.mail import ParsedMail

_BESIDE = Path(__file__).resolve().parents[4] / "shared"


def folder(name: str) -> Path:
    """A folder of PARVIS_TEST_CASES (default: shared/cases beside the project); skips the test when absent."""
    found = Path(os.environ.get("PARVIS_TEST_CASES", _BESIDE / "cases")) / name
    if not found.is_dir():
        pytest.skip(f"no cases: {found} is absent (set PARVIS_TEST_CASES)")
    return found


def data_folder(name: str) -> Path:
    """The same for PARVIS_TEST_DATA."""
    found = Path(os.environ.get("PARVIS_TEST_DATA", _BESIDE / "data")) / name
    if not found.is_dir():
        pytest.skip(f"no data: {found} is absent (set PARVIS_TEST_DATA)")
    return found


def mails(name: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each case with an .eml: what is expected, and the raw bytes."""
    where = folder(name)
    for path in sorted(where.glob("*.expect.json")):
        case = json.loads(path.read_text())
        if eml := case["files"].get("eml"):
            yield case, (where / eml).read_bytes()


def collapsed(text: str | None) -> str:
    return " ".join((text or "").split())


def squeezed(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "")


def lines_kept(mail: ParsedMail) -> bool:
    """Whether the segments hold the lines of the text, each once and in order."""
    return [line for segment in mail.segments for line in segment.lines] == mail.text.split("\n")

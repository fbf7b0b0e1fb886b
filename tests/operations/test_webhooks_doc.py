"""docs/webhooks.md names the events that there are, and its example checks signatures."""

import base64
import re
import time
from pathlib import Path
from typing import Any

import pytest

from parvis.webhooks.catalogue import CATALOGUE, PING, Subject
from parvis.webhooks.domain.schedule import PAUSES, SILENT_TOO_LONG
from parvis.webhooks.domain.signing import headers, secret_text
from parvis.webhooks.payloads import BOOKING, ENCOUNTER, PROMISE, TICKET, WAITING

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


def test_it_lists_every_event_with_what_it_shows() -> None:
    listed = dict(re.findall(r"^\| `([a-z_.]+)` \| .* \| (\w+) \|$", PAGE, re.M))
    assert listed == {**{e.name: e.subject.value for e in CATALOGUE.values()}, PING: Subject.NOTHING.value}


def test_its_example_checks_what_parvis_signs() -> None:
    code = "\n".join(line[4:] for line in PAGE.split("## Checking the signature")[1].split("\n##")[0].splitlines()
                     if line.startswith("    ") or not line)  # fmt: skip
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    key, body, now = b"k" * 32, b'{"type":"ping"}', int(time.time())
    secret = secret_text(key)
    names["verify"](secret, headers([b"o" * 32, key], "msg_1", now, body), body)
    with pytest.raises(ValueError, match="not from Parvis"):
        names["verify"](secret, headers([key], "msg_1", now, body), body + b" ")
    with pytest.raises(ValueError, match="too old"):
        names["verify"](secret, headers([key], "msg_1", now - 900, body), body)
    assert base64.b64decode(secret.removeprefix("whsec_")) == key


def test_its_numbers_are_those_of_the_code() -> None:
    assert [int(p.total_seconds()) for p in PAUSES[:3]] == [5, 300, 1800]
    assert [p.total_seconds() / 3600 for p in PAUSES[3:]] == [2, 5, 10, 14, 20, 24]
    assert SILENT_TOO_LONG.total_seconds() / 3600 == 60


def test_no_field_that_people_write_in_is_sent() -> None:
    sent = BOOKING | WAITING | TICKET | ENCOUNTER | PROMISE
    assert not sent & {"note", "override", "reason", "subject", "last_line", "name", "email", "wishes", "owner", "text"}
    assert not TICKET & {"precedence", "rule", "link"}

"""Real and damaged mail of others, from the wire to its place: nothing lost, each in one state, failures shown."""

import json
import os
from pathlib import Path

import pytest

from parvis.channels.models import OutMail, RawBody, RawMail
from parvis.channels.selectors import mail_tally, mails_visible
from parvis.channels.services import Delivery, mails_store
from parvis.desk.models import Message
from parvis.desk.services import mails_take_in
from parvis.staff.domain.viewer import Viewer
from tests.world import World

CASES = Path(os.environ.get("PARVIS_TEST_CASES", Path(__file__).parents[3] / "shared" / "cases"))
SETS = ("mail_parse", "mime_odd", "bounces_auto")


def files(name: str) -> list[Path]:
    folder = CASES / name
    if not folder.is_dir():
        pytest.skip(f"no cases at {folder}: set PARVIS_TEST_CASES")
    return sorted(folder.rglob("*.eml"))


def taken_in(paths: list[Path]) -> None:
    deliveries = [Delivery(p.read_bytes(), source="smtp", envelope_to=("bonjour@canal.example",)) for p in paths]
    mails_store(deliveries=deliveries)
    while mails_take_in():
        pass


@pytest.mark.parametrize("name", SETS)
def test_every_mail_is_kept_and_stands_in_one_state(world: World, name: str) -> None:
    paths = files(name)
    assert len(paths) > 40
    taken_in(paths)
    tally = mail_tally(Viewer.house())
    assert (tally.received, tally.lost) == (len(paths), 0)
    assert tally.stored == RawBody.objects.count()
    assert sum(tally.by_state.values()) == tally.stored
    assert tally.by_state["stored"] == tally.by_state["parsed"] == 0
    unexplained = mails_visible(Viewer.house()).filter(reason="", error="")
    assert not unexplained.exists()
    assert not RawMail.objects.filter(state="failed").exclude(error__startswith="not a mail").exists()
    in_place = Message.objects.filter(mail__isnull=False).values("mail").distinct().count()
    assert in_place == tally.by_state["attached"]


def must_stay_silent(path: Path) -> bool:
    expected = json.loads(path.with_suffix(".expect.json").read_text())
    return expected.get("must_not_auto_reply") is True


def test_machines_of_the_corpus_are_never_greeted(world: World) -> None:
    paths = [p for p in files("bounces_auto") if must_stay_silent(p)]
    assert len(paths) > 100
    taken_in(paths)
    assert not OutMail.objects.exists()

"""Rare and frequent words give the same answers, whichever way PostgreSQL is asked."""

import pytest

from parvis.desk.models import SEARCH
from parvis.toolkit import search

pytestmark = pytest.mark.django_db


def ask(query, before=None):
    found = SEARCH.hits(query, join="", where="1 = 1", params=[], columns="rowid", limit=3, before=before)
    return [pk for (pk,) in found]


@pytest.mark.parametrize("few", [2000, 4])
def test_the_newest_come_first_and_go_on_from_there(monkeypatch, few):
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(search, "_frequent", set())
    SEARCH.put([(pk, f"bonjour {'roulement' if pk % 2 else 'selle'}") for pk in range(1, 21)], fresh=True)
    for _again in range(2):
        assert ask("roul") == [19, 17, 15]
        assert ask("roul", before=15) == [13, 11, 9]
        assert ask("roulement selle") == []
        assert ask("absent") == []

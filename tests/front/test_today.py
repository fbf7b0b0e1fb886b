"""Today: what needs this person now, calm when nothing does."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.channels.models import OutMail
from parvis.customers.services import address_bounced
from parvis.desk.models import FollowUp
from parvis.desk.services import conversation_close, follow_up_answer, reply_send
from parvis.desk.services.letters import follow_up_link
from parvis.encounters.services import encounter_assign
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor
from parvis.promises.models import Promise
from parvis.promises.services import promises_watch
from parvis.web.selectors import SHOWN, marked, today
from tests.front.pages import HTMX, signed_in, text_of
from tests.world import World

HOUR = dt.timedelta(hours=1)


def late(encounter: Any, by: dt.timedelta = HOUR) -> None:
    """Let the promises of an encounter have passed."""
    at = utcnow() - by
    Promise.objects.filter(encounter=encounter).update(due_at=at, warn_at=at - HOUR, made_at=at - 2 * HOUR)
    promises_watch()


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_visitor_is_shown_to_the_customers_entrance(client: Client, world: World) -> None:
    response = client.get("/")
    assert (response.status_code, response.url) == (302, reverse("portal"))


def test_a_quiet_house_is_calm(world: World) -> None:
    assert today(world.viewer("agent")).is_calm
    assert "Nothing is waiting for you" in text_of(signed_in(world, "agent").get("/"))


def test_promises_at_risk_come_first_one_line_per_encounter(world: World) -> None:
    encounter = world.contact(need_id=world.repair.pk)
    world.contact(email="omar@exemple.example", name="Omar")
    late(encounter)
    seen = today(world.viewer("agent"))
    assert names(seen.at_risk) == ["Zoé Martin"]
    assert seen.at_risk[0]["chip"]["state"] == "late"
    # What stands above is not told a second time below.
    assert names(seen.unanswered) == ["Omar"]


def test_an_agent_sees_their_own_and_free_ones_before_those_of_others(world: World) -> None:
    theirs, free = world.contact(name="Chez Lead"), world.contact(email="o@exemple.example", name="Libre")
    encounter_assign(viewer=world.viewer("lead"), encounter_id=theirs.pk, owner_id=world.lead.pk)
    late(theirs, by=5 * HOUR)
    late(free, by=HOUR)
    assert names(today(world.viewer("agent")).at_risk) == ["Libre", "Chez Lead"]
    assert names(today(world.viewer("lead")).at_risk) == ["Chez Lead", "Libre"]


def test_a_bad_answer_asks_for_attention_until_it_is_answered(world: World) -> None:
    encounter = world.contact()
    viewer = world.viewer("agent")
    conversation_close(viewer=viewer, encounter_id=encounter.pk)
    token = follow_up_link(FollowUp.objects.get().pk).rstrip("/").rpartition("/")[2]
    follow_up_answer(token=token, all_done=False, comment="La sonnette manque")
    assert [row["line"] for row in today(viewer).bad_answers] == ["La sonnette manque"]
    assert today(world.viewer("outsider")).bad_answers == []
    reply_send(viewer=viewer, encounter_id=encounter.pk, text="Nous la posons demain.")
    assert today(viewer).bad_answers == []


def test_the_score_states_what_it_counts_and_opens_its_rows(world: World) -> None:
    kept, broken = world.contact(), world.contact(email="o@exemple.example", name="Omar")
    reply_send(viewer=world.viewer("agent"), encounter_id=kept.pk, text="Oui.")
    Promise.objects.filter(encounter=kept).update(due_at=utcnow() - HOUR)
    late(broken)
    client = signed_in(world, "agent")
    page = text_of(client.get("/"))
    assert "50%" in page
    assert "1 kept" in page
    assert "1 broken" in page
    assert "in the last 30 days, those done in time" in page
    rows = text_of(client.get(reverse("promises_kept"), {"state": "broken", "days": 30}))
    assert "Omar" in rows
    assert "Zoé Martin" not in rows
    assert "Zoé Martin" in text_of(client.get(reverse("promises_kept")))
    assert "0%" not in text_of(signed_in(world, "outsider").get("/"))


def test_the_score_is_never_rounded_up_to_perfect() -> None:
    from parvis.promises.selectors import Score

    assert Score(999, 1, 0).percent == 99
    assert Score(0, 0, 3).percent is None


def test_what_went_wrong_today_is_named(world: World) -> None:
    encounter = world.contact()
    OutMail.objects.update(state="failed")
    address_bounced(actor=Actor.system(), address="zoe@exemple.example")
    late(encounter)
    texts = [trouble.text for trouble in today(world.viewer("agent")).troubles]
    assert texts == [
        "A promise was broken today.",
        "A message could not be sent.",
        "Mail to zoe@exemple.example comes back.",
    ]
    assert today(world.viewer("outsider")).troubles == []


def test_who_was_here_today_is_recognised(world: World) -> None:
    for number in range(5):
        world.contact(subject=f"Visite {number}")
    page = text_of(signed_in(world, "agent").get("/"))
    assert "Here today" in page
    assert "Regular" in page
    assert "5 open" in page


def test_the_outsider_sees_nothing_of_ours(world: World) -> None:
    late(world.contact())
    page = text_of(signed_in(world, "outsider").get("/"))
    assert "Zoé" not in page
    assert "Nothing is waiting for you" in page


def test_the_panels_come_alone_for_a_refresh(world: World) -> None:
    world.contact()
    part = text_of(signed_in(world, "agent").get("/", headers=HTMX))
    assert "Zoé Martin" in part
    assert "<html" not in part


@pytest.mark.parametrize("language", ["en", "fr"])
def test_today_is_a_handful_of_queries_however_full_the_house(
    world: World, language: str, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(world, "agent", language)
    for number in range(SHOWN + 4):
        encounter = world.contact(email=f"c{number}@exemple.example", name=f"Client {number}")
        if number % 2:
            late(encounter)
    client.get("/")
    with django_assert_max_num_queries(16):
        assert "Client 1" in text_of(client.get("/"))


def test_words_found_are_marked_whatever_their_accents() -> None:
    pieces = marked("Il fait beau : l’Été, les ÉTÉS, un étage.", ["ete"])
    assert [p.text for p in pieces if p.found] == ["Été", "ÉTÉS"]
    assert "".join(p.text for p in pieces) == "Il fait beau : l’Été, les ÉTÉS, un étage."


def test_a_long_text_is_cut_around_the_first_word_found() -> None:
    text = "mot " * 200 + "sonnette " + "fin " * 200
    pieces = marked(text, ["sonn"])
    shown = "".join(p.text for p in pieces)
    assert [p.text for p in pieces if p.found] == ["sonnette"]
    assert len(shown) < 260
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_nothing_found_shows_the_beginning() -> None:
    assert "".join(p.text for p in marked("court", ["absent"])) == "court"
    assert marked("", ["x"]) == []


def test_a_long_word_does_not_hold_up_the_cut() -> None:
    assert len("".join(p.text for p in marked("x" * 5000, ["x"]))) < 260

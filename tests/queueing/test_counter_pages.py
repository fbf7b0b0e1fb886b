"""The staff's pages of the queue: who may open them, what they show, and what their buttons do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.kernel.clock import clock_at, utcnow
from parvis.queueing.board import board
from parvis.queueing.models import Call, Counter, Line, Screen, Sitting, Told, Turn
from parvis.queueing.services import Caller, call_next, sign_off, sign_on, turn_finish, turn_hold, turn_resume
from tests.front.pages import HTMX, signed_in, text_of
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

BOARD = {**HTMX, "HX-Target": "console"}


@pytest.fixture
def hall(world: World) -> Hall:
    """Two lines, two counters, nobody there yet."""
    return Hall.open(world)


def seated(hall: Hall, language: str = "en") -> Client:
    """The agent of the world at the first counter."""
    sign_on(viewer=hall.world.viewer("agent"), counter_id=hall.counters[0].pk)
    return signed_in(hall.world, "agent", language)


def press(client: Client, name: str, *args: Any, **data: Any) -> Any:
    """A button of the console, as the page presses it."""
    return client.post(reverse(name, args=args), data, headers=BOARD)


class TestConsole:
    def test_one_signs_on_calls_serves_and_finishes(self, hall: Hall) -> None:
        client = signed_in(hall.world, "agent")
        first, second = hall.take(party=3, note="squeaks", need_id=hall.world.repair.pk), hall.take(hall.sales)
        assert "Where do you sit?" in text_of(client.get(reverse("console")))
        assert "is next" in text_of(press(client, "console_sign_on", counter=hall.counters[0].pk, until="18:00"))
        assert Sitting.objects.get().until_planned is not None
        page = text_of(press(client, "console_next", current=""))
        for words in ("R001", "squeaks", "3 persons", "In the order of arrival", "Call again (1 of 3)", "Repair"):
            assert words in page
        assert "Being served" in text_of(press(client, "turn_act", first.pk, "start"))
        page = text_of(press(client, "console_next", current=first.pk))
        assert "S001" in page
        assert "waited" in page
        page = press(client, "turn_act", second.pk, "finish")
        assert "Back to S001" in text_of(page)
        assert reverse("turn_act", args=[second.pk, "reopen"]) in page.headers["HX-Trigger"]
        assert "Being served" in text_of(press(client, "turn_act", second.pk, "reopen"))

    def test_pressed_twice_it_calls_one(self, hall: Hall) -> None:
        client = seated(hall)
        hall.take(), hall.take(), hall.take()
        press(client, "console_next", current="")
        again = press(client, "console_next", current="")
        assert (again.status_code, Call.objects.count()) == (409, 1)
        assert "R001 is at your counter" in again.headers["HX-Trigger"]
        here = Turn.objects.get(state="called").pk
        press(client, "console_next", current=here)
        assert press(client, "console_next", current=here).status_code == 409
        assert Call.objects.count() == 2

    def test_who_did_not_come_was_set_aside_or_left_stands_in_the_line(self, hall: Hall) -> None:
        client = seated(hall)
        turn, other = hall.take(), hall.take()
        press(client, "console_next", current="")
        early = press(client, "turn_act", turn.pk, "miss")
        assert (early.status_code, "to come" in early.headers["HX-Trigger"]) == (409, True)
        with clock_at(utcnow() + minutes(3)):
            page = text_of(press(client, "turn_act", turn.pk, "miss"))
            assert "Did not come" in page
            assert reverse("turn_act", args=[turn.pk, "back"]) in page
            assert "their old place" in text_of(press(client, "turn_act", turn.pk, "back"))
        press(client, "turn_act", turn.pk, "call")
        assert "Set aside" in text_of(press(client, "turn_act", turn.pk, "hold"))
        press(client, "turn_act", turn.pk, "ready-here")
        assert Turn.objects.get(pk=turn.pk).reserved_id == hall.counters[0].pk
        press(client, "turn_act", other.pk, "leave")
        assert Turn.objects.get(pk=other.pk).state == "left"

    def test_who_is_kept_for_another_counter_is_not_shown_as_one_to_call(self, hall: Hall) -> None:
        agent, other = hall.seat(2)
        kept, usual = hall.take(name="Kept"), hall.take(name="Usual")
        turn_hold(viewer=other, turn_id=kept.pk)
        turn_resume(caller=Caller.staff(other), turn_id=kept.pk, same_counter=hall.counters[1].pk)
        mine, theirs = (board(viewer, site_id=None, now=utcnow()) for viewer in (agent, other))
        assert ([r.who for r in mine.waiting], [r.who for r in mine.kept]) == (["Usual"], ["Kept"])
        assert ([r.who for r in theirs.waiting], theirs.kept) == (["Kept", "Usual"], [])
        sign_off(viewer=other)  # nobody waits for a counter that is left
        assert [r.who for r in board(agent, site_id=None, now=utcnow()).waiting] == ["Kept", "Usual"]
        assert usual.reserved_id is None

    def test_a_ticket_is_given_out_with_what_is_known(self, hall: Hall) -> None:
        client, known = seated(hall), hall.world.contact().customer
        form = {"source": "phone", "line": "0", "need": hall.world.repair.pk, "who": "Zoé", "party": "2",
                "customer": known.reference, "precedence": "assisted", "language": "en", "note": ""}  # fmt: skip
        made = client.post(reverse("turn_new"), form, headers=HTMX)
        assert "They are next." in made.headers["HX-Trigger"]
        assert Told.objects.count() == 1  # what is said aloud is a promise, too
        turn = Turn.objects.get()
        assert (turn.line, turn.ticket.customer, turn.ticket.source, turn.ticket.party) == (
            hall.repairs, known, "phone", 2,
        )  # fmt: skip
        page = text_of(press(client, "console_next", current=""))
        assert "Special needs: 30 minutes ahead" in page
        assert "Grincement" in page  # their open matter
        bad = client.post(reverse("turn_new"), {**form, "customer": "", "who": "06 zoe@", "party": "0", "need": ""})
        assert bad.status_code == 422
        assert "Choose a line, or the need." not in bad.content.decode()  # the number of persons comes first
        nowhere = client.post(reverse("turn_new"), {**form, "customer": "", "need": ""})
        assert "Choose a line, or the need." in nowhere.content.decode()

    def test_sent_on_and_mended(self, hall: Hall) -> None:
        client, turn = seated(hall), hall.take()
        press(client, "console_next", current="")
        client.post(reverse("turn_send", args=[turn.pk]), {"line": hall.sales.pk, "note": "a lock"}, headers=HTMX)
        sent = Turn.objects.get(line=hall.sales)
        assert (sent.ticket.code, sent.ticket.note) == ("R001", "a lock")
        assert client.post(reverse("turn_send", args=[sent.pk]), {"line": "7777"}).status_code == 422
        page = text_of(client.get(reverse("turn", args=[sent.pk]), headers=HTMX))
        assert "Repairs" in page
        assert "Sent on" in page
        client.post(reverse("turn", args=[sent.pk]), {"party": "4", "precedence": "urgent", "note": "x"}, headers=HTMX)
        sent.refresh_from_db()
        assert (sent.ticket.party, sent.ticket.precedence) == (4, "urgent")

    def test_a_break_says_when_one_is_back(self, hall: Hall) -> None:
        client = seated(hall)
        hall.take()
        client.post(reverse("console_break"), {"minutes": "15", "at": ""}, headers=HTMX)
        assert Sitting.objects.get().back_at is not None
        assert "You are on a break." in text_of(client.get(reverse("console")))
        assert press(client, "console_next", current="").status_code == 409
        assert "R001" in text_of(press(client, "console_back"))
        assert "Where do you sit?" in text_of(press(client, "console_sign_off"))

    def test_in_french_it_reads_as_french(self, hall: Hall) -> None:
        client = seated(hall, "fr")
        hall.take()
        page = text_of(press(client, "console_next", current=""))
        for words in ("Appelé", "Rappeler", "Dans l’ordre d’arrivée"):
            assert words in page

    def test_a_full_room_costs_no_more_statements(self, hall: Hall, django_assert_max_num_queries: Any) -> None:
        client, known = seated(hall), hall.world.contact().customer
        for __ in range(12):
            hall.take(customer_id=known.pk)
            hall.take(hall.sales, name="Ali")
        press(client, "console_next", current="")
        client.get(reverse("console"))
        with django_assert_max_num_queries(12):
            client.get(reverse("console"), headers=BOARD)

    def test_other_sites_see_and_touch_nothing(self, hall: Hall) -> None:
        client, turn = signed_in(hall.world, "outsider"), hall.take(name="Zoé")
        assert "No line yet" in text_of(client.get(reverse("console")))
        for verb in ("call", "recall", "start", "finish", "hold", "leave", "void", "back"):
            assert press(client, "turn_act", turn.pk, verb).status_code == 404
        assert press(client, "console_sign_on", counter=hall.counters[0].pk).status_code == 404
        assert client.get(reverse("turn", args=[turn.pk])).status_code == 404
        assert client.get(f"{reverse('console')}?site={hall.world.canal.pk}").status_code == 404
        agent = signed_in(hall.world, "agent")
        for wrong in ("burn", "recall-me"):
            assert press(agent, "turn_act", turn.pk, wrong).status_code == 404
        assert press(agent, "console_sign_on", counter="x").status_code == 404
        assert press(agent, "console_next", current="-1").status_code == 409  # sits nowhere


class TestDay:
    def test_figures_plot_and_who_sits(self, hall: Hall) -> None:
        world = hall.world
        begun = ten()  # not near midnight, whenever the test is run
        with clock_at(begun):
            (agent,) = hall.seat(1)
            turn, other = hall.take(name="Ali"), hall.take()
        with clock_at(begun + minutes(8)):
            call_next(viewer=agent)
        with clock_at(begun + minutes(20)):
            turn_finish(viewer=agent, turn_id=turn.pk)
            call_next(viewer=agent)
            turn_hold(viewer=agent, turn_id=other.pk)
        lead = signed_in(world, "lead")
        with clock_at(begun + minutes(21)):
            page = text_of(lead.get(reverse("queue_day")))
            for words in ("8\u00a0min", "Ali", "Counter 1", "Seat 0", "<polyline", "still here"):
                assert words in page
            assert "Nobody came" in text_of(lead.get(reverse("queue_day"), {"day": "2020-02-02"}))
            assert lead.get(reverse("queue_day"), {"day": "yesterday"}).status_code == 200
            lead.post(reverse("sitting_end", args=[Sitting.objects.get().pk]), headers=HTMX)
        assert Sitting.objects.get().until is not None
        assert signed_in(world, "agent").get(reverse("queue_day")).status_code == 403

    def test_a_day_costs_a_handful_of_statements(self, hall: Hall, django_assert_max_num_queries: Any) -> None:
        (agent,) = hall.seat(1)
        for __ in range(15):
            hall.take(name="Ali")
            current = call_next(viewer=agent)
            turn_finish(viewer=agent, turn_id=current.pk)  # type: ignore[union-attr]
        client = signed_in(hall.world, "lead")
        client.get(reverse("queue_day"))
        with django_assert_max_num_queries(9):
            client.get(reverse("queue_day"), headers=HTMX)


class TestSettings:
    def test_from_nothing_to_a_line_in_one_form(self, world: World) -> None:
        client = signed_in(world, "manager")
        assert "two minutes" in text_of(client.get(reverse("settings_queue")))
        form = {"site_id": world.canal.pk, "code": "a", "name_en": "Desk", "name_fr": "Accueil", "counters": "2",
                "kiosk": "on", "display": "on"}  # fmt: skip
        wrong = client.post(reverse("settings_queue_begin"), {**form, "code": "7"})
        assert (wrong.status_code, Line.objects.count(), Counter.objects.count()) == (422, 0, 0)
        assert client.post(reverse("settings_queue_begin"), form).status_code == 302
        assert [c.name["fr"] for c in Counter.objects.all()] == ["Guichet 1", "Guichet 2"]
        assert {s.kind for s in Screen.objects.all()} == {"kiosk", "display"}
        page = text_of(client.get(reverse("settings_queue")))
        assert "data:image/svg" in page
        assert signed_in(world, "agent").get(reverse("settings_queue")).status_code == 403

    def test_what_has_been_in_use_stays_at_its_site(self, hall: Hall) -> None:
        client = signed_in(hall.world, "administrator")
        gare, page = hall.world.gare.pk, reverse("settings_line", args=[hall.repairs.pk])
        desk = reverse("settings_counter", args=[hall.counters[0].pk])
        assert "disabled" not in str(client.get(page).context["form"]["site_id"])
        hall.seat()
        hall.take()
        for address in (page, desk):
            form = client.get(address).context["form"]
            assert "disabled" in str(form["site_id"])
            given = {k: v for k, v in form.initial.items() if v is not False}
            assert client.post(address, {**given, "site_id": gare}).status_code == 302
        for row in (hall.repairs, hall.counters[0]):
            row.refresh_from_db()
            assert row.site_id == hall.world.canal.pk

    def test_line_counter_and_screen_are_changed(self, hall: Hall) -> None:
        client = signed_in(hall.world, "manager")
        page = client.get(reverse("settings_line", args=[hall.repairs.pk]))
        given = {k: v for k, v in page.context["form"].initial.items() if v is not False}
        client.post(reverse("settings_line", args=[hall.repairs.pk]), {**given, "calls": "5", "name_en": "Workshop"})
        hall.repairs.refresh_from_db()
        assert (hall.repairs.calls, hall.repairs.name["en"], hall.repairs.needs.get()) == (
            5, "Workshop", hall.world.repair,
        )  # fmt: skip
        bad = client.post(reverse("settings_line", args=[hall.repairs.pk]), {**given, "code": "S", "calls": "0"})
        assert bad.status_code == 422
        counter = {"site_id": hall.world.canal.pk, "name_en": "Desk", "lines": [hall.sales.pk], "position": "3"}
        client.post(reverse("settings_counter", args=[hall.counters[0].pk]), {**counter, "is_active": "on"})
        assert [line.code for line in hall.counters[0].lines.all()] == ["S"]
        screen = {"site_id": hall.world.canal.pk, "kind": "display", "name": "Hall", "is_active": "on"}
        made = client.post(reverse("settings_screen_new"), screen)
        row = Screen.objects.get()
        assert made.headers["Location"] == reverse("settings_screen", args=[row.pk])
        assert row.token in text_of(client.get(made.headers["Location"]))
        client.post(reverse("settings_screen_renew", args=[row.pk]))
        assert Screen.objects.get().token != row.token


def test_today_tells_who_is_here_and_leads_to_the_counter(hall: Hall) -> None:
    agent = signed_in(hall.world, "agent")
    hall.take()
    with clock_at(utcnow() + minutes(12)):
        page = text_of(agent.get(reverse("today")))
        assert "Who is here" in page
        assert "longest 12 minutes" in page
        assert "longest 12 minutes" in text_of(agent.get(reverse("queue_here")))
    assert 'data-key="g q"' in page
    outsider = text_of(signed_in(hall.world, "outsider").get(reverse("today")))
    assert "longest" not in outsider
    assert 'data-key="g q"' not in outsider
